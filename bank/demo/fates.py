"""Fates: who is content, who is about to leave, and why; what no bank sees, and what shows of it.

                      ┌──────── mood, by steps of 30 days ────────┐
    temper ──────────▶│ drifting ▸ unpaid    angry     charged    │──▶ hazard of the step ──▶ closed
    (segment, taste)  └───┬──────────┬─────────┬──────────┬───────┘      ▲
                          ▼          ▼         ▼          ▼              │
       seen by the bank: activity  salary   complaints   fees      offers of a campaign

A customer's mood is a Markov chain of four switches, the same for everybody; the hazard follows
from mood, segment, tenure, products and a taste nobody sees. So the exact chance that somebody
leaves within 90 days can be computed (truth.py), and a model cannot do better than that.
Activity and logins follow the mood with noise, salary stops with it, complaints are voiced in
part. Offers of past campaigns were drawn at random, with a tenth of the people held out for good.

Pure: a person's fate depends on the seed, their number and the last moment only. Personas have
none: their stories are told already.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from bank.demo.people import Person, load, rng_of

STEP = timedelta(days=30)
#: The horizon of the outcome: 90 days.
HORIZON_STEPS = 3
#: Switches of a mood, and their chances a step: to turn on, to turn on while drifting, to turn off.
SWITCHES = {
    "drifting": (0.022, 0.022, 0.06),
    "unpaid": (0.004, 0.28, 0.04),
    "angry": (0.010, 0.060, 0.35),
    "charged": (0.040, 0.060, 0.50),
}
#: What a switch adds to the logarithm of the hazard.
WEIGHTS = {"drifting": 2.5, "unpaid": 1.6, "angry": 1.4, "charged": 0.9}
_TASTE_WEIGHT, _TENURE_WEIGHT, _FEW_PRODUCTS_WEIGHT = 0.45, -0.30, 0.35
_VOICED_SHARE = 0.8
#: Complaints about nothing much, a step.
_GRUMBLE = 0.006
_JOINED_LATER_SHARE = 0.30
_PAID_ELSEWHERE_SHARE = 0.12
_TENURE_MAX_YEARS = 15.0
#: Ages at which the shares of segments change.
_AGES = (32, 60)
HOLD_OUT_SHARE, _OFFERED_SHARE = 0.10, 0.45
OFFERS = ("fee_waiver", "rate_bonus", "call", "education")
#: Campaigns of the past, in steps before the last moment.
CAMPAIGNS = (13, 10, 7, 4)

Mood = dict[str, bool]


@dataclass(frozen=True, slots=True)
class Temper:
    """What stays: `taste` is unseen, `products` an account more or less is seen."""

    segment: str
    taste: float
    is_paid_here: bool
    has_few_products: bool
    is_held_out: bool
    #: How each offer moves this person, beside what their mood says.
    leanings: dict[str, float]


@dataclass(frozen=True, slots=True)
class Step:
    """Thirty days. `hazard` is -log(1 - P(closes in them)); `offer` was made at their begin."""

    at_utc: datetime
    mood: Mood
    hazard: float
    activity: float
    login_days: tuple[date, ...]
    offer: str | None
    is_campaign: bool
    #: What an offer takes off the logarithm of the hazard, and for how many steps from here.
    eased: float = 0.0
    eased_steps: int = 0


@dataclass(frozen=True, slots=True)
class Fate:
    """Steps from joining to leaving or to the last moment."""

    temper: Temper
    opened_at_utc: datetime
    joined_at_utc: datetime
    steps: tuple[Step, ...]
    complaints: tuple[datetime, ...]
    fees: tuple[tuple[datetime, int], ...]
    closed_at_utc: datetime | None
    #: The last moment of the town.
    ends_at_utc: datetime

    def step_at(self, at_utc: datetime) -> Step:
        """Return the step a moment falls into; the first one's for anything before."""
        place = (at_utc - self.steps[0].at_utc) // STEP
        return self.steps[max(0, min(place, len(self.steps) - 1))]


def segments() -> dict[str, dict[str, Any]]:
    """Return the true segments by name."""
    return load("segments")


def fate_of(person: Person, *, seed: int, began_utc: datetime, now_utc: datetime) -> Fate:
    """Return what happens to a person between the two moments."""
    rng = rng_of(seed, f"fate:{person.number}")
    temper = _temper(person, rng, seed, now_utc.date())
    count = (now_utc - began_utc) // STEP
    first = 0
    if rng.random() < _JOINED_LATER_SHARE and count > HORIZON_STEPS:
        first = rng.randrange(1, count - 1)
    begin = now_utc - STEP * (count - first)
    joined = begin + timedelta(days=rng.randint(0, 20), hours=12) if first else began_utc
    years = 0.3 * (_TENURE_MAX_YEARS / 0.3) ** rng.random()
    opened = joined if first else began_utc - timedelta(days=365.25 * years)
    mood = _first_mood(rng, is_new=first > 0)
    steps: list[Step] = []
    complaints: list[datetime] = []
    fees: list[tuple[datetime, int]] = []
    swing, depth, closed = 0.0, 0.4 * mood["drifting"], None
    eased, eased_steps = 0.0, 0
    for number in range(first, count):
        at = now_utc - STEP * (count - number)
        offer = _offer(temper, rng, steps_left=count - number)
        if offer is not None:
            eased, eased_steps = effect(temper, mood, offer), HORIZON_STEPS
        elif not eased_steps:
            eased = 0.0
        hazard = math.exp(-eased) * hazard_of(temper, mood, tenure_years=years_between(opened, at))
        swing = 0.6 * swing + rng.gauss(0, 0.28)
        depth = min(1.0, depth + 0.40) if mood["drifting"] else depth * 0.5
        activity = min(1.25, math.exp(swing) * (1 - 0.75 * depth))
        days = _logins(temper, rng, at, depth)
        is_campaign = count - number in CAMPAIGNS
        steps.append(
            Step(at, dict(mood), hazard, activity, days, offer, is_campaign, eased, eased_steps)
        )
        eased_steps = max(0, eased_steps - 1)
        if rng.random() < 1 - math.exp(-hazard) and at >= joined:
            closed = at + timedelta(days=rng.randint(3, 28), hours=rng.randint(9, 16))
            break
        before, mood = mood, _next_mood(mood, rng)
        complaints += _complaint(before, mood, rng, at)
        if mood["charged"] and not before["charged"]:
            fees.append((at + STEP - _within(rng) * 0.3, rng.choice((500, 750, 900, 1_490))))
    last = closed or now_utc
    return Fate(
        temper, opened, joined, tuple(steps),
        tuple(at for at in complaints if at < last), tuple(one for one in fees if one[0] < last),
        closed, now_utc,
    )  # fmt: skip


