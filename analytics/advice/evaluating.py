"""How good advice is: forward in time, beside popularity, and never outside what fits.

    learn as of T ──▶ order what fits and is not held ──▶ what was bought within 90 days after T?
                       as served: inside each person's limits; unmasked: everything, as published
    last one out       each person's latest holding hidden from model and row, and asked for
    draws              random people, amounts of limits and holdings: every recommendation judged

Each model of the blend is measured alone beside it, learnt from the same rows. New people are
those who held at most one instrument. Intervals: people drawn again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from analytics.advice import blending
from analytics.advice.blending import PARTS
from analytics.advice.diversity import SPREAD, diverse
from analytics.advice.histories import Book, Histories
from analytics.advice.learning import Learnt, learn
from analytics.advice.measures import TOP, RankFigures, order_figures, rank_figures
from analytics.advice.parts import People, asked_of, learn_weights
from analytics.advice.profiles import row_of
from analytics.advice.recommending import Recommender
from analytics.errors import CannotLearn
from analytics.evaluation.bootstrap import DRAWS_MOST, Interval, interval_of
from analytics.models import Progress, quietly
from bank.domain.ids import CustomerId
from bank.domain.investors import Goal, InvestorProfile, Knowledge
from bank.policies import suitability

Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

WINDOW_DAYS = 90
NEW_HOLDINGS_MOST = 1
BLEND, SPREAD_OUT = "blend", "blend, spread out"
_DRAWN_COUNT = 5
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """One model's figures. ndcg: with its interval; new_ndcg: of people new to investing."""

    model: str
    ndcg: Interval
    hit_rate: float
    coverage: float
    new_ndcg: float
    people_count: int
    new_count: int

    def as_json(self) -> dict[str, Any]:
        return {
            "model": self.model, "ndcg_at_10": self.ndcg.as_json(), "hit_rate_at_10": self.hit_rate,
            "coverage": self.coverage, "new_people_ndcg_at_10": self.new_ndcg,
            "people": self.people_count, "new_people": self.new_count,
        }  # fmt: skip


def walk_forward(
    histories: Histories,
    *,
    end_utc: datetime,
    windows: int = 2,
    masked: bool = True,
    progress: Progress = quietly,
) -> tuple[Line, ...]:
    """Return each model's figures over windows of WINDOW_DAYS that end at a moment.

    Raises CannotLearn: nobody bought anything in them, or too few held anything before.
    """
    found: dict[str, list[tuple[RankFigures, RankFigures]]] = {}
    for window in range(windows, 0, -1):
        begin = end_utc - timedelta(days=WINDOW_DAYS * window)
        learnt = learn(histories, as_of_utc=begin)
        book = histories.at(begin)
        bought = histories.bought_between(book, begin, begin + timedelta(days=WINDOW_DAYS))
        _measure(found, histories, learnt, book, bought, masked=masked)
        progress((windows - window + 1) / windows)
    return _lines(found)


def last_one_out(
    histories: Histories, *, as_of_utc: datetime, masked: bool = True
) -> tuple[Line, ...]:
    """Return each model's figures where everybody's latest holding is hidden and asked for.

    Blend and ridges are those learnt as of WINDOW_DAYS before the moment. Not forward in time:
    a model has seen what others bought later than the hidden one.
    """
    before = learn(histories, as_of_utc=as_of_utc - timedelta(days=WINDOW_DAYS))
    book, hidden = histories.last_out(as_of_utc)
    found: dict[str, list[tuple[RankFigures, RankFigures]]] = {}
    _measure(found, histories, before, book, hidden, masked=masked)
    return _lines(found)


def violations_count(recommender: Recommender, *, draws: int, seed: int = 7) -> int:
    """Return how many of all recommendations to random people break the suitability policy.

    Profiles, horizons and holdings are drawn evenly, so corners come up as often as the usual. The
    mask is the room's own, the judge is the policy, one instrument at a time.
    """
    random = np.random.default_rng(seed)
    instruments = recommender.catalogue.instruments
    broken = 0
    for number in range(draws):
        profile = _drawn_profile(random, number)
        wished = None if random.random() < 0.5 else int(random.integers(0, 31))
        limits = suitability.limits_of(profile, horizon_years=wished)
        chosen = random.choice(len(instruments), int(random.integers(0, 6)), replace=False)
        held = [instruments[place] for place in chosen]
        answers = recommender.recommend(
            row_of(profile, income_month_minor=None, held=held), [one.id for one in held],
            recommender.catalogue.allowed(limits), _DRAWN_COUNT,
        )  # fmt: skip
        for one in answers:
            instrument = instruments[recommender.catalogue.place[one.instrument_id]]
            broken += bool(suitability.judge(limits, instrument))
    return broken


