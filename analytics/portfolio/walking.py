"""Walk-forward: each month choose weights from the two years before, pay for the change, hold.

    |── look-back 504 d ──|─ hold 21 d ─|
              |── look-back ──|─ hold ─|            weights drift with prices between the months

Returns after costs, beside equal weight on the same days. `verdict` says in one word whether the
data can tell them apart; mostly they cannot.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analytics.evaluation.bootstrap import Interval
from analytics.models import Floats, Progress, quietly
from analytics.portfolio.measures import (
    drawdown_max,
    return_pa,
    sharpe_difference,
    sharpe_interval,
    volatility_pa,
)
from analytics.portfolio.optimising import Bounds, Optimiser, optimise

LOOK_BACK_DAYS = 504
HOLD_DAYS = 21
COST_BP = 10


class Verdict(StrEnum):
    """Against equal weight, by Sharpe after costs: the interval of the difference decides."""

    BETTER = "better"
    NOT_TOLD_APART = "not_told_apart"
    EQUAL_WINS = "equal_wins"


@dataclass(frozen=True)
class Walk:
    """What holding by one optimiser was like. returns: log, after costs, (t,).

    turnover: mean sum of |changes| at each month's choice, 0-2, the first purchase left out.
    """

    optimiser: Optimiser
    returns: Floats
    turnover: float


@dataclass(frozen=True, slots=True)
class Result:
    """Figures of a walk; `difference`: Sharpe less that of equal weight, paired, 95 %."""

    optimiser: Optimiser
    return_pa: float
    volatility_pa: float
    drawdown_max: float
    sharpe: Interval
    difference: Interval
    turnover: float

    @property
    def verdict(self) -> Verdict:
        if self.difference.low > 0:
            return Verdict.BETTER
        return Verdict.EQUAL_WINS if self.difference.high < 0 else Verdict.NOT_TOLD_APART


def walk_forward(
    kind: Optimiser,
    returns: Floats,
    *,
    cost_bp: float = COST_BP,
    weight_max: float = 1.0,
    turnover_max: float | None = None,
    progress: Progress = quietly,
) -> Walk:
    """Return the walk of an optimiser over simple daily returns, (t, n), t > LOOK_BACK_DAYS."""
    days, count = returns.shape
    assert days > LOOK_BACK_DAYS, days
    held: Floats | None = None
    found, changes = [], []
    for start in range(LOOK_BACK_DAYS, days, HOLD_DAYS):
        seen = returns[start - LOOK_BACK_DAYS : start]
        chosen = optimise(kind, seen, Bounds(weight_max, turnover_max, held))
        changed = float(np.abs(chosen - (np.zeros(count) if held is None else held)).sum())
        changes.append(changed)
        worth = np.cumprod(1 + returns[start : start + HOLD_DAYS], axis=0) * chosen
        totals = worth.sum(axis=1)
        logs = np.diff(np.log(np.concatenate(([1.0], totals))))
        logs[0] += np.log1p(-changed * cost_bp / 10_000)
        found.append(logs)
        held = worth[-1] / totals[-1]
        progress((start + HOLD_DAYS) / (days + HOLD_DAYS))
    turnover = float(np.mean(changes[1:])) if len(changes) > 1 else 0.0
    return Walk(kind, np.concatenate(found), turnover)


def result_of(walk: Walk, equal: Walk, *, cash_pa: float = 0.0, seed: int = 7) -> Result:
    """Return a walk's figures, its difference to equal weight over the same days.

    cash_pa: what Sharpe counts from; without it whatever hardly moves would look best.
    """
    return Result(
        walk.optimiser, return_pa(walk.returns), volatility_pa(walk.returns),
        drawdown_max(walk.returns), sharpe_interval(walk.returns, cash_pa=cash_pa, seed=seed),
        sharpe_difference(walk.returns, equal.returns, cash_pa=cash_pa, seed=seed), walk.turnover,
    )  # fmt: skip
