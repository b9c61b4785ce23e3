"""Asking for a computation: answered at once where it is known, joined where it is at work, begun otherwise."""

import base64
import binascii
from contextlib import suppress
from datetime import timedelta
from statistics import median
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from attacks.options import OptionError
from webapp.core.errors import Refusal
from webapp.core.words import listed
from webapp.jobs.limits import refuse_when_hasty
from webapp.jobs.models import Job, Status
from webapp.jobs.services import find_any_job, join, order
from webapp.learn.computations import COMPUTATIONS
from webapp.learn.computations import Computation as Record
from webapp.learn.models import Computation
from webapp.pictures.deleting import forget_jobs
from webapp.pictures.models import Picture
from webapp.pictures.services import find_picture
from webapp.registry.models import ModelVersion
from webapp.registry.services import find_version
from webapp.visitors.models import Visitor

SIDE = 28  # pixels a side of a drawing
RECENT = timedelta(days=1)  # that something was asked for is written down once in so long
FEWEST, LATEST = 3, 20  # computations from which it is told how quick this machine is
MOST_UNLIKE = 10.0  # times as quick, or as slow, as the machine on which their seconds were declared


def find_computation(slug: str) -> Record:
    """What is declared under that name; a 404 that lists the names otherwise."""
    if slug not in COMPUTATIONS:
        known = listed(COMPUTATIONS)
        message = gettext("There is no computation of that name here. The computations are: %(known)s.")
        raise Refusal(404, "not_found", message % {"known": known}, field="computation")
    return COMPUTATIONS[slug]


def start_computation(
    *,
    visitor: Visitor | None,
    computation: str,
    options: Any,
    picture: object | None = None,
    drawing: str | None = None,
) -> Job:
    """The job that computes this, or has; begun now only if nobody has asked for the same.

    What holds a visitor's picture is that visitor's alone. `drawing`: SIDE times SIDE grey bytes, in base64.
    A visitor of None is the site itself.
    """
    record = find_computation(computation)
    row = Computation(computation=record.slug, options=_checked(record, options), prepared=visitor is None)
    row.picture, row.drawing = _picture(record, visitor, picture), _drawing(record, drawing)
    _refuse_no_picture(record, row)
    version = find_version(classifier=record.classifier, version=None) if record.classifier else None
    if row.drawing is None and (row.picture is None or row.picture.visitor_id is None):
        row.key = _key(row, version)
    try:
        return _known(row, visitor) or _begin(row, visitor, version)
    except IntegrityError:  # somebody has begun the same at the same moment
        return _known(row, visitor) or _begin(row, visitor, version)


def expected_seconds(row: Computation, version: ModelVersion | None) -> float:
    """How long a worker will take: what is declared, in the proportion in which the last such took longer, or less."""
    return row.record.seconds(row.options) * (_pace(row.record) if row.record.long else 1.0)


def _pace(record: Record) -> float:
    """Seconds that such a computation takes here for each second that is declared; 1 before enough have been done."""
    done = Computation.objects.filter(computation=record.slug, job__status=Status.DONE, job__worked__gte=1.0)
    paces = []
    for options, worked in done.order_by("-job__finished").values_list("options", "job__worked")[:LATEST]:
        with suppress(OptionError):  # options of an older release
            paces.append(worked / record.seconds(record.complete(options)))
    return min(max(median(paces), 1 / MOST_UNLIKE), MOST_UNLIKE) if len(paces) >= FEWEST else 1.0


def ensure_prepared() -> None:
    """What pages show first is computed, or waits to be; what an older release had prepared goes. Safe to repeat."""
    wanted = [
        start_computation(visitor=None, computation=record.slug, options=options)
        for record in COMPUTATIONS.values()
        for options in record.prepared
    ]
    Computation.objects.filter(pk__in=[job.pk for job in wanted]).update(prepared=True)
    former = Computation.objects.filter(prepared=True).exclude(pk__in=[job.pk for job in wanted])
    forget_jobs(Job.objects.filter(pk__in=list(former.values_list("pk", flat=True))))


def delete_unasked() -> int:
    """Results that nobody has asked for as long as pictures are kept; what is a visitor's goes with the visitor's."""
    limit = timezone.now() - timedelta(days=settings.PICTURE_DAYS)
    old = Computation.objects.filter(asked__lt=limit, prepared=False, job__visitor=None)
    forget_jobs(Job.objects.filter(pk__in=(found := list(old.values_list("pk", flat=True)[:100]))))
    return len(found)


def _begin(row: Computation, visitor: Visitor | None, version: ModelVersion | None) -> Job:
    kind = "long-computation" if row.record.long else "computation"
    if visitor:
        refuse_when_hasty(visitor)
    with transaction.atomic():
        ended = Computation.objects.filter(key=row.key, job__status__in=(Status.FAILED, Status.CANCELLED))
        stopping = Computation.objects.filter(key=row.key, job__cancel_requested=True)
        if row.key:
            forget_jobs(Job.objects.filter(pk__in=[*(ended | stopping).values_list("pk", flat=True)]))
        everybodys, unasked = bool(row.key), visitor is None
        return order(row, kind=kind, visitor=visitor, version=version, everybodys=everybodys, unasked=unasked)


def _known(row: Computation, visitor: Visitor | None) -> Job | None:
    """The job that has computed the same, or is about to; the visitor waits for it now, too."""
    found = Computation.objects.filter(key=row.key).select_related("job").first() if row.key else None
    if found is None or not _comes(found.job, visitor):
        return None
    Computation.objects.filter(pk=found.pk, asked__lt=timezone.now() - RECENT).update(asked=timezone.now())
    return find_any_job(found.pk)


def _comes(job: Job, visitor: Visitor | None) -> bool:
    """Whether its result is there, or will be."""
    if job.status != Status.DONE and visitor and join(job, visitor):
        return True
    job.refresh_from_db()  # it may just have ended
    return job.status == Status.DONE or (visitor is None and not job.ended and not job.cancel_requested)


def _key(row: Computation, version: ModelVersion | None) -> str:
    identity, picture = version.identity if version else "", row.picture.sha256 if row.picture else ""
    return row.record.key(row.options, identity=identity, picture=picture)


def _checked(record: Record, options: Any) -> dict[str, Any]:
    try:
        return record.complete(options)
    except OptionError as error:
        raise Refusal(422, "invalid", error.template, error.values, field=error.field) from error


def _picture(record: Record, visitor: Visitor | None, given: object | None) -> Picture | None:
    if given is None:
        return None
    picture = find_picture(visitor, given)
    if record.picture != picture.preparation:
        message = gettext("This computation takes no picture of that kind.")
        raise Refusal(422, "wrong_preparation", message, field="picture")
    return picture


def _drawing(record: Record, given: str | None) -> bytes | None:
    if given is None:
        return None
    try:
        drawing = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        drawing = b""
    if record.picture != "digit" or len(drawing) != SIDE * SIDE:
        message = gettext("drawing must be 28 times 28 grey bytes in base64, for a computation that takes a digit.")
        raise Refusal(422, "invalid", message, field="drawing")
    return drawing


def _refuse_no_picture(record: Record, row: Computation) -> None:
    if record.picture and (row.picture is None) == (row.drawing is None):
        message = gettext("This computation takes one picture: an id as picture, or a drawing.")
        raise Refusal(422, "invalid", message, field="picture")
