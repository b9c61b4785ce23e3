"""Served from the queue of trainings, whose worker starts without a network and so within a second or two."""

from webapp.core.queues import TRAIN
from webapp.jobs.kinds import JobKind

LIMITS = {"hang": "HANG_SECONDS"}
KINDS = tuple(
    JobKind(
        slug,
        TRAIN,
        f"tests.support.misbehaving.work.{slug}",
        "lab.Prediction",
        "webapp.lab.serializers.prediction",
        limit=LIMITS.get(slug, "JOB_SECONDS"),
    )
    for slug in ("crash", "hang", "note", "slow", "bug")
)
