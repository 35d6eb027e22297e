"""Moving in: a person becomes a customer with a current account, savings, and a card."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bank.bootstrap import Bank
from bank.demo.fates import Fate
from bank.demo.ledgers import Entry, opening_entry
from bank.demo.people import Person, rng_of
from bank.domain.accounts import Account, AccountKind
from bank.domain.actors import SYSTEM

#: How many of the town agreed to hear of offers.
_CONSENT_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Household:
    """A person with their accounts; `others` are those of a persona, by currency."""

    person: Person
    customer_id: str
    current: Account
    savings: Account
    dollars: Account | None = None
    others: dict[str, Account] = field(default_factory=dict)
    #: None for those with a story.
    fate: Fate | None = None

    @property
    def accounts(self) -> list[Account]:
        dollars = [self.dollars] if self.dollars else []
        return [self.current, self.savings, *dollars, *self.others.values()]


def move_in(
    bank: Bank,
    person: Person,
    *,
    customer_id: str,
    password: str | None,
    password_hash: str,
    fate: Fate | None = None,
) -> Household:
    """Make the customer and what they hold, all empty."""
    customer = bank.customers.create(
        SYSTEM,
        login_name=person.login_name,
        full_name=person.full_name,
        email=person.email,
        phone=person.phone,
        password=password,
        password_hash=None if password else password_hash,
        kyc_tier=person.kyc_tier,
        country=person.country,
        birth_date=person.born,
        marketing_consent=rng_of(0, f"consent:{customer_id}").random() < _CONSENT_SHARE,
        customer_id=customer_id,
    )

    def account(kind: AccountKind, name: str, currency: str = "EUR") -> Account:
        return bank.accounts.open(
            SYSTEM,
            customer_id=customer.id,
            kind=kind,
            name=name,
            currency=currency,
            opened_at_utc=fate.opened_at_utc if fate else None,
        )

    current = account(AccountKind.CURRENT, "Current account")
    savings = account(AccountKind.SAVINGS, "Savings")
    others = {
        each["currency"]: account(AccountKind.CURRENT, each["name"], each["currency"])
        for each in person.story.get("other_accounts", ())
    }
    cards = person.story.get("cards") or [_debit_card(person)]
    if fate is not None and not fate.temper.has_few_products:
        cards = [*cards, _credit_card(person)]
    for each in cards:
        bank.cards.issue(
            SYSTEM,
            account_id=current.id,
            kind=each["kind"],
            limit_day_minor=each["limit_day_minor"],
            last_digits=each["digits"],
        )
    dollars = account(AccountKind.CURRENT, "Dollar account", "USD") if person.has_dollars else None
    return Household(person, customer.id, current, savings, dollars, others, fate)


def _debit_card(person: Person) -> dict[str, Any]:
    return {"kind": "debit", "digits": person.card_digits, "limit_day_minor": 100_000}


def _credit_card(person: Person) -> dict[str, Any]:
    digits = f"{(int(person.card_digits) + 4_321) % 10_000:04d}"
    return {"kind": "credit", "digits": digits, "limit_day_minor": 200_000}


def open_dollars(
    household: Household, rng: Random, *, began_utc: datetime, now_utc: datetime
) -> list[Entry]:
    """Return the entry that puts a first sum on a dollar account."""
    assert household.dollars is not None
    at = began_utc + timedelta(days=rng.randint(1, max(1, min(200, (now_utc - began_utc).days))))
    return [opening_entry(household.dollars, rng.randint(20_000, 400_000), at)]
