"""What a train worker does, as kinds of jobs."""

from django.utils.translation import gettext_noop as _

from webapp.core.queues import TRAIN
from webapp.jobs.kinds import JobKind

LIMIT = "TRAIN_SECONDS"

KINDS = (
    JobKind(
        "dataset",
        TRAIN,
        work="webapp.training.work.prepare",
        model="training.Preparation",
        serializer="webapp.training.serializers.preparation",
        limit=LIMIT,
        name=_("preparation"),
    ),
    JobKind(
        "train",
        TRAIN,
        work="webapp.training.work.train",
        model="training.TrainingRun",
        serializer="webapp.training.serializers.run",
        partial=True,
        limit=LIMIT,
        hands_over=True,
        resumable=True,
        name=_("training"),
        lost=_(
            "The worker stopped %(attempts)s times without reaching another checkpoint, so the training was given up. "
            "Its memory may be too small: try a smaller batch or network, or resume it on another machine."
        ),
    ),
    JobKind(
        "masking",
        TRAIN,
        work="webapp.training.work.check_masking",
        model="training.Masking",
        serializer="webapp.training.serializers.masking",
        limit=LIMIT,
        hands_over=True,
        name=_("checks for masked gradients"),
        lost=_(
            "The worker stopped %(attempts)s times during these checks, so they were given up. "
            "Its memory may be too small: order them again, or on another machine."
        ),
    ),
)