def hazard_of(temper: Temper, mood: Mood, *, tenure_years: float) -> float:
    """Return the hazard of a step without an offer."""
    size = (
        sum(weight for name, weight in WEIGHTS.items() if mood[name])
        + _TASTE_WEIGHT * temper.taste
        + _TENURE_WEIGHT * math.log1p(tenure_years)
        + _FEW_PRODUCTS_WEIGHT * temper.has_few_products
    )
    base: float = segments()[temper.segment]["hazard_pct"] / 100
    return base * math.exp(size)


def years_between(from_utc: datetime, to_utc: datetime) -> float:
    """Return the years from one moment to another, never below zero."""
    return max(0.0, (to_utc - from_utc).days / 365.25)


def effect(temper: Temper, mood: Mood, offer: str) -> float:
    """Return by how much an offer lowers the logarithm of the hazard for 90 days.

    Below zero it wakes a sleeping dog: the call reminds people who had drifted off of leaving.
    """
    segment, lean = temper.segment, temper.leanings[offer]
    if offer == "fee_waiver":
        return lean + (1.5 if mood["charged"] else 0.6 if mood["angry"] else 0.0)
    if offer == "rate_bonus":
        return lean + (1.1 if segment in ("savers", "families", "professionals") else 0.1)
    if offer == "call":
        wakes = mood["drifting"] and not mood["angry"] and segment in ("digital", "students")
        return lean + (1.4 if mood["angry"] else -0.9 if wakes else 0.2)
    return lean + (0.5 if segment in ("digital", "students") and not mood["unpaid"] else 0.0)


def _temper(person: Person, rng: Random, seed: int, today: date) -> Temper:
    age_years = today.year - int(person.born[:4])
    band = sum(age_years >= age for age in _AGES)
    kinds = segments()
    segment = rng.choices(list(kinds), [kind["share"][band] for kind in kinds.values()])[0]
    return Temper(
        segment=segment,
        taste=rng.gauss(0, 1),
        is_paid_here=rng.random() >= _PAID_ELSEWHERE_SHARE,
        has_few_products=rng.random() < 0.35,
        is_held_out=rng_of(seed, f"hold-out:{person.number}").random() < HOLD_OUT_SHARE,
        leanings={offer: rng.gauss(0, 0.25) for offer in OFFERS},
    )


def _first_mood(rng: Random, *, is_new: bool) -> Mood:
    mood = dict.fromkeys(SWITCHES, False)
    if not is_new:
        mood["drifting"] = rng.random() < 0.12
        mood["unpaid"] = rng.random() < (0.45 if mood["drifting"] else 0.03)
    return mood


def _next_mood(mood: Mood, rng: Random) -> Mood:
    after = {}
    for name, (on, on_drifting, off) in SWITCHES.items():
        chance = off if mood[name] else on_drifting if mood["drifting"] else on
        after[name] = mood[name] ^ (rng.random() < chance)
    return after


def _offer(temper: Temper, rng: Random, *, steps_left: int) -> str | None:
    if steps_left not in CAMPAIGNS:
        return None
    drawn, offer = rng.random(), rng.choice(OFFERS)
    return None if temper.is_held_out or drawn >= _OFFERED_SHARE else offer


def _complaint(before: Mood, mood: Mood, rng: Random, at: datetime) -> list[datetime]:
    is_new_anger = mood["angry"] and not before["angry"]
    if rng.random() < (_VOICED_SHARE if is_new_anger else _GRUMBLE):
        return [at + STEP - _within(rng) * 0.3]
    return []


def _logins(temper: Temper, rng: Random, at: datetime, depth: float) -> tuple[date, ...]:
    mean = segments()[temper.segment]["logins"] * math.exp(rng.gauss(0, 0.24)) * (1 - 0.85 * depth)
    count = min(29, max(0, round(rng.gauss(mean, math.sqrt(mean)))))
    days = sorted(rng.sample(range(30), count))
    return tuple((at + timedelta(days=day)).date() for day in days)


def _within(rng: Random) -> timedelta:
    """Return a moment of a step."""
    return timedelta(days=rng.randint(0, 29), hours=rng.randint(8, 18), minutes=rng.randint(0, 59))
