"""A bank with many customers, and how fast a campaign for them is planned over SQLite."""

from __future__ import annotations

import resource
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bank.bootstrap import Bank, make_bank
from bank.domain.accounts import Account, AccountKind, AccountStatus
from bank.domain.actors import SYSTEM, Actor, ActorKind, LoginLevel
from bank.domain.campaigns import Campaign, CampaignWish, MessageClass
from bank.domain.consents import Channel, Consent, ConsentSource, Purpose, consent_id
from bank.domain.customers import Customer
from bank.domain.habits import login_day
from bank.domain.ids import AccountId, CustomerId
from bank.ports import Store
from bank.storage.database import open_store

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CHIEF = Actor(ActorKind.STAFF, "st_chief", LoginLevel.STRONG, frozenset({"supervisor"}))
LOGINS = 3
#: As many kinds of question as a marketer may ask at once, and most people fit.
RULES = (
    {"feature": "tenure_days", "op": "gte", "value": 0},
    {"any": [{"feature": "has_savings", "op": "eq", "value": True},
             {"feature": "balance_band", "op": "ne", "value": "from_100k"}]},
    {"not": {"feature": "linked_channels", "op": "has", "value": "slack"}},
    {"feature": "login_age_days", "op": "lte", "value": 60},
)  # fmt: skip


class TurnedClock:
    """Stands until it is turned."""

    def __init__(self) -> None:
        self.now_utc = NOON

    def __call__(self) -> datetime:
        return self.now_utc


def a_town(store: Store, count: int, *, agree: bool) -> tuple[Bank, TurnedClock]:
    """Return a bank with so many customers."""
    clock = TurnedClock()
    for start in range(0, count, 5_000):
        people = [_person(number) for number in range(start, min(count, start + 5_000))]
        consents = [_agreed(one.id) for one in people] if agree else []

        def work(uow, people=people, consents=consents):  # type: ignore[no-untyped-def]
            uow.customers.add_many(people)
            uow.consents.add_many(consents)

        store.write(work)
    return make_bank(store, clock=clock), clock


def a_campaign(
    bank: Bank, clock: TurnedClock, name: str, *, audience: Mapping[str, Any]
) -> Campaign:
    """Return an approved campaign by mail."""
    texts = {"mail": "campaign_savings"}
    halves = [{"code": code, "share_bp": 5_000, "texts": texts} for code in ("a", "b")]
    wish = CampaignWish(
        name=name, message_class=MessageClass.MARKETING, purpose=Purpose.OFFERS,
        channels=("mail",), variants=halves, starts_at_utc=clock() - timedelta(hours=1),
        ends_at_utc=clock() + timedelta(days=30), budget_minor=10**9, audience=audience,
    )  # fmt: skip
    return bank.campaigns.approve(CHIEF, bank.campaigns.make(SYSTEM, wish).id)


def plan(folder: Path, count: int, rules: Sequence[Mapping[str, Any]]) -> Planned:
    """Plan a campaign for so many customers, each with an account in euro and some logins."""
    store = open_store(f"sqlite:///{folder / f'plan{len(rules)}.db'}", create=True)
    bank, clock = a_town(store, count, agree=False)
    if len(rules) > 1:
        _furnish(store, count)
    campaign = a_campaign(bank, clock, "everybody", audience={"rules": rules})
    begun_s, begun_cpu_s = time.perf_counter(), time.process_time()
    made = bank.campaign_sends.plan(SYSTEM, campaign.id)
    took_s, cpu_s = time.perf_counter() - begun_s, time.process_time() - begun_cpu_s
    store.close()
    for file in folder.glob(f"plan{len(rules)}.db*"):
        file.unlink()
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Planned(len(rules), count, made, took_s, cpu_s, memory_mb)


@dataclass(frozen=True)
class Planned:
    """What planning took. memory_mb: the most of the whole process so far."""

    rules_count: int
    people_count: int
    sends_count: int
    took_s: float
    cpu_s: float
    memory_mb: float

    def __str__(self) -> str:
        return (
            f"| {self.people_count:,}, {self.rules_count} rule(s) | {self.sends_count:,} "
            f"| {self.took_s:.1f} | {self.cpu_s:.1f} | {self.memory_mb:.0f} |"
        )


def _furnish(store: Store, count: int) -> None:
    """Give everybody an account and LOGINS days of logins."""
    for start in range(0, count, 5_000):
        numbers = range(start, min(count, start + 5_000))

        def work(uow, numbers=numbers):  # type: ignore[no-untyped-def]
            uow.accounts.add_many([_account(number) for number in numbers])
            for number in numbers:
                first = NOON.date() - timedelta(days=number % 90)
                uow.login_days.add_many(
                    [
                        login_day(f"cu_{number:08d}", first - timedelta(days=3 * n), logins_count=1)
                        for n in range(LOGINS)
                    ]
                )

        store.write(work)


def _account(number: int) -> Account:
    return Account(
        id=AccountId(f"ac_{number:08d}"), customer_id=CustomerId(f"cu_{number:08d}"),
        kind=AccountKind.SAVINGS if number % 3 else AccountKind.CURRENT, name="Account",
        iban=f"DE{number:020d}", currency="EUR", status=AccountStatus.ACTIVE, opened_at_utc=NOON,
        posted_minor=number * 100,
    )  # fmt: skip


def _person(number: int) -> Customer:
    return Customer(
        CustomerId(f"cu_{number:08d}"), f"p{number}", "Ana Silva", "Ana", f"p{number}@example.org",
        f"+49 151 {number:08d}", 1, NOON - timedelta(days=number % 3_000), "en", "DE", "1990-01-01",
    )  # fmt: skip


def _agreed(customer_id: CustomerId) -> Consent:
    key = consent_id(customer_id, Purpose.OFFERS, Channel.MAIL)
    return Consent(
        key,
        customer_id,
        Purpose.OFFERS,
        Channel.MAIL,
        True,
        NOON,
        ConsentSource.CHAT,
    )
