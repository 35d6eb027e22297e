"""Payments of the bank as the fraud room hears them, and what became known of them.

    postings that leave an account ──▶ Payment   payee: the shop, or who is paid
    findings of staff             ──▶ Label     the day it was found
    nothing found for a month     ──▶ Label     confirmed as the customer's own, then
    asked for, stopped, and found fraud ──▶ stopped Payment and its Label; it never happened

The device of a transfer is the place its customer logged in from anew within two hours before;
else their usual one. Card payments have none. What came over from a customer's own savings within
a day before goes with each payment: who is talked into paying empties them first.

One member of staff's word is taken within a bound (bank/policies/feedback.py); of a payment that
only a word beyond it speaks of nothing is known.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from analytics.dataset import customer_ids
from analytics.features import draws
from analytics.fraud.events import DAY_S, Label, Payment
from bank.domain.accounts import Account
from bank.domain.fraud_findings import FraudFinding, is_of_staff
from bank.domain.habits import LoginPlace
from bank.domain.ledger import Posting, TransactionKind
from bank.domain.risk import Assessment, PaymentAsked, RiskAct, RiskOutcome
from bank.domain.transfers import Transfer, TransferStatus
from bank.policies import feedback
from bank.policies.feedback import Word
from bank.ports import Store, UnitOfWork

#: A payment nobody complained about for so long counts as its customer's own.
SETTLED_DAYS = 30
_KINDS = (TransactionKind.CARD, TransactionKind.TRANSFER)
_NEW_PLACE = timedelta(hours=2)
_STOPPED: dict[str, Any] = {"act": RiskAct.TRANSFER, "outcome": RiskOutcome.FRAUD}
_CHUNK = 400
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_USUAL = "usual"


@dataclass(slots=True)
class PaymentLog:
    """Payments in order of time, labels in order of when they became known.

    frauds: ids of payments that staff found to be fraud by the moment the log was read. stopped:
    those among them that never moved; a model that saw only what got through would unlearn what
    it catches. unknown: ids of payments whose finding was not taken.
    """

    payments: list[Payment] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    frauds: frozenset[str] = frozenset()
    stopped: list[Payment] = field(default_factory=list)
    unknown: frozenset[str] = frozenset()


def payments(
    store: Store,
    from_utc: datetime,
    to_utc: datetime,
    *,
    customers: Sequence[str] | None = None,
) -> PaymentLog:
    """Return the payments booked in [from_utc, to_utc] and what was known of them at `to_utc`."""
    ids = list(customers) if customers is not None else customer_ids(store)
    untaken = store.read(lambda uow: untaken_in(uow, to_utc=to_utc))
    parts = []
    for start in range(0, len(ids), _CHUNK):
        some = tuple(ids[start : start + _CHUNK])
        records, stops = store.read(lambda uow, some=some: _read(uow, some, from_utc, to_utc))  # type: ignore[misc]
        parts.append(log_of(records, to_utc=to_utc, untaken=untaken))
        parts.append(_stopped(records, [one for one in stops if one[0].id not in untaken]))
    return PaymentLog(
        payments=sorted(chain(*(one.payments for one in parts)), key=_in_time),
        labels=sorted(
            chain(*(one.labels for one in parts)),
            key=lambda one: (one.known_at_s, one.payment.payment_id),
        ),
        frauds=frozenset(chain(*(one.frauds for one in parts))),
        stopped=sorted(chain(*(one.stopped for one in parts)), key=_in_time),
        unknown=frozenset(chain(*(one.unknown for one in parts))),
    )


def untaken_in(uow: UnitOfWork, *, to_utc: datetime, from_utc: datetime = _EVER) -> frozenset[str]:
    """Return the findings and assessments that are beyond the bound of their finder's word.

    from_utc: only those after it are wanted; what the bound looks back to is read too.
    """
    since = from_utc - feedback.window()
    found: list[FraudFinding] = uow.fraud_findings.list(
        found_at_utc__gt=since, found_at_utc__lte=to_utc
    )
    words = [Word(one.id, one.found_by, one.found_at_utc) for one in found if is_of_staff(one)]
    words += [
        Word(one.id, one.outcome_by, moment)
        for one in uow.assessments.list(
            outcome_at_utc__gt=since, outcome_at_utc__lte=to_utc, **_STOPPED
        )
        if (moment := one.outcome_at_utc) is not None
    ]
    return feedback.untaken(words)


@dataclass(frozen=True, slots=True)
class Records:
    """What the bank keeps of some customers."""

    accounts: Sequence[Account]
    postings: Sequence[Posting]
    places: Sequence[LoginPlace]
    findings: Sequence[FraudFinding] = ()


def log_of(
    records: Records, *, to_utc: datetime, untaken: Collection[str] = frozenset()
) -> PaymentLog:
    """Return records as a log, in no order. untaken: ids of findings that do not count."""
    owner = {str(one.id): str(one.customer_id) for one in records.accounts}
    visits, drawn = _visits(records.places), draws.draws_of(records.accounts, records.postings)
    last: dict[str, FraudFinding] = {}
    doubted = set[str]()
    for one in sorted(records.findings, key=lambda one: (one.found_at_utc, one.id)):
        if one.id in untaken:
            doubted.add(one.posting_id)
        elif one.found_at_utc <= to_utc:
            last[one.posting_id] = one
    unknown = frozenset(doubted - set(last))
    log, frauds, now_s = PaymentLog(unknown=unknown), set[str](), int(to_utc.timestamp())
    for posting in _leaving(records.postings, owner):
        who = owner[posting.account_id]
        payment = _payment(
            posting, who, visits.get(who, ([], [])),
            draws.drawn_by(drawn, who, posting.booked_at_utc),
        )  # fmt: skip
        log.payments.append(payment)
        finding, settled_s = last.get(posting.id), payment.at_s + SETTLED_DAYS * DAY_S
        if finding is not None:
            known_s = int(finding.found_at_utc.timestamp())
            log.labels.append(Label(payment, finding.is_fraud, known_s))
            if finding.is_fraud:
                frauds.add(posting.id)
        elif settled_s <= now_s and posting.id not in unknown:
            log.labels.append(Label(payment, is_fraud=False, known_at_s=settled_s))
    log.frauds = frozenset(frauds)
    return log


def _stopped(records: Records, stops: Sequence[tuple[Assessment, Transfer]]) -> PaymentLog:
    """Return payments that were found to be fraud before they moved, as they were asked for."""
    drawn, log = draws.draws_of(records.accounts, records.postings), PaymentLog()
    for seen, transfer in stops:
        payment = asked(
            PaymentAsked(
                transfer_id=transfer.id,
                customer_id=seen.customer_id,
                payee_name=transfer.payee_name,
                to_iban=seen.to_iban,
                amount_minor=transfer.amount_minor,
                currency=transfer.currency,
                amount_eur_minor=seen.amount_eur_minor,
                at_utc=seen.at_utc,
            ),
            records.places,
            drawn=draws.drawn_by(drawn, str(seen.customer_id), seen.at_utc),
        )
        assert seen.outcome_at_utc is not None, seen.id
        log.stopped.append(payment)
        log.labels.append(Label(payment, True, int(seen.outcome_at_utc.timestamp())))
    log.frauds = frozenset(one.payment_id for one in log.stopped)
    return log


def _leaving(postings: Sequence[Posting], owner: dict[str, str]) -> Iterator[Posting]:
    """Yield what is paid to others: not what moves between a customer's own accounts."""
    sides: dict[tuple[str, str], int] = {}
    for one in postings:
        if one.kind is TransactionKind.TRANSFER:
            pair = (one.transaction_id, owner[one.account_id])
            sides[pair] = sides.get(pair, 0) + 1
    for one in postings:
        is_own = sides.get((one.transaction_id, owner[one.account_id]), 0) > 1
        if one.kind in _KINDS and one.amount_minor < 0 and not is_own:
            yield one


