"""The lab's kinds of jobs."""

from webapp.core.queues import INTERACTIVE, STUDY, SWEEP
from webapp.jobs.kinds import JobKind

PATIENCE = "SWEEP_PATIENCE_SECONDS"

KINDS = (
    JobKind("predict", INTERACTIVE, "webapp.lab.work.predict", "lab.Prediction", "webapp.lab.serializers.prediction"),
    JobKind(
        "attack",
        INTERACTIVE,
        "webapp.lab.work.attack",
        "lab.Attack",
        "webapp.lab.serializers.attack",
        long=STUDY,
        expects="webapp.lab.forecast.attack_seconds",
    ),
    JobKind("point", INTERACTIVE, "webapp.lab.work.point", "lab.Point", "webapp.lab.serializers.point"),
    JobKind("sweep", SWEEP, "webapp.lab.work.sweep", "lab.Sweep", "webapp.lab.serializers.sweep", patience=PATIENCE),
    JobKind(
        "search",
        STUDY,
        "webapp.lab.searching.search",
        "lab.Sweep",
        "webapp.lab.serializers.sweep",
        expects="webapp.lab.services.search_seconds",
    ),
    JobKind("draws", SWEEP, "webapp.lab.work.draws", "lab.Draws", "webapp.lab.serializers.draws", patience=PATIENCE),
)
