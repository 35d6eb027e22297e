"""How the town's people invest: what they answer, what they hold, and the tastes nobody asks for.

    age, income ─▶ tolerance ──noise──▶ answers ──investor_questions──▶ Score     (the bank sees)
                     │      wishes ──▶ answers ("wishes")
                     ▼        ▼
    appeal of each instrument = risk distance + visible tastes + HIDDEN tastes + fame
                     └─ the most appealing, with chance ─▶ Bought: what, how much, since when

Hidden tastes are directions in a space of _TASTES dimensions that instruments and people share. No
answer tells them; what somebody holds does. So whoever learns from holdings beats whoever reads
profiles only, by a margin that is known here and may be read from `InvestorTruth` alone.

Pure: an investor depends on the seed, the person and the market.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bank.demo.people import Person, rng_of
from bank.domain.instruments import Complexity, Instrument, InstrumentId, InstrumentState
from bank.domain.investors import Knowledge
from bank.policies import investor_questions
from bank.policies.investor_questions import Score

Floats = NDArray[np.float64]

INVESTS_SHARE = 0.6
#: Months back to which anybody bought something.
MONTHS_MAX = 36
HOLDINGS_MAX = 12
_TASTES = 6
#: How much each part weighs in an instrument's appeal. Set so that, of 20,000 people and 300
#: instruments, popularity, holdings alone and profiles alone come out at an nDCG@10 of 0.10, 0.15
#: and 0.15 of what is bought later; blends stood beside, and were not aimed at.
_RISK, _INTEREST, _ESG, _HIDDEN, _FAME, _FEE = 0.52, 1.85, 1.05, 0.72, 0.65, 0.35
_EXCLUDED, _UNKNOWN = 4.0, 1.5
_LIKES = {"like_technology": 0.22, "like_health": 0.16, "like_climate": 0.18,
          "like_europe": 0.20, "like_emerging": 0.10}  # fmt: skip
_AVOIDS = {"no_weapons": 0.16, "no_fossil": 0.12, "no_tobacco": 0.10, "no_gambling": 0.08,
           "no_animal_testing": 0.08}  # fmt: skip
_WANTS_ESG_SHARE = 0.22
_KNOWS = (Knowledge.NONE, Knowledge.FUNDS, Knowledge.SHARES, Knowledge.COMPLEX)
#: The steps of knowledge each complexity asks for.
_ASKED = {Complexity.SIMPLE: 0, Complexity.MODERATE: 2, Complexity.COMPLEX: 3}


@dataclass(frozen=True, slots=True)
class Bought:
    """One holding: its share of all that is invested, and how many months ago it was bought."""

    instrument_id: InstrumentId
    share_bp: int
    months_ago: float


@dataclass(frozen=True, slots=True)
class InvestorTruth:
    """What the bank never sees. tastes: shape (_TASTES,)."""

    tolerance: float
    tastes: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Investor:
    """One person as an investor. bought: oldest first; empty for who does not invest.

    answered_days_ago: when they answered, and confirmed it every year, oldest first.
    """

    number: int
    answers: Mapping[str, Any]
    score: Score
    answered_days_ago: tuple[int, ...]
    invested_minor: int
    bought: tuple[Bought, ...]
    truth: InvestorTruth


class Shelf:
    """The market as arrays: what every investor looks at."""

    def __init__(self, market: Sequence[Instrument], *, seed: int) -> None:
        self.market = tuple(market)
        rng = np.random.default_rng([seed, 1_701])
        self.tastes: Floats = rng.normal(size=(len(market), _TASTES)) / math.sqrt(_TASTES)
        self.fame: Floats = rng.normal(size=len(market))

    @cached_property
    def risk(self) -> Floats:
        return np.array([one.risk_class for one in self.market], np.float64)

    @cached_property
    def plain(self) -> Floats:
        """What appeals to everybody: fame, a low fee; what cannot be bought appeals to nobody."""
        fee = np.array([one.fee_bp for one in self.market]) / 100
        gone = np.array([one.state is not InstrumentState.LISTED for one in self.market])
        return _FAME * self.fame - _FEE * fee - 3.0 * gone

    @cached_property
    def asked(self) -> Floats:
        return np.array([_ASKED[one.complexity] for one in self.market], np.float64)

    @cached_property
    def esg(self) -> Floats:
        return np.array([one.esg_score for one in self.market], np.float64)

    def about(self, interest: str) -> NDArray[np.bool_]:
        """Return which instruments are about a sector or a region."""
        return self._about[interest]

    def tagged(self, tag: str) -> NDArray[np.bool_]:
        """Return which instruments hold something of a tag."""
        return self._tagged[tag]

    @cached_property
    def _about(self) -> dict[str, NDArray[np.bool_]]:
        names = [one.removeprefix("like_") for one in _LIKES]
        return {
            name: np.array([name in (one.sector, one.region) for one in self.market])
            for name in names
        }

    @cached_property
    def _tagged(self) -> dict[str, NDArray[np.bool_]]:
        names = [one.removeprefix("no_") for one in _AVOIDS]
        return {name: np.array([name in one.tags for one in self.market]) for name in names}


def invest(person: Person, shelf: Shelf, *, seed: int, to_date: date) -> Investor:
    """Return a person as an investor as of a day."""
    rng = rng_of(seed, f"invest:{person.number}")
    age_years = to_date.year - int(person.born[:4])
    tolerance = _tolerance(person, age_years, rng)
    answers = _answers(person, age_years, tolerance, rng)
    score = investor_questions.score(answers)
    tastes = tuple(rng.gauss(0, 1) for _ in range(_TASTES))
    invests = rng.random() < INVESTS_SHARE
    wealth = person.income_minor * math.exp(rng.gauss(1.2, 0.8)) * (0.5 + age_years / 50)
    bought: tuple[Bought, ...] = ()
    if invests:
        bought = _buy(shelf, score, tolerance, np.array(tastes), rng)
    return Investor(
        number=person.number,
        answers=answers,
        score=score,
        answered_days_ago=_answered(bought, rng),
        invested_minor=int(wealth) // 10_000 * 10_000 if invests else 0,
        bought=bought,
        truth=InvestorTruth(tolerance, tastes),
    )


def appeal(shelf: Shelf, score: Score, tolerance: float, tastes: Floats) -> Floats:
    """Return how much each instrument appeals to somebody, shape (n,)."""
    found: Floats = shelf.plain - _RISK * (shelf.risk - tolerance) ** 2
    found = found + _HIDDEN * (shelf.tastes @ tastes) * math.sqrt(_TASTES)
    for interest in score.interests:
        found = found + _INTEREST * shelf.about(interest)
    for tag in score.exclusions:
        found = found - _EXCLUDED * shelf.tagged(tag)
    if score.wants_esg:
        found = found + _ESG * (shelf.esg - 55) / 20
    lacking = np.maximum(0.0, shelf.asked - _KNOWS.index(score.knowledge))
    return found - _UNKNOWN * lacking


def _answered(bought: Sequence[Bought], rng: Random) -> tuple[int, ...]:
    """Return when somebody answered: some time before they first bought, then every year."""
    if not bought:
        return (rng.randint(5, 355),)
    first = int(bought[0].months_ago * 30.44 + rng.expovariate(1 / 120)) + 2
    return tuple(range(first, 0, -360))


def _tolerance(person: Person, age_years: int, rng: Random) -> float:
    drawn = 4.0 + 0.025 * (48 - age_years) + 0.7 * math.log(person.income_minor / 255_000)
    return min(7.0, max(1.0, drawn + rng.gauss(0, 1.25)))


def _answers(person: Person, age_years: int, tolerance: float, rng: Random) -> dict[str, Any]:
    """Return whole answers that do not contradict each other."""
    del person
    felt = [tolerance + rng.gauss(0, 0.9) for _ in range(7)]
    years = max(0.0, rng.gauss(26 - age_years * 0.3 + tolerance, 5)) * rng.choice((1, 1, 1, 0.3))
    answers = {
        "goal": _goal(age_years, years, rng),
        "horizon": _step(years, ("under_1", "from_1", "from_3", "from_5", "over_10"),
                         (1, 3, 5, 10)),
        "reserve": _step(felt[0], ("none", "from_1", "from_3", "over_6"), (0.8, 3.2, 5.2)),
        "share": _step(felt[1], ("all", "over_half", "under_half", "little"), (0.9, 3.0, 5.5)),
        "income": _step(felt[2], ("may_fall", "steady", "grows"), (2.6, 5.4)),
        "fall": _step(felt[3], ("sell_all", "sell_some", "wait", "buy_more"), (1.6, 3.2, 5.8)),
        "worst_year": _step(felt[4], ("nothing", "little", "some", "much", "half"),
                            (1.2, 2.8, 4.9, 6.3)),
        "manner": _step(felt[5], ("careful", "weighing", "bold"), (3.0, 5.6)),
        "knowledge": _step(felt[6] + rng.gauss(0, 1.0), [str(one) for one in _KNOWS],
                           (2.2, 4.2, 6.3)),
        "wishes": _wishes(rng),
    }  # fmt: skip
    while (clash := investor_questions.contradiction(answers)) is not None:
        # Asked again, they take the answer that is meant more mildly.
        kept = list(investor_questions.question(clash.question).answers)
        others = [one for one in kept if _is_fine(answers, clash.question, one)]
        answers[clash.question] = rng.choice(others)
    return answers


def _is_fine(answers: Mapping[str, Any], question: str, answer: str) -> bool:
    return investor_questions.contradiction({**answers, question: answer}) is None


def _goal(age_years: int, years: float, rng: Random) -> str:
    if years < 3:
        return rng.choices(("preserve", "purchase", "income"), (4, 5, 2))[0]
    if age_years > 62:
        return rng.choices(("preserve", "income", "growth"), (4, 5, 2))[0]
    return rng.choices(("purchase", "growth", "retirement", "income"), (2, 5, 4, 1))[0]


def _wishes(rng: Random) -> list[str]:
    found = [one for one, share in {**_LIKES, **_AVOIDS}.items() if rng.random() < share]
    if rng.random() < _WANTS_ESG_SHARE:
        found.append("esg")
    return sorted(found) or ["nothing"]


def _step(value: float, steps: Sequence[str], bounds: Sequence[float]) -> str:
    """Return the step a value is on; `bounds` are where the next one begins."""
    return steps[sum(value >= one for one in bounds)]


def _buy(
    shelf: Shelf, score: Score, tolerance: float, tastes: Floats, rng: Random
) -> tuple[Bought, ...]:
    """Return what somebody bought: the most appealing with chance (Gumbel), spread over time."""
    count = min(HOLDINGS_MAX, 1 + int(rng.expovariate(1 / 4.2)))
    chance = np.random.default_rng(rng.getrandbits(64)).gumbel(size=len(shelf.market))
    chosen = np.argsort(-(appeal(shelf, score, tolerance, tastes) + chance))[:count]
    first = rng.uniform(1, MONTHS_MAX)
    months = [first, *(rng.uniform(0.2, first) for _ in range(count - 1))]
    parts = np.array([rng.gammavariate(1.5, 1) * _weight(shelf, int(one)) for one in chosen])
    shares = np.floor(parts / parts.sum() * 10_000).astype(int)
    shares[0] += 10_000 - shares.sum()
    held = [
        Bought(shelf.market[int(one)].id, int(share), round(month, 2))
        for one, share, month in zip(chosen, shares, months, strict=True)
        if share > 0
    ]
    return tuple(sorted(held, key=lambda one: -one.months_ago))


def _weight(shelf: Shelf, place: int) -> float:
    """Return how much more goes into a fund than into a single share."""
    return 0.4 if shelf.market[place].is_single else 1.0
