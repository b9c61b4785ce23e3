"""Where along LeNet's layers an attacked digit begins to look like another class.

Asked of its neighbours: at each layer, which training pictures have the nearest activations (deep k-nearest neighbours,
Papernot and McDaniel, arXiv 1803.04765)? Nothing is taught for it, so that no probe can be at fault; and the nearest
picture itself can be shown.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from attacks import run
from inference.course.layers import DIGITS, activations, answer, layers_of
from inference.course.packed import packed, rounded
from inference.course.shipped import balanced, digits, floats, network, pixels_of
from inference.data.base import Pictures
from inference.networks.threads import one_thread

EACH = 100  # training pictures of each class, the first: what is asked
NEAREST = 9  # neighbours that vote
PIXELS, ANSWER = "picture", "answer"  # what comes before all layers, and after


@one_thread()
def attacked(picture: np.ndarray, *, epsilon: int = 51, seed: int = 0) -> dict[str, Any]:
    """A digit (uint8, 28 × 28) and the same under FGSM, layer by layer; below 40 kB as JSON.

    epsilon: grey levels. layers, the picture first: each {"slug", "change": the L2 norm of the activations' change by
    that of the activations (null where those are all zero), "noise": likewise under random signs of the same size,
    "before" and "after": {"label", "votes"} of the neighbours, "nearest": the training picture nearest to the attacked
    one there, "was" and "now": activations, packed between the same ends}. before, after: what the network says.
    fooled: as `fooled_from` has it.
    """
    classifier = network(DIGITS)
    pixels = pixels_of(picture, classifier)
    moved = run("fgsm", classifier, pixels, None, {"epsilon": epsilon}).adversarial
    noisy = (pixels + epsilon / 255 * _signs(pixels, seed=seed)).clamp(0, 1)
    first, second, third = ({PIXELS: one, **activations(classifier, one)} for one in (pixels, moved, noisy))
    pictures, known = neighbourhood()
    told: list[dict[str, Any]] = [
        {"slug": slug, "change": _change(first[slug], second[slug]), "noise": _change(first[slug], third[slug])}
        | _voted(known[slug], pictures, first[slug], second[slug])
        | _shown(first[slug], second[slug])
        for slug in known
    ]
    before, after = answer(first), answer(second)
    voices = [(layer["slug"], layer["before"]["label"], layer["after"]["label"]) for layer in told]
    fooled = fooled_from([*voices, (ANSWER, before["label"], after["label"])], before["label"])
    return {"epsilon": epsilon, "layers": told, "fooled": fooled, "before": before, "after": after}


@one_thread()
def crowd(*, epsilon: int = 51, pictures: int = 300) -> dict[str, Any]:
    """The same of the first test pictures: where those that fool the network fool it first.

    known: for each layer, the picture first, the share of pictures whose neighbours are of their true class before the
    attack. first: how many are fooled for good from each layer on, "answer" for the network's own answer alone; they
    sum up to `fooled`, of `of`. change, noise: medians of the relative changes, by layer.
    """
    classifier, judged = network(DIGITS), digits().test[:pictures]
    pixels = floats(judged.images)
    moved = run("fgsm", classifier, pixels, None, {"epsilon": epsilon}).adversarial
    noisy = (pixels + epsilon / 255 * _signs(pixels, seed=0)).clamp(0, 1)
    first, second, third = ({PIXELS: one, **activations(classifier, one)} for one in (pixels, moved, noisy))
    neighbours, known = neighbourhood()
    before, after = (
        {slug: elected(votes(known[slug], neighbours.labels, given[slug].flatten(1))[0]) for slug in known}
        | {ANSWER: list(given.values())[-1].argmax(1)}
        for given in (first, second)
    )
    counted = Counter(
        fooled_from([(slug, int(before[slug][i]), int(after[slug][i])) for slug in before], int(before[ANSWER][i]))
        for i in range(len(judged))
    )
    fallen = {slug: counted[slug] for slug in before}
    return {
        "epsilon": epsilon,
        "of": len(judged),
        "known": {slug: rounded((before[slug] == judged.labels).double().mean()) for slug in known},
        "first": fallen,
        "fooled": sum(fallen.values()),
        "change": {slug: rounded(_changes(first[slug], second[slug]).median()) for slug in known},
        "noise": {slug: rounded(_changes(first[slug], third[slug]).median()) for slug in known},
    }


def fooled_from(voices: Sequence[tuple[str, int, int]], label: int) -> str | None:
    """The first layer that is fooled for good: from it on every voice says another class than `label`; None without.

    voices: (layer, class before, class after), the network's own answer last. A layer that said another class before
    the attack bears no witness, and is passed over.
    """
    first = None
    for slug, before, after in voices:
        if before != label:
            continue
        first = None if after == label else first or slug
    return first


def votes(known: Tensor, labels: Tensor, asked: Tensor) -> tuple[Tensor, Tensor]:
    """(classes, places), each (M, NEAREST), of the nearest of `known`, (N, values), to each of `asked`, (M, values).

    Nearest first, by Euclid.
    """
    places = torch.cdist(asked.flatten(1), known).topk(NEAREST, largest=False).indices
    return labels[places], places


def elected(classes: Tensor) -> Tensor:
    """(M,) the class that most of the nearest have, (M, NEAREST); among equals that of the nearest one."""
    counts = torch.nn.functional.one_hot(classes, 10).sum(1)
    most = counts.gather(1, classes) == counts.amax(1, keepdim=True)  # which neighbours have a class with most votes
    return classes.gather(1, most.int().argmax(1, keepdim=True))[:, 0]


@lru_cache(maxsize=1)
def neighbourhood() -> tuple[Pictures, Mapping[str, Tensor]]:
    """The pictures that are asked, and their activations at each layer, float32 (N, values)."""
    pictures = balanced(digits().training, EACH)
    pixels = floats(pictures.images)
    classifier = network(DIGITS)
    given = {PIXELS: pixels, **activations(classifier, pixels)}
    flat = [layer.slug for layer in layers_of(classifier.network) if layer.kind == "flatten"]  # the same numbers again
    return pictures, {slug: values.flatten(1) for slug, values in given.items() if slug not in flat}


def _voted(known: Tensor, pictures: Pictures, first: Tensor, second: Tensor) -> dict[str, Any]:
    classes, places = votes(known, pictures.labels, torch.cat([first, second]).flatten(1))
    labels = elected(classes)
    before, after = (
        {"label": int(label), "votes": int((row == label).sum())} for label, row in zip(labels, classes, strict=True)
    )
    nearest = pictures.images[int(places[1, 0])]
    return {"before": before, "after": after, "nearest": packed(nearest.float(), low=0.0, high=255.0)}


def _shown(first: Tensor, second: Tensor) -> dict[str, Any]:
    low, high = (float(end) for end in torch.stack([first, second]).aminmax())
    return {"was": packed(first[0], low=low, high=high), "now": packed(second[0], low=low, high=high)}


def _change(first: Tensor, second: Tensor) -> float | None:
    return round(float(_changes(first, second)), 4) if first.any() else None


def _changes(first: Tensor, second: Tensor) -> Tensor:
    """(N,) how long each change is, by the length of what was changed."""
    return (second - first).flatten(1).norm(dim=1) / first.flatten(1).norm(dim=1)


def _signs(pixels: Tensor, *, seed: int) -> Tensor:
    return torch.randint(0, 2, pixels.shape, generator=Generator().manual_seed(seed)) * 2 - 1
