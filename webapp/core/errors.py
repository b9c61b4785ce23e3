"""The one error a caller is told: every refusal of the site, whichever door it came through."""

from django.http import HttpRequest
from django.utils.translation import gettext


class Refusal(Exception):
    """Something the caller asked for that is not done, with an HTTP status and a sentence to act on."""

    def __init__(
        self, status: int, code: str, message: str, *, field: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.field, self.retry_after = field, retry_after

    def payload(self) -> dict[str, dict[str, str]]:
        """The API's one error shape: `{error: {code, message, field?}}`."""
        error = {"code": self.code, "message": self.message}
        return {"error": error | ({"field": self.field} if self.field else {})}

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
    message = gettext("Your browser blocks cookies; Gibbon needs one to know which pictures are yours.")
    return Refusal(403, "no_cookie", f"{message} {gettext('A program uses a personal token instead.')}")
