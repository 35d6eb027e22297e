"""Purging: old rows go in small writes, so that nobody waits long for their turn to write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bank.ports import Store, UnitOfWork

BATCH_COUNT = 500


def purge(
    store: Store,
    table: str,
    *,
    keeps: Callable[[UnitOfWork, Any], bool] = lambda _uow, _record: False,
    **filters: Any,
) -> int:
    """Remove every record of a table that the filters find; returns how many there were.

    keeps: whether a record that was found stays after all.
    """

    def work(uow: UnitOfWork, after_id: str) -> tuple[str, int]:
        records = getattr(uow, table)
        found = records.list(limit=BATCH_COUNT, order_by="id", id__gt=after_id, **filters)
        gone = [one for one in found if not keeps(uow, one)]
        for record in gone:
            records.remove(record.id)
        return (found[-1].id if found else ""), len(gone)

    last_id, removed_count = "", 0
    while True:
        last_id, batch = store.write(lambda uow, after_id=last_id: work(uow, after_id))  # type: ignore[misc]
        if not last_id:
            return removed_count
        removed_count += batch
