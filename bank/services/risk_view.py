"""The view of one act, as the store and the scorer know it now.

    notes (conversation, network, denied logins) ─╮
    places, challenges, passkeys of the customer ─┤
    who else lost money to this account          ─┼─▶ policies.protection.view
    payment model and rules (the scorer)         ─╯

Reads only; costs a few indexed queries and one score.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from bank.domain.asked_events import EventAnswer, EventKind
from bank.domain.challenges import CODE_TRIES, Challenge, Passkey
from bank.domain.customers import Customer
from bank.domain.habits import LoginPlace
from bank.domain.ids import CustomerId
from bank.domain.risk import (
    Assessment,
    PaymentAsked,
    PaymentPause,
    PaymentScore,
    RiskDecision,
    RiskNote,
    RiskOutcome,
    RiskSignal,
    RiskSource,
    RiskView,
)
from bank.domain.transfers import TransferStatus
from bank.policies import protection as policy
from bank.ports import UnitOfWork

#: More people than this who lost money to one account do not make it worse.
_OTHERS_MOST = 20
#: Fewer wrong codes are typing errors; from this many on it is as clear as it gets.
_WRONG_CODES_LEAST, _WRONG_CODES_FULL = 3, 8


class PaymentScorer(Protocol):
    """Scores a payment against the past: analytics/protection, in a process that serves."""

    def score(self, payment: PaymentAsked) -> PaymentScore:
        """Return what model and rules say. Never raises for a payment it does not know."""


class NoScorer:
    """A bank without models: words, logins and lists still count."""

    def score(self, payment: PaymentAsked) -> PaymentScore:
        del payment
        return PaymentScore()


def see_payment(
    uow: UnitOfWork, payment: PaymentAsked, scored: PaymentScore, *, now_utc: datetime
) -> RiskView:
    """Return the view of a payment to somebody else."""
    signals = [
        *scored.signals,
        *see_customer(uow, payment.customer_id, now_utc=now_utc),
        *_payee(uow, payment),
    ]
    return policy.view(
        signals,
        amount_eur_minor=payment.amount_eur_minor,
        was_warned=_was_warned(uow, payment, now_utc=now_utc),
        was_cleared=_was_cleared(uow, payment, now_utc=now_utc),
        model_version=scored.model_version,
    )


def see_act(uow: UnitOfWork, customer_id: CustomerId, *, now_utc: datetime) -> RiskView:
    """Return the view of an act that moves no money itself: a card's limit, a new payee."""
    return policy.view(see_customer(uow, customer_id, now_utc=now_utc), amount_eur_minor=None)


def see_customer(
    uow: UnitOfWork, customer_id: CustomerId, *, now_utc: datetime
) -> list[RiskSignal]:
    """Return what speaks of the customer's words, login and standing."""
    notes: list[RiskNote] = uow.risk_notes.list(customer_id=customer_id, expires_at_utc__gt=now_utc)
    return [
        *policy.signals_of(notes, now_utc=now_utc),
        *_login(uow, customer_id, now_utc=now_utc),
        *_identity(uow, customer_id, now_utc=now_utc),
    ]


def open_pause(
    uow: UnitOfWork, customer_id: CustomerId, to_iban: str, *, now_utc: datetime
) -> PaymentPause | None:
    """Return the pause that still holds payments to this account back."""
    found: list[PaymentPause] = uow.payment_pauses.list(
        customer_id=customer_id, to_iban=to_iban, until_utc__gt=now_utc, limit=1
    )
    return found[0] if found else None


def _was_warned(uow: UnitOfWork, payment: PaymentAsked, *, now_utc: datetime) -> bool:
    waited_out = uow.payment_pauses.count(
        customer_id=payment.customer_id, to_iban=payment.to_iban, until_utc__lte=now_utc,
        until_utc__gt=policy.warned_since(now_utc),
    )  # fmt: skip
    return bool(waited_out)


