"""Purging: old rows go in small writes, so that nobody waits long for their turn to write."""

from __future__ import annotations

from typing import Any

from bank.ports import Store, UnitOfWork

BATCH_COUNT = 500


def purge(store: Store, table: str, **filters: Any) -> int:
    """Remove every record of a table that the filters find; returns how many there were."""

    def work(uow: UnitOfWork) -> int:
        records = getattr(uow, table)
        found = records.list(limit=BATCH_COUNT, **filters)
        for record in found:
            records.remove(record.id)
        return len(found)

    removed_count = 0
    while (batch := store.write(work)) > 0:
        removed_count += batch
    return removed_count
