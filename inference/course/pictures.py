"""Pictures changed before they are learnt from: augmented, mirrored, normalised or not, and what each does."""

import base64
import io
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Generator, Tensor
from torch.nn.functional import interpolate

from inference.assets import ASSETS
from inference.catalog.comparison import Measured
from inference.catalog.configuration import TrainingConfig
from inference.course.alone import alone
from inference.course.layers import DIGITS
from inference.course.packed import figure, rounded
from inference.course.shipped import digits, floats, network
from inference.course.small import Steps, error, lenet, parts, taught
from inference.data.augmentation import augment
from inference.experiment.judging import square
from inference.experiment.opened import opened
from inference.images import canonicalise
from inference.images.pixels import write
from inference.networks.classifier import Classifier
from inference.networks.threads import one_thread

SHOWN = 8  # changed pictures of one
THUMBNAIL, QUALITY = 96, 80  # pixels of a side of a photograph, and its JPEG's
PHOTOS = "imagenet-lite0"

CHANGES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "shift": {"shift": 3},
        "rotation": {"rotation": 15},
        "scale": {"scale": 20},
        "flip": {"flip": True},
        "noise": {"noise": 24},
        "erasing": {"erasing": True},
    }
)


@one_thread()
def augmented(picture: np.ndarray, *, change: str = "rotation", seed: int = 0) -> dict[str, Any]:
    """Eight changed pictures of one, uint8 (28, 28) or (H, W, 3), as a training draws them anew in each epoch.

    change: a key of CHANGES, whose settings are a training's. pictures: each {"type", "data": base64}, the first is
    the picture itself: a digit as a PNG, of a photograph the centred square, 96 pixels a side, as a JPEG.
    """
    channels_last = picture if picture.ndim == 3 else picture[..., None]
    pixels = torch.from_numpy(channels_last.copy()).permute(2, 0, 1)[None].float() / 255
    if channels_last.shape[2] > 1:
        pixels = _thumbnail(pixels)
    drawn = augment(pixels.repeat(SHOWN, 1, 1, 1), _config(change), Generator().manual_seed(seed))
    return {
        "change": change,
        "settings": dict(CHANGES[change]),
        "pictures": [_file(one) for one in torch.cat([pixels, drawn])],
    }


def learnt(*, change: str = "none", pictures: int = 300, epochs: int = 40, seed: int = 0) -> Steps:
    """LeNet taught on so many digits, each changed anew in every epoch; yields (share done, what there is) after each.

    change: a key of CHANGES, or "none". epochs: each {"epoch", "loss", "training": error on the pictures as they are,
    "validation": error on 1,000 others}.
    """
    return alone(_learnt(change, pictures, epochs, seed), seed=seed)


def _learnt(change: str, pictures: int, epochs: int, seed: int) -> Steps:
    training, held_out = parts(pictures)
    model = lenet({})
    told: list[dict[str, Any]] = []
    for learning in taught(model, training, epochs=epochs, change=_changing(change, seed)):
        errors = {"training": error(model, training), "validation": error(model, held_out)}
        told.append({"epoch": learning["epoch"], "loss": figure(learning["loss"]), **errors})
        found = {"change": change, "pictures": len(training), "held_out": len(held_out), "of": epochs, "epochs": told}
        yield learning["epoch"] / epochs, found
    return found


@one_thread()
def mirrored_digits(*, pictures: int = 1000) -> dict[str, Any]:
    """LeNet on the first test digits, as they are and mirrored: each {"right", "of", "accuracy", "interval"}.

    classes: of each digit {"plain", "mirrored": right, "of"}.
    """
    classifier, judged = network(DIGITS), digits().test[:pictures]
    plain, mirrored = (
        _named(classifier, floats(images)) == judged.labels for images in (judged.images, judged.images.flip(3))
    )
    classes = [
        {"plain": int(plain[of].sum()), "mirrored": int(mirrored[of].sum()), "of": int(of.sum())}
        for of in (judged.labels == label for label in range(10))
    ]
    return {"plain": _figure(plain), "mirrored": _figure(mirrored), "classes": classes}


@one_thread()
def mirrored_photos() -> dict[str, Any]:
    """EfficientNet-Lite0 on the sample photographs whose class is known, as they are and mirrored.

    plain, mirrored: {"right", "of", "accuracy", "interval"}; photos: each {"slug", "truth", "plain", "mirrored":
    {"label", "probability"}}, labels as numbers of the network's classes.
    """
    classifier = network(PHOTOS)
    told: list[dict[str, Any]] = []
    for slug, truth, picture in _photos():
        seen = classifier.to_pixels(picture[None])
        answers = {name: _answer(classifier, pixels) for name, pixels in _both_ways(seen).items()}
        told.append({"slug": slug, "truth": truth, **answers})
    counts = {
        name: _figure(torch.tensor([one[name]["label"] == one["truth"] for one in told]))
        for name in ("plain", "mirrored")
    }
    return {**counts, "photos": told}


# --- Normalisation ------------------------------------------------------------------------------------------------

# What pixels in [0, 1] are turned into, in place of the normalisation that the network was taught with. LeNet bends at
# zero and its biases are small: its answers hardly change with the scale.
FORGOTTEN: Mapping[str, Callable[[Tensor], Tensor]] = MappingProxyType(
    {
        "unit": lambda pixels: pixels,  # 0 to 1
        "symmetric": lambda pixels: 2 * pixels - 1,  # -1 to 1
        "bytes": lambda pixels: 255 * pixels,  # 0 to 255
        "inverted": lambda pixels: 1 - pixels,  # dark becomes light
    }
)
BINS = 32