def _measure(
    found: dict[str, list[tuple[RankFigures, RankFigures]]],
    histories: Histories, learnt: Learnt, book: Book, bought: Any, *, masked: bool,
) -> None:  # fmt: skip
    """Add the figures of every model on what was bought after a book, of all and of new people."""
    buyers = np.flatnonzero(np.diff(bought.indptr))
    if not len(buyers):
        return
    weights = learn_weights(book, histories.catalogue.features, learnt.strengths)
    asked = book.some(buyers)
    asked = asked if masked else asked.unmasked()
    prepared = asked_of(asked, People(book.rows, book.holdings), own=buyers)
    parts, candidates = prepared.parts(weights), prepared.candidates
    targets = bought[buyers].toarray() > 0
    groups = blending.group_of(asked.counts)
    logits = blending.blended(parts, learnt.blend, groups)
    is_new = asked.counts <= NEW_HOLDINGS_MOST
    for place, name in enumerate(PARTS):
        _add(found, name, _ranked(parts[:, :, place], candidates, targets, is_new))
    _add(found, BLEND, _ranked(logits, candidates, targets, is_new))
    order = np.full((len(buyers), TOP), -1, np.intp)
    for number in range(len(buyers)):
        chosen = diverse(
            logits[number], candidates[number], histories.catalogue, count=TOP, spread=SPREAD
        )
        order[number, : len(chosen)] = chosen
    spread = order_figures(order, candidates, targets)
    new = order_figures(order[is_new], candidates[is_new], targets[is_new])
    _add(found, SPREAD_OUT, (spread, new))


def _ranked(
    scores: Any, candidates: Mask, targets: Mask, is_new: Mask
) -> tuple[RankFigures, RankFigures]:
    return (
        rank_figures(scores, candidates, targets),
        rank_figures(scores[is_new], candidates[is_new], targets[is_new]),
    )


def _add(
    found: dict[str, list[tuple[RankFigures, RankFigures]]],
    name: str,
    figures: tuple[RankFigures, RankFigures],
) -> None:
    found.setdefault(name, []).append(figures)


def _lines(found: dict[str, list[tuple[RankFigures, RankFigures]]]) -> tuple[Line, ...]:
    lines = [_line(name, windows) for name, windows in found.items()]
    if not lines or not lines[0].people_count:
        raise CannotLearn("Nobody bought anything later that could have been recommended.")
    return tuple(lines)


def _line(name: str, windows: Sequence[tuple[RankFigures, RankFigures]]) -> Line:
    each = np.concatenate([one.each for one, _ in windows])
    new = np.concatenate([one.each for _, one in windows])
    counts = np.array([one.people_count for one, _ in windows], np.float64)
    random = np.random.default_rng(7)
    drawn = np.array([each[random.integers(0, len(each), len(each))].mean()
                      for _ in range(DRAWS_MOST if len(each) else 0)])  # fmt: skip
    return Line(
        model=name,
        ndcg=interval_of(float(each.mean()) if len(each) else float("nan"), drawn),
        hit_rate=_mean([one.hit_rate for one, _ in windows], counts),
        coverage=_mean([one.coverage for one, _ in windows], counts),
        new_ndcg=float(new.mean()) if len(new) else float("nan"),
        people_count=len(each),
        new_count=len(new),
    )


def _mean(values: Sequence[float], counts: Floats) -> float:
    known = counts > 0
    if not known.any():
        return float("nan")
    return float(np.average(np.array(values)[known], weights=counts[known]))


def _drawn_profile(random: np.random.Generator, number: int) -> InvestorProfile:
    def some(of: Sequence[str], share: float) -> tuple[str, ...]:
        return tuple(one for one in of if random.random() < share)

    return InvestorProfile(
        id=f"ip_{number}", customer_id=CustomerId("cu_drawn"), answers={},
        ability=int(random.integers(1, 8)), willingness=int(random.integers(1, 8)),
        horizon_years=int(random.choice((0, 1, 3, 5, 10))),
        reserve_months=int(random.choice((0, 1, 3, 6))),
        goal=list(Goal)[int(random.integers(len(Goal)))],
        knowledge=list(Knowledge)[int(random.integers(len(Knowledge)))],
        exclusions=some(("weapons", "fossil", "tobacco", "gambling", "animal_testing"), 0.3),
        interests=some(("technology", "health", "climate", "europe", "emerging"), 0.3),
        wants_esg=bool(random.random() < 0.3), taken_at_utc=_EPOCH,
    )  # fmt: skip
