"""The one error a caller is told: every refusal of the site, whichever door it came through."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import get_language, gettext

from inference.catalog import messages


def worded(template: str, values: Mapping[str, Any] | None = None) -> str:
    """A sentence in the reader's language; one without values is taken as it stands."""
    return messages.worded(template, values, gettext, get_language())


class Refusal(Exception):
    """Something the caller asked for that is not done, with an HTTP status and a sentence to act on.

    `template` % `values` is put together when it is told; a job keeps them apart, for readers in other languages.
    `job` is one of the caller's own that stands in the way and could be cancelled.
    """

    def __init__(
        self,
        status: int,
        code: str,
        template: str,
        values: Mapping[str, Any] | None = None,
        *,
        field: str | None = None,
        retry_after: int | None = None,
        job: UUID | None = None,
    ) -> None:
        super().__init__(template)
        self.status, self.code, self.template, self.values = status, code, template, dict(values or {})
        self.field, self.retry_after, self.job = field, retry_after, job

    def __str__(self) -> str:
        return self.message

    @property
    def message(self) -> str:
        """The sentence, in the language of whoever is told."""
        return worded(self.template, self.values)

    def payload(self) -> dict[str, dict[str, str]]:
        """The API's one error shape: `{error: {code, message, field?, job?}}`."""
        more = {"field": self.field, "job": self.job and str(self.job)}
        told = {name: value for name, value in more.items() if value}
        return {"error": {"code": self.code, "message": self.message} | told}

    def headers(self) -> dict[str, str]:
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


def not_found() -> Refusal:
    """The answer for what does not exist and for what is another's: nobody can tell them apart."""
    message = gettext(
        "There is nothing here that you may see: it was deleted or has expired, or it is another browser's."
    )
    return Refusal(404, "not_found", message)


def csrf_refusal(request: HttpRequest, message: str) -> Refusal:
    """403 with `message` for a token that is missing or old; where no cookie came at all, that is the reason."""
    if request.COOKIES:
        return Refusal(403, "csrf", message)
    message = gettext(
        "Your browser blocks cookies; Gibbon needs one to know which pictures are yours. "
        "A program uses a personal token instead."
    )
    return Refusal(403, "no_cookie", message)
