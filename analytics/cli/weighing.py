"""`florin analytics evaluate portfolio`: does the risk hold, and does any optimiser pay?

    evaluate portfolio                  on the bank's market file, market/closes.parquet at home
    evaluate portfolio --data F         on closes of the same shape: day, then a column for each

Value at risk of the whole market and of random mixes, then optimisers after costs beside equal
weight, on what is no cash: their Sharpe is counted above it. Nothing is learnt or kept.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bank.cli.output import bars, out, print_json, refuse

if TYPE_CHECKING:
    from analytics.models import Floats
    from analytics.portfolio.evaluating import MixesPassed
    from analytics.portfolio.walking import Result

#: Optimisers are compared on so many instruments; more would take minutes and say no more.
_ASSETS_MOST = 20
_SEED = 7


def evaluate(*, as_json: bool, data: Path | None = None) -> None:
    """Measure value at risk and the optimisers on a market file."""
    import numpy as np

    from analytics.errors import AnalyticsError
    from analytics.portfolio.evaluating import (
        START_DAYS,
        backtests_of,
        mixes_passed,
        optimisers_of,
        perfect_share,
    )
    from analytics.portfolio.fan import CASH_PA
    from analytics.portfolio.market import read_closes
    from analytics.portfolio.measures import DAYS_A_YEAR, volatility_max
    from analytics.portfolio.var import Method
    from bank.settings import load_settings

    path = data or load_settings().home_dir / "market" / "closes.parquet"
    try:
        closes = read_closes(path, now_utc=datetime.now(UTC))
        whole = [one for one, column in zip(closes.instrument_ids, closes.minor.T, strict=True)
                 if (column > 0).all()]  # fmt: skip
        logs = closes.log_returns(whole, least=START_DAYS + 250)
        simple = np.expm1(logs)
        moving = np.flatnonzero(logs.std(axis=0) * np.sqrt(DAYS_A_YEAR) > volatility_max(1))
        drawn = np.random.default_rng(_SEED).permutation(moving)[:_ASSETS_MOST]
        with bars() as shown:
            task = shown.add_task("risk and optimisers", total=1.0)
            index = {one: backtests_of(np.log1p(simple.mean(axis=1)), one) for one in Method}
            passed = mixes_passed(
                simple, Method.FILTERED, seed=_SEED,
                progress=lambda share: shown.update(task, completed=share / 2),
            )  # fmt: skip
            results = []
            if len(drawn) > 1:
                results = optimisers_of(
                    simple[:, np.sort(drawn)], cash_pa=CASH_PA,
                    progress=lambda share: shown.update(task, completed=0.5 + share / 2),
                )  # fmt: skip
    except AnalyticsError as refusal:
        raise refuse(str(refusal)) from refusal
    ceiling = perfect_share(len(simple) - START_DAYS)
    if as_json:
        print_json({
            "days": len(simple), "instruments": len(whole),
            "var": {one: [asdict(test) for test in tests] for one, tests in index.items()},
            "mixes": asdict(passed), "perfect_share": ceiling,
            "optimisers": [_as_json(one) for one in results],
        })  # fmt: skip
        return
    _print_var(index, passed, ceiling, simple)
    if results:
        _print_optimisers(results)


def _as_json(one: Result) -> dict[str, Any]:
    intervals = {"sharpe": one.sharpe.as_json(), "difference": one.difference.as_json()}
    return asdict(one) | intervals | {"verdict": one.verdict}


def _print_var(index: Any, passed: MixesPassed, ceiling: float, simple: Floats) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for head in ("value at risk", "level", "exceeded", "Kupiec p", "independence p", ""):
        table.add_column(head, justify="left" if head in ("value at risk", "") else "right")
    for method, tests in index.items():
        for one in tests:
            table.add_row(
                method, f"{one.level:.0%}", f"{one.share:.2%}", f"{one.kupiec_p:.3f}",
                f"{one.independence_p:.3f}", "passes" if one.passes else "fails",
            )  # fmt: skip
    out.print(table)
    out.print(
        f"{simple.shape[1]} instruments, {simple.shape[0]:,} days. Of {passed.mixes} random mixes "
        f"{passed.all_four} pass both tests at both levels with our default ({passed.method}); "
        f"of perfect models {ceiling:.0%} would.",
        markup=False,
    )


def _print_optimisers(results: list[Result]) -> None:
    from rich.table import Table

    from analytics.portfolio.evaluating import sentence_of

    table = Table(box=None, pad_edge=False)
    for head in ("optimiser", "Sharpe, 95 %", "beside equal weight", "moves", "turnover"):
        table.add_column(head, justify="left" if head == "optimiser" else "right")
    for one in results:
        apart = "" if one is results[0] else _interval(one.difference, signed=True)
        table.add_row(
            one.optimiser, _interval(one.sharpe), apart, f"{one.volatility_pa:.1%}",
            f"{one.turnover:.2f}",
        )  # fmt: skip
    out.print(table)
    out.print(sentence_of(results), markup=False)


def _interval(one: Any, *, signed: bool = False) -> str:
    sign = "+" if signed else ""
    return f"{one.value:{sign}.2f} ({one.low:{sign}.2f} to {one.high:{sign}.2f})"
