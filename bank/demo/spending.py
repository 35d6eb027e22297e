"""What a person's account sees: months of pay, rent, bills, shops, refunds, savings.

    movements(person, …) ─▶ Movement, Movement, …   in order of time, none after `to_utc`

Each month the pay comes in and the fixed costs go out on their days; shops are visited at
random; on the day after payday what is above a cushion moves to savings, or comes back from
there. So balances breathe but stay above zero, and the last sweep leaves exactly what the
person is to have today.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from bank.demo.doings import changed
from bank.demo.fates import Fate
from bank.demo.movements import Movement, sent, swept
from bank.demo.people import Person, load, rng_of
from bank.domain.ledger import Category, TransactionKind

#: Visits a month, on average.
VISITS = {
    "groceries": 2.8, "eating_out": 1.3, "transport": 0.7, "shopping": 0.45, "health": 0.15,
    "entertainment": 0.25, "cash": 0.3, "travel": 0.06,
}  # fmt: skip
REFUND_SHARE = 0.06  # of shopping
SWEEP_STEP_MINOR = 500
_NOON = time(12)


@dataclass(frozen=True, slots=True)
class Life:
    """Movements in order of time, and what both accounts must hold before the first of them."""

    opening_minor: int
    savings_opening_minor: int
    movements: list[Movement]


def live(
    person: Person, *, seed: int, from_date: date, to_utc: datetime, fate: Fate | None = None
) -> Life:
    """Return a person's movements from `from_date` to `to_utc`, and what they began with.

    With a fate they come later, fade, send money to others, meet fraud, and perhaps leave.
    """
    rng = rng_of(seed, f"life:{person.number}")
    if fate is not None:
        from_date = max(from_date, fate.joined_at_utc.date())
        to_utc = fate.closed_at_utc or to_utc
    lived = [
        *_fixed(person, rng, from_date, to_utc.date()),
        *_visits(person, rng, from_date, to_utc),
    ]
    lived += _stories(person, to_utc)
    if fate is not None:
        lived = changed(lived, person, fate, seed=seed, to_utc=to_utc)
    lived = sorted((each for each in lived if each.at_utc <= to_utc), key=lambda m: m.at_utc)
    life = _with_sweeps(person, lived, from_date=from_date, to_utc=to_utc)
    return life if fate is None or fate.closed_at_utc is None else _left(life, to_utc)


def months(from_date: date, to_date: date) -> Iterator[tuple[int, int]]:
    """Yield (year, month) of every month touched.

    >>> list(months(date(2025, 12, 31), date(2026, 1, 1)))
    [(2025, 12), (2026, 1)]
    """
    count = (to_date.year - from_date.year) * 12 + to_date.month - from_date.month + 1
    for step in range(count):
        year, month = divmod(from_date.year * 12 + from_date.month - 1 + step, 12)
        yield year, month + 1


def _fixed(person: Person, rng: Random, from_date: date, to_date: date) -> Iterator[Movement]:
    debit = TransactionKind.DIRECT_DEBIT
    for year, month in months(from_date, to_date):

        def on(day: int, hour: int) -> datetime:
            return datetime(year, month, day, hour, rng.randrange(60), tzinfo=UTC)  # noqa: B023

        if date(year, month, 1) < from_date.replace(day=1):
            continue
        yield Movement(
            on(person.payday, 6), TransactionKind.SALARY, Category.SALARY, person.employer,
            f"Salary {year}-{month:02d}", person.income_minor,
        )  # fmt: skip
        yield Movement(
            on(person.rent_day, 5), debit, Category.RENT, person.landlord,
            f"Rent {year}-{month:02d}", -person.rent_minor,
        )  # fmt: skip
        winter = 1.25 if month in (11, 12, 1, 2) else 0.9
        yield Movement(
            on(4, 5), debit, Category.UTILITIES, person.energy, "Electricity and heating",
            -int(person.energy_minor * winter * rng.uniform(0.95, 1.05)),
        )  # fmt: skip
        yield Movement(
            on(7, 5), debit, Category.UTILITIES, person.telecom, "Mobile and internet",
            -person.telecom_minor,
        )  # fmt: skip
        if person.insurer:
            yield Movement(
                on(10, 5), debit, Category.INSURANCE, person.insurer, "Household insurance",
                -person.insurance_minor,
            )  # fmt: skip
        for each in person.subscriptions:
            at = on(each.day, 4)
            risen = each.risen_from is not None and at.date() >= each.risen_from
            yield Movement(
                at, TransactionKind.CARD, Category.SUBSCRIPTIONS, each.merchant,
                f"{each.merchant} monthly", -(each.risen_minor if risen else each.price_minor),
            )  # fmt: skip


def _visits(person: Person, rng: Random, from_date: date, to_utc: datetime) -> Iterator[Movement]:
    shops: dict[str, Any] = load("merchants")
    begin = datetime.combine(from_date, time(), UTC)
    days = (to_utc - begin) / timedelta(days=1)
    for kind, monthly in VISITS.items():
        low, high = shops[kind]["low_minor"], shops[kind]["high_minor"]
        at_days = rng.expovariate(monthly / 30.4)
        while at_days < days:
            at = begin + timedelta(days=int(at_days), seconds=rng.randint(7 * 3600, 21 * 3600))
            # Most baskets are small: uniform in the logarithm, leaning down.
            minor = int(low * (high / low) ** (rng.random() ** 1.2) * person.thrift)
            merchant = rng.choice(person.shops[kind])
            if kind == "cash":
                minor = max(1_000, minor // 1_000 * 1_000)
            yield _visit(kind, at, merchant, minor)
            if kind == "shopping" and rng.random() < REFUND_SHARE:
                back = at + timedelta(days=rng.randint(2, 9))
                yield _refund(back, merchant, minor)
            at_days += rng.expovariate(monthly / 30.4)


def _visit(kind: str, at: datetime, merchant: str, minor: int) -> Movement:
    if kind == "cash":
        return Movement(
            at, TransactionKind.CASH, Category.CASH, merchant, "Cash withdrawal", -minor
        )
    return Movement(at, TransactionKind.CARD, Category(kind), merchant, "Card payment", -minor)


def _refund(at: datetime, merchant: str, minor: int) -> Movement:
    return Movement(
        at, TransactionKind.REFUND, Category.SHOPPING, merchant, f"Refund {merchant}", minor
    )


def _stories(person: Person, to_utc: datetime) -> Iterator[Movement]:
    """Yield the movements of a persona's story."""
    twice, refunded = person.story.get("charged_twice"), person.story.get("refunded")
    if twice:
        at = to_utc - timedelta(days=twice["days_ago"])
        yield _visit("shopping", at, twice["merchant"], twice["amount_minor"])
        yield _visit(
            "shopping", at + timedelta(minutes=2), twice["merchant"], twice["amount_minor"]
        )
    if refunded:
        at = to_utc - timedelta(days=refunded["days_ago"])
        bought = at - timedelta(days=9)
        yield _visit("shopping", bought, refunded["merchant"], refunded["amount_minor"])
        yield _refund(at, refunded["merchant"], refunded["amount_minor"])


