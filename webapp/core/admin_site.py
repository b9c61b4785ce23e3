"""What the pages of the admin share: the site's name, and rows that may be looked at but not written by hand."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from webapp.core.shown import shown

admin.site.site_header = "Gibbon"
admin.site.site_title = "Gibbon"
admin.site.index_title = _("What this site keeps and does")

NOTHING = "–"
# Words of the admin and of its applications that have no translation of their own everywhere.
THEIRS = (
    _("Model name"),
    _("Add link"),
    _("Change or view list link"),
    _("access attempt"),
    _("access attempts"),
    _("User Agent"),
    _("IP Address"),
    _("Username"),
    _("Attempt Time"),
    _("Failed Logins"),
    _("After you’ve created a user, you’ll be able to edit more user options."),
    _("Error:"),
)


@admin.display(description=_("name"), ordering="name")
def shown_name(row: Any) -> str:
    """A row's name in the reader's language, for a list."""
    return shown(row.name)


def named(field: str, words: Callable[[str], str], description: Any) -> Any:
    """A column, sorted like the field, of names in the reader's language in place of what programs call a thing."""

    @admin.display(description=description, ordering=field)
    def column(row: Any) -> str:
        return words(getattr(row, field))

    column.__name__ = f"{field}_name"
    return column


def filtered_by_name(field: str, words: Callable[[str], str]) -> tuple[str, type[admin.FieldListFilter]]:
    """The same for a filter."""

    class ByName(admin.AllValuesFieldListFilter):
        def choices(self, changelist: Any) -> Iterator[Any]:
            values = {str(value) for value in self.lookup_choices}
            for choice in super().choices(changelist):
                shown = choice["display"]
                yield dict(choice) | ({"display": words(shown)} if shown in values else {})

    return field, ByName


class LookedAt:
    """Mixin of a ModelAdmin or inline: nobody adds, changes or deletes these rows by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def person(request: HttpRequest) -> User:
    """Who is logged in; only for places that demanded a permission before."""
    return cast(User, request.user)


def may(request: HttpRequest, permission: str) -> bool:
    """Whether the person has a permission such as "jobs.change_job"."""
    return request.user.has_perm(permission)


def link_to(row: models.Model | None) -> str:
    """A link to the row's own page in the admin; its name alone where there is no such page."""
    if row is None:
        return NOTHING
    shown = str(row)
    try:
        address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        return shown
    return format_html('<a href="{}">{}</a>', address, shown)


def demand(request: HttpRequest, permission: str) -> None:
    """403 unless a member of staff with the permission asks."""
    if not (request.user.is_staff and request.user.has_perm(permission)):
        raise PermissionDenied
