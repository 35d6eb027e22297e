"""SQL of one table: written in SQLAlchemy Core, compiled once per form, run on the driver.

Executing through Core costs more than SQLite's own work, several times over; compiling
does not depend on the values, only on the form of a question (which filters, which order). So each
form is compiled once and kept; a run is one dictionary look-up and one driver call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from bank.storage.columns import Kind, Shape

#: Forms kept per table; services have a few dozen, so this only bounds a mistake.
FORMS_MAX = 512

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "gte": lambda column, bound: column >= bound,
    "gt": lambda column, bound: column > bound,
    "lte": lambda column, bound: column <= bound,
    "lt": lambda column, bound: column < bound,
}


@dataclass(frozen=True, slots=True)
class Sql:
    """A compiled statement and the order in which it wants its values."""

    text: str
    order: tuple[int, ...]
    straight: bool

    def arrange(self, values: list[Any]) -> list[Any]:
        """Return the values the text has a place for; Core leaves out what `AND false` hides."""
        if self.straight and len(values) == len(self.order):
            return values
        return [values[place] for place in self.order]


@dataclass(frozen=True, slots=True)
class Question:
    """The form of a query: everything about it but the values."""

    verb: str  # list, count, total, latest
    filters: tuple[tuple[str, int], ...]  # key, and -1 scalar, -2 None, n one of n, n | _OR_NULL
    order_by: str = "id"
    descending: bool = False
    limited: bool = False
    field: str = ""
    by: str = ""


#: Keys of one "latest".
LATEST_KEYS = 100
SCALAR, NULL, OR_NULL = -1, -2, 1 << 20


class Statements:
    """Every statement this table has needed so far."""

    def __init__(self, dialect: Dialect, table: sa.Table, shape: Shape) -> None:
        self._dialect = dialect
        self._table = table
        self._shape = shape
        self._forms: dict[Question, Sql] = {}
        self.insert = self._compile(self._insert())
        key = table.c.id == _bind(0)
        self.get = self._compile(sa.select(table).where(key))
        self.get_locked = self._compile(sa.select(table).where(key).with_for_update())
        self.remove = self._compile(sa.delete(table).where(key))
        names = [field.name for field in shape.fields]
        self.save = self._compile(
            sa.update(table)
            .values({name: _bind(place) for place, name in enumerate(names) if name != "id"})
            .where(key)
        )

    def ask(self, question: Question) -> Sql:
        """Return the statement of this form, compiled at most once."""
        found = self._forms.get(question)
        if found is None:
            if len(self._forms) >= FORMS_MAX:
                self._forms.clear()
            found = self._forms[question] = self._compile(self._select(question))
        return found

    def _insert(self) -> Any:
        # A taken key is an answer (row count 0), not an error: on PostgreSQL an error would
        # end the transaction of a caller who goes on.
        make = postgresql.insert if self._dialect.name == "postgresql" else sqlite.insert
        values = {field.name: _bind(place) for place, field in enumerate(self._shape.fields)}
        return make(self._table).values(values).on_conflict_do_nothing()

    def _select(self, question: Question) -> Any:
        table = self._table
        if question.verb == "latest":
            return self._latest(question)
        if question.verb == "count":
            query = sa.select(sa.func.count()).select_from(table)
        elif question.verb == "total":
            query = sa.select(sa.func.sum(table.c[question.field]))
        else:
            query = sa.select(table)
        query, place = self._filtered(query, question, 0)
        if question.verb != "list":
            return query
        query = query.order_by(*self._order(question))
        if question.limited:
            query = query.limit(_bind(place)).offset(_bind(place + 1))
        return query

    def _filtered(self, query: Any, question: Question, place: int) -> tuple[Any, int]:
        """Return the query with its filters, and the first place behind their values."""
        for key, form in question.filters:
            condition, used = self._condition(key, form, place)
            query = query.where(condition)
            place += used
        return query, place

    def _latest(self, question: Question) -> Any:
        """Return the question of the greatest field of each key.

        A look-up a key, not a GROUP BY: that would read all rows of a key, this one the last.
        """
        table = self._table
        keys = sa.values(sa.column("key", sa.String), name="asked").data(
            [(_bind(place),) for place in range(LATEST_KEYS)]
        )
        asked = keys.cte("asked")
        newest = sa.select(sa.func.max(table.c[question.field])).where(
            table.c[question.by] == asked.c.key
        )
        newest, _ = self._filtered(newest, question, LATEST_KEYS)
        return sa.select(asked.c.key, newest.scalar_subquery())

    def _order(self, question: Question) -> list[Any]:
        field = self._shape.by_name[question.order_by]
        names = ["id"] if field.name == "id" else [field.name, "id"]
        order: list[Any] = []
        for name in names:
            column = self._table.c[name]
            by = column.desc() if question.descending else column.asc()
            if self._shape.by_name[name].nullable:
                by = by.nulls_last() if question.descending else by.nulls_first()
            order.append(by)
        return order

    def _condition(self, key: str, form: int, place: int) -> tuple[Any, int]:
        name, _, comparison = key.partition("__")
        field = self._shape.by_name.get(name)
        assert field is not None, f"{self._table.name} has no field {name}"
        assert field.kind is not Kind.JSON, f"{self._table.name}.{name} is JSON: not searchable"
        column = self._table.c[name]
        if comparison == "contains":
            return self._contains(column, place), 1
        if comparison:
            return _COMPARE[comparison](column, _bind(place)), 1
        if form == SCALAR:
            return column == _bind(place), 1
        if form == NULL:
            return column.is_(None), 0
        count = form & ~OR_NULL
        if count == 0:
            return (column.is_(None) if form & OR_NULL else sa.false()), 0
        one_of = column.in_([_bind(place + step) for step in range(count)])
        return (sa.or_(one_of, column.is_(None)) if form & OR_NULL else one_of), count

    def _contains(self, column: Any, place: int) -> Any:
        if self._dialect.name == "sqlite":  # see database.py, where the function is added
            return sa.func.florin_contains(column, _bind(place), type_=sa.Boolean)
        return sa.func.strpos(
            sa.func.lower(column), sa.func.lower(_bind(place))
        ) > sa.literal_column("0")

    def _compile(self, statement: Any) -> Sql:
        compiled = statement.compile(dialect=self._dialect)
        order = tuple(int(name.removeprefix("v")) for name in compiled.positiontup or ())
        return Sql(str(compiled), order, straight=order == tuple(range(len(order))))


def _bind(place: int) -> Any:
    return sa.bindparam(f"v{place}")
