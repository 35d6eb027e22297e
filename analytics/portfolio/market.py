"""The market file: daily closes, checked once when they are read.

    <home>/market/closes.parquet, or a bank's own CSV or Parquet of the same shape

        day         in_a    in_b
        2026-11-19  10050   4210      whole minor units
        2026-11-20  10080             nothing: no close that day

    read_closes ──▶ Closes ──until──▶ Closes as of a moment ──log_returns──▶ (days, n)

A series may begin late and end early (delisted). A hole of up to GAP_DAYS_MAX days inside it is
filled with the close before, as a holiday is; a longer one, a price of nothing, a day twice or in
the future, or a jump that looks like a split nobody adjusted for, is refused with column and row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import TableProblem
from analytics.models import Floats
from analytics.portfolio.errors import BadMarket, NoPrices
from analytics.tables.reading import read_table
from bank.domain.instruments import InstrumentId

DAY = "day"
GAP_DAYS_MAX = 5
#: A close this many times the one before, or that small a part of it, is a split or a slip.
JUMP_TIMES_MAX = 4.0
#: A last close older than so many weekdays says nothing of today.
STALE_DAYS_MAX = 10
RETURNS_LEAST = 250
_ROWS_TOLD = 10


@dataclass(frozen=True, eq=False)
class Closes:
    """Closes in minor units; 0 where an instrument was not, or no longer, quoted.

    days: datetime64[D], ascending (t,). minor: int64 (t, n), columns in order of instrument_ids.
    """

    days: NDArray[np.datetime64]
    instrument_ids: tuple[InstrumentId, ...]
    minor: NDArray[np.int64]

    def until(self, moment_utc: datetime) -> Closes:
        """Return what was known at a moment: the closes of the days before that day."""
        kept = self.days < np.datetime64(moment_utc.date(), "D")
        return Closes(self.days[kept], self.instrument_ids, self.minor[kept])

    def columns(self, instrument_ids: Sequence[InstrumentId]) -> NDArray[np.int64]:
        """Return the closes of some, (t, len(ids)). Raises NoPrices for an unknown one."""
        places = {one: place for place, one in enumerate(self.instrument_ids)}
        if unknown := [one for one in instrument_ids if one not in places]:
            raise NoPrices(unknown, RETURNS_LEAST)
        return self.minor[:, [places[one] for one in instrument_ids]]

    def log_returns(
        self,
        instrument_ids: Sequence[InstrumentId],
        *,
        days: int | None = None,
        least: int = RETURNS_LEAST,
    ) -> Floats:
        """Return log returns of the days on which all were quoted, oldest first: (t', n).

        days: at most so many, the newest.
        Raises NoPrices: nothing asked for, fewer than `least`, or a last close that is stale.
        """
        held = self.columns(instrument_ids)
        ended = (held[-STALE_DAYS_MAX:] == 0).all(axis=0) if len(held) else np.ones(held.shape[1])
        gone = [one for one, is_gone in zip(instrument_ids, ended, strict=True) if is_gone]
        if gone or not len(instrument_ids):
            raise NoPrices(gone, least)
        counts = (held > 0).sum(axis=0)
        short = [one for one, n in zip(instrument_ids, counts, strict=True) if n <= least]
        together = held[(held > 0).all(axis=1)]
        if short or len(together) <= least:
            raise NoPrices(short or instrument_ids, least)
        logs = np.diff(np.log(together.astype(np.float64)), axis=0)
        return logs if days is None else logs[-days:]


def read_closes(path: Path, *, now_utc: datetime) -> Closes:
    """Return a market file's closes. Raises BadTable, BadMarket."""
    table = read_table(path)
    if DAY not in table.columns:
        raise BadMarket((TableProblem("missing_column", DAY, f"There is no column '{DAY}'."),))
    ids = tuple(InstrumentId(str(one)) for one in table.columns if one != DAY)
    days = _days_of(table[DAY], now_utc)
    table = table.iloc[np.argsort(days, kind="stable")]
    days = np.sort(days)
    problems: list[TableProblem] = []
    minor = np.zeros((len(table), len(ids)), np.int64)
    for place, one in enumerate(ids):
        minor[:, place], found = _column(table[one], one)
        problems += found
    if not ids:
        problems.append(TableProblem("empty", DAY, "There is no instrument in the table."))
    if problems:
        raise BadMarket(tuple(problems))
    return Closes(days, ids, minor)


def _days_of(column: pd.Series, now_utc: datetime) -> NDArray[np.datetime64]:
    """Return the days in the file's order. Raises BadMarket."""
    read = pd.to_datetime(column, errors="coerce", utc=True)
    days = read.dt.tz_localize(None).to_numpy("datetime64[D]")
    rows = np.arange(1, len(days) + 1)
    bad = np.isnat(days)
    later = ~bad & (days > np.datetime64(now_utc.date(), "D"))
    twice = pd.Series(days).duplicated().to_numpy() & ~bad
    problems = [
        _problem(code, DAY, rows[which], sentence)
        for code, which, sentence in (
            ("wrong_type", bad, "is no day; write 2026-11-20"),
            ("future_time", later, "is in the future"),
            ("duplicate_id", twice, "is there twice"),
        )
        if which.any()
    ]
    if problems:
        raise BadMarket(tuple(problems))
    return np.asarray(days)


def _column(column: pd.Series, name: str) -> tuple[NDArray[np.int64], list[TableProblem]]:
    """Return one instrument's closes with short holes filled, and what is wrong with them."""
    prices = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    told = column.notna().to_numpy()
    rows = np.asarray(column.index) + 1
    odd = told & ~np.isfinite(prices)
    low = np.isfinite(prices) & (prices <= 0)
    broken = np.isfinite(prices) & (prices != np.rint(prices))
    problems = [
        _problem(code, name, rows[which], sentence)
        for code, which, sentence in (
            ("wrong_type", odd, "is no number"),
            ("out_of_range", low, "is not above zero"),
            ("out_of_range", broken, "is no whole number of minor units"),
        )
        if which.any()
    ]
    if problems:
        return np.zeros(len(prices), np.int64), problems
    if not told.any():
        return np.zeros(len(prices), np.int64), []
    seen = np.flatnonzero(told)
    holes = np.diff(seen) - 1
    jumps = np.abs(np.diff(np.log(prices[seen]))) > np.log(JUMP_TIMES_MAX)
    checks: list[tuple[str, NDArray[np.bool_], Callable[[], str]]] = [
        ("gap", holes > GAP_DAYS_MAX, lambda: f"follows a hole of {holes.max()} days"),
        ("jump", jumps, lambda: f"is over {JUMP_TIMES_MAX:.0f} times the one before, or under a "
                                "quarter: adjust for splits"),
    ]  # fmt: skip
    problems = [
        _problem(code, name, rows[seen[1:][which]], sentence())
        for code, which, sentence in checks
        if which.any()
    ]
    filled = pd.Series(prices).ffill()
    filled[seen[-1] + 1 :] = 0
    return filled.fillna(0).to_numpy().astype(np.int64), problems


def _problem(code: str, column: str, rows: NDArray[np.int64], sentence: str) -> TableProblem:
    more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
    return TableProblem(
        code, column, f"Column '{column}', row {rows[0]}{more}: the value {sentence}.",
        tuple(int(one) for one in rows[:_ROWS_TOLD]), len(rows),
    )  # fmt: skip
