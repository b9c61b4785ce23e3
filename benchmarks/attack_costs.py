"""What attacks cost beside the passes that they ask the network for: ours and the libraries'.

    python -m benchmarks.attack_costs [--attacks bim,pgd] [--network digits-hardened] [--batches 1,8] [--rounds 200]

All attack the same pictures (windows of a photograph, 256 x 256, or test digits) on the network as Gibbon serves it,
with as many steps. Passes forwards and backwards are counted at the network; a contestant's figure is its time over
that of so many bare passes in the same round: 1.00 does nothing besides. Contestants take turns; processor time of one
thread; the median, with its 95 % interval by order statistics. FGSM, BIM and PGD are to stay within 1.03, and all
others within 1.1 of the library with the least figure; it ends with 1 where one surely does not.
"""

import argparse
import math
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial

import torch
from skimage import data
from torch import Generator, Tensor, nn
from torch.nn.functional import cross_entropy

from attacks import ATTACKS, run
from attacks.frozen import frozen
from benchmarks.parity.libraries import PACKAGES, Call, adv_lib, art, foolbox, torchattacks
from benchmarks.parity.outcomes import counted
from benchmarks.timing import circumstances, interleaved
from inference.data.base import load_data
from inference.networks.classifier import Classifier, load

SIDE = 256
STEPS = 5
QUERIES = 20
LEVELS = {"imagenet-lite0": 2}  # ε; of digits DIGITS_LEVEL
DIGITS_LEVEL, RADIUS = 40, 1.0
AIMS = {"fgsm": 1.03, "bim": 1.03, "pgd": 1.03}  # times the bare passes
BESIDE = 1.1  # times the least of the libraries
INF = math.inf

OPTIONS: Mapping[str, Mapping[str, object]] = {
    "cw": {"binary_steps": 1, "steps": STEPS, "learning_rate": 0.01},
    "apgd-t": {"steps": STEPS, "targets": 1},
    "square": {"queries": QUERIES, "share": 0.8},
    "deepfool": {"steps": STEPS},
}
LIBRARIES: Mapping[str, Mapping[str, Call]] = {
    "fgsm": {"torchattacks": torchattacks("FGSM")},
    "bim": {
        "torchattacks": torchattacks("BIM", share=0.5, steps=STEPS),
        "foolbox": foolbox("LinfBasicIterativeAttack", share=0.5, steps=STEPS),
        "adv-lib": adv_lib("pgd_linf", ("ε",), steps=STEPS, random_init=False, relative_step_size=0.5),
        "ART": art("BasicIterativeMethod", share=0.5, max_iter=STEPS),
    },
    "mi-fgsm": {
        "torchattacks": torchattacks("MIFGSM", share=0.2, steps=STEPS),
        "foolbox": foolbox("LinfMomentumIterativeFastGradientMethod", share=0.2, steps=STEPS),
        "ART": art("MomentumIterativeMethod", share=0.2, max_iter=STEPS),
    },
    "pgd": {
        "torchattacks": torchattacks("PGD", share=0.5, steps=STEPS),
        "foolbox": foolbox("LinfProjectedGradientDescentAttack", share=0.5, steps=STEPS),
        "adv-lib": adv_lib("pgd_linf", ("ε",), steps=STEPS, relative_step_size=0.5),
        "ART": art("ProjectedGradientDescent", share=0.5, max_iter=STEPS, num_random_init=1),
    },
    "apgd-ce": {
        "torchattacks": torchattacks("APGD", steps=STEPS),
        "adv-lib": adv_lib("apgd", norm=INF, n_iter=STEPS, loss_function="ce"),
    },
    "apgd-t": {
        "torchattacks": torchattacks("APGDT", steps=STEPS),
        "adv-lib": adv_lib("apgd_targeted", norm=INF, n_iter=STEPS, num_targets=1),
    },
    "square": {"torchattacks": torchattacks("Square", n_queries=QUERIES, p_init=0.8, resc_schedule=False)},
    "pgd-l2": {
        "torchattacks": torchattacks("PGDL2", share=0.5, steps=STEPS),
        "foolbox": foolbox("L2ProjectedGradientDescentAttack", share=0.5, steps=STEPS),
        "ART": art("ProjectedGradientDescent", share=0.5, max_iter=STEPS, num_random_init=1, norm=2),
    },
    "deepfool": {
        "torchattacks": torchattacks("DeepFool", budget_as=(), steps=STEPS),
        "foolbox": foolbox("L2DeepFoolAttack", steps=STEPS),
        "ART": art("DeepFool", max_iter=STEPS),
    },
    "cw": {
        "torchattacks": torchattacks("CW", budget_as=(), steps=STEPS),
        "foolbox": foolbox("L2CarliniWagnerAttack", binary_search_steps=1, steps=STEPS, initial_const=1.0),
        "adv-lib": adv_lib("carlini_wagner_l2", (), binary_search_steps=1, max_iterations=STEPS, initial_const=1.0),
    },
    "ddn": {
        "foolbox": foolbox("DDNAttack", steps=STEPS),
        "adv-lib": adv_lib("ddn", (), steps=STEPS, levels=None),
    },
}


