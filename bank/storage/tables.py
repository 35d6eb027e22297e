"""Tables of the database: records in, records out, inside one transaction.

Faults of the driver leave here as refusals (faults.py). Nothing is cached between calls:
what a unit of work reads is what its transaction sees.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from bank.domain.errors import AlreadyExists, NotFound
from bank.storage.columns import Shape, shape_of
from bank.storage.faults import refusal_of
from bank.storage.records import RecordSpec
from bank.storage.statements import LATEST_KEYS, NULL, OR_NULL, SCALAR, Question, Sql, Statements

#: Values of a statement. (Inside SqlTable, `list` is the method of the port.)
Values = list[Any]

#: Rows handed to the driver at once by add_many.
CHUNK_ROWS = 5_000


class DriverConnection(Protocol):
    """The part of a DB-API connection we use; sqlite3 and psycopg agree on it."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Any: ...
    def cursor(self) -> Any: ...


class TableKind:
    """What is the same for a table in every transaction: its shape and its statements."""

    def __init__(self, name: str, spec: RecordSpec, table: sa.Table, dialect: Dialect) -> None:
        self.name = name
        self.shape: Shape = shape_of(spec.record)
        self.statements = Statements(dialect, table, self.shape)
        # PostgreSQL ends a transaction at its first error; an update that may meet a taken
        # unique key therefore gets a savepoint of its own there.
        self.guard_updates = dialect.name == "postgresql" and bool(spec.unique)


def make_kinds(
    records: Mapping[str, RecordSpec], metadata: sa.MetaData, dialect: Dialect
) -> dict[str, TableKind]:
    """Return the table kinds of these records for one dialect."""
    return {
        name: TableKind(name, spec, metadata.tables[name], dialect)
        for name, spec in records.items()
    }


