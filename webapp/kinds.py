"""The shape of settings.JOB_KINDS: everything the site must know of one kind of long work."""

from typing import NamedTuple


class JobKind(NamedTuple):
    """Dotted names, so that neither the settings nor the web process import what only workers need."""

    queue: str
    work: str  # the function that does it: webapp.jobs.run.Run -> None
    model: str  # "app.Model", one-to-one with the job: what was asked, and the result
    told: str  # the result as JSON: (row, share token or None) -> dict
    told_early: bool = False  # whether there is something to tell before it is done
