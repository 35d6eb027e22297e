"""The people of Larkmouth: who they are, what they earn, where they shop. All invented.

    invent(seed, number)   one of the many, drawn from names.toml and merchants.toml
    personas(seed, today)  the few with a story, from personas.toml

A person depends on the seed and their number only: number 17 of a town of 100 is number 17
of a town of 2,000. Nothing here touches a bank; what they do with their money is `spending`.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

_DATA = Path(__file__).parent
_SHOPS = ("groceries", "eating_out", "transport", "shopping", "health", "entertainment",
          "cash", "travel")  # fmt: skip
_COUNTRIES = ("DE", "DE", "DE", "AT", "NL", "FR", "IT", "ES", "PL", "SE")
_DAY_MAX = 28  # every month has it
#: One in so many people keeps a dollar account as well.
_DOLLARS_ONE_IN = 20
_INSURED_SHARE = 0.35
#: Of subscriptions: those that became dearer within the last months.
_RISEN_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Subscription:
    """A monthly charge; from `risen_from` on it costs `risen_minor`."""

    merchant: str
    day: int
    price_minor: int
    risen_minor: int
    risen_from: date | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A customer-to-be and their habits. Amounts in euro cents; `thrift` scales what they buy."""

    number: int
    login_name: str
    full_name: str
    born: str
    country: str
    kyc_tier: int
    employer: str
    income_minor: int
    payday: int
    landlord: str
    rent_minor: int
    rent_day: int
    energy: str
    energy_minor: int
    telecom: str
    telecom_minor: int
    insurer: str | None
    insurance_minor: int
    thrift: float
    shops: dict[str, tuple[str, ...]]
    subscriptions: tuple[Subscription, ...]
    card_digits: str
    balance_minor: int
    savings_minor: int
    has_dollars: bool = False
    story: dict[str, Any] = field(default_factory=dict)

    @property
    def email(self) -> str:
        # RFC 2606: example.com belongs to nobody.
        return f"{self.login_name}@example.com"

    @property
    def phone(self) -> str:
        # +49 1555 is not given to anybody (Bundesnetzagentur's range for films and books).
        return f"+49155501{self.number:05d}"


def rng_of(seed: int, what: str) -> Random:
    """Return a source of chance for one purpose; the same on every machine."""
    return Random(f"{seed}:{what}")  # noqa: S311  a story, not a secret


@cache
def load(name: str) -> dict[str, Any]:
    """Return one of the data files beside this module."""
    return tomllib.loads((_DATA / f"{name}.toml").read_text(encoding="utf-8"))


def password_of(seed: int, login_name: str) -> str:
    """Return a demo person's password: three words and a number, from the seed."""
    rng = rng_of(seed, f"password:{login_name}")
    words = ["amber", "birch", "cedar", "delta", "ember", "fable", "grove", "haven", "island",
             "jasper", "kettle", "lantern", "marble", "nectar", "orchard", "pebble", "quartz",
             "raven", "saffron", "timber", "umber", "velvet", "willow", "zephyr"]  # fmt: skip
    return f"{'-'.join(rng.sample(words, 3))}-{rng.randint(100, 999)}"