class SqlTable:
    """See ports.Table."""

    __slots__ = ("_connection", "_kind", "_writable")

    def __init__(self, kind: TableKind, connection: DriverConnection, *, writable: bool) -> None:
        self._kind = kind
        self._connection = connection
        self._writable = writable

    def add(self, record: Any) -> None:
        self._check_write(record)
        sql = self._kind.statements.insert
        cursor = self._execute(sql.text, sql.arrange(list(self._kind.shape.to_row(record))))
        if cursor.rowcount == 0:
            raise AlreadyExists(table=self._kind.name)

    def add_many(self, records: Sequence[Any]) -> None:
        if not records:
            return
        with self._savepoint("add_many"):
            for start in range(0, len(records), CHUNK_ROWS):
                self._add_chunk(records[start : start + CHUNK_ROWS])

    def save(self, record: Any) -> None:
        self._check_write(record)
        sql = self._kind.statements.save
        values = sql.arrange(list(self._kind.shape.to_row(record)))
        if self._kind.guard_updates:
            with self._savepoint("save_one"):
                cursor = self._execute(sql.text, values)
        else:
            cursor = self._execute(sql.text, values)
        if cursor.rowcount == 0:
            raise NotFound(table=self._kind.name)

    def remove(self, record_id: str) -> None:
        assert self._writable, "write inside read()"
        self._execute(self._kind.statements.remove.text, [record_id])

    def find(self, record_id: str) -> Any | None:
        row = self._execute(self._kind.statements.get.text, [record_id]).fetchone()
        return None if row is None else self._kind.shape.from_row(row)

    def get(self, record_id: str, *, lock: bool = False) -> Any:
        statements = self._kind.statements
        sql = statements.get_locked if lock and self._writable else statements.get
        row = self._execute(sql.text, [record_id]).fetchone()
        if row is None:
            raise NotFound(table=self._kind.name)
        return self._kind.shape.from_row(row)

    def list(
        self,
        *,
        order_by: str = "id",
        descending: bool = False,
        limit: int | None = None,
        offset: int = 0,
        **filters: Any,
    ) -> list[Any]:
        forms, values = self._filters(filters)
        limited = limit is not None or offset > 0
        if limited:
            values += [_NO_LIMIT if limit is None else limit, offset]
        question = Question("list", forms, order_by, descending, limited)
        from_row = self._kind.shape.from_row
        return [from_row(row) for row in self._ask(question, values).fetchall()]

    def first(self, **filters: Any) -> Any | None:
        found = self.list(limit=1, **filters)
        return found[0] if found else None

    def count(self, **filters: Any) -> int:
        forms, values = self._filters(filters)
        return int(self._ask(Question("count", forms), values).fetchone()[0])

    def total(self, field: str, **filters: Any) -> int:
        forms, values = self._filters(filters)
        question = Question("total", forms, field=field)
        return int(self._ask(question, values).fetchone()[0] or 0)

    def latest(
        self, field: str, *, by: str, keys: Sequence[str], **filters: Any
    ) -> dict[str, Any]:
        forms, values = self._filters(filters)
        asked = self._kind.shape.by_name[field]
        decode = asked.decode or (lambda value: value)
        found: dict[str, Any] = {}
        for start in range(0, len(keys), LATEST_KEYS):
            some = list(keys[start : start + LATEST_KEYS])
            some += some[-1:] * (LATEST_KEYS - len(some))  # one form, however many are asked
            question = Question("latest", forms, field=field, by=by)
            for key, value in self._ask(question, some + values).fetchall():
                if value is not None:
                    found[key] = decode(value)
        return found

    def _filters(self, filters: dict[str, Any]) -> tuple[tuple[tuple[str, int], ...], Values]:
        forms: list[tuple[str, int]] = []
        values: Values = []
        for key, asked in filters.items():
            name, _, comparison = key.partition("__")
            assert name in self._kind.shape.by_name, f"{self._kind.name} has no field {name}"
            if comparison == "contains":
                forms.append((key, SCALAR))
                values.append(asked)
            elif isinstance(asked, tuple | list | set | frozenset):
                form, chosen = self._one_of(name, asked)
                forms.append((key, form))
                values += chosen
            elif asked is None:
                assert not comparison, f"{key}=None compares with nothing"
                forms.append((key, NULL))
            else:
                forms.append((key, SCALAR))
                values.append(self._kind.shape.encode(name, asked))
        return tuple(forms), values

    def _one_of(self, name: str, asked: Iterable[Any]) -> tuple[int, Values]:
        members = list(asked)
        chosen = [self._kind.shape.encode(name, one) for one in members if one is not None]
        return len(chosen) | (OR_NULL if len(chosen) < len(members) else 0), chosen

    def _ask(self, question: Question, values: Values) -> Any:
        sql: Sql = self._kind.statements.ask(question)
        return self._execute(sql.text, sql.arrange(values))

    def _add_chunk(self, records: Sequence[Any]) -> None:
        for record in records:
            self._check_write(record)
        sql, to_row = self._kind.statements.insert, self._kind.shape.to_row
        rows: list[Any] = [to_row(record) for record in records]
        if not sql.straight:
            rows = [sql.arrange(list(row)) for row in rows]
        cursor = self._connection.cursor()
        try:
            cursor.executemany(sql.text, rows)
        except Exception as error:
            raise self._refusal(error) from error
        if cursor.rowcount != len(rows):
            raise AlreadyExists(table=self._kind.name)

    @contextmanager
    def _savepoint(self, name: str) -> Iterator[None]:
        """Undo the block when a key is taken.

        After any other error the whole unit of work is undone, so there is nothing to do
        here (and perhaps no savepoint left).
        """
        self._execute(f"SAVEPOINT {name}")
        try:
            yield
        except AlreadyExists:
            self._execute(f"ROLLBACK TO SAVEPOINT {name}")
            self._execute(f"RELEASE SAVEPOINT {name}")
            raise
        self._execute(f"RELEASE SAVEPOINT {name}")

    def _execute(self, text: str, values: Sequence[Any] = ()) -> Any:
        try:
            return self._connection.execute(text, values)
        except Exception as error:
            raise self._refusal(error) from error

    def _refusal(self, error: Exception) -> Exception:
        return refusal_of(error, table=self._kind.name) or error

    def _check_write(self, record: Any) -> None:
        assert self._writable, "write inside read()"
        assert isinstance(record, self._kind.shape.record), (self._kind.name, type(record))


_NO_LIMIT = 1 << 62


class SqlUnitOfWork:
    """All tables over one connection; see ports.UnitOfWork."""

    def __init__(
        self, kinds: Mapping[str, TableKind], connection: DriverConnection, *, writable: bool
    ) -> None:
        self._kinds = kinds
        self._connection = connection
        self._writable = writable

    def __getattr__(self, name: str) -> SqlTable:
        try:
            kind = self._kinds[name]
        except KeyError:
            raise AttributeError(name) from None
        table = SqlTable(kind, self._connection, writable=self._writable)
        self.__dict__[name] = table
        return table
