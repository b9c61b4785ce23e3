"""Where a training is, in a sentence and a note below it: words for every state, the figures in their roles."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from inference.catalog.comparison import Measured, outcomes
from inference.catalog.conditions_words import worded
from inference.catalog.networks import NETWORKS
from inference.catalog.protocols import worst_of
from webapp.core.shown import shown
from webapp.core.words import clauses, counted, percents
from webapp.jobs.models import Status
from webapp.lab.sentence import Part, split
from webapp.training.models import TrainingRun

Json = Mapping[str, Any]
Worded = tuple[str, dict[str, Part]]  # a template, and the words for its places

ENOUGH = 0.2  # of the first epoch: its first steps are slower
RECENT = 3  # epochs that tell how long the others will take


def sentence(row: TrainingRun, epochs: Sequence[Json]) -> list[Part]:
    """What is happening, or what came of it; the role of a part is "before" for clean figures, "after" for attacked."""
    return split(*STATES[Status(row.job.status)](row, epochs))


def note(row: TrainingRun, epochs: Sequence[Json]) -> str:
    """How much longer it takes; once it has ended, what it took and which epoch is kept."""
    if row.job.status == Status.RUNNING:
        seconds = None if row.stop_requested else seconds_left(row, epochs)
        left = [gettext("%(time)s left") % {"time": about(seconds)}] if seconds else []
        return " · ".join([*left, *_conditions(row)])
    if not epochs:
        return ""
    took = about(sum(epoch["seconds"] for epoch in epochs))
    words = {"count": len(epochs), "time": took, "best": best_of(epochs)}
    parts = [ngettext("%(count)s epoch, %(time)s", "%(count)s epochs, %(time)s", len(epochs)) % words]
    if row.stopped_early:
        parts.append(gettext("stopped early"))
    if row.version:
        parts.append(gettext("epoch %(best)s was the best and is kept") % words)
    return " · ".join([*parts, *_conditions(row)])


def _conditions(row: TrainingRun) -> list[str]:
    """That the weights are not those of a training that was never interrupted, if so."""
    if not row.conditions:
        return []
    words = {"changes": clauses(worded(change, gettext) for change in row.conditions)}
    return [
        gettext("went on under other conditions (%(changes)s): its weights are other bits than without that") % words
    ]


def seconds_left(row: TrainingRun, epochs: Sequence[Json]) -> float | None:
    """From what the last epochs took, or from the pace of the first one; None while too little is known of it."""
    job, of = row.job, row.config["epochs"]
    seen = job.done / max(1, job.total)
    if epochs:
        recent = [epoch["seconds"] for epoch in epochs[-RECENT:]]
        return max(0.0, 1 - seen) * of * sum(recent) / len(recent)
    if seen * of < ENOUGH or job.started is None:
        return None
    return (timezone.now() - job.started).total_seconds() * (job.total - job.done) / job.done


def about(seconds: float) -> str:
    """A length of time as people say it."""
    if seconds < 90:
        return gettext("%(count)s s") % {"count": max(1, round(seconds))}
    if seconds < 5400:
        return gettext("%(count)s min") % {"count": round(seconds / 60)}
    return gettext("%(count)s h") % {"count": f"{seconds / 3600:.1f}"}


def share(value: float, digits: int = 2) -> str:
    """A counted share in per cent; nothing and everything are said plainly."""
    if value in (0, 1):
        return percents(f"{value * 100:.0f}")
    return percents(f"{value * 100:.{digits}f}")


def best_of(epochs: Sequence[Json]) -> int | None:
    """The number of the epoch that is kept."""
    return max((epoch["number"] for epoch in epochs if epoch["best"]), default=None)


def same_pictures(test: Json, attacked: Json) -> Json:
    """The clean figure on the pictures that were attacked; on all, where a card does not tell which were right."""
    each = outcomes(test)[: attacked["of"]]
    return Measured.of_each(each).as_json() if each else test


# --- One function for each state ----------------------------------------------------------------------------------


def _queued(row: TrainingRun, epochs: Sequence[Json]) -> Worded:
    before = (row.job.position() or 1) - 1
    if not before and epochs:
        words: dict[str, Part] = {"done": (str(len(epochs)), "")}
        return gettext("Next in line: the training goes on after epoch %(done)s as soon as a worker is free."), words
    if not before:
        return gettext("Next in line: the training begins as soon as a worker is free."), {}
    template = ngettext(
        "Waiting: %(count)s piece of work comes before this training.",
        "Waiting: %(count)s pieces of work come before this training.",
        before,
    )
    return template, {"count": (str(before), "")}


def _running(row: TrainingRun, epochs: Sequence[Json]) -> Worded:
    of = row.config["epochs"]
    if row.job.cancel_requested:
        return gettext("Being cancelled…"), {}
    if row.stop_requested and epochs:
        return gettext("Stopping early: the best epoch so far is tested and kept."), {}
    if row.job.text or len(epochs) >= of:
        return gettext("The best epoch is being tested, on pictures that it has never seen."), {}
    words: dict[str, Part] = {"number": (str(len(epochs) + 1), ""), "of": (str(of), "")}
    if not epochs:
        words["network"] = (shown(NETWORKS[row.network].name), "")
        return gettext("Epoch %(number)s of %(of)s: %(network)s sees these pictures for the first time."), words
    last = epochs[-1]
    words["wrong"] = (share(last["validation_error"], 1), "before")
    if last["pgd_accuracy"] is None:
        return gettext("Epoch %(number)s of %(of)s: %(wrong)s of the validation pictures are wrong."), words
    words["attacked"] = (share(1 - last["pgd_accuracy"], 1), "after")
    return gettext(
        "Epoch %(number)s of %(of)s: %(wrong)s of the validation pictures are wrong; of those that are attacked too, "
        "%(attacked)s."
    ), words


def _done(row: TrainingRun, epochs: Sequence[Json]) -> Worded:
    words: dict[str, Part] = {"network": (shown(NETWORKS[row.network].name), "")}
    test = row.version.card.get("test") if row.version else None
    if not test:
        return gettext("The training is over; the version that it made was deleted."), {}
    attacked = worst_of(test)
    clean = same_pictures(test, attacked)
    words["right"] = (share(clean["accuracy"]), "before")
    words["of"] = (counted(clean["of"]), "")
    words["attacked"] = (share(attacked["accuracy"], 1), "after")
    words["eps"] = (f"{attacked['protocol']['epsilon']}/255", "")
    words["count"] = (counted(attacked["of"]), "")
    return _right_on(clean["of"], of=test["of"], attacked=attacked["of"]), words


def _right_on(clean: int, *, of: int, attacked: int) -> str:
    """The template for figures of so many pictures, of all there are; an old card may not tell which were right."""
    if clean != attacked:
        return gettext(
            "%(network)s is right on %(right)s of the %(of)s test pictures; of the first %(count)s, attacked with PGD "
            "at %(eps)s, on at most %(attacked)s."
        )
    if clean < of:
        return gettext(
            "%(network)s is right on %(right)s of the first %(of)s test pictures; when they are attacked with PGD at "
            "%(eps)s, on at most %(attacked)s."
        )
    return gettext(
        "%(network)s is right on %(right)s of the %(of)s test pictures; when they are attacked with PGD at %(eps)s, on "
        "at most %(attacked)s."
    )


def _failed(row: TrainingRun, epochs: Sequence[Json]) -> Worded:
    return gettext("The training failed. %(why)s"), {"why": (row.job.why(), "")}


def _cancelled(row: TrainingRun, epochs: Sequence[Json]) -> Worded:
    if not epochs:
        return gettext("Cancelled before the first epoch had ended."), {}
    words: dict[str, Part] = {"done": (str(len(epochs)), ""), "of": (str(row.config["epochs"]), "")}
    if not row.goes_on:
        return gettext("Cancelled after %(done)s of %(of)s epochs, too long ago to go on from there."), words
    return gettext("Cancelled after %(done)s of %(of)s epochs. It can go on from there."), words


STATES = {
    Status.QUEUED: _queued,
    Status.RUNNING: _running,
    Status.DONE: _done,
    Status.FAILED: _failed,
    Status.CANCELLED: _cancelled,
}
