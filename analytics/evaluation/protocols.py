"""Which rows are learnt from, and which are tested on: folds, a file held out, or time.

    Folds      ▒▒▓▒▒▒▒▒  every row is tested once a repeat; as many positives in each fold
    HeldOut    ▒▒▒▒▒▒▓▓  one file to learn from, another to be tested on
    ByTime     ▒▒▒ ▓     learn from the past, leave a gap as long as labels take, test what came
               ▒▒▒▒▒ ▓   next; then a window further

Two laws hold for each (tests): no row is on both sides, and by time every row learnt from is
older than every row tested, by at least the gap. With groups, no group is on both sides either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import BadTable, CannotLearn, TableProblem
from analytics.models import Floats, Labels

Rows = NDArray[np.intp]
#: In place of a column's name: the rows themselves are in order of time.
ROW_ORDER = "@rows"
_SECONDS_PER_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Split:
    """One part of a protocol: positions of rows. Splits of one repeat test disjoint rows."""

    name: str
    train_rows: Rows
    test_rows: Rows
    repeat: int = 0


class Plan(Protocol):
    """A protocol: what it does in plain words, and its splits."""

    @property
    def sentence(self) -> str: ...

    def splits(
        self, labels: Labels, *, groups: NDArray[Any] | None = None, seed: int = 7
    ) -> Iterator[Split]:
        """Yield the splits. Raises CannotLearn: too few rows, or one class only, on a side."""


@dataclass(frozen=True, slots=True)
class Folds:
    """Stratified folds, drawn anew each repeat."""

    count: int = 5
    repeats: int = 1

    @property
    def sentence(self) -> str:
        again = "" if self.repeats == 1 else f", drawn {self.repeats} times"
        return f"{self.count} stratified folds{again}: each row is scored by a model of the others"

    def splits(
        self, labels: Labels, *, groups: NDArray[Any] | None = None, seed: int = 7
    ) -> Iterator[Split]:
        assert self.count >= 2, self.count
        assert self.repeats >= 1, self.repeats
        random = np.random.default_rng(seed)
        for repeat in range(self.repeats):
            folds = self._grouped(labels, groups, random) if groups is not None else self._plain(
                labels, random
            )  # fmt: skip
            for fold in range(self.count):
                tested = folds == fold
                split = Split(
                    f"fold {fold + 1}", np.flatnonzero(~tested), np.flatnonzero(tested), repeat
                )
                yield _both_classes(split, labels)

    def _plain(self, labels: Labels, random: np.random.Generator) -> NDArray[np.int64]:
        folds = np.zeros(len(labels), np.int64)
        dealt = 0
        for label in (1, 0):  # dealt on where the positives ended, so that folds are of one size
            rows = random.permutation(np.flatnonzero(labels == label))
            folds[rows] = (dealt + np.arange(len(rows))) % self.count
            dealt += len(rows)
        return folds

    def _grouped(
        self, labels: Labels, groups: NDArray[Any], random: np.random.Generator
    ) -> NDArray[np.int64]:
        """Deal whole groups, those with most positives first, to the fold that has fewest."""
        _, codes = np.unique(groups, return_inverse=True)
        rows = np.bincount(codes)
        positives = np.bincount(codes, weights=labels)
        order = random.permutation(len(rows))
        order = order[np.lexsort((-rows[order], -positives[order]))]
        held = np.zeros((self.count, 2))
        fold_of = np.zeros(len(rows), np.int64)
        for group in order:
            # Positives first, evenly; then the others by rows alone, or one fold got them all.
            by = (0, 1) if positives[group] else (1,)
            fold = min(range(self.count), key=lambda one: tuple(held[one, list(by)]))
            fold_of[group] = fold
            held[fold] += (positives[group], rows[group])
        return fold_of[codes]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Two tables, one under the other: the first `train_count` rows are learnt from."""

    train_count: int

    @property
    def sentence(self) -> str:
        return f"a file held out: learnt from {self.train_count:,} rows, tested on the other file"

    def splits(
        self, labels: Labels, *, groups: NDArray[Any] | None = None, seed: int = 7
    ) -> Iterator[Split]:
        del seed
        assert 0 < self.train_count < len(labels), (self.train_count, len(labels))
        train, test = np.arange(self.train_count), np.arange(self.train_count, len(labels))
        if groups is not None:
            both = np.flatnonzero(np.isin(groups[test], groups[train]))
            if len(both):
                raise CannotLearn(
                    f"{len(both)} rows of the test file belong to groups that are learnt from too, "
                    f"the first is row {int(both[0]) + 1}. Take them out of one of the files."
                )
        yield _both_classes(Split("test file", train, test), labels)