def _payment(
    posting: Posting, who: str, visits: tuple[list[datetime], list[str]], drawn: tuple[int, int]
) -> Payment:
    device = ""
    if posting.kind is TransactionKind.TRANSFER:
        device = _device(who, posting.booked_at_utc, visits)
    return Payment(
        payment_id=posting.id,
        customer=who,
        payee=posting.merchant or posting.description,
        amount_minor=-posting.amount_minor,
        at_s=int(posting.booked_at_utc.timestamp()),
        channel=posting.kind,
        device=device,
        drawn_minor=drawn[0],
        drawn_at_s=drawn[1],
    )


def asked(
    payment: PaymentAsked, places: Sequence[LoginPlace], *, drawn: tuple[int, int] = draws.NOT_DRAWN
) -> Payment:
    """Return a transfer before it moves as its posting will read. places: of its customer.

    drawn: as `draws.last_draw` tells it.
    """
    who = str(payment.customer_id)
    visits = _visits(places).get(who, ([], []))
    return Payment(
        payment_id=payment.transfer_id,
        customer=who,
        payee=payment.payee_name,
        amount_minor=payment.amount_minor,
        at_s=int(payment.at_utc.timestamp()),
        channel=TransactionKind.TRANSFER,
        device=_device(who, payment.at_utc, visits),
        drawn_minor=drawn[0],
        drawn_at_s=drawn[1],
    )


def _device(who: str, at_utc: datetime, visits: tuple[list[datetime], list[str]]) -> str:
    times, names = visits
    before = bisect_right(times, at_utc) - 1
    is_new = before >= 0 and at_utc - times[before] <= _NEW_PLACE
    return names[before] if is_new else f"{who}:{_USUAL}"


def _visits(places: Sequence[LoginPlace]) -> dict[str, tuple[list[datetime], list[str]]]:
    """Return by customer when places were first seen, in order, and their names."""
    found: dict[str, tuple[list[datetime], list[str]]] = {}
    for one in sorted(places, key=lambda one: one.first_seen_at_utc):
        times, names = found.setdefault(str(one.customer_id), ([], []))
        times.append(one.first_seen_at_utc)
        names.append(one.id)
    return found


def _in_time(payment: Payment) -> tuple[int, str]:
    return payment.at_s, payment.payment_id


def _read(
    uow: UnitOfWork, customers: tuple[str, ...], from_utc: datetime, to_utc: datetime
) -> tuple[Records, list[tuple[Assessment, Transfer]]]:
    accounts: list[Account] = uow.accounts.list(customer_id=customers)
    postings: list[Posting] = []
    if accounts:
        postings = uow.postings.list(
            account_id=tuple(one.id for one in accounts), kind=_KINDS,
            booked_at_utc__gte=from_utc, booked_at_utc__lte=to_utc,
        )  # fmt: skip
    records = Records(
        accounts,
        postings,
        uow.login_places.list(customer_id=customers, first_seen_at_utc__lte=to_utc),
        uow.fraud_findings.list(customer_id=customers, found_at_utc__lte=to_utc),
    )
    # A payment that was made all the same has a posting, and its finding is there.
    seen: list[Assessment] = uow.assessments.list(
        customer_id=customers, at_utc__gte=from_utc, outcome_at_utc__lte=to_utc, **_STOPPED
    )
    asked = ((one, uow.transfers.find(one.subject_id)) for one in seen)
    return records, [
        (one, transfer)
        for one, transfer in asked
        if transfer is not None and transfer.status is not TransferStatus.POSTED
    ]