def invent(seed: int, number: int, *, to_date: date) -> Person:
    """Return person `number` of the town; `to_date` is the end of what they have lived."""
    rng = rng_of(seed, f"person:{number}")
    names, shops = load("names"), load("merchants")
    given, family = rng.choice(names["given"]), rng.choice(names["family"])
    income_minor = int(min(950_000, max(115_000, rng.lognormvariate(12.45, 0.38))) // 100 * 100)
    return Person(
        number=number,
        login_name=f"{given}.{family}.{number}".lower(),
        full_name=f"{given} {family}",
        born=date(rng.randint(1941, 2006), rng.randint(1, 12), rng.randint(1, 28)).isoformat(),
        country=rng.choice(_COUNTRIES),
        kyc_tier=rng.choices((2, 1), (9, 1))[0],
        employer=rng.choice(shops["salary"]["names"]),
        income_minor=income_minor,
        payday=rng.randint(24, _DAY_MAX),
        landlord=rng.choice(shops["rent"]["names"]),
        rent_minor=int(income_minor * rng.uniform(0.24, 0.36)) // 500 * 500,
        rent_day=rng.randint(1, 3),
        energy=rng.choice(shops["utilities"]["names"]),
        energy_minor=_amount(rng, shops["utilities"]),
        telecom=rng.choice(shops["telecom"]["names"]),
        telecom_minor=_amount(rng, shops["telecom"]),
        insurer=rng.choice(shops["insurance"]["names"]) if rng.random() < _INSURED_SHARE else None,
        insurance_minor=_amount(rng, shops["insurance"]),
        thrift=(income_minor / 250_000) ** 0.5 * rng.uniform(0.8, 1.25),
        shops=_habits(rng),
        subscriptions=_subscriptions(rng, to_date=to_date),
        card_digits=f"{rng.randint(0, 9999):04d}",
        balance_minor=int(income_minor * rng.uniform(0.2, 0.9)),
        savings_minor=int(income_minor * rng.uniform(0.1, 6)),
        has_dollars=rng.randrange(_DOLLARS_ONE_IN) == 0,
    )


def personas(seed: int, *, to_date: date) -> list[Person]:
    """Return the people with a story, numbered from 0."""
    return [
        _persona(seed, number, told, to_date=to_date)
        for number, told in enumerate(load("personas")["persona"])
    ]


def digest(people: list[Person]) -> str:
    """Return a fingerprint of people: equal exactly when all of them are."""
    return hashlib.sha256("\n".join(map(repr, people)).encode()).hexdigest()


def _persona(seed: int, number: int, told: dict[str, Any], *, to_date: date) -> Person:
    drawn = invent(seed, number, to_date=to_date)
    prices = {each["name"]: each for each in load("merchants")["subscription"]}
    # Charged five days ago; the first of them rose with that charge.
    day = _day(to_date - timedelta(days=5))
    subscriptions = tuple(
        Subscription(
            name, day, prices[name]["price_minor"], prices[name]["risen_minor"],
            to_date - timedelta(days=20) if place == 0 else None,
        )
        for place, name in enumerate(told["subscriptions"])
    )  # fmt: skip
    keys = ("login_name", "full_name", "born", "country", "kyc_tier", "employer",
            "income_minor", "rent_minor", "balance_minor", "savings_minor")  # fmt: skip
    return replace(
        drawn,
        **{key: told[key] for key in keys},
        subscriptions=subscriptions,
        thrift=(told["income_minor"] / 250_000) ** 0.5,
        has_dollars=False,
        card_digits=told["cards"][0]["digits"],
        # Rent before pay, both soon: what "low balance ahead" is about.
        rent_day=_day(to_date + timedelta(days=4)),
        payday=_day(to_date + timedelta(days=13)),
        story=told,
    )


def _habits(rng: Random) -> dict[str, tuple[str, ...]]:
    shops = load("merchants")
    return {
        kind: tuple(rng.sample(shops[kind]["names"], min(len(shops[kind]["names"]), 3)))
        for kind in _SHOPS
    }


def _subscriptions(rng: Random, *, to_date: date) -> tuple[Subscription, ...]:
    chosen = rng.sample(
        load("merchants")["subscription"], rng.choices((0, 1, 2, 3), (2, 4, 3, 1))[0]
    )
    return tuple(
        Subscription(
            each["name"],
            rng.randint(1, _DAY_MAX),
            each["price_minor"],
            each["risen_minor"],
            to_date - timedelta(days=rng.randint(10, 300)) if rng.random() < _RISEN_SHARE else None,
        )
        for each in chosen
    )


def _amount(rng: Random, shop: dict[str, Any]) -> int:
    return rng.randint(shop["low_minor"], shop["high_minor"])


def _day(of: date) -> int:
    return min(of.day, _DAY_MAX)
