"""Payments of the bank as the fraud room hears them, and what became known of them.

    postings that leave an account ──▶ Payment   payee: the shop, or who is paid
    findings of staff             ──▶ Label     the day it was found
    nothing found for a month     ──▶ Label     confirmed as the customer's own, then

The device of a transfer is the place its customer logged in from anew within two hours before;
else their usual one. Card payments have none. What came over from a customer's own savings within
a day before goes with each payment: who is talked into paying empties them first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from analytics.dataset import customer_ids
from analytics.fraud.events import DAY_S, Label, Payment
from bank.domain.accounts import Account, AccountKind
from bank.domain.fraud_findings import FraudFinding
from bank.domain.habits import LoginPlace
from bank.domain.ledger import Posting, TransactionKind
from bank.domain.risk import PaymentAsked
from bank.ports import Store, UnitOfWork

#: A payment nobody complained about for so long counts as its customer's own.
SETTLED_DAYS = 30
_KINDS = (TransactionKind.CARD, TransactionKind.TRANSFER)
_NEW_PLACE = timedelta(hours=2)
_DRAWN = timedelta(days=1)
_CHUNK = 400
_USUAL = "usual"


@dataclass(slots=True)
class PaymentLog:
    """Payments in order of time, labels in order of when they became known.

    frauds: ids of payments that staff found to be fraud by the moment the log was read.
    """

    payments: list[Payment] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    frauds: frozenset[str] = frozenset()


def payments(
    store: Store,
    from_utc: datetime,
    to_utc: datetime,
    *,
    customers: Sequence[str] | None = None,
) -> PaymentLog:
    """Return the payments booked in [from_utc, to_utc] and what was known of them at `to_utc`."""
    ids = list(customers) if customers is not None else customer_ids(store)
    log, frauds = PaymentLog(), set[str]()
    for start in range(0, len(ids), _CHUNK):
        some = tuple(ids[start : start + _CHUNK])
        records = store.read(lambda uow, some=some: _read(uow, some, from_utc, to_utc))  # type: ignore[misc]
        found, known = log_of(*records, to_utc=to_utc)
        log.payments += found.payments
        log.labels += found.labels
        frauds |= known
    log.payments.sort(key=lambda one: (one.at_s, one.payment_id))
    log.labels.sort(key=lambda one: (one.known_at_s, one.payment.payment_id))
    log.frauds = frozenset(frauds)
    return log


def log_of(
    accounts: Sequence[Account],
    postings: Sequence[Posting],
    places: Sequence[LoginPlace],
    findings: Sequence[FraudFinding],
    *,
    to_utc: datetime,
) -> tuple[PaymentLog, set[str]]:
    """Return records as a log, in no order, and which payments were found to be fraud by then."""
    owner = {str(one.id): str(one.customer_id) for one in accounts}
    visits, draws = _visits(places), draws_of(accounts, postings)
    last: dict[str, FraudFinding] = {}
    for one in sorted(findings, key=lambda one: (one.found_at_utc, one.id)):
        if one.found_at_utc <= to_utc:
            last[one.posting_id] = one
    log, frauds, now_s = PaymentLog(), set[str](), int(to_utc.timestamp())
    for posting in _leaving(postings, owner):
        who = owner[posting.account_id]
        payment = _payment(
            posting, who, visits.get(who, ([], [])),
            _drawn(draws.get(who, ([], [])), posting.booked_at_utc),
        )  # fmt: skip
        log.payments.append(payment)
        finding, settled_s = last.get(posting.id), payment.at_s + SETTLED_DAYS * DAY_S
        if finding is not None:
            known_s = int(finding.found_at_utc.timestamp())
            log.labels.append(Label(payment, finding.is_fraud, known_s))
            if finding.is_fraud:
                frauds.add(posting.id)
        elif settled_s <= now_s:
            log.labels.append(Label(payment, is_fraud=False, known_at_s=settled_s))
    return log, frauds


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


def draws_of(
    accounts: Sequence[Account], postings: Sequence[Posting]
) -> dict[str, tuple[list[datetime], list[int]]]:
    """Return by customer when money came over from their own savings, in order, and how much."""
    owner = {str(one.id): str(one.customer_id) for one in accounts}
    savings = {str(one.id) for one in accounts if one.kind is AccountKind.SAVINGS}
    drawn = {
        (one.transaction_id, owner[one.account_id])
        for one in postings
        if one.account_id in savings and one.amount_minor < 0
    }
    found: dict[str, tuple[list[datetime], list[int]]] = {}
    for one in sorted(postings, key=lambda one: (one.booked_at_utc, one.id)):
        who = owner[one.account_id]
        if one.amount_minor > 0 and (one.transaction_id, who) in drawn:
            times, amounts = found.setdefault(who, ([], []))
            times.append(one.booked_at_utc)
            amounts.append(one.amount_minor)
    return found


def last_draw(uow: UnitOfWork, customer_id: str, at_utc: datetime) -> tuple[int, int]:
    """Return what came over from own savings last within a day, and when in Unix seconds.

    (0, -1) where nothing did. For `asked`, before a payment moves.
    """
    accounts: list[Account] = uow.accounts.list(customer_id=customer_id)
    postings = uow.postings.list(
        account_id=tuple(one.id for one in accounts), kind=TransactionKind.TRANSFER,
        booked_at_utc__gte=at_utc - _DRAWN, booked_at_utc__lte=at_utc,
    )  # fmt: skip
    return _drawn(draws_of(accounts, postings).get(customer_id, ([], [])), at_utc)


def _drawn(draws: tuple[list[datetime], list[int]], at_utc: datetime) -> tuple[int, int]:
    times, amounts = draws
    place = bisect_right(times, at_utc) - 1
    if place < 0 or at_utc - times[place] > _DRAWN:
        return 0, -1
    return amounts[place], int(times[place].timestamp())


def asked(
    payment: PaymentAsked, places: Sequence[LoginPlace], *, drawn: tuple[int, int] = (0, -1)
) -> Payment:
    """Return a transfer before it moves as its posting will read. places: of its customer.

    drawn: as `last_draw` tells it.
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


def _read(
    uow: UnitOfWork, customers: tuple[str, ...], from_utc: datetime, to_utc: datetime
) -> tuple[list[Account], list[Posting], list[LoginPlace], list[FraudFinding]]:
    accounts: list[Account] = uow.accounts.list(customer_id=customers)
    postings: list[Posting] = []
    if accounts:
        postings = uow.postings.list(
            account_id=tuple(one.id for one in accounts), kind=_KINDS,
            booked_at_utc__gte=from_utc, booked_at_utc__lte=to_utc,
        )  # fmt: skip
    return (
        accounts,
        postings,
        uow.login_places.list(customer_id=customers, first_seen_at_utc__lte=to_utc),
        uow.fraud_findings.list(customer_id=customers, found_at_utc__lte=to_utc),
    )
