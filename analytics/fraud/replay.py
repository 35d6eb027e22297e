"""The past again, payment by payment, through the same state that serves: rows to learn from.

    payments, in order of arrival ─┐
                                   ├─▶ State ─▶ one row each, as it would have been online
    labels, in order of arrival ───┘

A label told at the same second as a payment is learnt first.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.fraud.events import Label, Payment
from analytics.fraud.features import ALL, positions
from analytics.fraud.state import State
from analytics.models import Progress, quietly
from analytics.tables.columns import Schema

_REPORT_EVERY = 20_000


class LabelFeed:
    """Labels in order of `known_at_s`, told to a state as time passes; each once."""

    def __init__(self, labels: Iterable[Label]) -> None:
        self._coming = iter(labels)
        self._next = next(self._coming, None)

    def tell(self, state: State, until_s: int) -> None:
        """Let the state learn what is known by then."""
        while self._next is not None and self._next.known_at_s <= until_s:
            state.learn(self._next)
            self._next = next(self._coming, None)


def replay(
    payments: Iterable[Payment],
    labels: Iterable[Label],
    *,
    state: State | None = None,
    stopped: Collection[str] = frozenset(),
    count: int = 0,
    schema: Schema = ALL,
    progress: Progress = quietly,
) -> NDArray[np.float32]:
    """Return the rows, shape (payments, features of the schema), float32, in the order given.

    payments: in order of arrival. labels: in order of `known_at_s`. state: what is known before
    the first; it goes on from there. stopped: ids of payments that never moved: they have a row as
    they were asked for, and count for nothing that follows. count: how many payments, where
    known, for the progress.
    """
    with _uncollected():
        return _replayed(payments, labels, state or State(), stopped, schema, count, progress)


def _replayed(
    payments: Iterable[Payment], labels: Iterable[Label], state: State,
    stopped: Collection[str], schema: Schema, count: int, progress: Progress,
) -> NDArray[np.float32]:  # fmt: skip
    feed = LabelFeed(labels)
    found: list[list[float]] = []
    blocks: list[NDArray[np.float32]] = []
    wanted = positions(schema)
    for payment in payments:
        feed.tell(state, payment.at_s)
        found.append(state.features(payment))
        if payment.payment_id not in stopped:
            state.add(payment)
        if len(found) == _REPORT_EVERY:
            blocks.append(np.array(found, np.float32)[:, wanted])
            found = []
            if count:
                progress(min(1.0, len(blocks) * _REPORT_EVERY / count))
    blocks.append(np.array(found, np.float32).reshape(-1, len(ALL.names))[:, wanted])
    return np.concatenate(blocks)


def payments_of(table: pd.DataFrame) -> Iterator[Payment]:
    """Read payments from a table with columns payment_id, customer, payee, amount_minor, at_s."""
    return (
        Payment(str(key), str(customer), str(payee), int(amount), int(at_s))
        for key, customer, payee, amount, at_s in zip(
            *(table[name] for name in ("payment_id", "customer", "payee", "amount_minor", "at_s")),
            strict=True,
        )
    )


def delayed_labels(
    payments: Iterable[Payment], frauds: Iterable[bool], *, delay_s: int
) -> Iterator[Label]:
    """Return each payment's label, told `delay_s` after it: a bank that learns all in the end."""
    return (
        Label(payment, bool(fraud), payment.at_s + delay_s)
        for payment, fraud in zip(payments, frauds, strict=True)
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python from looking for cycles: there are none, and it would walk all tracks to see."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
