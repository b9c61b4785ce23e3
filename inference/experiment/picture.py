"""What a job computes: pictures in, numbers and PNG bytes out. No rows, no files, no sockets.

A picture is the bytes of a canonical PNG. Every verdict on an attacked picture is given on saved bytes: written, read
back as an upload would be, and judged alone.
"""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from attacks.catalog import OptionError, validate
from attacks.controls import noise_signs
from attacks.fgsm import gradient_sign
from attacks.words import gettext_noop
from inference.experiment.distances import distances, flat_from, l2
from inference.experiment.sweep import assemble_ladder, top_classes
from inference.images import pixels
from inference.networks.classifier import Classifier

__all__ = [
    "AttackResult",
    "LevelResult",
    "assemble_ladder",
    "attack",
    "judge_draws",
    "judge_level",
    "judge_levels",
    "judge_steps",
    "predict",
]

BATCH = {"cpu": 4}  # pictures judged at once: on a CPU more only leave its caches
GPU_BATCH = 32
DRAWS = 20  # of the noise, at one level: how often noise alone changes the answer

Top = list[dict[str, Any]]
OnStep = Callable[[int, int, str], None]  # (done, total, text); may raise to stop the work


@dataclass(frozen=True)
class AttackResult:
    """One attack at one level, with the noise control of the same budget beside it."""

    original: Top
    adversarial: Top
    control: Top
    adversarial_png: bytes
    sign_png: bytes  # RGB, as large as the picture: 128 + 127 * s, s in {-1, 0, 1}; 128 outside the seen square
    label_from: dict[str, Any]  # {index, label, probability}: what the network said, and was to stop saying
    target: dict[str, Any] | None  # likewise, with the probability on the attacked picture
    fooled: bool  # the saved picture's top class is not label_from
    reached: bool | None  # the saved picture's top class is the target; None without a target
    verified: bool  # the file gives back exactly the pixels that were made, and they are within epsilon
    linf_levels: int  # largest change, in grey levels
    l2: float  # length of the change, pixels in [0, 1], over the attacked square
    ssim: float  # structural similarity of the attacked squares' luminance, 7 x 7 uniform window; 1 is identical
    changed_pixels: int
    attacked_pixels: int  # of the square that the network sees
    attacked_values: int  # the same, times its colours: what L2 is a sum over
    control_l2: float  # length of the noise's change, as l2
    control_reach: float | None  # see `_reach`; None where the attack moved nothing
    zero_gradient: bool  # the gradient vanished: there was no direction to go; says nothing about robustness
    zero_gradient_pixels: int  # of the attacked ones: one step leaves them as they are
    flat_from: int  # the level from which plain grey is within reach
    seconds: float


@dataclass(frozen=True)
class LevelResult:
    """The attacked picture at one level, saved, reread and judged."""

    png: bytes
    sha256: str
    top: Top
    verified: bool
    linf_levels: int


def predict(classifier: Classifier, png: bytes) -> dict[str, Top]:
    """The ten likeliest classes of a picture."""
    return {"top": top_classes(classifier.labels, _judge(classifier, pixels.read(png)))}


