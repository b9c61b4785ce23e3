"""Promotion as a kind of job: by a worker that serves visitors, for it is one of those that must be able to."""

from django.utils.translation import gettext_noop as _

from webapp.core.queues import INTERACTIVE
from webapp.jobs.kinds import JobKind

KINDS = (
    JobKind(
        "promote",
        INTERACTIVE,
        work="webapp.promotion.work.promote",
        model="promotion.Promotion",
        serializer="webapp.promotion.serializers.promotion",
        name=_("promotion"),
    ),
)
