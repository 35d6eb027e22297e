"""How well this room's figures hold, on closes somebody brings: walk-forward only.

    VaR         the index of all, and random mixes of a few: four methods, two levels, two tests
    optimisers  monthly, after costs, beside equal weight: Sharpe with interval, turnover

Random mixes are drawn from a seed; they overlap, so a hundred of them are not a hundred worlds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.models import Floats, Progress, quietly
from analytics.portfolio.backtests import PASS_P, Backtest, backtest, forecasts_of
from analytics.portfolio.optimising import Optimiser
from analytics.portfolio.var import Method
from analytics.portfolio.walking import LOOK_BACK_DAYS, Result, Verdict, result_of, walk_forward

LEVELS = (0.95, 0.99)
MIXES = 100
#: The first forecasts of every method come after these days, so that all see the same ones.
START_DAYS = 1_000


@dataclass(frozen=True, slots=True)
class MixesPassed:
    """Of `mixes`, how many pass: each test at each level; all four; all four sharing one error.

    all_four_together: p above 0.05 / 4 in each, so that a perfect model fails one time in twenty.
    exceeded: mean share of days, by level.
    """

    method: Method
    mixes: int
    kupiec: tuple[int, ...]
    independence: tuple[int, ...]
    exceeded: tuple[float, ...]
    all_four: int
    all_four_together: int


def backtests_of(returns: Floats, method: Method, *, first_day: int = START_DAYS) -> list[Backtest]:
    """Return the backtest at each level of one series of log returns, (t,)."""
    found = []
    for level in LEVELS:
        forecasts = forecasts_of(returns, method, level=level)
        found.append(backtest(returns[first_day:], forecasts[first_day:], level=level))
    return found


def random_mixes(assets: int, count: int, *, seed: int) -> Floats:
    """Return weights (count, assets): of two to all assets, spread evenly at random."""
    rng = np.random.default_rng(seed)
    weights = np.zeros((count, assets))
    for row in weights:
        held = rng.integers(min(2, assets), assets + 1)
        row[rng.choice(assets, held, replace=False)] = rng.dirichlet(np.ones(held))
    return weights


def mixes_passed(
    returns: Floats,
    method: Method,
    *,
    seed: int,
    count: int = MIXES,
    first_day: int = START_DAYS,
    progress: Progress = quietly,
) -> MixesPassed:
    """Return how many random mixes of assets with simple returns (t, n) pass their backtests."""
    tests = []
    for number, weights in enumerate(random_mixes(returns.shape[1], count, seed=seed)):
        tests.append(backtests_of(np.log1p(returns @ weights), method, first_day=first_day))
        progress((number + 1) / count)
    levels = range(len(LEVELS))
    return MixesPassed(
        method, count,
        tuple(sum(one[at].kupiec_p > PASS_P for one in tests) for at in levels),
        tuple(sum(one[at].independence_p > PASS_P for one in tests) for at in levels),
        tuple(float(np.mean([one[at].share for one in tests])) for at in levels),
        sum(all(at.passes for at in one) for one in tests),
        sum(_least_p(one) > PASS_P / (2 * len(LEVELS)) for one in tests),
    )  # fmt: skip


def _least_p(tests: Sequence[Backtest]) -> float:
    return min(min(one.kupiec_p, one.independence_p) for one in tests)


def perfect_share(days: int, *, seed: int = 7, draws: int = 1000) -> float:
    """Return how often a model that is right passes both tests at both levels: the ceiling."""
    rng = np.random.default_rng(seed)
    passed = 0
    for _ in range(draws):
        chance = rng.random(days)
        passed += all(
            backtest(chance, np.full(days, 1 - level), level=level).passes for level in LEVELS
        )
    return passed / draws


def optimisers_of(
    returns: Floats,
    kinds: Sequence[Optimiser] = tuple(Optimiser),
    *,
    cash_pa: float = 0.0,
    seed: int = 7,
    progress: Progress = quietly,
) -> list[Result]:
    """Return each optimiser's walk-forward over simple returns (t, n), equal weight first."""
    assert len(returns) > LOOK_BACK_DAYS, len(returns)
    equal = walk_forward(Optimiser.EQUAL, returns)
    found = [result_of(equal, equal, cash_pa=cash_pa, seed=seed)]
    others = [one for one in kinds if one is not Optimiser.EQUAL]
    for number, kind in enumerate(others):
        walk = walk_forward(kind, returns)
        found.append(result_of(walk, equal, cash_pa=cash_pa, seed=seed))
        progress((number + 1) / len(others))
    return found


def sentence_of(results: Sequence[Result]) -> str:
    """Return what the comparison comes to, the first being equal weight."""
    better = [one.optimiser for one in results[1:] if one.verdict is Verdict.BETTER]
    worse = [one.optimiser for one in results[1:] if one.verdict is Verdict.EQUAL_WINS]
    if not better and not worse:
        return (
            "After costs no optimiser can be told apart from equal weight here: every interval of "
            "the difference holds zero."
        )
    parts = []
    if better:
        parts.append(f"After costs better than equal weight here: {', '.join(better)}.")
    if worse:
        parts.append(f"Equal weight wins, after costs, against {', '.join(worse)}.")
    if len(better) + len(worse) < len(results) - 1:
        parts.append("The others cannot be told apart from it.")
    return " ".join(parts)
