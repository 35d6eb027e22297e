"""Doings: how a fate changes what an account sees.

    activity   visits to shops thin out and come back       unpaid    pay and fixed costs stop
    drifting   money goes to the other bank                 charged   a fee
    everybody  transfers to friends, to new people, shopping on the internet
    frauds     what others do with the account (frauds.py)

On one known day the town changes: new shops on the internet take a part of the trade, and one
kind of fraud is done in another way. So a model trained before meets what it has not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from bank.demo.fates import Fate, Step, segments
from bank.demo.frauds import drift_at, episodes_of
from bank.demo.movements import Movement, paid, sent, swept
from bank.demo.people import Person, load, rng_of
from bank.domain.ledger import Category, TransactionKind

#: The usual share of visits that are made, so that activity can also rise.
_VISITS_SHARE = 0.8
_MONEY_LEAVES = {True: 0.58, False: 0.05}
_FRIENDS_COUNT = 3
_NEW_PEOPLE_A_STEP = 0.12
_KIOSKS_A_STEP = 0.35
#: Of online payments after the town's change: those in the new shops.
_LATER_SHOPS_SHARE = 0.7
_FIXED = (Category.RENT, Category.UTILITIES, Category.INSURANCE)
_FEE_TEXT = "Returned direct debit"


def changed(
    lived: list[Movement], person: Person, fate: Fate, *, seed: int, to_utc: datetime
) -> list[Movement]:
    """Return the movements of a person as their fate makes them, in no order."""
    rng = rng_of(seed, f"doings:{person.number}")
    movements = [
        *_kept(lived, fate, rng),
        *_others(person, fate, rng),
        *(_fee(at, minor) for at, minor in fate.fees),
        *episodes_of(person, fate, seed=seed),
    ]
    from_utc = fate.joined_at_utc + timedelta(hours=1)
    return [each for each in movements if from_utc <= each.at_utc <= to_utc]


def _kept(lived: list[Movement], fate: Fate, rng: Random) -> Iterator[Movement]:
    """Yield what of a steady life is still done; without pay, fixed costs mostly go too."""
    bought = set()
    for each in sorted(lived, key=lambda m: m.at_utc):
        if each.kind is TransactionKind.REFUND:
            if (each.merchant, -each.amount_minor) in bought:
                yield each
        elif rng.random() < _chance(each, fate):
            bought.add((each.merchant, each.amount_minor))
            is_pay = each.kind is TransactionKind.SALARY
            if is_pay and not fate.temper.is_paid_here:
                yield sent(each.at_utc, None, "From my account elsewhere", -each.amount_minor)
            else:
                yield each


def _chance(movement: Movement, fate: Fate) -> float:
    """Return how likely a movement of a steady life is done by somebody of this fate."""
    step = fate.step_at(movement.at_utc)
    if movement.kind is TransactionKind.SALARY:
        return 0.0 if step.mood["unpaid"] else 1.0
    if movement.category in _FIXED:
        return 0.3 if step.mood["unpaid"] else 1.0
    if movement.category is Category.SUBSCRIPTIONS:
        return step.activity + 0.35
    habit: float = segments()[fate.temper.segment]["visits"]
    return habit * _VISITS_SHARE * step.activity


def _others(person: Person, fate: Fate, rng: Random) -> Iterator[Movement]:
    """Yield what goes to people, to the other bank, and to shops on the internet."""
    names, kind = load("names"), segments()[fate.temper.segment]
    friends = [_name(rng, names) for _ in range(_FRIENDS_COUNT)]
    online, kiosks = load("merchants")["online"], load("merchants")["kiosks"]
    for step in fate.steps:
        if rng.random() < _MONEY_LEAVES[step.mood["drifting"]]:
            minor = int(person.income_minor * rng.uniform(0.15, 0.6)) // 1_000 * 1_000
            yield sent(_moment(rng, step), None, "To my account elsewhere", max(minor, 1_000))
        for _ in range(_count(rng, kind["friends"] * step.activity)):
            minor = int(800 * (15_000 / 800) ** rng.random())
            yield sent(_moment(rng, step), rng.choice(friends), "Thanks", minor)
        if rng.random() < _NEW_PEOPLE_A_STEP:
            yield from _new_person(person, _name(rng, names), _moment(rng, step), rng)
        for _ in range(_count(rng, kind["online"] * step.activity)):
            at = _moment(rng, step)
            later = at >= drift_at(fate) and rng.random() < _LATER_SHOPS_SHARE
            shop = rng.choice(online["names_later" if later else "names"])
            low, high = online["low_minor"], online["high_minor"]
            minor = int(low * (high / low) ** (rng.random() ** 1.4) * person.thrift)
            yield paid(at, shop, Category.SHOPPING, minor, text="Online payment")
        for _ in range(_count(rng, _KIOSKS_A_STEP * step.activity)):
            low, high = kiosks["low_minor"], kiosks["high_minor"]
            minor = int(low * (high / low) ** rng.random())
            yield paid(_moment(rng, step), rng.choice(kiosks["names"]), Category.OTHER, minor)


def _new_person(person: Person, name: str, at: datetime, rng: Random) -> Iterator[Movement]:
    """Yield a first payment to somebody: a craftsman, a deposit, a used bicycle, a car."""
    minor = int(3_000 * (350_000 / 3_000) ** (rng.random() ** 1.3))
    if minor > person.income_minor // 3 and rng.random() < 0.6:
        yield swept(at - timedelta(minutes=rng.randint(2, 600)), -minor)
    yield sent(at, name, rng.choice(("Invoice", "Deposit", "As agreed", "Bicycle")), minor)
    if rng.random() < 0.25:
        yield sent(at + timedelta(days=rng.randint(3, 20)), name, "Second part", max(minor // 2, 1))


def _fee(at: datetime, minor: int) -> Movement:
    return Movement(at, TransactionKind.FEE, Category.FEES, None, _FEE_TEXT, -minor)


def _moment(rng: Random, step: Step) -> datetime:
    """Return a moment of the step, mostly by day."""
    hour = rng.choices((rng.randint(0, 6), rng.randint(7, 23)), (4, 96))[0]
    return step.at_utc.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
        days=rng.randint(0, 29), hours=hour, minutes=rng.randint(0, 59), seconds=rng.randint(0, 59)
    )


def _count(rng: Random, mean: float) -> int:
    """Return a Poisson count of a small mean."""
    count, left = 0, rng.expovariate(1)
    while left < mean:
        count, left = count + 1, left + rng.expovariate(1)
    return count


def _name(rng: Random, names: dict[str, list[str]]) -> str:
    return f"{rng.choice(names['given'])} {rng.choice(names['family'])}"
