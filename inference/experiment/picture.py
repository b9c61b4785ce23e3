"""What a job computes: pictures in, numbers and PNG bytes out. No rows, no files, no sockets.

A picture is the bytes of a canonical PNG. Every verdict on an attacked picture is one on saved bytes: written, read
back as an upload would be, and judged alone, meanwhile or, should a value have changed, anew.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

from attacks import run
from attacks.catalog import find, validate
from attacks.options import Limits, OptionError
from attacks.record import AttackRecord
from attacks.shapes import Run
from attacks.words import gettext_noop
from inference.catalog import preparations
from inference.catalog.class_names import dataset_of
from inference.catalog.messages import ClassName
from inference.catalog.results import (
    Answer,
    AttackResult,
    Control,
    Cost,
    PointResult,
    PredictResult,
    Saved,
    Truth,
    state_of,
)
from inference.experiment.distances import any_colour, flat_from, float_distances, within
from inference.experiment.judging import Judged, judge, save_and_judge, square
from inference.experiment.noise import Goal, Noise, beside, control_of, drawn_for, random_signs
from inference.experiment.opened import opened, opened_sign
from inference.experiment.repair import Repaired
from inference.experiment.saving import floats_of, save, sign_of
from inference.experiment.stages import OnStep, Stages
from inference.experiment.sweep import Step, scored, top_classes
from inference.experiment.trace import Recorder
from inference.images import pixels
from inference.networks.classifier import Classifier
from inference.networks.threads import both, one_thread


@dataclass(frozen=True)
class Attacked:
    """What an attack came to, and its pictures."""

    result: AttackResult
    png: bytes  # the attacked picture
    sign_png: bytes | None  # a ray's: RGB, as large as the picture: 128 + 127 * s; 128 outside the seen square
    change_png: bytes | None  # of others: RGB, mid-grey where nothing changed, magnified as far as the levels allow
    trace_jpeg: bytes | None  # of those of many steps: the sheet of previews, as `Recorder.finish` makes it
    original: np.ndarray  # float32, (classes,): probabilities of the picture as it was
    probabilities: np.ndarray  # likewise, of the saved picture


@dataclass(frozen=True)
class Point:
    """The attacked picture at one value of its sweep."""

    result: PointResult
    png: bytes


def limits_of(classifier: Classifier) -> Limits:
    """What bounds the options of an attack on it."""
    return preparations.limits_of(classifier.card, classifier.levels)


@one_thread()
def predict(classifier: Classifier, png: bytes, *, truth: str | None = None) -> PredictResult:
    """The ten likeliest classes of a picture; `truth` is what it shows, where that is known."""
    labels = classifier.labels
    return PredictResult(top_classes(labels, judge(classifier, opened(png))), _truth(labels, truth), len(labels))


@one_thread()
def attack(
    classifier: Classifier,
    png: bytes,
    slug: str,
    options: Mapping[str, Any],
    *,
    truth: str | None = None,
    on_step: OnStep | None = None,
    recorder: Recorder | None = None,
    ray: Run | None = None,
) -> Attacked:
    """Run one attack. It leaves the class the network itself names, or goes for `options["target"]`.

    truth: the class that the picture shows, where known, told beside the result. recorder: watches an attack of many
    steps. ray: what a ray came to, where it was run already (`inference.experiment.together`).
    An OptionError, with a sentence, if the options are wrong or the target is what the network says already.
    """
    record, chosen = find(slug), validate(slug, options, limits_of(classifier))
    step, recorder = Stages(on_step), recorder or Recorder()
    step.attacking(0, 1)
    original = opened(png)

    def ran() -> tuple[Run, np.ndarray]:
        if ray is None:
            return _run(classifier, original, record, chosen, on_step=step.attacking, recorder=recorder)
        return ray, _judged_by(classifier, ray, chosen.get("target"))

    (made, before), noise = both(ran, lambda: _noise(classifier, original, record, chosen), classifier.device)

    step.after(1, gettext_noop("Saving the attacked picture and reading it back"))
    sign = sign_of(classifier, original, made)
    goal = Goal(int(before.argmax()), chosen.get("target"), max(made.forwards, made.gradients))
    (saved, mended), sign_png = both(
        lambda: save(classifier, original, made, sign, record, chosen, goal=goal, step=step),
        lambda: None if sign is None else pixels.write_sign(sign),
        classifier.device,
    )

    trying = partial(step.after, 2, gettext_noop("Trying random changes as large"))
    trying()
    if noise:
        control: Control | None = beside(saved, noise, classifier.labels)
    else:
        control = control_of(classifier, original, saved, record, chosen, goal, on_step=trying)

    step.after(3, gettext_noop("Measuring the change"))
    verified = _kept(original, saved, record, record.budget_of(chosen))
    trace, sheet = recorder.finish()
    result = AttackResult(
        original=Answer(top_classes(classifier.labels, before)),
        truth=_truth(classifier.labels, truth),
        known=len(classifier.labels),
        adversarial=_saved(classifier, saved),
        control=control,
        **_outcome(classifier, before, saved.probabilities, chosen.get("target"), verified=verified),
        **_change(classifier, original, saved, sign, made),
        cost=_cost(made, mended, step.seconds()),
        trace=trace,
    )
    change = pixels.write_change(original, saved.pixels) if sign is None else None
    return Attacked(result, saved.png, sign_png, change, sheet, before, saved.probabilities)


def _noise(
    classifier: Classifier, original: np.ndarray, record: AttackRecord, options: Mapping[str, Any]
) -> Noise | None:
    """A control that need not wait for the attack: random signs as large."""
    k = record.budget_of(options)
    return random_signs(classifier, original, int(k), options["seed"]) if k and record.control == "signs" else None


def _change(
    classifier: Classifier, original: np.ndarray, saved: Judged, sign: np.ndarray | None, made: Run
) -> dict[str, Any]:
    """What of a result is measured on pictures, as the network sees them: its fields by name."""
    seen = square(classifier, original)
    return {
        "zero_gradient_share": None if sign is None else _still_share(square(classifier, sign)),
        "flat_from": flat_from(seen),
        "distances": saved.distances,
        "float_distances": None if sign is not None else float_distances(seen, floats_of(made)),
    }


@one_thread()
def judge_point(classifier: Classifier, png: bytes, sign_png: bytes, slug: str, value: float) -> Point:
    """A ray's picture at one value of its budget as a file, and the verdict on that file; 0 is the picture itself."""
    record = find(slug)
    k = record.swept_value(value, limits_of(classifier))
    original, sign = _opened(png, sign_png)
    saved = save_and_judge(classifier, original, pixels.step(original, sign, k))
    answer = _saved(classifier, saved)
    result = PointResult(
        top=answer.top,
        sha256=answer.sha256,
        verified=_kept(original, saved, record, k),
        distances=saved.distances,
    )
    return Point(result, saved.png)