def _was_cleared(uow: UnitOfWork, payment: PaymentAsked, *, now_utc: datetime) -> bool:
    """Whether a person found a paused payment genuine that was as large, and it is made only now.

    Their word is on what they saw: not on a second payment, nor once more has been noticed.
    """
    found: list[Assessment] = uow.assessments.list(
        customer_id=payment.customer_id, to_iban=payment.to_iban, decision=RiskDecision.PAUSE,
        outcome=RiskOutcome.GENUINE, outcome_at_utc__gt=policy.cleared_since(now_utc),
        amount_eur_minor__gte=payment.amount_eur_minor,
    )  # fmt: skip
    since = max((one.outcome_at_utc for one in found if one.outcome_at_utc), default=None)
    if since is None:
        return False
    noticed = uow.risk_notes.count(customer_id=payment.customer_id, at_utc__gte=since)
    made = uow.transfers.count(
        customer_id=payment.customer_id, to_iban=payment.to_iban,
        status=(TransferStatus.POSTED, TransferStatus.HELD), proposed_at_utc__gte=since,
    )  # fmt: skip
    return not noticed and not made


def _login(uow: UnitOfWork, customer_id: CustomerId, *, now_utc: datetime) -> Iterator[RiskSignal]:
    since = policy.login_since(now_utc)
    places: list[LoginPlace] = uow.login_places.list(
        customer_id=customer_id, order_by="first_seen_at_utc"
    )
    own = _own_places(uow, customer_id)
    # The first place of all is where somebody began, not somewhere new.
    later = (one.first_seen_at_utc for one in places[1:] if one.id not in own)
    newest = max(later, default=since)
    if since < newest <= now_utc:
        yield policy.signal(
            RiskSource.LOGIN, "new_place", "A login from a place never seen before.",
            strength=policy.faded(RiskSource.LOGIN, at_utc=newest, now_utc=now_utc),
        )  # fmt: skip
    asked: list[Challenge] = uow.challenges.list(customer_id=customer_id, created_at_utc__gte=since)
    tried = sum(CODE_TRIES - one.tries_left for one in asked)
    if tried >= _WRONG_CODES_LEAST:
        yield policy.signal(
            RiskSource.LOGIN, "wrong_codes", f"{tried} wrong codes in the last two days.",
            strength=min(1.0, tried / _WRONG_CODES_FULL),
        )  # fmt: skip
    keys: list[Passkey] = uow.passkeys.list(customer_id=customer_id)
    added = max((one.registered_at_utc for one in keys), default=since)
    if added > since:
        yield policy.signal(
            RiskSource.LOGIN, "new_passkey", "A passkey was added in the last two days.",
            strength=policy.faded(RiskSource.LOGIN, at_utc=added, now_utc=now_utc),
        )  # fmt: skip


def _own_places(uow: UnitOfWork, customer_id: CustomerId) -> set[str | None]:
    """Return the places of which the customer has said that it was them."""
    answered = uow.asked_events.list(
        customer_id=customer_id, kind=EventKind.LOGIN, answer=EventAnswer.YES
    )
    return {one.place_id for one in answered}


def _identity(
    uow: UnitOfWork, customer_id: CustomerId, *, now_utc: datetime
) -> Iterator[RiskSignal]:
    customer: Customer = uow.customers.get(customer_id)
    if customer.created_at_utc > policy.new_customer_since(now_utc):
        days = (now_utc - customer.created_at_utc).days
        yield policy.signal(RiskSource.IDENTITY, "new_customer", f"A customer for {days} days.")


def _payee(uow: UnitOfWork, payment: PaymentAsked) -> Iterator[RiskSignal]:
    known: list[Assessment] = uow.assessments.list(
        to_iban=payment.to_iban, decision=(RiskDecision.HOLD, RiskDecision.PAUSE),
        order_by="id", descending=True, limit=_OTHERS_MOST,
    )  # fmt: skip
    lost = {one.customer_id for one in known if one.outcome is RiskOutcome.FRAUD}
    asked = {
        one.customer_id
        for one in known
        if one.outcome is None and one.customer_id != payment.customer_id
    }
    if lost:
        yield policy.signal(
            RiskSource.NETWORK, "payee_lost_to",
            f"Payments of {len(lost)} customers to this account were found to be fraud.",
        )  # fmt: skip
    if asked:
        yield policy.signal(
            RiskSource.NETWORK, "payee_in_question",
            f"Payments of {len(asked)} other customers to this account were stopped lately.",
        )  # fmt: skip
