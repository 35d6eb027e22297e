"""What the services need from outside: a clock, and a store with units of work.

    store.write(work)     runs work(uow) in one transaction: all of it, or nothing
    store.read(work)      the same, on a snapshot, without the writer's lock

A table keeps one kind of record (a frozen dataclass whose first field is `id`). Filters are
`field=value`, `field=(a, b)` for "one of", and `field__gte / __gt / __lte / __lt / __contains`.

`work` may run more than once (a retried transaction), so it has no effect but through `uow`.
Implementations: `storage/memory.py` (the fake of the tests) and `storage/database.py`; both
pass `tests/contracts/`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

R = TypeVar("R")
T = TypeVar("T")


class Clock(Protocol):
    """Tells the time in UTC, always timezone-aware."""

    def __call__(self) -> datetime: ...


class Table(Protocol[R]):
    """Records of one kind, keyed by `id`."""

    def add(self, record: R) -> None:
        """Insert. Raises AlreadyExists when the id or a unique field is taken."""

    def add_many(self, records: Sequence[R]) -> None:
        """Insert many at once (seeding, batches)."""

    def save(self, record: R) -> None:
        """Replace the record with this id. Raises NotFound."""

    def remove(self, record_id: str) -> None:
        """Delete; silent when absent."""

    def find(self, record_id: str) -> R | None:
        """Return the record or None."""

    def get(self, record_id: str, *, lock: bool = False) -> R:
        """Return the record. `lock` holds it until the transaction ends. Raises NotFound."""

    def list(
        self,
        *,
        order_by: str = "id",
        descending: bool = False,
        limit: int | None = None,
        offset: int = 0,
        **filters: Any,
    ) -> list[R]:
        """Return the records that match, ordered by one field (ties by id)."""

    def first(self, **filters: Any) -> R | None:
        """Return the first match by id, or None."""

    def count(self, **filters: Any) -> int:
        """Return how many match."""

    def total(self, field: str, **filters: Any) -> int:
        """Return the sum of an integer field over the matches; 0 when none."""


class UnitOfWork(Protocol):
    """All tables, inside one transaction. The names are those of `storage/records.py`."""

    def __getattr__(self, name: str) -> Table[Any]: ...


class Store(Protocol):
    """Where records live."""

    def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run `work` in one transaction. Raises what `work` raises, after undoing it;
        DatabaseBusy, DiskFull when the database cannot."""

    def read(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run `work` on a consistent snapshot; writes in it are a bug and raise."""

    def close(self) -> None: ...


class Mailer(Protocol):
    """Sends one message by mail, SMS or push; at-least-once, called by the outbox worker."""

    def send(self, *, to: str, subject: str, body: str, message_id: str) -> None: ...


