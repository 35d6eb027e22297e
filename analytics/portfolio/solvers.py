"""skfolio behind the optimisers: which of its models answers which wish (ADR 22).

Importing it takes four CPU seconds, so only optimising.py does, when a solver is needed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from skfolio import RiskMeasure  # type: ignore[import-untyped]
from skfolio.exceptions import OptimizationError  # type: ignore[import-untyped]
from skfolio.moments import LedoitWolf  # type: ignore[import-untyped]
from skfolio.optimization import (  # type: ignore[import-untyped]
    HierarchicalRiskParity,
    MeanRisk,
    ObjectiveFunction,
    RiskBudgeting,
)
from skfolio.prior import EmpiricalPrior  # type: ignore[import-untyped]

from analytics.models import Floats
from analytics.portfolio.errors import CannotAllocate

if TYPE_CHECKING:
    from analytics.portfolio.optimising import Bounds

CVAR_LEVEL = 0.95
#: The solver stops this close; its weights are then within 1e-6 of a closed form (a test).
_TOLERANCES = {f"tol_{name}": 1e-12 for name in ("gap_abs", "gap_rel", "feas")}
#: Daily variances are so small that a solver takes them for done too early.
_VARIANCE_TIMES = 100.0
_SUM_SLACK = 1e-4


def solved(kind: str, returns: Floats, bounds: Bounds) -> Floats:
    """Return weights (n,) as the solver gives them; returns: simple, (t, n).

    Raises CannotAllocate ("solver").
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of tolerances nearly met; checked below
            model = _MAKERS[kind](bounds).fit(returns)
        weights = np.asarray(model.weights_, np.float64)
    except (OptimizationError, ValueError) as fault:
        raise CannotAllocate("solver", "No weights were found under these limits.") from fault
    if not np.isfinite(weights).all() or abs(weights.sum() - 1) > _SUM_SLACK:
        raise CannotAllocate("solver", "The solver's weights do not sum to one.")
    return weights


def _mean_risk(bounds: Bounds, **settings: Any) -> Any:
    limited = bounds.previous is not None and bounds.turnover_max is not None
    return MeanRisk(
        prior_estimator=_prior(), min_weights=0.0, max_weights=bounds.weight_max,
        previous_weights=bounds.previous if limited else None,
        max_turnover=bounds.turnover_max if limited else None,
        solver_params=_TOLERANCES, **settings,
    )  # fmt: skip


def _min_variance(bounds: Bounds) -> Any:
    return _mean_risk(bounds, scale_objective=_VARIANCE_TIMES)


def _max_sharpe(bounds: Bounds) -> Any:
    return _mean_risk(bounds, objective_function=ObjectiveFunction.MAXIMIZE_RATIO)


def _cvar(bounds: Bounds) -> Any:
    return _mean_risk(bounds, risk_measure=RiskMeasure.CVAR, cvar_beta=CVAR_LEVEL)


def _risk_parity(bounds: Bounds) -> Any:
    return RiskBudgeting(
        prior_estimator=_prior(), max_weights=bounds.weight_max, solver_params=_TOLERANCES
    )


def _hrp(bounds: Bounds) -> Any:
    return HierarchicalRiskParity(prior_estimator=_prior(), max_weights=bounds.weight_max)


def _prior() -> Any:
    return EmpiricalPrior(covariance_estimator=LedoitWolf())


_MAKERS: dict[str, Callable[[Bounds], Any]] = {
    "min_variance": _min_variance,
    "max_sharpe": _max_sharpe,
    "risk_parity": _risk_parity,
    "cvar": _cvar,
    "hrp": _hrp,
}
