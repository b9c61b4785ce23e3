"""Jobs brought to their end without a network: the real life cycle, rows and files, with numbers made up here."""

import hashlib
import io
import random
from typing import Any

from django.test import TestCase
from PIL import Image

from webapp.core import files
from webapp.jobs import services
from webapp.jobs.models import Job
from webapp.lab.models import Attack, Draws, Ladder, Level, Prediction
from webapp.promotion.models import Promotion
from webapp.registry.services import make_live

_random = random.Random(7)


def png(width: int = 40, height: int = 30) -> bytes:
    """A small picture, none like another."""
    file = io.BytesIO()
    Image.frombytes("RGB", (width, height), _random.randbytes(3 * width * height)).save(file, "PNG")
    return file.getvalue()


def scored(index: int, probability: float = 0.5) -> dict[str, Any]:
    return {"index": index, "label": f"class {index}", "probability": probability}


TOP = [scored(index, 0.5 / (index + 1)) for index in range(10)]
RUNG = {"top": scored(1), "probabilities": [0.5, 0.2], "control": {"top": scored(0), "p_original": 0.5}}
LADDER = {
    "classes": [{"index": index, "label": f"class {index}"} for index in (0, 1)],
    "new": {"index": 1, "label": "class 1"},
    "breaks_at": 1,
    "reached_at": None,
    "rungs": [{"k": k, **RUNG} for k in range(33)],
}


def finish(job_id: object) -> Job:
    """Claim a job as a worker does, write its result and end it as done."""
    job = services.claim(str(job_id))
    assert job, "it does not wait"
    row = job.result()
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert services.finish(job, save=lambda: SAVES[type(row)](row))
    return Job.objects.get(pk=job.pk)


def _save(row: Any, **columns: Any) -> None:
    type(row).objects.filter(pk=row.pk).update(**columns)


def _prediction(row: Prediction) -> None:
    _save(row, top=TOP)


def _attack(row: Attack) -> None:
    content = png()
    _save(
        row,
        original_top=TOP,
        adversarial_top=[scored(1, 0.6), *TOP[2:], scored(0, 0.1)],
        control_top=TOP,
        label_from=scored(0),
        adversarial_file=files.write("results", content),
        adversarial_sha256=hashlib.sha256(content).hexdigest(),
        sign_file=files.write("results", png()),
        bytes=2 * len(content),
        fooled=True,
        verified=True,
        zero_gradient=False,
        linf_levels=row.params["epsilon"],
        l2=1.5,
        ssim=0.99,
        changed_pixels=890,
        attacked_pixels=900,
        attacked_values=2700,
        zero_gradient_pixels=9,
        flat_from=127,
        control_l2=1.6,
        control_reach=0.8,
        seconds=0.05,
    )
    ladder = services.create_job(kind="ladder", visitor=row.job.visitor, version=row.job.version, total=33)
    Ladder.objects.create(job=ladder, attack=row)


def _ladder(row: Ladder) -> None:
    _save(row, result=LADDER)


def _level(row: Level) -> None:
    content = png()
    digest = hashlib.sha256(content).hexdigest()
    name = files.write("results", content)
    _save(row, image_file=name, sha256=digest, bytes=len(content), top=TOP, verified=True, linf_levels=row.k)


def _draws(row: Draws) -> None:
    _save(row, said=[0] * 17 + [1] * 3)


def _promotion(row: Promotion) -> None:
    make_live(row.version, by=row.asked_by)


SAVES = {Promotion: _promotion, Prediction: _prediction, Attack: _attack, Ladder: _ladder, Level: _level, Draws: _draws}
