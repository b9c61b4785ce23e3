"""Queries whose SQL is put together once, for what every request and every job asks.

Django puts a query together anew each time it is asked, which takes a processor ten times as long as the database's
answer does.
"""

from collections.abc import Callable, Mapping
from copy import copy
from functools import cache
from inspect import signature
from typing import Any, Generic, TypeVar

from django.db import connections, transaction
from django.db.models import Expression, Field, Func, IntegerField, Model, QuerySet, Value
from django.db.models.sql import UpdateQuery
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=Model)
Sql = tuple[str, tuple[Any, ...]]


def count() -> Func:
    """How many rows, as a column of a query that has no other rows: Django's own `count` asks at once."""
    return Func(Value(1), function="COUNT", output_field=IntegerField())


def prepared(build: Callable[..., QuerySet[Row, Any]]) -> "Prepared":
    """Decorates a function that makes a queryset of its parameters, which it may only compare with columns.

    Called with as many values, of the columns' own types (a UUID, not its text), it gives the list of what is found.
    None equals nothing, as in SQL. A setting's value and the present moment are parameters, too.
    """
    return Prepared(build)


def prepared_update(build: Callable[..., tuple[QuerySet[Row], Mapping[str, Any]]]) -> Callable[..., int]:
    """Decorates a function that makes of its parameters a queryset, and what its columns shall be.

    Called with as many values, it updates these rows and says how many there were.
    """
    return _PreparedUpdate(build)


class _Once:
    """What is put together on its first call, of a function whose parameters are told later."""

    def __init__(self, build: Callable[..., Any]) -> None:
        self._build = build
        self._ready = cache(self._put_together)

    def _put_together(self) -> tuple[QuerySet[Any, Any], SQLCompiler, Sql]:
        raise NotImplementedError

    def _given(self) -> list["_Given"]:
        return [_Given(place) for place in range(len(signature(self._build).parameters))]

    def _told(self, values: tuple[Any, ...]) -> tuple[QuerySet[Any, Any], SQLCompiler, Sql]:
        """The rows that it is about, a compiler of this thread's own, and the SQL with its values."""
        rows, compiler, (text, params) = self._ready()
        mine = copy(compiler)
        mine.connection = connections[rows.db]  # this thread's
        bound = (one.as_stored(values[one.place], mine) if isinstance(one, _Given) else one for one in params)
        return rows, mine, (text, tuple(bound))


class Prepared(_Once, Generic[Row]):
    """A query that waits for its values."""

    def __call__(self, *values: Any) -> list[Any]:
        rows, compiler, told = self._told(values)
        compiler.as_sql = lambda *_args, **_options: told  # type: ignore[method-assign]
        asked = rows.all()
        asked.query.get_compiler = lambda *_args, **_options: compiler  # type: ignore[method-assign]
        return list(asked)

    def first(self, *values: Any) -> Any:
        """The first that is found, or None."""
        return next(iter(self(*values)), None)

    def _put_together(self) -> tuple[QuerySet[Any, Any], SQLCompiler, Sql]:
        rows = self._build(*self._given())
        compiler = rows.query.get_compiler(rows.db)
        return rows, compiler, compiler.as_sql()


class _PreparedUpdate(_Once):
    def __call__(self, *values: Any) -> int:
        rows, compiler, told = self._told(values)
        with transaction.mark_for_rollback_on_error(using=rows.db), compiler.connection.cursor() as cursor:
            cursor.execute(*told)
            return int(cursor.rowcount)

    def _put_together(self) -> tuple[QuerySet[Any, Any], SQLCompiler, Sql]:
        rows, columns = self._build(*self._given())
        query: Any = rows.query.chain(UpdateQuery)
        fields = {name: rows.model._meta.get_field(name) for name in columns}
        stored = {
            name: _Given(value.place, fields[name]) if isinstance(value, _Given) else value
            for name, value in columns.items()
        }
        query.add_update_values(stored)
        compiler = query.get_compiler(rows.db)
        return rows, compiler, compiler.as_sql()


class _Given(Expression):
    """Stands where a value will be: one to compare with, or that a column shall have."""

    def __init__(self, place: int, column: "Field[Any, Any] | None" = None) -> None:
        super().__init__()
        self.place, self.column = place, column

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> Any:
        return "%s", [self]

    def as_stored(self, value: Any, compiler: SQLCompiler) -> Any:
        """A value as the database's driver takes it."""
        if self.column:
            return self.column.get_db_prep_save(value, compiler.connection)
        return None if value is None else compiler.compile(Value(value))[1][0]
