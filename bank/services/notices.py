"""Notices: found in the accounts, kept until a chat is there to say them in.

    make_due ──reads insights──▶ pending ──begin_telling──▶ telling ──mark_told──▶ told
                                    ▲───────put_back───────────┘

Whoever began to tell a notice has it alone for a while, so two processes, or a crash between
the words and `mark_told`, do not say it twice. What is worth a notice is
`policies/notices.toml`; the words are the dialogue's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from bank.domain.actors import Actor, ActorKind, LoginLevel
from bank.domain.conversations import ChangeKind, Sender
from bank.domain.ids import CustomerId, NoticeId, make_id
from bank.domain.insights import LowBalance, RecurringCharge, SpendingPath
from bank.domain.ledger import Posting
from bank.domain.money import Money
from bank.domain.notices import (
    NOTICE_TTL,
    Notice,
    NoticeKind,
    NoticeState,
    may_be_told,
    order_of_telling,
)
from bank.policies.notices import is_charge_change_worth_telling, is_path_worth_telling
from bank.ports import Clock, Store, UnitOfWork
from bank.services.changes import note_change
from bank.services.proactive import Found, is_resting_in, unwanted_in

MONEY_BACK_DAYS = 3


class InsightsReader(Protocol):
    """What notices read; `services/insights.py` has more."""

    def recurring(self, actor: Actor) -> list[RecurringCharge]: ...

    def low_balance(self, actor: Actor) -> LowBalance | None: ...

    def refunds(self, actor: Actor, since_utc: datetime) -> list[Posting]: ...

    def spending_path(self, actor: Actor) -> SpendingPath: ...


class Looker(Protocol):
    """Who finds more that is worth telling; services/proactive.py."""

    def look(self, actor: Actor) -> Iterator[Found]: ...


class Notices:
    """What the bank tells unasked."""

    def __init__(
        self, store: Store, *, clock: Clock, insights: InsightsReader | None = None,
        proactive: Looker | None = None,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._insights = insights
        self._proactive = proactive

    def make_due(self, customer_ids: Iterable[str] | None = None) -> int:
        """Look for something to tell these customers; return how many notices were made.

        Without ids: everybody with a conversation, who is the only one it could be said to.
        """
        if self._insights is None:
            return 0
        ids = self._store.read(_with_chats) if customer_ids is None else list(customer_ids)
        return sum(self._make_for(self._insights, customer_id) for customer_id in ids)

    def pending(self, customer_id: str) -> list[Notice]:
        """Return what waits for this customer, oldest first; too old ones have expired."""
        now_utc = self._clock()
        waiting: list[Notice] = self._store.read(
            lambda uow: uow.notices.list(
                customer_id=customer_id, state=(NoticeState.PENDING, NoticeState.TELLING)
            )
        )
        due = [notice for notice in waiting if may_be_told(notice, now_utc=now_utc)]
        return sorted(due, key=order_of_telling)

    def begin_telling(self, notice_id: str, *, message_id: str) -> bool:
        """Take a notice to say it under `message_id`; False when it must not be said now.

        When whoever took it before is gone, the customer's chats are looked through for the
        line: it may have been the last thing they did.
        """

        def work(uow: UnitOfWork) -> bool:
            notice: Notice = uow.notices.get(notice_id, lock=True)
            if not may_be_told(notice, now_utc=self._clock()):
                return False
            begun_before = notice.state is NoticeState.TELLING
            said = begun_before and _is_said(uow, notice.customer_id, message_id)
            state = NoticeState.TOLD if said else NoticeState.TELLING
            uow.notices.save(replace(notice, state=state, told_at_utc=self._clock()))
            return not said

        return self._store.write(work)

    def put_back(self, notice_id: str) -> None:
        """Let a notice wait again: it was begun, and nothing was said."""

        def work(uow: UnitOfWork) -> None:
            notice: Notice = uow.notices.get(notice_id, lock=True)
            if notice.state is NoticeState.TELLING:
                uow.notices.save(replace(notice, state=NoticeState.PENDING, told_at_utc=None))

        self._store.write(work)

    def mark_told(self, notice_id: str) -> bool:
        """Keep that a notice was said; False when that was known. Raises NotFound."""

        def work(uow: UnitOfWork) -> bool:
            notice: Notice = uow.notices.get(notice_id, lock=True)
            if notice.state not in (NoticeState.PENDING, NoticeState.TELLING):
                return False
            uow.notices.save(replace(notice, state=NoticeState.TOLD, told_at_utc=self._clock()))
            return True

        return self._store.write(work)

    def _make_for(self, insights: InsightsReader, customer_id: str) -> int:
        actor = Actor(ActorKind.CUSTOMER, customer_id, LoginLevel.PASSWORD)
        found = list(_look(insights, actor, now_utc=self._clock()))
        if self._proactive is not None:
            found += self._proactive.look(actor)
        if not found:
            return 0

        def work(uow: UnitOfWork) -> int:
            made, now_utc = 0, self._clock()
            unwanted = unwanted_in(uow, customer_id)
            for one in found:
                resting = is_resting_in(uow, customer_id, one.kind, now_utc=now_utc)
                if one.kind in unwanted or resting:
                    continue
                if uow.notices.count(customer_id=customer_id, once_key=one.once_key):
                    continue
                add_in(uow, customer_id, one.kind, one.once_key, one.facts, now_utc=now_utc)
                made += 1
            if made:
                note_change(uow, ChangeKind.NOTICE, at_utc=now_utc, customer_id=customer_id)
            return made

        return self._store.write(work)


def add_in(
    uow: UnitOfWork, customer_id: str, kind: NoticeKind, once_key: str, facts: dict[str, Any], *,
    now_utc: datetime,
) -> None:  # fmt: skip
    """Store a notice that waits; whoever adds the last one notes the change."""
    uow.notices.add(
        Notice(
            id=NoticeId(make_id("no")),
            customer_id=CustomerId(customer_id),
            kind=kind,
            once_key=once_key,
            facts=facts,
            state=NoticeState.PENDING,
            made_at_utc=now_utc,
            expires_at_utc=now_utc + NOTICE_TTL,
        )
    )


def leave_in(
    uow: UnitOfWork, customer_id: str, kind: NoticeKind, once_key: str, facts: dict[str, Any], *,
    now_utc: datetime,
) -> None:  # fmt: skip
    """Leave word for the customer's chat, in the write of what it tells about."""
    add_in(uow, customer_id, kind, once_key, facts, now_utc=now_utc)
    note_change(uow, ChangeKind.NOTICE, at_utc=now_utc, customer_id=customer_id)


