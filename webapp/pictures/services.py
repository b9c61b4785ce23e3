"""Pictures brought and kept: prepared, within a visitor's share of the disk, found again by their owner."""

from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import BigIntegerField, F, Func, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_noop, ngettext

from attacks.words import Listed
from inference import images
from webapp.core import files
from webapp.core.errors import Refusal
from webapp.core.prepared import Prepared, count, prepared
from webapp.core.rows import find_prepared
from webapp.jobs.models import outcome_models
from webapp.pictures.models import Picture
from webapp.visitors.models import Visitor


def upload_picture(*, visitor: Visitor, upload: UploadedFile, preparation: str = "photo") -> Picture:
    """Prepare an uploaded file and keep it for the visitor; a Refusal with a sentence if it cannot be."""
    refuse_when_quota_is_used_up(visitor)
    files.refuse_when_disk_is_low()
    return save_picture(prepare(upload.read(), preparation), visitor=visitor)


def prepare(data: bytes, preparation: str) -> images.Canonical:
    """The canonical picture of a stranger's file; every way it can go wrong told as a Refusal."""
    if preparation not in images.PREPARATIONS:
        message = gettext_noop("A picture is prepared as one of: %(known)s.")
        raise Refusal(422, "invalid", message, {"known": Listed(images.PREPARATIONS)}, field="prepare")
    try:
        return images.prepare(data, preparation)
    except images.BadImage as bad:
        raise Refusal(422, bad.code, bad.message, bad.params, field="image") from bad
    except images.DecoderBusy as busy:
        raise Refusal(503, "busy", busy.message, retry_after=busy.retry_after) from busy


def save_picture(canonical: images.Canonical, *, visitor: Visitor | None, **columns: Any) -> Picture:
    """Write the PNG, then its row; a full disk leaves neither."""
    try:
        name = files.write("pictures", canonical.png)
    except OSError as error:
        if files.is_disk_full(error):
            raise files.disk_full() from error
        raise
    try:
        return Picture.objects.create(
            visitor=visitor,
            preparation=canonical.preparation,
            width=canonical.width,
            height=canonical.height,
            sha256=canonical.sha256,
            file=name,
            bytes=len(canonical.png),
            **columns,
        )
    except BaseException:
        files.delete([name])
        raise


class Kept(NamedTuple):
    """What a visitor has here."""

    pictures: int
    bytes: int  # of pictures and results, on the disk


def kept(visitor: Visitor) -> Kept:
    """What a visitor has here, in one query."""
    found = _sums().first(visitor.pk)
    return Kept(found[0], sum(filter(None, found[1:]))) if found else Kept(0, 0)


@cache
def _sums() -> Prepared[Visitor]:
    """A visitor's number of pictures, and the bytes of these and of each kind's results, None where there are none."""
    pictures = Picture.objects.filter(visitor=OuterRef("pk"))
    models = [model for model in outcome_models() if hasattr(model, "bytes")]
    results = [model._default_manager.filter(job__visitor=OuterRef("pk")) for model in models]
    taken = Func(F("bytes"), function="SUM", output_field=BigIntegerField())
    asked = [pictures.values_list(count()), *(rows.values_list(taken) for rows in (pictures, *results))]
    columns = [Subquery(rows.order_by()) for rows in asked]
    return prepared(lambda visitor: Visitor.objects.filter(pk=visitor).values_list(*columns))


def refuse_when_quota_is_used_up(visitor: Visitor) -> None:
    """409 beyond the visitor's number of pictures or bytes."""
    limit, found = settings.PICTURES_PER_VISITOR, kept(visitor)
    if found.pictures >= limit:
        message = ngettext(
            "You have %(count)s picture, as many as one visitor may keep. Delete it first.",
            "You have %(count)s pictures, as many as one visitor may keep. Delete some first.",
            limit,
        )
        raise Refusal(409, "quota", message % {"count": limit})
    _refuse_when_used_up(found.bytes)


def refuse_when_bytes_are_used_up(visitor: Visitor) -> None:
    """409 once a visitor's pictures and results fill the visitor's share of the disk."""
    _refuse_when_used_up(kept(visitor).bytes)


def _refuse_when_used_up(used: int) -> None:
    if used >= settings.BYTES_PER_VISITOR:
        message = gettext_noop(
            "Your pictures and results take %(limit)s MB, as much as one visitor may keep. Delete some first."
        )
        raise Refusal(409, "quota", message, {"limit": settings.BYTES_PER_VISITOR // 1_000_000})


def find_picture(visitor: Visitor | None, picture_id: object) -> Picture:
    """A picture the visitor may use: an own one or a sample; 404 for everything else."""
    picture: Picture = find_prepared(_visible, picture_id, visitor and visitor.pk)
    return picture


@prepared
def _visible(picture: Any, visitor: Any) -> QuerySet[Picture]:
    return Picture.objects.visible_to(visitor).filter(pk=picture)
