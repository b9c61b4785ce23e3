"""Predictions and one-step attacks beside each other. Workers only.

Each is computed in a thread of its own; on a GPU their gradients are asked for in batches before. A picture comes to
the same as without company, on a CPU to the bit.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

from django.conf import settings

from attacks.catalog import ATTACKS as RECORDS
from attacks.record import one_step
from inference import experiment
from inference.networks.device import choose_device
from inference.networks.threads import threads, threads_apart
from webapp.jobs.company import Company, Work
from webapp.jobs.models import Job, JobQuerySet
from webapp.jobs.run import Run
from webapp.lab import work
from webapp.lab.models import Attack, Prediction

SAVED = 2  # while as many are computed as a CPU has threads
GPU_AT_ONCE = 16
ONE_STEP = tuple(slug for slug, record in RECORDS.items() if record.path == "ray" and record.passes is one_step)


def most(_job: Job) -> int:
    """As the site's owner says, or as many as the device likes best."""
    return settings.JOBS_AT_ONCE or _liked()


@cache
def _liked() -> int:
    """One where nothing is computed beside anything: on a CPU with one thread, and on MPS, which takes no two."""
    device = choose_device().type
    if device == "cuda":
        return GPU_AT_ONCE
    return threads() + SAVED if device == "cpu" and threads() > 1 else 1


def all_that_wait(_job: Job, waiting: JobQuerySet) -> JobQuerySet:
    return waiting


def of_one_step(job: Job, waiting: JobQuerySet) -> JobQuerySet:
    """Of the same attack; whoever takes many steps would hold up the others, and may take turns."""
    slug = Attack.objects.filter(pk=job.pk).values_list("attack", flat=True).first()
    return waiting.filter(attack__attack=slug) if slug in ONE_STEP else waiting.none()


def begin_prediction(run: Run) -> Work:
    row = work.row_of(Prediction, run, "picture")
    with work.failures_worded():
        compute = work.prediction_of(run, row)

    def save(found: Callable[[], Any]) -> None:
        with work.failures_worded():
            work.save_prediction(run, row, found())

    return Work(lambda on_step: compute(), save)


def begin_attack(run: Run) -> Work:
    row = work.row_of(Attack, run, "picture")
    with work.failures_worded():
        asked = work.asked_of(run, row)

    def save(found: Callable[[], Any]) -> None:
        with work.failures_worded():
            work.save_attack(run, row, found())

    return Work(partial(experiment.attack, *asked, truth=work.truth_of(row.picture)), save, asked)


def gradients(works: Sequence[Work]) -> list[Work]:
    """In batches, where that is quicker; what is left of each attack after that."""
    classifier, _png, slug, _params = works[0].asked
    if classifier.device.type == "cpu":
        return list(works)
    asked = [experiment.Asked(png, params) for _classifier, png, _slug, params in (one.asked for one in works)]
    made = experiment.directions(classifier, slug, asked)
    return [replace(one, compute=partial(one.compute, ray=found)) for one, found in zip(works, made, strict=True)]


PREDICTIONS = Company(most, all_that_wait, begin_prediction, threads_apart)
ATTACKS = Company(most, of_one_step, begin_attack, threads_apart, gradients)