@one_thread()
def judge_steps(
    classifier: Classifier, png: bytes, sign_png: bytes, steps: Sequence[Step], *, seed: int
) -> dict[Step, np.ndarray]:
    """Probabilities, float32 (classes,), of some pictures of a ray's sweep, the attack's and the control's alike."""
    original, sign = _opened(png, sign_png)
    seen, signs = square(classifier, original), square(classifier, sign)
    noise = square(classifier, drawn_for(classifier, original, "signs", seed))
    moves = [(step.value, noise if step.control else signs) for step in steps]
    return dict(zip(steps, classifier.probabilities_moved(seen, moves), strict=True))


def _run(
    classifier: Classifier,
    original: np.ndarray,
    record: AttackRecord,
    options: Mapping[str, Any],
    *,
    on_step: Callable[[int, int], None],
    recorder: Recorder,
) -> tuple[Run, np.ndarray]:
    """The attack on the square that the network sees, and the original's probabilities."""
    seen, target = classifier.to_pixels(square(classifier, original)[None]), options.get("target")
    record.refuse_picture(seen.numel())
    before = None if record.path == "ray" else judge(classifier, original)
    _refuse_reached(classifier, before, target)
    if before is not None:
        largest = record.budget_of(options) if record.norm == "linf" else None
        magnification = pixels.magnification(largest or classifier.levels // 4)  # none is known: a moderate one
        recorder.begin(seen, before, classifier.labels, target=target, magnification=magnification)
    made = run(
        record.slug,
        classifier,
        seen,
        None if before is None else torch.tensor([before.argmax()], device=seen.device),
        options,
        target=None if target is None else torch.tensor([target], device=seen.device),
        generator=torch.Generator().manual_seed(options.get("seed") or 0),
        on_step=on_step,
        watch=recorder,
    )
    return made, _judged_by(classifier, made, target) if before is None else before


def _judged_by(classifier: Classifier, made: Run, target: int | None) -> np.ndarray:
    """The original's probabilities, of the pass that found where a ray goes."""
    assert made.direction is not None  # noqa: S101 - asked of rays alone; this narrows the type
    before: np.ndarray = made.direction.logits.softmax(dim=1)[0].cpu().numpy()
    _refuse_reached(classifier, before, target)
    return before


def _refuse_reached(classifier: Classifier, before: np.ndarray | None, target: int | None) -> None:
    if before is not None and target is not None and int(before.argmax()) == target:
        template = gettext_noop("The network already says %(label)s. Choose another target.")
        said = ClassName(dataset_of(classifier.card), target, classifier.labels[target])
        raise OptionError("target", template, label=said)


def _still_share(sign: np.ndarray) -> float:
    """Of the pixels that no colour of which is moved."""
    moved = np.count_nonzero(any_colour(sign))
    return (sign.shape[0] * sign.shape[1] - moved) / (sign.shape[0] * sign.shape[1])


def _cost(made: Run, mended: Repaired | None, seconds: float) -> Cost:
    forwards, gradients = (mended.forwards, mended.gradients) if mended else (0, 0)
    return Cost(made.forwards + forwards, made.gradients + gradients, seconds)


def _kept(original: np.ndarray, saved: Judged, record: AttackRecord, budget: Any) -> bool:
    """Whether the file holds what was made, within the budget."""
    return saved.unchanged and within(record.norm, budget, original, saved.pixels)


def _saved(classifier: Classifier, saved: Judged) -> Saved:
    return Saved(top_classes(classifier.labels, saved.probabilities), hashlib.sha256(saved.png).hexdigest())


def _outcome(
    classifier: Classifier, before: np.ndarray, after: np.ndarray, target: int | None, *, verified: bool
) -> dict[str, Any]:
    """What was to be left or reached, and whether the saved picture does."""
    label_from, named = int(before.argmax()), int(after.argmax())
    fooled, reached = named != label_from, None if target is None else named == target
    return {
        "label_from": scored(classifier.labels, before, label_from),
        "target": None if target is None else scored(classifier.labels, after, target),
        "state": state_of(fooled=fooled, reached=reached, verified=verified),
        "fooled": fooled,
        "reached": reached,
        "verified": verified,
    }


def _opened(png: bytes, sign_png: bytes) -> tuple[np.ndarray, np.ndarray]:
    original = opened(png)
    return original, opened_sign(sign_png, original.shape)


def _truth(labels: Sequence[str], label: str | None) -> Truth | None:
    return None if label is None else Truth(label, labels.index(label) if label in labels else None)