def attack(
    classifier: Classifier, png: bytes, slug: str, params: Mapping[str, Any], *, on_step: OnStep | None = None
) -> AttackResult:
    """The attack at one level. It leaves the class the network itself names, or goes for `params["target"]`.

    A OptionError, with a sentence, if the parameters are wrong or the target is what the network says already.
    """
    started = time.perf_counter()
    wanted = validate(slug, params, levels=classifier.levels, classes=len(classifier.labels))
    epsilon, target, seed = wanted["epsilon"], wanted["target"], wanted["seed"]
    assert epsilon is not None and seed is not None  # noqa: S101 (for mypy: validate lets only the target be null)
    step = on_step or _no_step

    step(0, 4, gettext_noop("Following the gradient"))
    original = pixels.read(png)
    sign, before, zero_gradient = _direction(classifier, original, target)
    label_from = int(before.argmax())

    step(1, 4, gettext_noop("Saving the attacked picture and reading it back"))
    sign_png = pixels.write_sign(sign)
    saved = _save_and_judge(classifier, original, sign, epsilon)

    step(2, 4, gettext_noop("Trying random noise of the same strength"))
    noise = pixels.step(original, _control_sign(classifier, original, seed), epsilon)
    control = _judge(classifier, noise)
    seen, seen_noise, seen_attacked = (_square(classifier, picture) for picture in (original, noise, saved.pixels))

    step(3, 4, gettext_noop("Measuring the change"))
    labels = classifier.labels
    adversarial = int(saved.probabilities.argmax())
    return AttackResult(
        original=top_classes(labels, before),
        adversarial=top_classes(labels, saved.probabilities),
        control=top_classes(labels, control),
        adversarial_png=saved.png,
        sign_png=sign_png,
        label_from=_named(labels, before, label_from),
        target=None if target is None else _named(labels, saved.probabilities, target),
        fooled=adversarial != label_from,
        reached=None if target is None else adversarial == target,
        verified=saved.verified,
        linf_levels=saved.linf_levels,
        **distances(seen, seen_attacked),
        control_l2=l2(seen, seen_noise),
        control_reach=_reach(classifier, seen, seen_noise, seen_attacked),
        zero_gradient=zero_gradient,
        zero_gradient_pixels=int((_square(classifier, sign) == 0).all(axis=2).sum()),
        flat_from=flat_from(seen),
        seconds=time.perf_counter() - started,
    )


