"""Results that the catalogue declares, as the API's schemas."""

from dataclasses import fields, is_dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from ninja import Schema
from pydantic import Field, create_model


@cache
def schema_of(declared: type) -> Any:
    """The schema of a dataclass and of those within it; a text beside a type becomes its description.

    A class also has the name that pages show for it.
    """
    hints = get_type_hints(declared, include_extras=True)
    columns: Any = {field.name: _described(hints[field.name]) for field in fields(declared)}
    if {"index", "label"} <= columns.keys():
        columns["name"] = (str, Field(description="What to show for the label, in the reader's language."))
    made: Any = create_model(declared.__name__, __base__=Schema, __doc__=_own_doc(declared), **columns)
    return made


def _described(hint: Any) -> Any:
    if get_origin(hint) is not Annotated:
        return (_within(hint), ...)
    kind, *texts = get_args(hint)
    return (_within(kind), Field(description=" ".join(texts)))


def _within(kind: Any) -> Any:
    """The type, with the schemas of the dataclasses in it."""
    if is_dataclass(kind) and isinstance(kind, type):
        return schema_of(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return Union[tuple(_within(one) for one in inner)]  # noqa: UP007 - made of what is found, not written
    return list[_within(inner[0])] if origin is list else kind  # type: ignore[misc]


def _own_doc(declared: type) -> str | None:
    """Its docstring; None for the signature that a dataclass without one is given."""
    doc = declared.__doc__ or ""
    return None if doc.startswith(f"{declared.__name__}(") else doc
