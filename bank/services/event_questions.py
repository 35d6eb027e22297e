"""Event questions: "was this you?", asked once an event, in the chat and by mail.

    a login from a new place ─╮
    a card payment unlike them ─┴▶ AskedEvent + Notice + mail, in one write ──▶ event_answers.py

The first place of all is nobody's surprise. A login is not asked about in the very chat that
began at the new place: whoever sits there would only be told that they were noticed. The mail
goes out in any case, and names neither shop nor amount where a locked screen shows it.

Somebody who travels, or a thief with many addresses, is asked a few times a day; of the places
beyond that only the signal stays (risk_view.py), and none of them vouches for anything.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bank.domain.accounts import Account
from bank.domain.actors import Actor
from bank.domain.asked_events import (
    AskedEvent,
    EventAnswer,
    EventKind,
    is_in_question,
    is_open,
)
from bank.domain.customers import Customer
from bank.domain.habits import LoginPlace
from bank.domain.ids import CustomerId, make_id
from bank.domain.ledger import Posting, TransactionKind
from bank.domain.money import Money
from bank.domain.notices import NOTICE_TTL, Notice, NoticeKind
from bank.domain.outbox import OutboxKind
from bank.domain.risk import RiskSource
from bank.policies import access
from bank.policies import protection as policy
from bank.ports import Clock, Store, Texts, UnitOfWork
from bank.services.notices import leave_in
from bank.services.outbox import Outbox
from bank.services.purging import purge
from bank.services.risk_notes import RiskNotes

_KINDS = {
    EventKind.LOGIN: NoticeKind.LOGIN_NEW_PLACE,
    EventKind.CARD: NoticeKind.CARD_UNUSUAL,
}
_DAY = timedelta(days=1)


class EventQuestions:
    """Asks, and knows what is still asked."""

    def __init__(
        self, store: Store, *, clock: Clock, outbox: Outbox, texts: Texts, risk_notes: RiskNotes
    ) -> None:
        self._store = store
        self._clock = clock
        self._outbox = outbox
        self._texts = texts
        self._risk_notes = risk_notes

    def ask_login_in(self, uow: UnitOfWork, customer_id: str, place_id: str) -> AskedEvent | None:
        """Ask about a login from a place never seen before, in the login's write.

        None where the customer was asked about as many within a day as the policy allows.
        """
        now_utc = self._clock()
        lately = uow.asked_events.count(
            customer_id=customer_id, kind=EventKind.LOGIN, asked_at_utc__gt=now_utc - _DAY
        )
        if lately >= policy.logins_asked_a_day():
            return None
        facts = {"date": now_utc.date().isoformat(), "time": f"{now_utc:%H:%M} UTC"}
        event = AskedEvent(
            id=make_id("ae"),
            customer_id=CustomerId(customer_id),
            kind=EventKind.LOGIN,
            once_key=f"login:{place_id}",
            facts=facts,
            asked_at_utc=now_utc,
            expires_at_utc=now_utc + NOTICE_TTL,
            place_id=place_id,
        )
        return self._ask_in(uow, event)

    def seen_again_in(self, uow: UnitOfWork, customer_id: str, place_id: str) -> None:
        """Note a login from a place the customer has denied: it weighs like their word."""
        denied = uow.asked_events.count(
            customer_id=customer_id, place_id=place_id, answer=EventAnswer.NO
        )
        if denied:
            self._risk_notes.note_in(
                uow, customer_id, source=RiskSource.LOGIN, code="denied_login", strength=1.0,
                evidence={"sentence": "A login from a place the customer has denied."},
            )  # fmt: skip

    def ask_card(self, actor: Actor, posting_id: str) -> AskedEvent | None:
        """Ask about a card payment. The bank itself only.

        None when it was asked about before, when another one was lately (a thief's series is one
        question), or when it is no card payment of a customer's. Raises NotPermitted, NotFound.
        """
        access.require(actor, "events.ask")

        def work(uow: UnitOfWork) -> AskedEvent | None:
            posting: Posting = uow.postings.get(posting_id)
            account: Account = uow.accounts.get(posting.account_id)
            if account.customer_id is None or posting.kind is not TransactionKind.CARD:
                return None
            now_utc, once_key = self._clock(), f"card:{posting.id}"
            lately = uow.asked_events.count(
                customer_id=account.customer_id, kind=EventKind.CARD,
                asked_at_utc__gt=policy.card_asked_since(now_utc),
            )  # fmt: skip
            if lately or uow.asked_events.count(once_key=once_key):
                return None
            facts = {
                "merchant": posting.merchant or posting.description,
                "amount": str(Money(abs(posting.amount_minor), posting.currency)),
                "date": posting.booked_at_utc.date().isoformat(),
            }
            event = AskedEvent(
                id=make_id("ae"),
                customer_id=account.customer_id,
                kind=EventKind.CARD,
                once_key=once_key,
                facts=facts,
                asked_at_utc=now_utc,
                expires_at_utc=now_utc + NOTICE_TTL,
                posting_id=posting.id,
            )
            return self._ask_in(uow, event)

        return self._store.write(work)

    def open(self, actor: Actor) -> list[AskedEvent]:
        """Return what waits for the actor's own answer, the newest first."""
        customer_id, now_utc = actor.require_customer(), self._clock()
        found: list[AskedEvent] = self._store.read(
            lambda uow: uow.asked_events.list(
                customer_id=customer_id, answer=None, order_by="asked_at_utc", descending=True
            )
        )
        return [one for one in found if is_open(one, now_utc=now_utc)]

    def may_be_told_in(self, notice: Notice, conversation_id: str) -> bool:
        """Whether a notice is for this chat: a login not for the one it came from, or answered."""
        event_id = notice.facts.get("event_id")
        if event_id is None:
            return True

        def work(uow: UnitOfWork) -> bool:
            event: AskedEvent = uow.asked_events.get(event_id)
            if not is_open(event, now_utc=self._clock()):
                return False
            return event.place_id not in places_of(uow, event.customer_id, conversation_id)

        return self._store.read(work)

    def purge(self) -> int:
        """Forget questions whose time was over long ago. Returns how many.

        One that waits for its answer stays, and a denial a person has not decided about yet.
        """
        now_utc = self._clock()
        until = policy.asked_kept_since(now_utc, is_denied=False)
        denied_until = policy.asked_kept_since(now_utc, is_denied=True)
        unanswered, own = (
            purge(self._store, "asked_events", answer=answer, expires_at_utc__lt=until)
            for answer in (None, EventAnswer.YES)
        )
        denied = purge(
            self._store, "asked_events", keeps=_is_undecided, answer=EventAnswer.NO,
            expires_at_utc__lt=denied_until,
        )  # fmt: skip
        return unanswered + own + denied

    def _ask_in(self, uow: UnitOfWork, event: AskedEvent) -> AskedEvent:
        """Keep it, leave word for the chat, and send the mail."""
        kind = _KINDS[event.kind]
        uow.asked_events.add(event)
        leave_in(
            uow, event.customer_id, kind, f"{kind.value}:{event.id}",
            {**event.facts, "event_id": event.id}, now_utc=event.asked_at_utc,
        )  # fmt: skip
        customer: Customer = uow.customers.get(event.customer_id)
        facts = {"name": customer.given_name, **event.facts}
        text = self._texts.render(kind.value, locale=customer.locale, facts=facts)
        # Whoever gave no address hears of it in the chat alone.
        if customer.email:
            self._outbox.add_in(
                uow, kind=OutboxKind.MAIL, to=customer.email, subject=text.subject, body=text.body
            )
        return event


