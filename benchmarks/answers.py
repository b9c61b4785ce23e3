"""Whether the samples' answers are what they were: pictures to the bit, probabilities to 1e-5.

    python -m benchmarks.answers --save before.npz      # in the tree as it was
    python -m benchmarks.answers --against before.npz   # in the tree as it is

What comes with Gibbon, each on its own networks: what is predicted, the attacked picture with its signs or its change,
the verdict on it and on the control, distances, every level of a ray with its control, one point as a file, and twenty
draws of the noise. FGSM away from the answer and towards the runner-up, and PGD. Exits with 1 if anything differs by
more. On one machine only: other processors add in another order.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.timing import circumstances, table
from inference import experiment
from inference.assets import ASSETS
from inference.images import canonicalise, pixels
from inference.networks.classifier import Classifier, load

SAMPLES = ASSETS / "samples"
NETWORKS = {"imagenet": ("imagenet-lite0",), "mnist": ("digits", "digits-hardened")}  # of each dataset
EPSILON = {"imagenet": 2, "mnist": 77}
CLOSE = 1e-5
POINT = 5


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--save", type=Path, help="where to keep the answers")
    chosen.add_argument("--against", type=Path, help="answers that were kept")
    options = parser.parse_args()
    now = dict(answers())
    if options.save:
        np.savez_compressed(options.save, **now)
        print(f"{len(now)} answers kept. {circumstances()}")
        return 0
    with np.load(options.against) as kept:
        before = dict(kept)
    return report(before, now)


def answers() -> Iterator[tuple[str, np.ndarray]]:
    """(network/sample/what, numbers): whole numbers are to be the same, others close."""
    records = json.loads((SAMPLES / "samples.json").read_text(encoding="utf-8"))
    for dataset, networks in NETWORKS.items():
        for network in networks:
            classifier = load(network, "cpu")
            for record in records:
                if record["dataset"] == dataset:
                    png = canonicalise((SAMPLES / record["file"]).read_bytes(), record["preparation"]).png
                    for what, found in of_picture(classifier, png, EPSILON[dataset]):
                        yield f"{network}/{record['slug']}/{what}", found


def of_picture(classifier: Classifier, png: bytes, epsilon: int) -> Iterator[tuple[str, np.ndarray]]:
    """Everything that is answered of one picture."""
    prediction = experiment.predict(classifier, png)
    yield "picture", pixels.read(png)
    yield from of_top("prediction", prediction)
    runner_up = prediction.top[1].index
    fgsm = {"epsilon": epsilon, "seed": 0}
    orders = (
        ("fgsm", "fgsm", fgsm | {"target": None}),
        ("fgsm towards", "fgsm", fgsm | {"target": runner_up}),
        ("pgd", "pgd", {"epsilon": epsilon, "steps": 5}),
    )
    for name, slug, options in orders:
        made = experiment.attack(classifier, png, slug, options)
        for what, found in of_attack(made):
            yield f"{name}/{what}", found
        if made.sign_png and options["target"] is None:
            yield from of_ray(classifier, png, made.sign_png)
    yield "draws", np.array(experiment.judge_draws(classifier, png, epsilon, range(20)))


def of_attack(made: experiment.Attacked) -> Iterator[tuple[str, np.ndarray]]:
    result = made.result
    yield "file", pixels.read(made.png)
    if made.sign_png:
        yield "signs", pixels.read_sign(made.sign_png, pixels.read(made.png).shape[2])
    if made.change_png:
        yield "change", pixels.read(made.change_png)
    yield "probabilities", made.probabilities
    yield from of_top("original", result.original)
    yield from of_top("adversarial", result.adversarial)
    if result.control:
        yield from of_top("control", result.control)
        yield "control/strength", np.array([result.control.l2, result.control.reach], float)
    far = result.distances
    yield "distances", np.array([far.l2, far.rms_levels, far.ssim], float)
    yield "counts", np.array([far.linf_levels, far.changed_pixels, far.attacked_pixels, result.flat_from])
    yield "state", np.array([("success", "failed", "invalid").index(result.state)])
    yield "passes", np.array([result.cost.forwards, result.cost.gradients])


def of_ray(classifier: Classifier, png: bytes, sign_png: bytes) -> Iterator[tuple[str, np.ndarray]]:
    for name, control in (("levels", False), ("controls", True)):
        steps = [experiment.Step(level, control) for level in range(classifier.levels + 1)]
        judged = np.stack(list(experiment.judge_steps(classifier, png, sign_png, steps, seed=0).values()))
        yield f"{name}/probabilities", judged
        yield f"{name}/named", judged.argmax(axis=1)
    point = experiment.judge_point(classifier, png, sign_png, "fgsm", POINT)
    yield "point/file", pixels.read(point.png)
    yield from of_top("point", point.result)


def of_top(name: str, answer: object) -> Iterator[tuple[str, np.ndarray]]:
    top = answer.top  # type: ignore[attr-defined]
    yield f"{name}/top", np.array([one.index for one in top[:3]])
    yield f"{name}/top probabilities", np.array([one.probability for one in top[:3]])


def report(before: dict[str, np.ndarray], now: dict[str, np.ndarray]) -> int:
    """The largest differences by kind of answer; 1 if any is too large or an answer is missing."""
    largest, wrong = defaultdict[str, list[float]](list), sorted(set(before) ^ set(now))
    for name in sorted(set(before) & set(now)):
        one, other = before[name], now[name]
        same_shape = one.shape == other.shape
        far = float(np.abs(one.astype(float) - other.astype(float)).max(initial=0)) if same_shape else np.inf
        largest[name.split("/", 2)[2]].append(far)
        if far > (CLOSE if one.dtype.kind == "f" else 0):
            wrong.append(f"{name}: {far:.2g}")
    print(table(["answer", "n", "largest difference"], [[k, str(len(v)), f"{max(v):.2g}"] for k, v in largest.items()]))
    print(f"\n{circumstances()}\n")
    print("\n".join(f"DIFFERENT {name}" for name in wrong) or "All the same.")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
