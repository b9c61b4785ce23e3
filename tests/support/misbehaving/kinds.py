"""Most are served from the queue of trainings, whose worker starts without a network and so within a second or two."""

from webapp.core.queues import STUDY, TRAIN
from webapp.jobs.kinds import JobKind

LIMITS = {"hang": "HANG_SECONDS"}
STUDIES = ("study", "wedge")
KINDS = tuple(
    JobKind(
        slug,
        STUDY if slug in STUDIES else TRAIN,
        f"tests.support.misbehaving.work.{slug}",
        "lab.Prediction",
        "webapp.lab.serializers.prediction",
        limit="STUDY_SECONDS" if slug in STUDIES else LIMITS.get(slug, "JOB_SECONDS"),
        expects="tests.support.misbehaving.work.expected" if slug in STUDIES else "",
    )
    for slug in ("crash", "hang", "note", "slow", "bug", *STUDIES)
)
