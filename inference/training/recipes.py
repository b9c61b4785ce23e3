"""The classifiers that come with Gibbon and were trained here: a recipe each, and the command that follows it.

    python -m inference.training.recipes digits

trains, tests once, and writes inference/assets/cards/digits.json with its weights beside it. Interrupted, it goes
on after the last epoch.

    python -m inference.training.recipes digits --figures

trains nothing: it counts anew what the card says of the test pictures.
"""

import argparse
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from inference.assets import ROOT
from inference.catalog.classifiers import CARDS
from inference.catalog.classifiers import card as card_of
from inference.catalog.configuration import TrainingConfig, validate
from inference.networks import checkpoints

WORKPLACE = ROOT / "var" / "shipped"


@dataclass(frozen=True)
class Recipe:
    """What is told of a classifier, and the settings that are not the defaults."""

    name: str
    settings: Mapping[str, Any]

    @property
    def config(self) -> TrainingConfig:
        return validate(self.settings)


HARDENED: Mapping[str, Any] = MappingProxyType(
    {
        "width": 2,
        "normalisation": "unit",
        "optimiser": "adam",
        "learning_rate": 0.002,
        "weight_decay": 0.0,
        "epochs": 14,
        "validation_share": 0.1,
        "shift": 1,
        "adversarial": "pgd",
        "attack_steps": 7,
        "warmup": 3,
        "metric": "pgd_accuracy",
        "robust_pictures": 1000,
    }
)
SIGNS_HARDENED: Mapping[str, Any] = MappingProxyType(
    {
        "dataset": "signs",
        "network": "strided",
        "optimiser": "adam",
        "learning_rate": 0.004,
        "weight_decay": 0.0,
        "epochs": 10,
        "shift": 2,
        "adversarial": "pgd",
        "attack_steps": 3,
        "warmup": 3,
        "metric": "pgd_accuracy",
        "robust_pictures": 200,
    }
)


def plain(hardened: Mapping[str, Any]) -> Mapping[str, Any]:
    """A hardened one's twin: only the adversarial training differs, and by what the best epoch is chosen."""
    kept = {name: value for name, value in hardened.items() if name not in ("attack_steps", "warmup")}
    return MappingProxyType(kept | {"adversarial": "off", "metric": "validation_error"})


RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "digits": Recipe("LeNet-5 on MNIST", MappingProxyType({"metric": "validation_error", "seed": 1})),
        "digits-plain": Recipe("LeNet-5 on MNIST, wide", plain(HARDENED)),
        "digits-hardened": Recipe("LeNet-5 on MNIST, hardened", HARDENED),
        "signs": Recipe("Strided network on drawn signs", plain(SIGNS_HARDENED)),
        "signs-hardened": Recipe("Strided network on drawn signs, hardened", SIGNS_HARDENED),
    }
)
TWINS: Mapping[str, str] = MappingProxyType({"digits-hardened": "digits-plain", "signs-hardened": "signs"})


def workplace(slug: str) -> Path:
    """Where the checkpoints lie: another recipe, another folder."""
    config = json.dumps(asdict(RECIPES[slug].config), sort_keys=True).encode()
    return WORKPLACE / f"{slug}-{hashlib.sha256(config).hexdigest()[:8]}"


def make(slug: str, *, folder: Path, cards: Path = CARDS) -> None:
    """Follow the recipe and write card and weights into `cards`."""
    from inference.training.loop import train  # torch comes only with the work
    from inference.training.versions import WEIGHTS, conclude

    recipe = RECIPES[slug]
    for epoch in train(recipe.config, folder=folder):
        _tell(epoch.figures())
    version = conclude(recipe.config, folder=folder)
    file = f"{slug}.safetensors"
    card = version.card | {"name": recipe.name, "weights": {"file": file, "sha256": version.sha256}}
    card["accuracy"] |= {"measured_by": f"python -m inference.training.recipes {slug}"}
    checkpoints.write_atomically(cards / file, (version.folder / WEIGHTS).read_bytes())
    _write(slug, card, cards)


def judge_again(slug: str, *, cards: Path = CARDS) -> None:
    """Put the figures into the card that the network has today, by the protocols that every version is tested with."""
    from inference.data.base import load_data
    from inference.networks.classifier import load
    from inference.training.versions import tested

    config = RECIPES[slug].config
    test = tested(load(slug, "cpu"), config, load_data(config.dataset))
    _write(slug, card_of(slug) | {"test": test}, cards)


def _write(slug: str, card: Mapping[str, Any], cards: Path) -> None:
    text = json.dumps(card, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    checkpoints.write_atomically(cards / f"{slug}.json", text.encode())


def _tell(figures: Mapping[str, Any]) -> None:
    names = ("training_loss", "validation_error", "fgsm_accuracy", "pgd_accuracy", "seconds")
    shown = "  ".join(f"{name} {figures[name]:.4g}" for name in names if figures[name] is not None)
    print(f"epoch {figures['number']} of {figures['of']}  {shown}", flush=True)  # noqa: T201 (a command line)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("slug", choices=list(RECIPES))
    options.add_argument("--folder", type=Path, help="of the checkpoints; default: below var/shipped")
    options.add_argument("--figures", action="store_true", help="judge the network that is there, and train none")
    given = options.parse_args()
    if given.figures:
        judge_again(given.slug)
    else:
        make(given.slug, folder=given.folder or workplace(given.slug))


if __name__ == "__main__":
    main()