def places_of(uow: UnitOfWork, customer_id: str, conversation_id: str | None) -> set[str]:
    """Return where the customer's running sessions of a chat began; empty: nobody knows."""
    if conversation_id is None:
        return set()
    held = uow.sessions.list(
        conversation_id=conversation_id, actor_id=customer_id, ended_at_utc=None
    )
    return {one.place_id for one in held if one.place_id is not None}


def doubted_places(uow: UnitOfWork, customer_id: str, *, now_utc: datetime) -> set[str]:
    """Return the places a yes is worth nothing from: asked about, denied, or new and not asked.

    The last are those beyond the day's questions: a thief must not come through them.
    """
    asked: list[AskedEvent] = uow.asked_events.list(customer_id=customer_id, kind=EventKind.LOGIN)
    places: list[LoginPlace] = uow.login_places.list(
        customer_id=customer_id, order_by="first_seen_at_utc"
    )
    new = {one.id for one in places[1:] if one.first_seen_at_utc > now_utc - NOTICE_TTL}
    own = {one.place_id for one in asked if one.answer is EventAnswer.YES}
    doubted = {one.place_id for one in asked if is_in_question(one, now_utc=now_utc)}
    return {one for one in doubted | (new - own) if one is not None}


def _is_undecided(uow: UnitOfWork, event: AskedEvent) -> bool:
    return bool(uow.assessments.count(subject_id=event.id, outcome=None))
