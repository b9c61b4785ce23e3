"""Rows found by a key that came from outside."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError

from webapp.core.errors import not_found


def find(rows: Any, key: object) -> Any:
    """The row of a queryset with this primary key; 404 if there is none, or if `key` is none at all."""
    try:
        return rows.get(pk=key)
    except (ObjectDoesNotExist, ValueError, TypeError, ValidationError):  # what is no UUID names nothing
        raise not_found() from None
