"""What the course's computations come to, for lessons to state: three seeds each, one thread.

    python -m benchmarks.course [NAME ...]

Prints a line for each computation, options and seed: the numbers that lessons speak of, and seconds of the processor.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch

from attacks.options import complete
from inference.catalog.races import OPTIONS
from inference.course import (
    cameras,
    descent,
    exam,
    fooling,
    layers,
    noise,
    overfitting,
    pictures,
    races,
    stop_sign,
    weights,
)
from inference.course.shipped import sample
from inference.course.small import Steps
from webapp.learn.races import RACES

SEEDS = (0, 1, 2)
LAST = 10  # epochs whose mean is told: a single one depends on its seed

Options = Mapping[str, Any]
Told = Mapping[str, Any]


def of_layers(_options: Options) -> Told:
    told = layers.shifted(sample("digit-7"), across=4)
    return {layer["slug"]: (layer["still"], layer["moved"]) for layer in told["layers"]}


def of_fooling(options: Options) -> Told:
    return fooling.crowd(**options)


def of_weights(_options: Options) -> Iterator[Told]:
    told = weights.nudged()
    for weight in told["weights"]:
        for one in weight["quotients"]:
            yield {
                "layer": weight["layer"],
                "way": one["way"],
                "dtype": one["dtype"],
                "best": one["best"],
                "least": min(one["errors"]),
            }


def of_pixels(options: Options) -> Told:
    told = noise.pixels(sample(options["digit"]), epsilon=options["epsilon"], seed=options["seed"])
    names = ("foretold", "clamped", "rise", "draws")
    return {name: told[name] for name in names} | {"said": told["said"]}


def of_crowd(options: Options) -> Told:
    return counted(noise.crowd(**options))


def of_linear(options: Options) -> Told:
    return noise.linear(**options)


def of_noise_of_batches(options: Options) -> Told:
    told = ended(descent.gradient_noise(**options))
    return {one["size"]: (one["noise"], one["foretold"], one["cosine"]) for one in told["sizes"]} | {
        "one class": told["one_class"]
    }


def of_race(options: Options) -> Told:
    """Where it ends, and by which seconds it was first below some errors."""
    points = ended(races.race(**complete(OPTIONS, options)))["points"]
    below = {
        error: next((round(point["seconds"], 2) for point in points if point["validation_error"] < error), None)
        for error in (0.5, 0.25, 0.15)
    }
    last = {name: value if name in ("step", "pictures") else round(value, 3) for name, value in points[-1].items()}
    return {**last, "below": below}


def of_exam(options: Options) -> Told:
    told = ended(exam.learnt(**options))
    return {"ended": told["ended"], **told["epochs"][-1]}


def of_variant(options: Options) -> Told:
    epochs = ended(overfitting.variant(**options))["epochs"]
    return {name: mean(epochs, name) for name in ("learning", "training", "validation")}


def of_learning(options: Options) -> Told:
    epochs = ended(pictures.learnt(**options))["epochs"]
    return {name: mean(epochs, name) for name in ("training", "validation")}


def of_mirrored(_options: Options) -> Told:
    return counted(pictures.mirrored_digits()) | {"photos": counted(pictures.mirrored_photos())}


def of_unnormalised(_options: Options) -> Told:
    return counted(pictures.unnormalised()["figures"]) | {"photos": counted(pictures.unnormalised_photos()["figures"])}


def of_cameras(options: Options) -> Told:
    told = ended(cameras.compared(**options))
    return {name: counted(network["figures"]) for name, network in told["networks"].items()} | {"price": told["price"]}


def of_stop_sign(options: Options) -> Told:
    told = stop_sign.attacked(**options)
    return {name: told[name] for name in ("said", "levels", "share")}


NONE: Options = {}
SIGNS: Options = {"subject": "signs", "epsilon": 8, "radius": 2.0}
RUNS: Mapping[str, tuple[Callable[[Options], Any], tuple[Options, ...], tuple[int, ...]]] = {
    "layers": (of_layers, (NONE,), ()),
    "fooling": (of_fooling, tuple({"epsilon": epsilon} for epsilon in (25, 51, 77)), ()),
    "weights": (of_weights, (NONE,), ()),
    "pixels": (of_pixels, tuple({"digit": d, "epsilon": e} for d, e in (("digit-8", 25), ("digit-4", 51))), SEEDS),
    "crowd": (of_crowd, tuple({"epsilon": epsilon} for epsilon in (10, 25, 51)), SEEDS),
    "linear": (of_linear, tuple({"side": side, "epsilon": e} for side in (7, 14, 28) for e in (3, 25)), SEEDS),
    "batches": (of_noise_of_batches, (NONE,), SEEDS),
    "race-batches": (of_race, (*RACES["batches"].lanes, *RACES["steps"].lanes), SEEDS),
    "race-sorted": (of_race, RACES["sorted"].lanes, SEEDS),
    "exam": (of_exam, ({"labels": "true"}, {"labels": "random"}), SEEDS),
    "variant": (
        of_variant,
        (NONE, {"dropout": 0.25}, {"dropout": 0.5}, {"pooling": "average"}, {"one_by_one": True}),
        SEEDS,
    ),
    "learning": (
        of_learning,
        (*({"change": change} for change in ("none", *pictures.CHANGES)), {"pictures": 600}),
        SEEDS,
    ),
    "mirrored": (of_mirrored, (NONE,), ()),
    "unnormalised": (of_unnormalised, (NONE,), ()),
    "cameras": (of_cameras, ({"epsilon": 51, "radius": 4.0}, {"epsilon": 77, "radius": 5.0}, SIGNS), SEEDS),
    "stop-sign": (
        of_stop_sign,
        tuple({"hardened": hardened, "epsilon": e} for hardened in (False, True) for e in (1, 2, 3, 8, 16)),
        SEEDS,
    ),
}


def ended(steps: Steps) -> Any:
    """What a generator returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def mean(epochs: list[dict[str, Any]], name: str) -> float:
    return round(sum(epoch[name] for epoch in epochs[-LAST:]) / len(epochs[-LAST:]), 4)


def counted(figures: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: f"{figure['right']}/{figure['of']}"
        for name, figure in figures.items()
        if isinstance(figure, dict) and "right" in figure
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("names", nargs="*", metavar="NAME", help=", ".join(RUNS))
    torch.set_num_threads(1)
    for name in options.parse_args().names or RUNS:
        work, settings, seeds = RUNS[name]
        for setting in settings:
            for seeded in [{"seed": seed} for seed in seeds] or [NONE]:
                begun = time.process_time()
                told = work({**setting, **seeded})
                lines = list(told) if isinstance(told, Iterator) else [told]
                seconds = time.process_time() - begun
                for line in lines:
                    print(name, {**setting, **seeded}, dict(line), f"{seconds:.2f} s", flush=True)


if __name__ == "__main__":
    main()