def _is_said(uow: UnitOfWork, customer_id: str, message_id: str) -> bool:
    """Whether one of the customer's chats holds the bot's line of this message id."""
    chats = uow.conversations.list(customer_id=customer_id)
    about = {"message_id": message_id, "sender": Sender.BOT}
    return any(uow.messages.count(conversation_id=chat.id, **about) for chat in chats)


def _with_chats(uow: UnitOfWork) -> list[str]:
    chats = uow.conversations.list(erased_at_utc=None)
    return sorted({chat.customer_id for chat in chats if chat.customer_id is not None})


def _look(insights: InsightsReader, actor: Actor, *, now_utc: datetime) -> Iterator[Found]:
    yield from _low_balance(insights.low_balance(actor))
    yield from _recurring(insights.recurring(actor))
    yield from _refunds(insights.refunds(actor, now_utc - timedelta(days=MONEY_BACK_DAYS)))
    yield from _path(insights.spending_path(actor), now_utc=now_utc)


def _low_balance(ahead: LowBalance | None) -> Iterator[Found]:
    if ahead is None:
        return
    facts = {
        "account": ahead.account.name,
        "expected": str(ahead.expected),
        "date": ahead.date.isoformat(),
    }
    key = f"low_balance:{ahead.account.id}:{ahead.date:%G-%V}"  # once an ISO week
    yield Found(NoticeKind.LOW_BALANCE, key, facts)


def _recurring(charges: Sequence[RecurringCharge]) -> Iterator[Found]:
    for charge in charges:
        before, now = charge.previous_amount, charge.amount
        if before is None or before.currency != now.currency:
            continue
        if is_charge_change_worth_telling(
            category=charge.category,
            previous_minor=abs(before.amount_minor),
            amount_minor=abs(now.amount_minor),
        ):
            yield Found(
                NoticeKind.RECURRING_CHANGED,
                f"recurring:{charge.merchant}:{abs(now.amount_minor)}{now.currency}",
                {"merchant": charge.merchant, "amount": _shown(now), "previous": _shown(before)},
            )


def _refunds(postings: Sequence[Posting]) -> Iterator[Found]:
    for posting in postings:
        amount = Money(posting.amount_minor, posting.currency)
        facts = {"amount": _shown(amount), "merchant": posting.merchant or posting.description}
        yield Found(NoticeKind.MONEY_BACK, f"money_back:{posting.id}", facts)


def _path(path: SpendingPath, *, now_utc: datetime) -> Iterator[Found]:
    if not is_path_worth_telling(
        spent_minor=path.month_to_date.amount_minor,
        usual_minor=path.usual_by_now.amount_minor,
        day_of_month=now_utc.day,
    ):
        return
    facts = {"spent": _shown(path.month_to_date), "usual": _shown(path.usual_by_now)}
    yield Found(NoticeKind.SPENDING_PATH, f"path:{now_utc:%Y-%m}", facts)


def _shown(amount: Money) -> str:
    return str(Money(abs(amount.amount_minor), amount.currency))
