"""The form that carries a file: one file, under a name that a real file could have."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import ImmutableList, MultiValueDict
from django.utils.translation import gettext

from webapp.errors import Refusal

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
    return StrictMultiPartParser(meta, post_data, request.upload_handlers, request.encoding).parse()


def only_file(request: HttpRequest, field: str) -> UploadedFile:
    """The one file that came, in `field`; 422 when there is none, or more than one in any field."""
    files = [file for name in request.FILES for file in request.FILES.getlist(name)]
    if not request.FILES.getlist(field):
        raise Refusal(422, "invalid", gettext("No picture arrived. Please choose one first."), field=field)
    if len(files) > 1:
        raise Refusal(422, "invalid", gettext("Several pictures arrived. Please send one at a time."), field=field)
    return files[0]
