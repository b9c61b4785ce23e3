"""Jobs brought to their end without a network: the real life cycle, rows and files, with numbers made up here."""

import io
import random

from django.test import TestCase
from PIL import Image

from inference.catalog.results import (
    Answer,
    AttackResult,
    Class,
    Control,
    Cost,
    Distances,
    PointControl,
    PointResult,
    PredictResult,
    Saved,
    Scored,
    SweepPoint,
    SweepResult,
)
from webapp.jobs import attempts
from webapp.jobs.models import Job
from webapp.lab import saving
from webapp.lab.models import Attack, Draws, Point, Prediction, Sweep
from webapp.promotion.models import Promotion
from webapp.registry.services import make_live

_random = random.Random(7)


def png(width: int = 40, height: int = 30) -> bytes:
    """A small picture, none like another."""
    file = io.BytesIO()
    Image.frombytes("RGB", (width, height), _random.randbytes(3 * width * height)).save(file, "PNG")
    return file.getvalue()


def scored(index: int, probability: float = 0.5) -> Scored:
    return Scored(index, f"class {index}", probability)


TOP = [scored(index, 0.5 / (index + 1)) for index in range(10)]
DISTANCES = Distances(
    linf_levels=2, l2=1.5, rms_levels=7.4, ssim=0.99, changed_pixels=890, attacked_pixels=900, attacked_values=2700
)
ATTACKED = AttackResult(
    original=Answer(TOP),
    truth=None,
    known=1000,
    adversarial=Saved([scored(1, 0.6), *TOP[2:], scored(0, 0.1)], "0" * 64),
    control=Control(TOP, "signs", l2=1.6, reach=0.8),
    label_from=scored(0),
    target=None,
    state="success",
    fooled=True,
    reached=None,
    verified=True,
    zero_gradient_share=0.01,
    flat_from=127,
    distances=DISTANCES,
    float_distances=None,
    cost=Cost(forwards=1, gradients=1, seconds=0.05),
    trace=None,
)
SWEPT = SweepResult(
    option="epsilon",
    unit="/255",
    values=list(range(33)),
    classes=[Class(index, f"class {index}") for index in (0, 1)],
    new=Class(1, "class 1"),
    breaks_at=1,
    reached_at=None,
    points=[
        SweepPoint(value, scored(1 if value else 0), [0.5, 0.2], PointControl(scored(0), 0.5)) for value in range(33)
    ],
)


def finish(job_id: object) -> Job:
    """Claim a job as a worker does, write its result and end it as done."""
    job = attempts.claim(str(job_id))
    assert job, "it does not wait"
    row = job.result()
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert attempts.finish(job, save=lambda: SAVES[type(row)](row))
    return Job.objects.get(pk=job.pk)


def _attack(row: Attack) -> None:
    columns = saving.write({"adversarial_file": png(), "sign_file": png()}, [])
    saving.save_attack(row, ATTACKED, columns)


def _point(row: Point) -> None:
    columns = saving.write({"image_file": png()}, [])
    saving.save_point(row, PointResult(TOP, "0" * 64, verified=True, distances=DISTANCES), columns)


def _promotion(row: Promotion) -> None:
    make_live(row.version, by=row.asked_by)


SAVES = {
    Promotion: _promotion,
    Prediction: lambda row: saving.save_prediction(row, PredictResult(TOP, truth=None, known=1000)),
    Attack: _attack,
    Sweep: lambda row: saving.save_sweep(row, SWEPT),
    Point: _point,
    Draws: lambda row: saving.save_draws(row, [0] * 17 + [1] * 3),
}
