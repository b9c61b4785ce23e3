"""Whether a picture that one library fools and another does not is a matter of the random start: the share of starts.

    python -m benchmarks.parity.starts --attack apgd-ce --network digits-hardened --pictures 45,151 [--starts 20]
    python -m benchmarks.parity.starts --attack apgd-t --network digits --first 500 --starts 3

A row of benchmarks/parity/pairs.py with a random start, begun so often on each of these test pictures; or on the first
so many, of which is told how many each start fools.
"""

import argparse
import os

import torch
from torch import Generator

from attacks import ATTACKS, run
from attacks.frozen import frozen
from attacks.projections import project
from benchmarks.parity.pairs import PAIRS
from benchmarks.timing import circumstances, table
from inference.data.base import Pictures, load_data
from inference.networks.classifier import Classifier, load


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attack", default="apgd-ce", choices=[row for row, pair in PAIRS.items() if pair.budgets])
    parser.add_argument("--network", default="digits-hardened")
    parser.add_argument("--pictures", default="45,151")
    parser.add_argument("--first", type=int)
    parser.add_argument("--starts", type=int, default=20)
    options = parser.parse_args()
    places = [*range(options.first)] if options.first else [int(place) for place in options.pictures.split(",")]
    chosen = load_data("mnist").test[torch.tensor(places).repeat_interleave(options.starts)]
    shares = fooled(load(options.network, "cpu"), options.attack, options.network, chosen)
    hits = {name: found.view(len(places), -1) for name, found in shares.items()}
    if options.first:
        head = [f"fooled of {options.first}", *(f"start {number + 1}" for number in range(options.starts))]
        rows = [[name, *map(str, found.sum(0).tolist())] for name, found in hits.items()]
    else:
        head = [f"{options.starts} starts, fooled", *(f"picture {place}" for place in places)]
        rows = [[name, *(f"{share:.0%}" for share in found.float().mean(1))] for name, found in hits.items()]
    print(table(head, rows))
    print(f"\n{circumstances('torchattacks', 'foolbox', 'adv-lib', 'adversarial-robustness-toolbox')}")


def fooled(model: Classifier, row: str, network: str, pictures: Pictures) -> dict[str, torch.Tensor]:
    """(N,) bool by library, ours first."""
    pair, images, labels = PAIRS[row], pictures.images.float() / 255, pictures.labels
    record = ATTACKS[pair.attack or row]
    assert pair.budgets and record.budget_option, f"{row} has no budget, and no random start"
    budget = pair.budgets[network]
    core = record.budget_option.core(budget)
    options = {**pair.options, record.budget: budget}
    found = {
        "Gibbon": run(record.slug, model, images, labels, options, generator=Generator().manual_seed(0)).adversarial
    }
    with frozen(model), torch.random.fork_rng():
        torch.manual_seed(0)
        for library, call in pair.libraries.items():
            made = call(model, images, labels, core).detach()
            found[library] = project(made, images, record.norm, torch.tensor(core).to(images))
    with frozen(model), torch.no_grad():
        return {name: model(pixels).argmax(1) != labels for name, pixels in found.items()}


if __name__ == "__main__":
    os.environ.setdefault("TQDM_DISABLE", "1")
    main()