def judge_levels(
    classifier: Classifier, png: bytes, sign_png: bytes, levels: Sequence[int], *, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities, float32 (levels, classes), of the picture attacked at each level and of the control there."""
    original, sign = _opened(png, sign_png)
    noise = _control_sign(classifier, original, seed)
    return judge_steps(classifier, original, sign, levels), judge_steps(classifier, original, noise, levels)


def judge_steps(classifier: Classifier, original: np.ndarray, sign: np.ndarray, levels: Sequence[int]) -> np.ndarray:
    """Probabilities, float32 (levels, classes), of the picture moved along one sign map.

    Judged a few at a time: a full ladder of large photographs would fill the memory.
    """
    seen, signs = _square(classifier, original), _square(classifier, sign)
    size = BATCH.get(classifier.device.type, GPU_BATCH)
    batches = [
        classifier.probabilities(np.stack([pixels.step(seen, signs, k) for k in levels[first : first + size]]))
        for first in range(0, len(levels), size)
    ]
    return np.concatenate(batches)


def judge_draws(classifier: Classifier, png: bytes, k: int, *, seed: int, draws: int = DRAWS) -> list[int]:
    """The class named under each of so many draws of the control at level `k`: those of seed, seed + 1, and so on."""
    original = pixels.read(png)
    seen, size = _square(classifier, original), BATCH.get(classifier.device.type, GPU_BATCH)

    def drawn(number: int) -> np.ndarray:
        return pixels.step(seen, _square(classifier, _control_sign(classifier, original, seed + number)), k)

    batches = [range(first, min(first + size, draws)) for first in range(0, draws, size)]
    judged = [classifier.probabilities(np.stack([drawn(number) for number in batch])) for batch in batches]
    return [int(index) for index in np.concatenate(judged).argmax(axis=1)]


def judge_level(classifier: Classifier, png: bytes, sign_png: bytes, k: int) -> LevelResult:
    """The attacked picture at level `k` as a file, and the verdict on that file."""
    if type(k) is not int or not 0 <= k <= classifier.levels:
        template = gettext_noop("%(name)s must be a whole number from %(low)d to %(high)d.")
        raise OptionError("level", template, name="level", low=0, high=classifier.levels)
    saved = _save_and_judge(classifier, *_opened(png, sign_png), k)
    return LevelResult(
        png=saved.png,
        sha256=hashlib.sha256(saved.png).hexdigest(),
        top=top_classes(classifier.labels, saved.probabilities),
        verified=saved.verified,
        linf_levels=saved.linf_levels,
    )


@dataclass(frozen=True)
class _Saved:
    png: bytes
    pixels: np.ndarray  # as they were read back
    probabilities: np.ndarray
    verified: bool
    linf_levels: int


def _save_and_judge(classifier: Classifier, original: np.ndarray, sign: np.ndarray, k: int) -> _Saved:
    made = pixels.step(original, sign, k)
    png = pixels.write(made)
    reread = pixels.reread(png, classifier.preparation)
    if reread.shape != made.shape:
        raise RuntimeError(f"A saved picture of shape {made.shape} was read back as {reread.shape}.")
    distance = pixels.largest_change(reread, original)
    verified = np.array_equal(reread, made) and distance <= k
    return _Saved(png, reread, _judge(classifier, reread), verified, distance)


def _direction(classifier: Classifier, original: np.ndarray, target: int | None) -> tuple[np.ndarray, np.ndarray, bool]:
    """(sign map of the whole picture, the original's probabilities, whether the gradient vanished)."""
    seen = classifier.to_pixels(_square(classifier, original)[None])
    goal = None if target is None else seen.new_tensor([target]).long()
    found = gradient_sign(classifier, seen, None, target=goal)
    probabilities = found.logits.softmax(dim=1)[0].cpu().numpy()
    if target is not None and int(probabilities.argmax()) == target:
        template = gettext_noop("The network already says %(label)s. Choose another target.")
        raise OptionError("target", template, label=classifier.labels[target])
    inside = found.sign[0].permute(1, 2, 0).to("cpu").numpy().astype(np.int8)
    return _placed(classifier, original, inside), probabilities, bool(found.zero_gradient[0])


def _control_sign(classifier: Classifier, original: np.ndarray, seed: int) -> np.ndarray:
    """The control's sign map of the whole picture: noise where the network looks, nothing elsewhere."""
    height, width, channels = original.shape
    side = classifier.square(height, width)[2]
    return _placed(classifier, original, noise_signs(seed, channels=channels, size=classifier.input_size, side=side))


def _placed(classifier: Classifier, original: np.ndarray, inside: np.ndarray) -> np.ndarray:
    whole = np.zeros(original.shape, np.int8)
    _square(classifier, whole)[...] = inside
    return whole


def _square(classifier: Classifier, picture: np.ndarray) -> np.ndarray:
    """The part of the picture that the network sees, as a view."""
    top, left, side = classifier.square(*picture.shape[:2])
    return picture[top : top + side, left : left + side]


def _judge(classifier: Classifier, picture: np.ndarray) -> np.ndarray:
    """Probabilities of one picture, judged alone."""
    return classifier.probabilities(_square(classifier, picture)[None])[0]


@lru_cache(maxsize=2)  # a ladder is judged in chunks: each chunk opens the same two files
def _opened(png: bytes, sign_png: bytes) -> tuple[np.ndarray, np.ndarray]:
    original = pixels.read(png)
    sign = pixels.read_sign(sign_png, original.shape[2])
    if sign.shape != original.shape:
        raise ValueError("The sign map is not as large as the picture.")
    for array in (original, sign):
        array.setflags(write=False)
    return original, sign


def _reach(classifier: Classifier, original: np.ndarray, noise: np.ndarray, attacked: np.ndarray) -> float | None:
    """How strongly the noise arrives at the network's input, relative to the attack: the ratio of the two changes'
    root mean squares there. Resizing averages what is finer than the input; what is as coarse as blocks passes.
    """
    with torch.inference_mode():
        at_input = classifier.see(classifier.to_pixels(np.stack([original, noise, attacked])))
        noise_there, attack_there = (at_input[1:] - at_input[:1]).flatten(1).square().mean(1).sqrt().tolist()
    return noise_there / attack_there if attack_there else None


def _named(labels: Sequence[str], probabilities: np.ndarray, index: int) -> dict[str, Any]:
    return {"index": index, "label": labels[index], "probability": float(probabilities[index])}


def _no_step(done: int, total: int, text: str) -> None:
    """Nobody is watching."""