def _with_sweeps(
    person: Person, lived: list[Movement], *, from_date: date, to_utc: datetime
) -> Life:
    """Add the monthly sweeps and the openings that keep both accounts above zero."""
    # Enough for a month's costs in the worst order.
    cushion = person.income_minor * 3 // 5
    opening = cushion
    balance, savings, lowest, savings_lowest = opening, 0, opening, 0
    sweeps: list[Movement] = []
    dates = sorted(
        datetime(year, month, person.payday, 18, tzinfo=UTC) for year, month in
        months(from_date, to_utc.date())
    )  # fmt: skip
    # The last one sets today's balance; a moment ago would look arranged.
    dates = [at for at in dates if at < to_utc - timedelta(hours=2)]
    waiting = iter([*dates, None])
    due = next(waiting)
    for each in [*lived, None]:
        while due is not None and (each is None or due <= each.at_utc):
            surplus = (balance - cushion) // SWEEP_STEP_MINOR * SWEEP_STEP_MINOR
            if surplus:
                sweeps.append(swept(due, surplus))
                balance, savings = balance - surplus, savings + surplus
            savings_lowest = min(savings_lowest, savings)
            due = next(waiting)
        if each is not None:
            balance += each.amount_minor
            lowest = min(lowest, balance)
            if each.savings:
                savings -= each.amount_minor
                savings_lowest = min(savings_lowest, savings)
    last = balance - person.balance_minor
    if last:
        sweeps.append(swept(to_utc - timedelta(hours=1), last))
        savings += last
        savings_lowest = min(savings_lowest, savings)
    shortfall = max(0, -lowest)
    if shortfall:  # lift the whole line; the last sweep takes the lift away again
        opening += shortfall
        sweeps[-1] = swept(sweeps[-1].at_utc, -sweeps[-1].amount_minor + shortfall)
        savings += shortfall
    return Life(
        opening_minor=opening,
        savings_opening_minor=max(person.savings_minor - savings, -savings_lowest, 0),
        movements=sorted([*lived, *sweeps], key=lambda m: m.at_utc),
    )


def _left(life: Life, closed_at_utc: datetime) -> Life:
    """Return a life at whose end everything goes to another bank."""
    moved = life.movements
    savings_minor = life.savings_opening_minor - sum(m.amount_minor for m in moved if m.savings)
    current_minor = life.opening_minor + sum(m.amount_minor for m in moved)
    at = closed_at_utc - timedelta(minutes=10)
    last = [swept(at, -savings_minor)] if savings_minor else []
    left_minor = current_minor + savings_minor
    if left_minor:
        last.append(sent(at + timedelta(minutes=5), None, "To my new bank", left_minor))
    return Life(life.opening_minor, life.savings_opening_minor, [*moved, *last])
