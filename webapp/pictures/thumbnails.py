"""Small pictures for strips and lists, and to stand in until the picture itself has come: WebP, a few kilobytes."""

from io import BytesIO
from typing import TYPE_CHECKING

from django.core.cache import cache
from redis.exceptions import RedisError

from webapp.core import files
from webapp.pictures.models import Picture

if TYPE_CHECKING:
    from PIL import Image

SIDE = 104  # pixels of the shorter side: twice what a strip shows
BYTES = 4_100  # and several hundred more for the headers
QUALITIES = (80, 60, 40, 20, 5)
KEPT_SECONDS = 24 * 3600


def thumbnail(picture: Picture) -> bytes:
    """The picture's thumbnail, at most BYTES long; samples' are remembered. FileNotFoundError when the file is gone."""
    if picture.visitor_id is not None:
        return shrink(files.read(picture.file))
    key = f"thumbnail:{picture.sha256}"
    try:
        known: bytes | None = cache.get(key)
        if known is None:
            known = shrink(files.read(picture.file))
            cache.set(key, known, KEPT_SECONDS)
        return known
    except RedisError:  # the cache is away
        return shrink(files.read(picture.file))


def shrink(png: bytes) -> bytes:
    """A canonical picture as WebP, its shorter side SIDE pixels; as it is, where it is smaller."""
    from PIL import Image  # the web process stays small until somebody looks at pictures

    with Image.open(BytesIO(png), formats=["PNG"]) as picture:
        picture.load()
    scale = SIDE / min(picture.size)
    if scale < 1:
        width, height = (max(1, min(4 * SIDE, round(scale * side))) for side in picture.size)
        return _fitting(picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS))
    return _webp(picture, lossless=True)


def _fitting(picture: "Image.Image") -> bytes:
    """The best quality that is short enough; the last one is."""
    for quality in QUALITIES:
        if len(small := _webp(picture, quality=quality)) <= BYTES:
            break
    return small


def _webp(picture: "Image.Image", **options: object) -> bytes:
    file = BytesIO()
    picture.convert("RGB").save(file, "WEBP", method=4, **options)
    return file.getvalue()
