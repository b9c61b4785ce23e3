"""Pictures brought and kept: prepared, within a visitor's share of the disk, found again by their owner."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_noop, ngettext

from attacks.words import Listed
from inference import images
from webapp.core import files
from webapp.core.errors import Refusal
from webapp.core.rows import find
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


def used_bytes(visitor: Visitor) -> int:
    """What a visitor's pictures and results take on the disk."""
    rows: list[QuerySet] = [Picture.objects.filter(visitor=visitor)]
    for model in outcome_models():
        if hasattr(model, "bytes"):
            rows.append(model._default_manager.filter(job__visitor=visitor))
    return sum(found.aggregate(sum=Sum("bytes"))["sum"] or 0 for found in rows)


def refuse_when_quota_is_used_up(visitor: Visitor) -> None:
    """409 beyond the visitor's number of pictures or bytes."""
    limit = settings.PICTURES_PER_VISITOR
    if Picture.objects.filter(visitor=visitor).count() >= limit:
        message = ngettext(
            "You have %(count)s picture, as many as one visitor may keep. Delete it first.",
            "You have %(count)s pictures, as many as one visitor may keep. Delete some first.",
            limit,
        )
        raise Refusal(409, "quota", message % {"count": limit})
    refuse_when_bytes_are_used_up(visitor)


def refuse_when_bytes_are_used_up(visitor: Visitor) -> None:
    """409 once a visitor's pictures and results fill the visitor's share of the disk."""
    if used_bytes(visitor) >= settings.BYTES_PER_VISITOR:
        message = gettext_noop(
            "Your pictures and results take %(limit)s MB, as much as one visitor may keep. Delete some first."
        )
        raise Refusal(409, "quota", message, {"limit": settings.BYTES_PER_VISITOR // 1_000_000})


def find_picture(visitor: Visitor | None, picture_id: object) -> Picture:
    """A picture the visitor may use: an own one or a sample; 404 for everything else."""
    return find(Picture.objects.visible_to(visitor), picture_id)
