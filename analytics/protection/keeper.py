"""The fraud state of a process that serves: filled from the bank's past, then kept up to date.

    warm       replay the last KEEP_DAYS beside whatever serves now, put it in its place    seconds
    features   read what was booked since the last look, count it, then the row        milliseconds
    take_watched   the rows of card payments as they were before each counted, once (card_watch.py)

Several processes serve one bank, so none may count only its own payments: each reads the ledger.
Postings of concurrent writers become visible out of order; the last OVERLAP is read again each
time, and what was counted before is skipped. What takes thirty days to become known (an honest
payment nobody complained about) is learnt by warming anew each day.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from analytics.features import draws
from analytics.features import payments as past
from analytics.fraud.events import Label, Payment
from analytics.fraud.replay import LabelFeed
from analytics.fraud.state import State
from bank.domain.accounts import Account
from bank.domain.fraud_findings import FraudFinding
from bank.domain.habits import LoginPlace
from bank.domain.ledger import Posting, TransactionKind
from bank.domain.risk import PaymentAsked
from bank.ports import Clock, Store, UnitOfWork

log = structlog.get_logger(__name__)

#: The longest window of a feature is 60 days, and labels settle after 30.
KEEP_DAYS = 95
OVERLAP = timedelta(seconds=60)
WARM_EVERY = timedelta(days=1)
#: More than this since the last look is read from the past in one go instead.
_CATCH_UP_MOST = 20_000
#: Card payments so long before a warm are watched as well: nobody did while no process ran, or
#: while the past was replayed.
WATCH_BACK = timedelta(hours=24)
#: Of a flood the newest are looked at.
_WATCHED_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Watched:
    """A card payment that was made, and its row of features from before it counted."""

    posting_id: str
    row: list[float]


class StateKeeper:
    """One state for all threads of a process."""

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._state: State | None = None
        self._warmed_at_utc: datetime | None = None
        self._until_utc = clock()
        self._counted: dict[str, datetime] = {}
        self._watched: deque[Watched] = deque(maxlen=_WATCHED_MOST)

    @property
    def is_warm(self) -> bool:
        return self._state is not None

    @property
    def is_due(self) -> bool:
        """Whether the past should be read anew."""
        warmed = self._warmed_at_utc
        return warmed is None or self._clock() - warmed >= WARM_EVERY

    def warm(self) -> int:
        """Replay the past into a new state and serve from it. Returns how many payments."""
        now_utc = self._clock()
        log_of_past = past.payments(self._store, now_utc - timedelta(days=KEEP_DAYS), now_utc)
        state, watched = State(), list[Watched]()
        watch_from_s = int((now_utc - WATCH_BACK).timestamp())
        feed = LabelFeed(log_of_past.labels)
        for payment in log_of_past.payments:
            feed.tell(state, payment.at_s)
            if payment.at_s >= watch_from_s:
                watched += _watched(state, payment)
            state.add(payment)
        feed.tell(state, int(now_utc.timestamp()))
        recent_s = int((now_utc - OVERLAP).timestamp())
        with self._lock:
            self._counted = {
                one.payment_id: now_utc for one in log_of_past.payments if one.at_s >= recent_s
            }
            self._state, self._until_utc = state, now_utc
            self._warmed_at_utc = now_utc
            self._watched.extend(watched)
        log.info("fraud_state.warm", payments_count=len(log_of_past.payments))
        return len(log_of_past.payments)

    def features(self, asked: PaymentAsked) -> list[float] | None:
        """Return the row of a payment before it happens; None while the state is cold."""
        with self._lock:
            state = self._state
            if state is None:
                return None
            places, drawn = self._catch_up(state, asked)
            return state.features(past.asked(asked, places, drawn=drawn))

    def take_watched(self) -> list[Watched]:
        """Return the card payments that were counted since the last call, each once.

        After a warm some come again: whoever asks about them asks once (event_questions.py).
        """
        with self._lock:
            if self._state is not None:
                self._catch_up(self._state, None)
            taken = list(self._watched)
            self._watched.clear()
        return taken

    def _catch_up(
        self, state: State, asked: PaymentAsked | None
    ) -> tuple[Sequence[LoginPlace], tuple[int, int]]:
        """Count what was booked and found since the last look.

        Returns what `past.asked` needs of the payment that is asked about, from the same read.
        """
        now_utc, since_utc = self._clock(), self._until_utc

        def work(
            uow: UnitOfWork,
        ) -> tuple[list[Payment], list[Label], list[LoginPlace], tuple[int, int]]:
            postings: list[Posting] = uow.postings.list(
                booked_at_utc__gt=since_utc - OVERLAP, order_by="booked_at_utc",
                limit=_CATCH_UP_MOST,
            )  # fmt: skip
            fresh = [one for one in postings if one.id not in self._counted]
            known, drawn = [], draws.NOT_DRAWN
            if asked is not None:
                known = uow.login_places.list(customer_id=asked.customer_id)
                drawn = draws.last_draw(uow, asked.customer_id, asked.at_utc)
            return self._payments(uow, fresh), self._labels(uow, since_utc), known, drawn

        payments, labels, places, drawn = self._store.read(work)
        for payment in payments:
            self._watched.extend(_watched(state, payment))
            state.add(payment)
            self._counted[payment.payment_id] = now_utc
        for label in labels:
            state.learn(label)
        old_utc = now_utc - 2 * OVERLAP
        if len(self._counted) > _CATCH_UP_MOST or since_utc < old_utc:
            self._counted = {key: at for key, at in self._counted.items() if at >= old_utc}
        self._until_utc = max(now_utc, since_utc)
        return places, drawn

    def _payments(self, uow: UnitOfWork, postings: Sequence[Posting]) -> list[Payment]:
        if not postings:
            return []
        ids = tuple({one.account_id for one in postings})
        accounts: list[Account] = [
            one for one in uow.accounts.list(id=ids) if one.customer_id is not None
        ]
        owners = {one.id for one in accounts}
        customers = tuple({str(one.customer_id) for one in accounts})
        records = past.Records(
            accounts,
            [one for one in postings if one.account_id in owners],
            uow.login_places.list(customer_id=customers) if customers else [],
        )
        found = past.log_of(records, to_utc=self._clock()).payments
        return sorted(found, key=lambda one: (one.at_s, one.payment_id))

    def _labels(self, uow: UnitOfWork, since_utc: datetime) -> list[Label]:
        findings: list[FraudFinding] = uow.fraud_findings.list(
            found_at_utc__gt=since_utc, order_by="found_at_utc"
        )
        if not findings:
            return []
        untaken = past.untaken_in(uow, to_utc=self._clock(), from_utc=since_utc)
        return [
            Label(payment, one.is_fraud, int(one.found_at_utc.timestamp()))
            for one in findings
            if one.id not in untaken
            for payment in self._payments(uow, uow.postings.list(id=one.posting_id))
        ]


def _watched(state: State, payment: Payment) -> Iterator[Watched]:
    if payment.channel == TransactionKind.CARD:
        yield Watched(payment.payment_id, state.features(payment))