@dataclass(frozen=True, slots=True, eq=False)
class ByTime:
    """Windows forward in time. The rows older than the first window are only learnt from.

    moments: shape (n,), in days (any zero point) or in any unit `gap` is in. gap: how long after
    a row its label is known. window: learn only from rows at most so much older than the gap's
    start; None: from all. Groups may be on both sides, as a bank's own customers are; time is
    what is kept apart.
    """

    moments: Floats
    windows: int = 5
    gap: float = 0.0
    window: float | None = None
    unit: str = "days"

    @property
    def sentence(self) -> str:
        gap = f", a gap of {self.gap:g} {self.unit} for labels to arrive" if self.gap else ""
        past = "the whole past" if self.window is None else f"the last {self.window:g} {self.unit}"
        return f"{self.windows} windows forward in time, each scored by a model of {past}{gap}"

    def splits(
        self, labels: Labels, *, groups: NDArray[Any] | None = None, seed: int = 7
    ) -> Iterator[Split]:
        del groups, seed
        assert len(self.moments) == len(labels), (len(self.moments), len(labels))
        assert self.gap >= 0, self.gap
        ordered = np.sort(self.moments)
        at = np.arange(1, self.windows + 1) * len(ordered) // (self.windows + 1)
        starts = np.unique(ordered[at])
        starts = starts[starts > ordered[0]]
        if len(starts) < self.windows:
            raise CannotLearn(
                f"There are too few moments for {self.windows} windows in time: "
                f"{len(np.unique(ordered))} different ones. Take fewer windows."
            )
        ends = np.append(starts[1:], np.inf)
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1):
            known = self.moments < start - self.gap if self.gap else self.moments < start
            if self.window is not None:
                known &= self.moments >= start - self.gap - self.window
            tested = (self.moments >= start) & (self.moments < end)
            split = Split(f"window {number}", np.flatnonzero(known), np.flatnonzero(tested))
            yield _both_classes(split, labels)


def as_many_windows(labels: Labels, moments: Floats, *, gap: float, most: int) -> ByTime:
    """Return at most `most` windows, as many as leave both classes on both sides of each.

    Raises CannotLearn: not even one does; why.
    """
    for windows in range(most, 1, -1):
        plan = ByTime(moments, windows=windows, gap=gap)
        try:
            list(plan.splits(labels))
        except CannotLearn:
            continue
        return plan
    plan = ByTime(moments, windows=1, gap=gap)
    list(plan.splits(labels))
    return plan


def moments_of(table: pd.DataFrame, column: str) -> Floats:
    """Return the moments of a column in days, shape (n,); ROW_ORDER: the rows' own numbers.

    Numbers are taken as they are. Raises BadTable: no such column, or rows whose moment cannot be
    read: which.
    """
    if column == ROW_ORDER:
        return np.arange(len(table), dtype=np.float64)
    if column not in table.columns:
        raise BadTable((TableProblem("missing_column", column, f"There is no column {column}."),))
    cells = table[column]
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype):
        read = cells.to_numpy(np.float64, na_value=np.nan)
    else:
        moments = pd.to_datetime(cells, errors="coerce", utc=True, format="mixed")
        seconds = (moments - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
        read = seconds.to_numpy(np.float64, na_value=np.nan) / _SECONDS_PER_DAY
    unread = np.flatnonzero(~np.isfinite(read))
    if len(unread):
        rows = tuple(int(row) + 1 for row in unread[:10])
        raise BadTable(
            (
                TableProblem(
                    "wrong_type", column,
                    f"Column {column} has no moment that can be read in {len(unread)} rows, the "
                    f"first is row {rows[0]}.",
                    rows, len(unread),
                ),
            )
        )  # fmt: skip
    return np.asarray(read)


def _both_classes(split: Split, labels: Labels) -> Split:
    for side, rows in (("learn from", split.train_rows), ("test on", split.test_rows)):
        if not len(rows) or len(np.unique(labels[rows])) < 2:
            raise CannotLearn(
                f"The {len(rows):,} rows to {side} in {split.name} have one class only. Take fewer "
                "folds or windows, or a shorter gap."
            )
    return split
