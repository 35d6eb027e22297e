"""Larkmouth: an invented town to show the bank with. Same seed, same people, same stories.

    seed_town ─▶ staff ─▶ customers (personas first) ─▶ accounts, cards ─▶ 18 months of postings
                                                     ├▶ payees, bills, standing orders of personas
                                                     ├▶ logins, complaints, findings, leaving
                                                     ├▶ instruments, profiles, holdings
                                                     └▶ truth/, campaigns/, market/ under the home

Everything goes through the services, as if it had happened: people join in the past, on a
clock of the town's own, and live until now. Nothing is written to a table directly.

Personas live as their stories say. All others have a fate (fates.py): they drift, complain, meet
fraud, and some leave. 2,000 of them over 18 months are some 30,000 customer months and 300,000
transactions, enough for the demo's models; where a measurement needs more people, paper.py tells
the same lives of any number of them without a bank.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bank.bootstrap import Bank, make_bank
from bank.demo import stories
from bank.demo.aftermath import THREADS, Pasts, TownClock, complain, habits_of, leave
from bank.demo.exchange import open_exchange, write_market, write_news
from bank.demo.fates import Fate, fate_of
from bank.demo.households import Household, move_in, open_dollars
from bank.demo.labels import finding_of
from bank.demo.ledgers import Entry, entries_of
from bank.demo.people import Person, invent, load, password_of, personas, rng_of
from bank.demo.spending import Life, live
from bank.demo.truth import Truth
from bank.domain.accounts import InternalRole
from bank.domain.actors import SYSTEM
from bank.domain.customers import Customer
from bank.domain.fraud_findings import FraudFinding
from bank.domain.habits import LoginDay, LoginPlace
from bank.domain.staff import StaffMember
from bank.ports import UnitOfWork
from bank.services.ledger import internal_account_in, post_batch
from bank.settings import Settings
from bank.storage.database import open_store

SEED = 7
#: Transactions in one unit of work: some tens of megabytes, and a second of the writer.
BATCH_COUNT = 10_000
#: Shares of the progress bar.
_JOINED, _LIVED = 0.15, 0.98

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Span:
    """The town's seed and the two ends of its history."""

    seed: int
    began_utc: datetime
    now_utc: datetime

    def fate_of(self, person: Person) -> Fate | None:
        """Return a person's fate; those with a story have none."""
        if person.story:
            return None
        return fate_of(person, seed=self.seed, began_utc=self.began_utc, now_utc=self.now_utc)

    def live(self, person: Person, fate: Fate | None) -> Life:
        """Return a person's life."""
        return live(
            person, seed=self.seed, from_date=self.began_utc.date(), to_utc=self.now_utc, fate=fate
        )


def is_seeded(bank: Bank) -> bool:
    """Whether the bank has customers."""
    return bank.store.read(lambda uow: uow.customers.first()) is not None


def seed_town(
    bank: Bank,
    *,
    customers: int = 2000,
    seed: int = SEED,
    months: int = 18,
    progress: Progress = lambda _: None,
    home_dir: Path | None = None,
) -> None:
    """Fill an empty bank with the town; history ends at `bank.clock()`.

    With a `home_dir`, the truth about it is written there too (truth.py).
    """
    now_utc = bank.clock()
    began_utc = datetime.combine(
        (now_utc - timedelta(days=round(months * 30.44))).date(), time(), UTC
    )
    clock = TownClock(began_utc)
    past = make_bank(bank.store, clock=clock, keyring=bank.keyring)
    span, truth = Span(seed, began_utc, now_utc), Truth(seed, now_utc)
    pasts = Pasts(past, began_utc=began_utc)
    people = townspeople(seed, customers, to_utc=now_utc)
    agent = _employ_staff(past, seed)
    households = _settle(pasts, people, span=span, progress=progress)
    _live_through(past, households, span=span, truth=truth, progress=progress)
    complain(pasts, households, agent, seed=seed, now=now_utc)
    leave(pasts, households)
    bank.consents.carry_over(SYSTEM)
    for household in households:
        if household.person.story:
            stories.tell(past, bank, household, clock=clock, now_utc=now_utc)
    quoted = open_exchange(bank, households, seed=seed, now_utc=now_utc, truth=truth)
    if home_dir is not None:
        write_market(quoted, home_dir)
        write_news(bank, home_dir, seed=seed, now_utc=now_utc)
        truth.write(home_dir)
    progress(1.0)


def townspeople(seed: int, customers: int, *, to_utc: datetime) -> list[Person]:
    """Return the people of a town of this size, those with a story first."""
    told = personas(seed, to_date=to_utc.date())
    rest = range(len(told), customers)
    return [*told, *(invent(seed, number, to_date=to_utc.date()) for number in rest)]


