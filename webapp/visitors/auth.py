"""Who calls the API: a personal token's owner, or the visitor of the cookie (who proves with CSRF it is the page)."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from ninja.utils import check_csrf

from webapp.core.doors import refuse_other_schemes, refuse_parameters
from webapp.core.errors import Refusal, csrf_refusal
from webapp.visitors.address import client_address
from webapp.visitors.limits import refuse_busy_address
from webapp.visitors.middleware import visitor_of
from webapp.visitors.models import Token, Visitor

NOTED_EVERY = timedelta(minutes=1)  # a program that asks ten times a second would write as often
SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Caller:
    """`user` is set for a token's owner only."""

    user: AbstractBaseUser | None = None


def authenticate(request: HttpRequest) -> Caller:
    """The caller.

    Refusal: 422 for a made-up parameter, 401 for a wrong token, 403 for a change without a CSRF token, 429 for a busy
    address.
    """
    if request.method not in SAFE:
        refuse_busy_address(client_address(request))
    refuse_parameters(request)
    secret = bearer(request.headers.get("Authorization", ""))
    if secret is not None:
        token = token_of(secret)
        request.visitor = owner_of(token)  # type: ignore[attr-defined]  # set for every request by the middleware
        return Caller(user=token.user)
    refuse_other_schemes(request)
    if request.method not in SAFE and check_csrf(request) is not None:
        message = gettext("The CSRF token is missing or wrong. Reload the page, or use a personal token.")
        raise csrf_refusal(request, message)
    return Caller()


class PersonalToken:
    """`authenticate` as ninja wants it: the API's document names the token; a visitor's cookie serves as well."""

    openapi_security_schema = {"type": "http", "scheme": "bearer"}

    def __call__(self, request: HttpRequest) -> Caller:
        return authenticate(request)


def asker_of(request: HttpRequest) -> Visitor | None:
    """Who asks for bytes that the API's answers name by an address: a token's owner, else the cookie's visitor.

    Refusal: 401 for a wrong token.
    """
    secret = bearer(request.headers.get("Authorization", ""))
    return visitor_of(request) if secret is None else owner_of(token_of(secret))


def bearer(header: str) -> str | None:
    """The secret of an `Authorization: Bearer` header; None without one."""
    scheme, _, secret = header.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" and secret.strip() else None


def token_of(secret: str) -> Token:
    """The valid token with this secret, marked as used, to the minute; 401 otherwise."""
    token = Token.objects.valid(secret).select_related("user__visitor").first()
    if token is None:
        raise Refusal(401, "bad_token", gettext("This token is not known here or was revoked."))
    now = timezone.now()
    if token.last_used is None or now - token.last_used > NOTED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used=now)
    return token


def owner_of(token: Token) -> Visitor:
    """The visitor in whose name a user's tokens act."""
    try:
        return token.user.visitor  # read along
    except Visitor.DoesNotExist:
        return Visitor.objects.get_or_create(user=token.user)[0]
