"""Larkmouth: an invented town to show the bank with. Same seed, same people, same stories.

    seed_town ─▶ staff ─▶ customers (personas first) ─▶ accounts, cards ─▶ 18 months of postings
                                                     └▶ payees, bills, standing orders of personas

Everything goes through the services, as if it had happened: people join in the past, on a
clock of the town's own, and live until now. Nothing is written to a table directly.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial

from bank.bootstrap import Bank, make_bank
from bank.demo import stories
from bank.demo.households import Household, move_in, open_dollars
from bank.demo.ledgers import Entry, entries_of
from bank.demo.people import Person, invent, load, password_of, personas, rng_of
from bank.demo.spending import live
from bank.domain.accounts import InternalRole
from bank.domain.actors import SYSTEM
from bank.domain.customers import Customer
from bank.ports import UnitOfWork
from bank.services.ledger import internal_account_in, post_batch
from bank.settings import Settings
from bank.storage.database import open_store

SEED = 7
#: Transactions in one unit of work: some tens of megabytes, and a second of the writer.
BATCH_COUNT = 10_000
#: Joining is many small units of work; side by side they share commits.
THREADS = 32
#: Shares of the progress bar.
_JOINED, _LIVED = 0.15, 0.98

Progress = Callable[[float], None]


@dataclass
class TownClock:
    """Tells the time of the story."""

    now_utc: datetime

    def __call__(self) -> datetime:
        return self.now_utc


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
) -> None:
    """Fill an empty bank with the town; history ends at `bank.clock()`."""
    now_utc = bank.clock()
    began_utc = datetime.combine(
        (now_utc - timedelta(days=round(months * 30.44))).date(), time(), UTC
    )
    clock = TownClock(began_utc)
    past = make_bank(bank.store, clock=clock, keyring=bank.keyring)
    people = townspeople(seed, customers, to_utc=now_utc)
    _employ_staff(past, seed)
    households = _settle(past, people, seed=seed, progress=progress)
    _live_through(past, households, seed=seed, began_utc=began_utc, now_utc=now_utc,
                  progress=progress)  # fmt: skip
    for household in households:
        if household.person.story:
            stories.tell(past, bank, household, clock=clock, now_utc=now_utc)
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


def _employ_staff(bank: Bank, seed: int) -> None:
    for each in load("personas")["staff"]:
        secret = rng_of(seed, f"totp:{each['login_name']}").randbytes(20)
        bank.staff.create(
            SYSTEM,
            login_name=each["login_name"],
            full_name=each["full_name"],
            roles=each["roles"],
            password=password_of(seed, each["login_name"]),
            totp_secret=base64.b32encode(secret).decode(),
        )


def _settle(bank: Bank, people: list[Person], *, seed: int, progress: Progress) -> list[Household]:
    """Make everybody a customer with accounts and a card."""
    # One hash for all without a story: argon2 is slow on purpose, and nobody logs in as them.
    shared_hash = bank.passwords.hash(password_of(seed, "everybody"))

    def settle(person: Person) -> Household:
        customer_id = customer_id_of(seed, person.number)
        password = password_of(seed, person.login_name) if person.story else None
        return move_in(
            bank, person, customer_id=customer_id, password=password, password_hash=shared_hash
        )

    households = []
    with ThreadPoolExecutor(THREADS) as threads:
        for count, household in enumerate(threads.map(settle, people), 1):
            households.append(household)
            progress(_JOINED * count / len(people))
    return households


def _live_through(
    bank: Bank,
    households: list[Household],
    *,
    seed: int,
    began_utc: datetime,
    now_utc: datetime,
    progress: Progress,
) -> None:
    """Post everybody's months, in batches."""
    for role in (InternalRole.CLEARING, InternalRole.CARDS, InternalRole.CASH):
        for currency in ("EUR", "USD", "JPY"):
            bank.store.write(partial(
                internal_account_in, role=role, currency=currency, now_utc=began_utc
            ))  # fmt: skip
    waiting: list[Entry] = []
    for count, household in enumerate(households, 1):
        life = live(household.person, seed=seed, from_date=began_utc.date(), to_utc=now_utc)
        waiting += entries_of(household, life, began_utc=began_utc)
        if household.dollars is not None:
            waiting += open_dollars(household, rng_of(seed, f"dollars:{count}"), began_utc)
        if len(waiting) >= BATCH_COUNT or count == len(households):
            post_batch(bank.store, waiting)
            waiting = []
            progress(_JOINED + (_LIVED - _JOINED) * count / len(households))
