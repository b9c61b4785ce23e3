"""The lab's kinds of jobs."""

from django.utils.translation import gettext_noop as _

from webapp.core.queues import INTERACTIVE, STUDY, SWEEP
from webapp.jobs.kinds import JobKind

PATIENCE = "SWEEP_PATIENCE_SECONDS"

KINDS = (
    JobKind(
        "predict",
        INTERACTIVE,
        "webapp.lab.work.predict",
        "lab.Prediction",
        "webapp.lab.serializers.prediction",
        company="webapp.lab.company.PREDICTIONS",
        name=_("first look"),
    ),
    JobKind(
        "attack",
        INTERACTIVE,
        "webapp.lab.work.attack",
        "lab.Attack",
        "webapp.lab.serializers.attack",
        long=STUDY,
        expects="webapp.lab.forecast.attack_seconds",
        company="webapp.lab.company.ATTACKS",
        name=_("attack"),
    ),
    JobKind(
        "point",
        INTERACTIVE,
        "webapp.lab.work.point",
        "lab.Point",
        "webapp.lab.serializers.point",
        name=_("saved level"),
    ),
    JobKind(
        "sweep",
        SWEEP,
        "webapp.lab.work.sweep",
        "lab.Sweep",
        "webapp.lab.serializers.sweep",
        patience=PATIENCE,
        name=_("sweep"),
    ),
    JobKind(
        "search",
        STUDY,
        "webapp.lab.searching.search",
        "lab.Sweep",
        "webapp.lab.serializers.sweep",
        expects="webapp.lab.services.search_seconds",
        name=_("search for the smallest"),
    ),
    JobKind(
        "draws",
        SWEEP,
        "webapp.lab.work.draws",
        "lab.Draws",
        "webapp.lab.serializers.draws",
        patience=PATIENCE,
        name=_("draws of noise"),
    ),
)