def demo_logins(settings: Settings) -> dict[str, list[tuple[str, str]]]:
    """Return (login name, password) of the personas and the demo staff of a seeded bank.

    Passwords follow from the seed, and the seed is part of every demo customer's id. Empty
    lists when the bank has no town.
    """
    store = open_store(settings.database_url)
    try:
        seed = store.read(_seed_in)
    finally:
        store.close()
    told = load("personas")
    return {
        kind: [] if seed is None else [
            (each["login_name"], password_of(seed, each["login_name"])) for each in told[key]
        ]
        for kind, key in (("customer", "persona"), ("staff", "staff"))
    }  # fmt: skip


def customer_id_of(seed: int, number: int) -> str:
    """Return a demo customer's id, which sorts by number."""
    return f"cu_{seed:08d}town{number:08d}"


def _seed_in(uow: UnitOfWork) -> int | None:
    name = load("personas")["persona"][0]["login_name"]
    first: Customer | None = uow.customers.first(login_name=name)
    number = first.id.removeprefix("cu_").partition("town")[0] if first else ""
    return int(number) if number.isdigit() else None


def _employ_staff(bank: Bank, seed: int) -> StaffMember:
    """Make the staff; return the first, who answers complaints."""

    def employ(each: dict[str, Any]) -> StaffMember:
        secret = rng_of(seed, f"totp:{each['login_name']}").randbytes(20)
        return bank.staff.create(
            SYSTEM,
            login_name=each["login_name"],
            full_name=each["full_name"],
            roles=each["roles"],
            password=password_of(seed, each["login_name"]),
            totp_secret=base64.b32encode(secret).decode(),
        )

    staff = [employ(each) for each in load("personas")["staff"]]
    return staff[0]


def _settle(
    pasts: Pasts, people: list[Person], *, span: Span, progress: Progress
) -> list[Household]:
    """Make everybody a customer with accounts and cards, on the day they joined."""
    # One hash for all without a story: argon2 is slow on purpose, and nobody logs in as them.
    password_of_all = password_of(span.seed, "everybody")
    shared_hash = pasts.at(span.began_utc).passwords.hash(password_of_all)

    def settle(person: Person) -> Household:
        fate = span.fate_of(person)
        has_left = fate is not None and fate.closed_at_utc is not None
        return move_in(
            pasts.at(fate.joined_at_utc if fate else span.began_utc),
            replace(person, has_dollars=False) if has_left else person,
            customer_id=customer_id_of(span.seed, person.number),
            password=password_of(span.seed, person.login_name) if person.story else None,
            password_hash=shared_hash,
            fate=fate,
        )

    households = []
    with ThreadPoolExecutor(THREADS) as threads:
        for count, household in enumerate(threads.map(settle, people), 1):
            households.append(household)
            progress(_JOINED * count / len(people))
    return households


def _live_through(
    bank: Bank, households: list[Household], *, span: Span, truth: Truth, progress: Progress
) -> None:
    """Post everybody's months, in batches, with what was found out and when they logged in."""
    for role in (InternalRole.CLEARING, InternalRole.CARDS, InternalRole.CASH, InternalRole.FEES):
        for currency in ("EUR", "USD", "JPY"):
            bank.store.write(partial(
                internal_account_in, role=role, currency=currency, now_utc=span.began_utc
            ))  # fmt: skip
    batch = Batch()
    for count, household in enumerate(households, 1):
        _live(household, span=span, truth=truth, batch=batch)
        if len(batch.entries) >= BATCH_COUNT or count == len(households):
            post_batch(bank.store, batch.entries)
            bank.habits.record(SYSTEM, batch.days, batch.places)
            bank.fraud_findings.take_file(SYSTEM, batch.findings)
            batch = Batch()
            progress(_JOINED + (_LIVED - _JOINED) * count / len(households))


@dataclass
class Batch:
    """What waits to be stored together."""

    entries: list[Entry] = field(default_factory=list)
    days: list[LoginDay] = field(default_factory=list)
    places: list[LoginPlace] = field(default_factory=list)
    findings: list[FraudFinding] = field(default_factory=list)


def _live(household: Household, *, span: Span, truth: Truth, batch: Batch) -> None:
    """Add one life to the batch, and what is true of it to the truth."""
    person, fate, who = household.person, household.fate, household.customer_id
    began_utc = fate.joined_at_utc if fate else span.began_utc
    life = span.live(person, fate)
    rng = rng_of(span.seed, f"findings:{person.number}")
    for movement, entry in entries_of(household, life, began_utc=began_utc):
        batch.entries.append(entry)
        if movement is None or fate is None:
            continue
        found = finding_of(movement, entry, who, rng, now_utc=span.now_utc)
        if found is not None:
            batch.findings.append(found)
        if movement.episode is not None:
            truth.know_fraud(
                posting_id=entry[1][0].id, customer_id=who, episode=movement.episode,
                at_utc=movement.at_utc,
            )  # fmt: skip
    if household.dollars is not None:
        dollars = rng_of(span.seed, f"dollars:{person.number + 1}")
        batch.entries += open_dollars(household, dollars, began_utc=began_utc, now_utc=span.now_utc)
    if fate is not None:
        truth.know(who, fate)
        days, places = habits_of(household, life.movements, seed=span.seed)
        batch.days += days
        batch.places += places
