"""The course's kinds of jobs: what is over in a moment, and what takes turns."""

from django.utils.translation import gettext_noop as _

from webapp.core.queues import INTERACTIVE, STUDY
from webapp.jobs.kinds import JobKind

MODEL, SERIALIZER, EXPECTS = (
    "learn.Computation",
    "webapp.learn.serializers.computation",
    "webapp.learn.services.expected_seconds",
)

KINDS = (
    JobKind(
        "computation",
        INTERACTIVE,
        "webapp.learn.work.compute",
        MODEL,
        SERIALIZER,
        expects=EXPECTS,
        joined=True,
        name=_("a lesson’s computation"),
    ),
    JobKind(
        "long-computation",
        STUDY,
        "webapp.learn.work.compute_in_turns",
        MODEL,
        SERIALIZER,
        expects=EXPECTS,
        joined=True,
        name=_("a lesson’s long computation"),
    ),
)