@one_thread()
def unnormalised(*, pictures: int = 1000) -> dict[str, Any]:
    """LeNet on the first test digits, with the normalisation that it was taught with, and with others in its place.

    figures: "taught", and each key of FORGOTTEN: {"right", "of", "accuracy", "interval", "truth": mean probability of
    the true class}; no error is raised.
    histograms: "pixels" (0 to 255) and "normalised": {"low", "high", "counts": 32 equal bins over the range}, of all
    pixels of these pictures; mean and deviation of each.
    """
    classifier, judged = network(DIGITS), digits().test[:pictures]
    pixels = floats(judged.images)
    entering = {"taught": classifier.normalise(pixels)} | {name: enter(pixels) for name, enter in FORGOTTEN.items()}
    with torch.inference_mode():
        found = {name: _judged(classifier.network(values), judged.labels) for name, values in entering.items()}
    return {
        "figures": found,
        "histograms": {"pixels": _histogram(255 * pixels), "normalised": _histogram(entering["taught"])},
    }


@one_thread()
def unnormalised_photos() -> dict[str, Any]:
    """EfficientNet-Lite0 on the sample photographs whose class is known, likewise: figures alone."""
    classifier = network(PHOTOS)
    logits: dict[str, list[Tensor]] = {name: [] for name in ("taught", *FORGOTTEN)}
    with torch.inference_mode():
        for _slug, _truth, picture in _photos():
            pixels = classifier.look(picture)
            entering = {"taught": classifier.normalise(pixels)} | {
                name: enter(pixels) for name, enter in FORGOTTEN.items()
            }
            for name, values in entering.items():
                logits[name].append(classifier.network(values))
    truths = torch.tensor([truth for _slug, truth, _picture in _photos()])
    return {"figures": {name: _judged(torch.cat(some), truths) for name, some in logits.items()}}


# --- Helpers ------------------------------------------------------------------------------------------------------


def _config(change: str) -> TrainingConfig:
    return TrainingConfig(**CHANGES[change])


def _changing(change: str, seed: int) -> Callable[[Tensor], Tensor] | None:
    if change == "none":
        return None
    generator, config = Generator().manual_seed(seed), _config(change)
    return lambda pixels: augment(pixels, config, generator)


def _thumbnail(pixels: Tensor) -> Tensor:
    side = min(pixels.shape[-2:])
    top, left = ((end - side) // 2 for end in pixels.shape[-2:])
    inside = pixels[..., top : top + side, left : left + side]
    return interpolate(inside, size=(THUMBNAIL, THUMBNAIL), mode="bicubic", antialias=True).clamp(0, 1)


def _file(pixels: Tensor) -> dict[str, str]:
    """A picture (C, H, W) in [0, 1] as a file."""
    levels = pixels.mul(255).round().to(torch.uint8).permute(1, 2, 0).contiguous().numpy()
    if levels.shape[2] == 1:
        return {"type": "image/png", "data": base64.b64encode(write(levels)).decode()}
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "JPEG", quality=QUALITY)
    return {"type": "image/jpeg", "data": base64.b64encode(file.getvalue()).decode()}


@lru_cache(maxsize=1)
def _photos() -> list[tuple[str, int, Any]]:
    """(slug, true class, the square that is seen, uint8 (side, side, 3)) of the samples of ImageNet's classes."""
    folder = ASSETS / "samples"
    records = json.loads((folder / "samples.json").read_text(encoding="utf-8"))
    known = [one for one in records if one["dataset"] == "imagenet" and one["truth"] is not None]
    files = [(one, canonicalise((folder / one["file"]).read_bytes(), "photo").png) for one in known]
    return [(one["slug"], one["truth"], square(network(PHOTOS), opened(png)).copy()) for one, png in files]


def _both_ways(pixels: Tensor) -> dict[str, Tensor]:
    return {"plain": pixels, "mirrored": pixels.flip(3)}


def _named(classifier: Classifier, pixels: Tensor) -> Tensor:
    with torch.inference_mode():
        return torch.cat([classifier(some).argmax(1) for some in pixels.split(250)])


def _answer(classifier: Classifier, pixels: Tensor) -> dict[str, Any]:
    with torch.inference_mode():
        probability, label = classifier(pixels).softmax(1)[0].max(0)
    return {"label": int(label), "probability": rounded(probability)}


def _judged(logits: Tensor, labels: Tensor) -> dict[str, Any]:
    truth = logits.softmax(1).gather(1, labels[:, None]).double().mean()
    return {**_figure(logits.argmax(1) == labels), "truth": rounded(truth)}


def _figure(right: Tensor) -> dict[str, Any]:
    told = Measured(int(right.sum()), len(right)).as_json()
    return {key: told[key] for key in ("right", "of", "accuracy", "interval")}


def _histogram(values: Tensor) -> dict[str, Any]:
    low, high = (float(end) for end in values.aminmax())
    return {
        "low": figure(low),
        "high": figure(high),
        "counts": [int(count) for count in torch.histc(values, BINS, low, high)],
        "mean": figure(float(values.double().mean())),
        "deviation": figure(float(values.double().std(correction=0))),
    }
