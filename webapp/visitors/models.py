"""Who owns pictures and jobs: a visitor, known by a signed cookie or by the token of a user."""

import hashlib
import secrets
import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Visitor(models.Model):
    """A browser, or (with a user) the owner of API tokens; independent of being logged in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, verbose_name=_("user"))
    created = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("visitor"), _("visitors")

    def __str__(self) -> str:
        return str(self.user or f"{str(self.id)[:8]}…")


class TokenQuerySet(models.QuerySet["Token"]):
    def valid(self, secret: str) -> "TokenQuerySet":
        """The unrevoked token with this secret, of a user who may still come in."""
        return self.filter(digest=Token.digest_of(secret), revoked=None, user__is_active=True)


class Token(models.Model):
    """A personal bearer token. Only its SHA-256 is kept: the secret is shown once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("user"))
    name = models.CharField(_("name"), max_length=100, help_text=_("What it is for, in your own words."))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    last_used = models.DateTimeField(_("last used"), null=True, editable=False)
    revoked = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    objects = TokenQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("token"), _("tokens")

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def digest_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()

    def set_secret(self) -> str:
        """Draw a new secret, keep its digest and return it; the caller saves the row."""
        secret = f"gibbon_{secrets.token_urlsafe(32)}"
        self.digest = self.digest_of(secret)
        return secret
