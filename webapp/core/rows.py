"""Rows found by a key that came from outside."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist, ValidationError

from webapp.core.errors import not_found
from webapp.core.prepared import Prepared


def find(rows: Any, key: object) -> Any:
    """The row of a queryset with this primary key; 404 if there is none, or if `key` is none at all."""
    try:
        return rows.get(pk=key)
    except (ObjectDoesNotExist, ValueError, TypeError, ValidationError):  # what is no UUID names nothing
        raise not_found() from None


def find_prepared(rows: Prepared[Any], key: object, *values: object) -> Any:
    """The same of a prepared query of a UUID and `values`."""
    try:
        named = key if isinstance(key, UUID) else UUID(str(key))
    except ValueError:
        raise not_found() from None
    row = rows.first(named, *values)
    if row is None:
        raise not_found()
    return row
