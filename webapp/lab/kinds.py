"""The lab's kinds of jobs."""

from webapp.core.queues import INTERACTIVE, LADDER
from webapp.jobs.kinds import JobKind

PATIENCE = "LADDER_PATIENCE_SECONDS"

KINDS = (
    JobKind("predict", INTERACTIVE, "webapp.lab.work.predict", "lab.Prediction", "webapp.lab.serializers.prediction"),
    JobKind("attack", INTERACTIVE, "webapp.lab.work.attack", "lab.Attack", "webapp.lab.serializers.attack"),
    JobKind("level", INTERACTIVE, "webapp.lab.work.level", "lab.Level", "webapp.lab.serializers.level"),
    JobKind(
        *("ladder", LADDER, "webapp.lab.work.ladder", "lab.Ladder", "webapp.lab.serializers.ladder"), patience=PATIENCE
    ),
    JobKind("draws", LADDER, "webapp.lab.work.draws", "lab.Draws", "webapp.lab.serializers.draws", patience=PATIENCE),
)
