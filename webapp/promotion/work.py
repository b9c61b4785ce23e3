"""What a worker does before a version answers visitors. Only workers import this."""

from functools import partial

from django.utils.translation import gettext_noop as _

from webapp.jobs import failures
from webapp.jobs.run import Run
from webapp.lab.samples import ensure_samples
from webapp.promotion.models import Promotion
from webapp.registry.loading import try_version
from webapp.registry.services import make_live

DISK_FULL = _("This site's disk is full. The live version is untouched; free some space and promote it again.")
failures_worded = partial(failures.failures_worded, disk_full=DISK_FULL)


def promote(run: Run) -> None:
    """Load the version as a worker would, ask it something, and only then let it answer visitors."""
    row = Promotion.objects.select_related("version__classifier").get(pk=run.job.pk)
    with failures_worded():
        try_version(row.version)
        run.finish(lambda: make_live(row.version, by=row.asked_by))
        ensure_samples()  # visitors find them broken with the network that answers now
