"""Segments handed to somebody else: who is in which, and nothing more of a person.

    a file      customer_id,segment_id,segment,version,as_of_utc
    a webhook   pages of PAGE_ROWS through the outbox, signed as all webhooks (bank/delivery)

        {"event": "segments.page", "version": …, "as_of_utc": …, "page": 1, "pages": 4,
         "segments": {"sg_1": "Saves more"}, "customers": {"cu_1": "sg_1", …}}

All pages are queued in one write, so a hand-over is whole or was not begun; a receiver puts it
together by version, moment and page, and drops a delivery it has.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from analytics.segments.learning import Segmentation
from bank.domain.outbox import OutboxItem, OutboxKind, OutboxState
from bank.ports import Store, UnitOfWork
from bank.whole_files import write_whole


class Outgoing(Protocol):
    """The bank's outbox, as far as this room knows of services."""

    def add_in(
        self, uow: UnitOfWork, *, kind: OutboxKind, to: str, subject: str, body: str
    ) -> Any: ...


HEADS = ("customer_id", "segment_id", "segment", "version", "as_of_utc")
EVENT = "segments.page"
PAGE_ROWS = 1_000
_FAILING = (OutboxState.QUEUED, OutboxState.DEAD)
#: A spreadsheet runs what begins so; ids may come from another bank.
_RUNS = ("=", "+", "-", "@", "\t", "\r")


def csv_of(
    segments: pd.Series, found: Segmentation, names: dict[str, str], *, as_of_utc: str
) -> str:
    """Return the file's text; segments: ids indexed by customer id."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(HEADS)
    for who, segment in segments.items():
        row = (str(who), str(segment), names[str(segment)], found.version, as_of_utc)
        lines.writerow([f"'{one}" if one.startswith(_RUNS) else one for one in row])
    return text.getvalue()


def hand_over(
    path: Path,
    segments: pd.Series,
    found: Segmentation,
    names: dict[str, str],
    *,
    as_of_utc: str,
) -> None:
    """Write the CSV: there whole or not at all, readable by nobody else. Raises OSError."""
    write_whole(path, csv_of(segments, found, names, as_of_utc=as_of_utc))


def pages_of(
    segments: pd.Series, found: Segmentation, names: dict[str, str], *, as_of_utc: str
) -> list[str]:
    """Return the bodies of a hand-over by webhook, in order; none where nobody is in a segment."""
    rows = [(str(who), str(one)) for who, one in segments.sort_index().items()]
    parts = [rows[start : start + PAGE_ROWS] for start in range(0, len(rows), PAGE_ROWS)]
    return [
        json.dumps(
            {
                "event": EVENT, "version": found.version, "as_of_utc": as_of_utc,
                "page": number, "pages": len(parts), "segments": names, "customers": dict(part),
            },
            ensure_ascii=False,
        )
        for number, part in enumerate(parts, start=1)
    ]  # fmt: skip


def call_out(
    store: Store, outbox: Outgoing, pages: list[str], *, to: str,
    note_in: Callable[[UnitOfWork], None] | None = None,
) -> int:  # fmt: skip
    """Queue the pages for an address of the settings; return how many. The worker delivers.

    note_in: writes down, in the same write, who had them handed over.
    """

    def work(uow: UnitOfWork) -> int:
        if note_in is not None:
            note_in(uow)
        for body in pages:
            outbox.add_in(uow, kind=OutboxKind.WEBHOOK, to=to, subject=EVENT, body=body)
        return len(pages)

    return store.write(work)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a hand-over goes. waiting_count: pages still tried; fault: what one of them last met."""

    delivered_count: int
    waiting_count: int
    dead_count: int
    fault: str | None


def delivery_of(store: Store, since_utc: datetime) -> Delivery:
    """Return how the pages queued since then go."""
    asked: dict[str, Any] = {
        "kind": OutboxKind.WEBHOOK, "subject": EVENT, "created_at_utc__gte": since_utc
    }  # fmt: skip

    def read(uow: UnitOfWork) -> Delivery:
        def count(*states: OutboxState) -> int:
            return uow.outbox.count(**asked, state=states)

        tried: list[OutboxItem] = uow.outbox.list(
            **asked, state=_FAILING, attempts__gt=0, order_by="due_at_utc", descending=True, limit=1
        )
        return Delivery(
            delivered_count=count(OutboxState.SENT),
            waiting_count=count(OutboxState.QUEUED, OutboxState.LEASED),
            dead_count=count(OutboxState.DEAD),
            fault=tried[0].last_error if tried else None,
        )

    return store.read(read)
