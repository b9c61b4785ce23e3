"""The checks for masked gradients of a version: ordered, told, and asked about before it is promoted."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from inference.catalog.masking_checks import SENTENCES, TITLES, remarks_on
from webapp.core.errors import Refusal
from webapp.core.words import clauses, run_on
from webapp.jobs import services as jobs
from webapp.jobs.models import Job, Status
from webapp.registry.models import ModelVersion
from webapp.training.models import Dataset, Masking

Json = Mapping[str, Any]


def order_checks(version: ModelVersion, *, full: bool = False) -> Job:
    """Queue the checks, in the caller's transaction; those that wait or are done already are not ordered again."""
    last = last_checks(version)
    if last and (not last.job.ended or (last.job.status == Status.DONE and not full)):
        return last.job
    job = jobs.create_job(kind="masking", visitor=None, version=version, total=len(TITLES) - 1)
    Masking.objects.create(job=job, version=version, full=full)
    return job


def cancel_checks(version: ModelVersion) -> None:
    """Stop the checks that wait or run; 409 if none do."""
    last = last_checks(version)
    if last is None or last.job.ended:
        raise Refusal(409, "ended", gettext("No checks of this version are waiting or running."))
    jobs.cancel(last.job)


def last_checks(version: ModelVersion) -> Masking | None:
    """The newest checks of a version, whatever became of them."""
    return version.maskings.select_related("job").order_by("-job__created").first()


def found_of(version: ModelVersion) -> Json | None:
    """What the newest checks found that came to an end."""
    done = version.maskings.filter(job__status=Status.DONE, found__isnull=False).order_by("-job__created").first()
    return done.found if done else None


def keep_found(row: Masking, found: Json) -> None:
    Masking.objects.filter(pk=row.pk).update(found=found)


def doubt(version: ModelVersion) -> str:
    """What speaks against believing the version's figures under attack, in a sentence; nothing if nothing was found.

    A version that came ready-made is not asked about: its test pictures may not be at hand.
    """
    if not can_be_checked(version):
        return ""
    found = found_of(version)
    if found is None:
        return gettext("It was not yet checked for masked gradients: its figures under attack may flatter it.")
    failed = [gettext(TITLES[check["name"]]) for check in found["checks"] if check["state"] == "failed"]
    if failed:
        words = {"failed": clauses(failed)}
        return gettext("Its figures under attack are not to be believed. These checks failed: %(failed)s.") % words
    if found["not_run"]:
        words = {"missing": clauses(gettext(TITLES[name]) for name in found["not_run"])}
        return gettext("Not every check for masked gradients was run. Missing: %(missing)s.") % words
    return ""


def can_be_checked(version: ModelVersion) -> bool:
    """Whether its test pictures are at hand: a training here made it."""
    return version.runs.exists() and Dataset.objects.filter(slug=version.card.get("dataset", {}).get("slug")).exists()


def checked_json(found: Json) -> dict[str, Any]:
    """What was found, each check with its title and its sentence."""
    return dict(found) | {"checks": [_check(check) for check in found.get("checks", ())]}


def masking_view(version: ModelVersion) -> dict[str, Any]:
    """What the version's page tells of its checks."""
    last, done = last_checks(version), found_of(version)
    found = checked_json(done) if done else None
    return {
        "job": last.job if last else None,
        "url": reverse("version_checks", args=[version.identity]),
        "pending": bool(last and not last.job.ended),
        "failed": last.job.why() if last and last.job.status == Status.FAILED else "",
        "checks": found["checks"] if found else [],
        "counted": _counted(found) if found else "",
        "not_run": [gettext(TITLES[name]) for name in found["not_run"]] if found else [],
    }


def _counted(found: Json) -> str:
    words = {"pictures": found["pictures"], "epsilon": found["epsilon"], "seconds": f"{found['seconds']:.0f}"}
    counted = gettext("The first %(pictures)s test pictures, ε = %(epsilon)s/255, %(seconds)s s.") % words
    run = [check["name"] for check in found["checks"]]
    return run_on([counted, *map(gettext, remarks_on(found["pictures"], run))])


def _check(check: Json) -> dict[str, Any]:
    names = {"passed": gettext("nothing found"), "noted": gettext("to be known"), "failed": gettext("not passed")}
    return {
        "name": check["name"],
        "title": gettext(TITLES[check["name"]]),
        "state": check["state"],
        "told": names[check["state"]],
        "detail": gettext(SENTENCES[check["sentence"]]) % check["params"],
    }
