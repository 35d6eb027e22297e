"""Frauds: six ways in which others get at an account, planted at known moments.

    large         one payment far above what is usual, by card
    terminal      a kiosk whose terminal was tampered with: copied cards pay there for three weeks,
                  once to three times, more than a kiosk's customers do
    burst         stolen card numbers: many payments on the internet within hours
    takeover      a login from somewhere new at night, then money to new people within an hour
    mule          money from strangers comes in and goes out again within a day or two
    scam          the customer is talked into sending a large sum to somebody new

On the day the town changes (`drift_at`), bursts become small, slow payments in the new shops, and
more of them.
Who is hit follows from the seed and the person's number; an episode's name tells its kind, and
goes to the truth only. Customers report most of it after 3 to 30 days (labels.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from bank.demo.fates import STEP, Fate
from bank.demo.movements import Movement, paid, sent, swept
from bank.demo.people import Person, load, rng_of
from bank.domain.ledger import Category

#: How often a step of a person's life meets each kind.
CHANCES = {"large": 0.0028, "burst": 0.0020, "takeover": 0.0018, "mule": 0.0008, "scam": 0.0028}
#: … once the new shops are there: whoever sells stolen numbers has found them too.
LATER_BURST_CHANCE = 0.0050
TERMINALS_COUNT, _TERMINAL_CHANCE = 20, 0.006
TERMINAL_OPEN = timedelta(days=21)
#: Before the last moment.
_DRIFT_AGE = timedelta(days=180)


def drift_at(fate: Fate) -> datetime:
    """Return the day the town changes."""
    return fate.ends_at_utc - _DRIFT_AGE


def kind_of(episode: str) -> str:
    """Return the kind of an episode.

    >>> kind_of("takeover-00000017-3")
    'takeover'
    """
    return episode.partition("-")[0]


def episodes_of(person: Person, fate: Fate, *, seed: int) -> Iterator[Movement]:
    """Yield what others do with a person's account."""
    rng = rng_of(seed, f"frauds:{person.number}")
    tellers = {
        "large": _large, "burst": _burst, "takeover": _takeover, "mule": _mule, "scam": _scam
    }  # fmt: skip
    for number, step in enumerate(fate.steps):
        chances = CHANCES
        if step.at_utc >= drift_at(fate):
            chances = {**CHANCES, "burst": LATER_BURST_CHANCE}
        for kind, chance in chances.items():
            if rng.random() < chance:
                at = step.at_utc + timedelta(
                    days=rng.randint(0, 29), hours=rng.randint(0, 23), minutes=rng.randint(0, 59)
                )
                episode = f"{kind}-{person.number:08d}-{number}"
                yield from tellers[kind](_Hit(person, at, rng, episode, at >= drift_at(fate)))
    yield from _at_terminals(fate, rng, seed)


@dataclass(frozen=True, slots=True)
class _Hit:
    """Whom an episode meets, and when. `is_late`: after the town's change."""

    person: Person
    at: datetime
    rng: Random
    episode: str
    is_late: bool


def _large(hit: _Hit) -> Iterator[Movement]:
    at, rng, episode = hit.at, hit.rng, hit.episode
    kind = rng.choice(("shopping", "travel", "entertainment"))
    shop = rng.choice(load("merchants")[kind]["names"])
    minor = int(24_000 * (260_000 / 24_000) ** rng.random())
    yield paid(at, shop, Category(kind), minor, episode=episode)


def _burst(hit: _Hit) -> Iterator[Movement]:
    at, rng, episode = hit.at, hit.rng, hit.episode
    online = load("merchants")["online"]
    shops = online["names_later"] if hit.is_late else online["names"]
    count, apart_min = (rng.randint(3, 6), 420) if hit.is_late else (rng.randint(4, 9), 35)
    low, high = (1_200, 7_000) if hit.is_late else (3_000, 32_000)
    for _ in range(count):
        minor = int(low * (high / low) ** rng.random())
        shop = rng.choice(shops)
        yield paid(at, shop, Category.SHOPPING, minor, text="Online payment", episode=episode)
        at += timedelta(minutes=rng.randint(1, apart_min))


def _takeover(hit: _Hit) -> Iterator[Movement]:
    person, at, rng, episode = hit.person, hit.at, hit.rng, hit.episode
    at = at.replace(hour=rng.choice((0, 1, 2, 3, 4, 5, 14, 22, 23)))
    left = int(min(person.balance_minor + person.savings_minor, 900_000) * rng.uniform(0.3, 0.9))
    if left > person.balance_minor:
        yield swept(at, -(left - person.balance_minor // 2))
    for _ in range(rng.randint(2, 4)):
        at += timedelta(minutes=rng.randint(2, 25))
        minor = max(2_500, int(left * rng.uniform(0.2, 0.5)))
        text = rng.choice(("Payment", "Rent", "Invoice"))
        yield sent(at, _stranger(rng), text, minor, episode=episode)


def _mule(hit: _Hit) -> Iterator[Movement]:
    at, rng, episode = hit.at, hit.rng, hit.episode
    total = 0
    for _ in range(rng.randint(3, 8)):
        minor = int(20_000 * (150_000 / 20_000) ** rng.random())
        total += minor
        # What comes in is the fraud of other banks' customers: here it is only seen.
        yield sent(at, _stranger(rng), "Payment", -minor)
        at += timedelta(minutes=rng.randint(10, 600))
    parts = rng.randint(2, 4)
    for _ in range(parts):
        at += timedelta(minutes=rng.randint(5, 300))
        yield sent(at, _stranger(rng), "Onward", int(total * 0.92 / parts), episode=episode)


def _scam(hit: _Hit) -> Iterator[Movement]:
    person, at, rng, episode = hit.person, hit.at, hit.rng, hit.episode
    at = at.replace(hour=rng.randint(9, 20))
    minor = int(40_000 * (600_000 / 40_000) ** rng.random()) // 1_000 * 1_000
    name = _stranger(rng)
    if minor > person.income_minor // 3:
        yield swept(at - timedelta(minutes=rng.randint(2, 60)), -minor)
    text = rng.choice(("Safe account", "Investment", "Deposit"))
    yield sent(at, name, text, minor, episode=episode)
    if rng.random() < 0.4:
        at += timedelta(hours=rng.randint(2, 60))
        yield sent(at, name, "Second part", max(minor // 2, 1_000), episode=episode)


def _at_terminals(fate: Fate, rng: Random, seed: int) -> Iterator[Movement]:
    town = rng_of(seed, "terminals")
    kiosks, end = load("merchants")["kiosks"]["names"], fate.ends_at_utc
    for number in range(TERMINALS_COUNT):
        kiosk = town.choice(kiosks)
        opens = end - STEP * 18 * town.uniform(0.03, 0.97)
        if rng.random() >= _TERMINAL_CHANCE:
            continue
        at = (opens + TERMINAL_OPEN * rng.random()).replace(hour=rng.randint(6, 22))
        for _ in range(rng.randint(1, 3)):
            minor = int(1_500 * (14_000 / 1_500) ** rng.random())
            yield paid(at, kiosk, Category.OTHER, minor, episode=f"terminal-{number:08d}-0")
            at += timedelta(minutes=rng.randint(3, 300))


def _stranger(rng: Random) -> str:
    names = load("names")
    return f"{rng.choice(names['given'])} {rng.choice(names['family'])}"