def main() -> None:
    """Print a table for each batch."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attacks", default=",".join(LIBRARIES))
    parser.add_argument("--network", default="imagenet-lite0")
    parser.add_argument("--batches", default="1,8")
    parser.add_argument("--rounds", type=int, default=200)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    model, missed = load(chosen.network, "cpu"), []
    for batch in map(int, chosen.batches.split(",")):
        images, labels = some(model, chosen.network, batch)
        print(f"\n{chosen.network}, batch {batch}, {chosen.rounds} rounds, times the bare passes\n")
        print("| attack | contestant | forwards, backwards | times bare, 95 % | beside the least | |\n|" + " --- |" * 6)
        for slug in chosen.attacks.split(","):
            missed += measured(slug, model, images, labels, LEVELS.get(chosen.network, DIGITS_LEVEL), chosen.rounds)
    print(f"\n{circumstances(*PACKAGES.values())}")
    sys.exit(1 if missed else 0)


def some(model: Classifier, network: str, batch: int) -> tuple[Tensor, Tensor]:
    """Pictures, and what the network sees in them."""
    if network == "imagenet-lite0":  # larger than its input: some libraries cannot take the gradient as it lies there
        cat = torch.from_numpy(data.chelsea()).permute(2, 0, 1).float() / 255
        images = torch.stack([cat[:, 4 * i : 4 * i + SIDE, 25 * i : 25 * i + SIDE].contiguous() for i in range(batch)])
    else:
        images = load_data("mnist").test[:batch].images.float() / 255
    with torch.no_grad():
        return images, model(images).argmax(1)


def measured(slug: str, model: Classifier, images: Tensor, labels: Tensor, level: int, rounds: int) -> list[str]:
    """Prints the rows of one attack; what surely misses its aim."""
    record = ATTACKS[slug]
    budget = {"epsilon": level, "radius": RADIUS}.get(record.budget or "", 0)
    core = record.budget_option.core(budget) if record.budget_option else INF
    options = dict(OPTIONS.get(slug, {"steps": STEPS})) | ({record.budget: budget} if record.budget else {})
    contestants: dict[str, Callable[[], object]] = {
        "Gibbon": lambda: run(slug, model, images, labels, options, generator=Generator().manual_seed(0)),
        **{name: partial(call, model, images, labels, core) for name, call in LIBRARIES[slug].items()},
    }
    bare = {"forward": partial(forward, model, images), "gradient": partial(gradient, model, images, labels)}
    passes = {name: asked(model, call) for name, call in contestants.items()}
    with frozen(model):
        seconds = interleaved(contestants | bare, rounds, clock=time.process_time)
    shares = {name: shares_of(seconds[name], *passes[name], len(images), seconds) for name in contestants}
    least = min((statistics.median(of) for name, of in shares.items() if name != "Gibbon"), default=INF)
    ours = shares["Gibbon"]
    aim = AIMS.get(slug, BESIDE * least)
    verdict = "holds" if statistics.median(ours) <= aim else "within chance" if interval(ours)[0] <= aim else "misses"
    for name, of in shares.items():
        low, high = interval(of)
        cells = [slug, name, "{}, {}".format(*(count // len(images) for count in passes[name]))]
        cells += [f"{statistics.median(of):.3f} ({low:.3f}–{high:.3f})", f"{statistics.median(of) / least:.2f}×"]
        print(f"| {' | '.join([*cells, verdict if name == 'Gibbon' else ''])} |", flush=True)
    return [slug] if verdict == "misses" else []


def asked(model: nn.Module, call: Callable[[], object]) -> tuple[int, int]:
    """(pictures that went forwards, pictures that went back)."""
    with frozen(model), counted(model) as count:
        call()
    return count["forwards"], count["gradients"]


def shares_of(
    taken: list[float], forwards: int, backwards: int, batch: int, bare: dict[str, list[float]]
) -> list[float]:
    """In each round: the time over that of so many bare passes."""
    per_round = zip(taken, bare["forward"], bare["gradient"], strict=True)
    return [one * batch / (forwards * fore + backwards * (both - fore)) for one, fore, both in per_round]


def interval(of: list[float]) -> tuple[float, float]:
    """Of the median, 95 %: between two of the values, found by the binomial distribution's normal approximation."""
    ordered, reach = sorted(of), 0.98 * math.sqrt(len(of))
    low, high = math.floor(len(of) / 2 - reach), math.ceil(len(of) / 2 + reach)
    return ordered[max(0, low)], ordered[min(len(of) - 1, high)]


def forward(model: nn.Module, images: Tensor) -> None:
    with torch.no_grad():
        model(images)


def gradient(model: nn.Module, images: Tensor, labels: Tensor) -> None:
    pixels = images.clone().requires_grad_(True)
    torch.autograd.grad(cross_entropy(model(pixels), labels), pixels)


if __name__ == "__main__":
    main()
