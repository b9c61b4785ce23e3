"""The form that carries a file: one file, under a name that a real file could have."""

import codecs
from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import ImmutableList, MultiValueDict
from django.utils.translation import gettext

from webapp.core.errors import Refusal
from webapp.core.words import listed

LONGEST_NAME = 255  # no file system has longer ones


class StrictMultiPartParser(MultiPartParser):
    """Django mends odd file names silently; no browser sends them, so whoever does is refused (400)."""

    def sanitize_file_name(self, file_name: str) -> str | None:
        if "\0" in file_name or len(file_name) > LONGEST_NAME:
            raise MultiPartParserError("A file's name is too long or holds a NUL.")
        return super().sanitize_file_name(file_name)


def strict_uploads(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Has every form with files read by the strict parser. Stands before whatever reads request.POST."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.parse_file_upload = partial(_parse, request)  # type: ignore[method-assign]  # Django has no hook for it
        return get_response(request)

    return middleware


def _parse(request: HttpRequest, meta: dict[str, Any], post_data: Any) -> tuple[Any, MultiValueDict]:
    """HttpRequest.parse_file_upload with our parser."""
    request.upload_handlers = ImmutableList(
        request.upload_handlers, warning="You cannot alter upload handlers after the upload has been processed."
    )
    if request.encoding and codecs.lookup(request.encoding).name != "utf-8":  # as Django wants of forms without files
        raise MultiPartParserError("A form must be in UTF-8.")
    return StrictMultiPartParser(meta, post_data, request.upload_handlers, request.encoding).parse()


def only_file(request: HttpRequest, field: str) -> UploadedFile:
    """The one file that came, in `field`; 422 when there is none, or more than one in any field."""
    files = [file for name in request.FILES for file in request.FILES.getlist(name)]
    if not request.FILES.getlist(field):
        raise no_file(request, field)
    if len(files) > 1:
        raise Refusal(422, "invalid", gettext("Several pictures arrived. Please send one at a time."), field=field)
    return files[0]


def no_file(request: HttpRequest, field: str) -> Refusal:
    """422 where no file came in `field`, with what came instead."""
    files = listed(name[:40] for name in request.FILES)
    if files:
        message = gettext("The field is called %(field)s; what came is called %(came)s.")
    elif field in request.POST:
        message = gettext("%(field)s must be a file, not text: with curl, -F %(field)s=@photo.jpg.")
    elif request.content_type != "multipart/form-data":
        message = gettext("Send the picture as a file in the field %(field)s of a form (multipart/form-data).")
    else:
        message = gettext("No picture arrived. Please choose one first.")
    return Refusal(422, "invalid", message % {"field": field, "came": files}, field=field)
