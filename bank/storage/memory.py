"""The store of the tests: the same promises as the database, over dictionaries.

A write works on the live dictionaries and keeps an undo list, so a failed unit of work leaves
no trace. One lock serialises writers and readers. Records pass through the database's codecs
on the way in, so a value that would come back changed, or not at all, does so here too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from bank.domain.errors import AlreadyExists, NotFound
from bank.storage.columns import shape_of
from bank.storage.records import RECORDS, RecordSpec

T = TypeVar("T")

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "gte": lambda held, asked: held is not None and held >= asked,
    "gt": lambda held, asked: held is not None and held > asked,
    "lte": lambda held, asked: held is not None and held <= asked,
    "lt": lambda held, asked: held is not None and held < asked,
    "contains": lambda held, asked: held is not None and asked.casefold() in held.casefold(),
}


class MemoryTable:
    """Records of one kind in a dictionary."""

    def __init__(self, name: str, spec: RecordSpec, undo: list[Callable[[], None]]) -> None:
        self._name = name
        self._spec = spec
        self._shape = shape_of(spec.record)
        self._records: dict[str, Any] = {}
        self._unique: dict[tuple[str, ...], dict[tuple[Any, ...], str]] = {
            columns: {} for columns in spec.unique
        }
        self._undo = undo
        self.writable = False

    def add(self, record: Any) -> None:
        self._check_write(record)
        kept = self._as_stored(record)
        if kept.id in self._records:
            raise AlreadyExists(table=self._name)
        self._claim_unique(kept)
        self._records[kept.id] = kept
        self._undo.append(lambda: self._drop(kept))

    def add_many(self, records: Sequence[Any]) -> None:
        before = len(self._undo)
        try:
            for record in records:
                self.add(record)
        except AlreadyExists:
            while len(self._undo) > before:
                self._undo.pop()()
            raise

    def save(self, record: Any) -> None:
        self._check_write(record)
        record = self._as_stored(record)
        before = self._records.get(record.id)
        if before is None:
            raise NotFound(table=self._name)
        self._release_unique(before)
        try:
            self._claim_unique(record)
        except AlreadyExists:
            self._claim_unique(before)
            raise
        self._records[record.id] = record
        self._undo.append(lambda: self._put_back(before, record))

    def remove(self, record_id: str) -> None:
        assert self.writable, "write inside read()"
        before = self._records.get(record_id)
        if before is not None:
            self._drop(before)
            self._undo.append(lambda: self._put_back(before, None))

    def find(self, record_id: str) -> Any | None:
        return self._records.get(record_id)

    def get(self, record_id: str, *, lock: bool = False) -> Any:  # noqa: ARG002  one lock here
        record = self._records.get(record_id)
        if record is None:
            raise NotFound(table=self._name)
        return record

    def list(
        self,
        *,
        order_by: str = "id",
        descending: bool = False,
        limit: int | None = None,
        offset: int = 0,
        **filters: Any,
    ) -> list[Any]:
        found = [record for record in self._records.values() if self._matches(record, filters)]
        found.sort(
            key=lambda record: (_sortable(getattr(record, order_by)), record.id),
            reverse=descending,
        )
        return found[offset:] if limit is None else found[offset : offset + limit]

    def first(self, **filters: Any) -> Any | None:
        found = self.list(limit=1, **filters)
        return found[0] if found else None

    def count(self, **filters: Any) -> int:
        return sum(self._matches(record, filters) for record in self._records.values())

    def total(self, field: str, **filters: Any) -> int:
        return sum(
            getattr(record, field) or 0
            for record in self._records.values()
            if self._matches(record, filters)
        )

    def latest(
        self, field: str, *, by: str, keys: Sequence[str], **filters: Any
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for record in self._records.values():
            if self._matches(record, {by: tuple(keys), **filters}):
                key, value = getattr(record, by), getattr(record, field)
                found[key] = max(found.get(key, value), value)
        return found

    def _matches(self, record: Any, filters: dict[str, Any]) -> bool:
        for key, asked in filters.items():
            name, _, comparison = key.partition("__")
            assert name in self._shape.by_name, f"{self._name} has no field {name}"
            held = getattr(record, name)
            if comparison:
                if not _COMPARE[comparison](held, asked):
                    return False
            elif isinstance(asked, tuple | list | set | frozenset):
                if held not in asked:
                    return False
            elif held != asked:
                return False
        return True

    def _check_write(self, record: Any) -> None:
        assert self.writable, "write inside read()"
        assert isinstance(record, self._spec.record), (self._name, type(record))

    def _as_stored(self, record: Any) -> Any:
        return self._shape.from_row(self._shape.to_row(record))

    def _claim_unique(self, record: Any) -> None:
        wanted = []
        for columns, taken in self._unique.items():
            value = tuple(getattr(record, column) for column in columns)
            if None in value:  # as in SQL: NULLs are never equal
                continue
            if value in taken:
                raise AlreadyExists(table=self._name)
            wanted.append((taken, value))
        for taken, value in wanted:
            taken[value] = record.id

    def _release_unique(self, record: Any) -> None:
        for columns, taken in self._unique.items():
            taken.pop(tuple(getattr(record, column) for column in columns), None)

    def _drop(self, record: Any) -> None:
        self._release_unique(record)
        self._records.pop(record.id, None)

    def _put_back(self, before: Any, after: Any | None) -> None:
        if after is not None:
            self._release_unique(after)
        self._claim_unique(before)
        self._records[before.id] = before


class MemoryUnitOfWork:
    """All tables; see ports.UnitOfWork."""

    def __init__(self, tables: dict[str, MemoryTable]) -> None:
        self._tables = tables

    def __getattr__(self, name: str) -> MemoryTable:
        try:
            return self._tables[name]
        except KeyError:
            raise AttributeError(name) from None


class MemoryStore:
    """See ports.Store."""

    def __init__(self, records: Mapping[str, RecordSpec] = RECORDS) -> None:
        self._lock = threading.RLock()
        self._undo: list[Callable[[], None]] = []
        self._tables = {name: MemoryTable(name, spec, self._undo) for name, spec in records.items()}
        self._depth = 0

    def write(self, work: Callable[[Any], T]) -> T:
        with self._lock:
            assert self._depth == 0, "a unit of work inside another"
            self._depth += 1
            self._undo.clear()
            self._open(writable=True)
            try:
                return work(MemoryUnitOfWork(self._tables))
            except BaseException:
                for step in reversed(self._undo):
                    step()
                raise
            finally:
                self._undo.clear()
                self._open(writable=False)
                self._depth -= 1

    def read(self, work: Callable[[Any], T]) -> T:
        with self._lock:
            self._depth += 1
            try:
                return work(MemoryUnitOfWork(self._tables))
            finally:
                self._depth -= 1

    def close(self) -> None:
        """Nothing to close."""

    def _open(self, *, writable: bool) -> None:
        for table in self._tables.values():
            table.writable = writable


def _sortable(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else 0)
