"""An allocation over what was recommended: how much of the money goes where.

    closes ─▶ shrunk covariance ─▶ risk budgets, more for a better score ─▶ under each one's limit
                                                                                  │
           the least risky under the limits ◀─── mixed in until the band holds ◀──┘
                                                   (volatility of the person's risk class)

Who moves less than half of what the band allows counts as moving that much: equal risk would put
nearly all into the money market, whoever asks.
Money that is needed soon (SHORT_YEARS) starts from the mix of least variance instead. No expected
returns: they are not known well enough to be worth it (docs/cards/portfolio.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from analytics.models import Floats
from analytics.portfolio.closed_forms import capped, min_variance, risk_budget, shrunk_covariance
from analytics.portfolio.errors import CannotAllocate
from analytics.portfolio.market import Closes
from analytics.portfolio.measures import volatility_max
from bank.domain.instruments import InstrumentId

WHOLE_BP = 10_000
#: The indicator looks back five years; so does the covariance.
HISTORY_DAYS = 1_260
SHORT_YEARS = 2
#: The best score's budget of risk is so many times the worst's.
TILT_TIMES = 3.0
#: Of the band's end: calmer instruments share out risk as if they moved so much.
FLOOR_SHARE = 0.5
_BISECTIONS = 40
_LEAST_BP = 100  # less than this of the money is not worth a line


def allocate(
    instrument_ids: Sequence[InstrumentId],
    scores: Sequence[float],
    closes: Closes,
    limits_bp: Mapping[InstrumentId, int],
    *,
    risk_class_max: int,
    horizon_years: float,
) -> dict[InstrumentId, int]:
    """Return weights in basis points, above 0, that sum to 10,000, in the order of the ids.

    scores: the higher the better, in any unit. limits_bp: the most of each; who is not in it may
    be all. Closes as of the moment of advice (`Closes.until`).

    Raises NoPrices; CannotAllocate: nothing given ("nothing"), the limits leave money over
    ("limits"), every mix moves more than the risk class allows ("risk").
    """
    ids = tuple(instrument_ids)
    if not ids:
        raise CannotAllocate("nothing", "There is nothing to put the money into.")
    caps_bp = np.array([min(limits_bp.get(one, WHOLE_BP), WHOLE_BP) for one in ids], np.int64)
    if caps_bp.clip(min=0).sum() < WHOLE_BP:
        raise CannotAllocate(
            "limits",
            f"Their limits come to {caps_bp.clip(min=0).sum() / 100:.0f} % of the money: "
            "more instruments are needed.",
        )
    covariance = shrunk_covariance(closes.log_returns(ids, days=HISTORY_DAYS))
    caps = caps_bp.clip(min=0) / WHOLE_BP
    if horizon_years <= SHORT_YEARS:
        wish = min_variance(covariance, caps)
    else:
        lifted = _lifted(covariance, FLOOR_SHARE * volatility_max(risk_class_max))
        wish = capped(risk_budget(lifted, budgets_of(np.asarray(scores, np.float64))), caps)
    weights = calmed(wish, covariance, caps, volatility_most=volatility_max(risk_class_max))
    rounded = in_basis_points(weights, caps_bp)
    if _volatility(rounded / WHOLE_BP, covariance) > volatility_max(risk_class_max):
        weights = min_variance(covariance, caps)  # the band is touched by rounding alone
        rounded = in_basis_points(weights, caps_bp, least_bp=1)
    return {one: int(part) for one, part in zip(ids, rounded, strict=True) if part > 0}


def budgets_of(scores: Floats) -> Floats:
    """Return budgets of risk from 1 to TILT_TIMES, by score; equal scores: equal budgets.

    >>> budgets_of(np.array([0.2, 0.4, 0.3])).tolist()
    [1.0, 3.0, 2.0]
    """
    spread = np.ptp(scores)
    if not np.isfinite(spread) or spread == 0:
        return np.ones(len(scores))
    return np.asarray(1 + (TILT_TIMES - 1) * (scores - scores.min()) / spread, np.float64)


def _lifted(covariance: Floats, floor: float) -> Floats:
    """Return the covariance as if nothing moved less than `floor`; correlations stay."""
    spread = np.sqrt(np.diag(covariance))
    floor = min(floor, float(spread.max()))  # the last band has no end
    safe = np.where(spread > 0, spread, 1.0)
    correlation = covariance / np.outer(safe, safe)
    np.fill_diagonal(correlation, 1.0)
    spread = np.maximum(spread, floor)
    return np.asarray(correlation * np.outer(spread, spread), np.float64)


def calmed(wish: Floats, covariance: Floats, caps: Floats, *, volatility_most: float) -> Floats:
    """Return the weights nearest to the wish, on the way to the least risky, within the band.

    Raises CannotAllocate: even the mix of least variance under the caps moves more.
    """
    if _volatility(wish, covariance) <= volatility_most:
        return wish
    order = np.argsort(np.diag(covariance), kind="stable")
    calm = np.zeros_like(caps)
    for one in order:  # all that may go into the least risky one, then the next
        calm[one] = min(caps[one], 1 - calm.sum())
    if _volatility(calm, covariance) > volatility_most:
        calm = min_variance(covariance, caps)
    if _volatility(calm, covariance) > volatility_most:
        raise CannotAllocate(
            "risk",
            f"The calmest mix of these moves {_volatility(calm, covariance):.1%} a year, more than "
            f"the {volatility_most:.1%} that fit.",
        )
    low, high = 0.0, 1.0  # shares of `calm`
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        mixed = (1 - middle) * wish + middle * calm
        is_within = _volatility(mixed, covariance) <= volatility_most * 0.995
        low, high = (low, middle) if is_within else (middle, high)
    return np.asarray((1 - high) * wish + high * calm, np.float64)


def in_basis_points(
    weights: Floats, caps_bp: NDArray[np.int64], *, least_bp: int = _LEAST_BP
) -> NDArray[np.int64]:
    """Return whole basis points under the caps that sum to 10,000: by the largest remainders.

    Parts under `least_bp` are left out where the others have room for them.
    """
    small = weights * WHOLE_BP < least_bp
    kept = np.where(small, 0, caps_bp)
    if kept.sum() >= WHOLE_BP and small.any():
        caps_bp, weights = kept, capped(np.where(small, 0.0, weights), kept / WHOLE_BP)
    exact = weights * WHOLE_BP
    parts = np.minimum(np.floor(exact + 1e-9).astype(np.int64), caps_bp)
    while (missing := WHOLE_BP - int(parts.sum())) > 0:
        room = parts < caps_bp
        order = np.argsort(np.where(room, parts - exact, np.inf), kind="stable")
        parts[order[: min(missing, int(room.sum()))]] += 1
    return parts


def _volatility(weights: Floats, covariance: Floats) -> float:
    return float(np.sqrt(max(float(weights @ covariance @ weights), 0.0)))
