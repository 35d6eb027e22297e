"""Audience features: reads what rules ask of a page of people, the cheapest first.

    record ──▶ accounts, cards, holdings, links, consents ──▶ last login, last card payment
    (read)      one look-up a table and 500 people             one a 100 people

Between the steps whoever is sorted out already is left behind, so the dear step sees few. Only what
is asked is read. Of a payment its day is looked at and that it was by card: never the shop, its
category or its words, which would tell of health or faith; of an account or a card never whether it
is restricted or frozen, which may be a suspicion.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from bank.domain.accounts import Account, AccountKind, AccountStatus
from bank.domain.audience_rules import (
    LOOK_BACK_DAYS,
    NOT_LATELY_DAYS,
    Value,
    age_band,
    balance_band,
    decider,
    features_of,
)
from bank.domain.cards import CardKind, CardStatus
from bank.domain.consents import Consent
from bank.domain.customers import Customer
from bank.domain.ids import CustomerId
from bank.domain.ledger import TransactionKind
from bank.ports import UnitOfWork

Features = dict[str, Value | None]
People = dict[CustomerId, Features]
Step = Callable[[UnitOfWork, People, set[str], date], None]

_IDS_CHUNK = 500
_EURO = "EUR"
_OPEN = (AccountStatus.ACTIVE, AccountStatus.RESTRICTED)
_KEPT_CARDS = (CardStatus.ACTIVE, CardStatus.FROZEN)
_PRODUCTS = ("has_current", "has_savings", "has_investments", "has_card")
_OF_ACCOUNTS = {"has_current", "has_savings", "balance_band"}


def sort_out(
    uow: UnitOfWork, people: Sequence[Customer], rules: Sequence[Mapping[str, Any]], today: date
) -> list[CustomerId]:
    """Return whom all validated rules are known to hold of, in the order given.

    Each rule is asked as soon as all it asks for is read.
    """
    asked, read = features_of(rules), set(_OF_RECORD)
    told = [(name, tell) for name, tell in _OF_RECORD.items() if name in asked]
    found: People = {one.id: {name: tell(one, today) for name, tell in told} for one in people}
    found, waiting = _left(found, rules, read)
    for brings, step in _STEPS:
        if found and asked & brings:
            step(uow, found, asked, today)
            read |= brings
            found, waiting = _left(found, waiting, read)
    assert not found or not waiting, "a feature that nobody reads"
    return list(found)


def _left(
    people: People, rules: Sequence[Mapping[str, Any]], read: set[str]
) -> tuple[People, list[Mapping[str, Any]]]:
    """Return who is left by the rules that can be asked now, and the rules that cannot yet."""
    ready = [one for one in rules if features_of([one]) <= read]
    if ready:
        holds = decider(ready)
        people = {who: known for who, known in people.items() if holds(known)}
    return people, [one for one in rules if one not in ready]


def kept_by(uow: UnitOfWork, customer_id: str) -> set[str]:
    """Return which kinds of accounts somebody keeps, and "holding" of an investor."""
    ids = [CustomerId(customer_id)]
    kept = {str(one.kind) for _, one in _accounts(uow, ids)}
    return kept | {"holding" for _ in uow.holdings.list(customer_id=customer_id, limit=1)}


def age_years(born: date, *, today: date) -> int:
    """Return the full years of somebody born then.

    >>> age_years(date(2000, 3, 2), today=date(2026, 3, 1))
    25
    """
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _age(customer: Customer, today: date) -> int | None:
    born = customer.birth_date
    return None if born is None else age_years(date.fromisoformat(born), today=today)


def _age_band(customer: Customer, today: date) -> str | None:
    years = _age(customer, today)
    return None if years is None else age_band(years)


def _read_products(uow: UnitOfWork, people: People, asked: set[str], _: date) -> None:
    is_counted = "products_count" in asked
    for known in people.values():
        known.update(dict.fromkeys((*_PRODUCTS, "has_credit_card"), False))
    if is_counted or asked & _OF_ACCOUNTS:
        _read_accounts(uow, people)
    if is_counted or "has_investments" in asked:
        for holding in _chunks(uow.holdings.list, people):
            people[holding.customer_id]["has_investments"] = True
    if is_counted or asked & {"has_card", "has_credit_card"}:
        for card in _chunks(uow.cards.list, people, status=_KEPT_CARDS):
            people[card.customer_id]["has_card"] = True
            if card.kind is CardKind.CREDIT:
                people[card.customer_id]["has_credit_card"] = True
    for known in people.values():
        known["products_count"] = sum(known[name] is True for name in _PRODUCTS)


def _read_accounts(uow: UnitOfWork, people: People) -> None:
    euros: dict[CustomerId, int] = {}
    for who, account in _accounts(uow, people):
        known = people[who]
        known["has_current"] = known["has_current"] or account.kind is AccountKind.CURRENT
        known["has_savings"] = known["has_savings"] or account.kind is AccountKind.SAVINGS
        if account.currency == _EURO:
            euros[who] = euros.get(who, 0) + account.posted_minor
    for who, sum_minor in euros.items():  # without an account in euro it is not known
        people[who]["balance_band"] = balance_band(sum_minor)


def _read_links(uow: UnitOfWork, people: People, _asked: set[str], _today: date) -> None:
    linked: dict[CustomerId, set[str]] = defaultdict(set)
    for one in _chunks(uow.channel_links.list, people):
        linked[one.customer_id].add(one.channel)
    for who, known in people.items():
        known["linked_channels"] = frozenset(linked[who])


def _read_consents(uow: UnitOfWork, people: People, _asked: set[str], _today: date) -> None:
    given: dict[CustomerId, set[str]] = defaultdict(set)
    found: Iterator[Consent] = _chunks(uow.consents.list, people, is_given=True)
    for one in found:
        given[one.customer_id].add(f"{one.purpose}_{one.channel}")
    for who, known in people.items():
        known["consents"] = frozenset(given[who])


def _read_logins(uow: UnitOfWork, people: People, _asked: set[str], today: date) -> None:
    since = today - timedelta(days=LOOK_BACK_DAYS)
    last = uow.login_days.latest("day", by="customer_id", keys=tuple(people), day__gte=since)
    for who, known in people.items():
        known["login_age_days"] = _age_days(last.get(who), today)


def _read_card_use(uow: UnitOfWork, people: People, _asked: set[str], today: date) -> None:
    since = datetime.combine(today - timedelta(days=LOOK_BACK_DAYS), time(), UTC)
    owners: dict[str, CustomerId] = {one.id: who for who, one in _accounts(uow, people)}
    last = uow.postings.latest(
        "booked_at_utc", by="account_id", keys=tuple(owners), kind=TransactionKind.CARD,
        booked_at_utc__gte=since,
    )  # fmt: skip
    ages: dict[CustomerId, int] = {}
    for account_id, at_utc in last.items():
        who, days = owners[account_id], _age_days(at_utc.date(), today)
        ages[who] = min(days, ages.get(who, days))
    for who, known in people.items():
        known["card_age_days"] = ages.get(who, NOT_LATELY_DAYS)


def _age_days(day: date | None, today: date) -> int:
    return NOT_LATELY_DAYS if day is None else max(0, (today - day).days)


def _accounts(
    uow: UnitOfWork, ids: Sequence[CustomerId] | People
) -> Iterator[tuple[CustomerId, Account]]:
    # Whether an account is restricted may be a suspicion: it is neither asked nor told.
    for account in _chunks(uow.accounts.list, ids, status=_OPEN):
        yield account.customer_id, account


def _chunks(
    read: Callable[..., list[Any]], ids: Sequence[CustomerId] | People, **asked: Any
) -> Iterator[Any]:
    every = tuple(ids)
    for start in range(0, len(every), _IDS_CHUNK):
        some = every[start : start + _IDS_CHUNK]
        if len(every) > len(some):  # of a page: the database knows one form of the question
            some += some[-1:] * (_IDS_CHUNK - len(some))
        yield from read(customer_id=some, **asked)


_STEPS: tuple[tuple[set[str], Step], ...] = (
    ({*_PRODUCTS, "has_credit_card", "products_count", "balance_band"}, _read_products),
    ({"linked_channels"}, _read_links),
    ({"consents"}, _read_consents),
    ({"login_age_days"}, _read_logins),
    ({"card_age_days"}, _read_card_use),
)
#: What the customer's own record tells.
_OF_RECORD: Mapping[str, Callable[[Customer, date], Value | None]] = {
    "country": lambda customer, _: customer.country,
    "kyc_tier": lambda customer, _: customer.kyc_tier,
    "locale": lambda customer, _: customer.locale,
    "tenure_days": lambda customer, today: (today - customer.created_at_utc.date()).days,
    "age_years": _age,
    "age_band": _age_band,
}
