"""From what somebody typed to an evaluation: which table, which target, which rows to test on.

    Wish ──read──▶ Brought (table, labels, schema) ──measure──▶ Evaluation

The schema is guessed from the rows to learn from; a file to test on must have its columns. Rows in
messages count from 1 in the file they are in.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import learners
from analytics.errors import BadTable, CannotLearn, NoSuchModel, TableProblem
from analytics.evaluation.bands import worth_slicing
from analytics.evaluation.evaluation import Evaluation
from analytics.evaluation.measuring import Chooser, evaluate
from analytics.evaluation.protocols import ROW_ORDER, ByTime, Folds, HeldOut, Plan, moments_of
from analytics.evaluation.thresholds import by_capacity, by_cost
from analytics.evaluation.words import Words
from analytics.models import Labels, Progress, Recipe, quietly
from analytics.registry import Registry
from analytics.tables.checking import check, labels_of
from analytics.tables.columns import Kind, Schema
from analytics.tables.guessing import guess
from analytics.tables.reading import read_table
from analytics.tables.values import texts_of

FOLDS = 5
_ID_NAME = re.compile(r"(?:^|[_\s-])(?:id|customer|account|card)$|(?<=[a-z])(?:Id|ID)$", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be measured, as the command's options say it."""

    model: str
    data: Path | None = None
    target: str | None = None
    positive: str | None = None
    test: Path | None = None
    time: str | None = None
    folds: int | None = None
    repeats: int = 1
    windows: int = 5
    gap: float = 0.0
    sliding: float | None = None
    group: str | None = None
    drop: tuple[str, ...] = ()
    slice: tuple[str, ...] = ()
    capacity: int | None = None
    alarm_minor: int | None = None
    miss_minor: int | None = None
    baseline: str | None = None
    seed: int = 7

    @property
    def command(self) -> str:
        """The command that repeats it: only what is no default."""
        told = ["florin", "analytics", "evaluate", self.model]
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name == "model" or value == one.default:
                continue
            for each in value if isinstance(value, tuple) else (value,):
                told += [f"--{one.name.replace('_', '-')}", str(each)]
        return shlex.join(told)


@dataclass(frozen=True, slots=True)
class Brought:
    """A table to evaluate on. train_count: the rows of --data, where --test was given below."""

    table: pd.DataFrame
    labels: Labels
    schema: Schema
    words: Words
    train_count: int | None = None
    #: Of a tenant: its protocol, slices, days, how its threshold is chosen, the best possible.
    plan: Plan | None = None
    slices: tuple[str, ...] = ()
    days: NDArray[Any] | None = None
    groups: NDArray[Any] | None = None
    choose: Chooser | None = None
    ceiling: Mapping[str, float] | None = None
    window: str = ""


def recipe_for(model: str, registry: Registry) -> tuple[Recipe, Schema | None]:
    """Return the recipe of this name, or of the registry's model, then with its features.

    Raises NoSuchModel: neither is there.
    """
    if model in learners.NAMES:
        return learners.recipe(model), None
    champion = registry.champion(model)
    if champion is None:
        raise NoSuchModel(
            f"{model} is no recipe and no model of the registry. Recipes: "
            f"{', '.join(learners.NAMES)}. Models: {', '.join(registry.names()) or 'none yet'}."
        )
    return learners.recipe(champion.card.recipe), champion.card.schema


def read(wish: Wish, schema: Schema | None) -> Brought:
    """Read the table, and the one to test on, as the wish says. schema: of a registered model.

    Raises BadTable, CannotLearn: naming the file, the columns and the rows.
    """
    assert wish.data is not None
    if wish.target is None:
        raise _missing(f"Say which column of {wish.data.name} is the target: --target COL.")
    table = read_table(wish.data)
    labels = labels_of(table, wish.target, wish.positive)
    apart = [name for name in (wish.group, wish.time) if name and name != ROW_ORDER]
    for name in (*wish.drop, *wish.slice, *apart):
        if name not in table.columns:
            raise _missing(f"There is no column {name} in {wish.data.name}.", name)
    if schema is None:
        ignored = tuple(dict.fromkeys((*wish.drop, *apart)))
        schema = guess(table, target=wish.target, ignore=ignored).schema
    else:
        schema = schema.without(wish.drop)
    check(table, schema, strict=False)
    positive = str(texts_of(table[wish.target])[labels == 1][0])
    words = Words(
        title=wish.target, target=wish.target, happen=f"have {wish.target} = {positive}"
    )  # fmt: skip
    if wish.test is None:
        return Brought(table, labels, schema, words)
    below, below_labels = _test_table(wish, wish.test, schema, positive)
    shared = [name for name in table.columns if name in below.columns]
    whole = pd.concat([table[shared], below[shared]], ignore_index=True)
    return Brought(
        whole, np.concatenate([labels, below_labels]), schema, words, train_count=len(table)
    )


def measure(
    wish: Wish, brought: Brought, recipe: Recipe, progress: Progress = quietly
) -> Evaluation:
    """Return the evaluation of a recipe on a table that was brought.

    Raises BadTable (a column of time or of slices), CannotLearn (too few rows on a side, no such
    baseline).
    """
    table = brought.table
    groups = brought.groups
    if wish.group is not None:
        groups = texts_of(table[wish.group]).astype(str)
    known = brought.slices or worth_slicing(table, target=brought.words.target)
    return evaluate(
        recipe, table, brought.labels, brought.schema, _plan(wish, brought),
        baseline=learners.recipe(wish.baseline) if wish.baseline else None,
        slices=wish.slice or known, groups=groups, days=brought.days,
        choose=_chooser(wish) or brought.choose, ceiling=brought.ceiling, words=brought.words,
        window=brought.window or _window(wish, table), ids=_ids(table, brought.schema, groups),
        command=wish.command, seed=wish.seed, progress=progress,
    )  # fmt: skip


def _plan(wish: Wish, brought: Brought) -> Plan:
    if wish.time is not None:
        moments = moments_of(brought.table, wish.time)
        unit = "rows" if wish.time == ROW_ORDER else "days"
        return ByTime(
            moments, windows=wish.windows, gap=wish.gap, window=wish.sliding, unit=unit
        )  # fmt: skip
    if brought.plan is not None and wish.folds is None and wish.repeats == 1:
        return brought.plan
    if brought.train_count is not None:
        return HeldOut(brought.train_count)
    return Folds(wish.folds or FOLDS, wish.repeats)


def _chooser(wish: Wish) -> Chooser | None:
    if wish.capacity is not None:
        return partial(by_capacity, per_day=wish.capacity)
    if wish.alarm_minor is not None and wish.miss_minor is not None:
        return partial(by_cost, false_alarm_minor=wish.alarm_minor, miss_minor=wish.miss_minor)
    return None


def _test_table(
    wish: Wish, path: Path, schema: Schema, positive: str
) -> tuple[pd.DataFrame, Labels]:
    assert wish.target is not None
    # What is a category in the one file stays text in the other, even if it looks like numbers.
    text = [column.name for column in schema.of_kind(Kind.CATEGORY)]
    try:
        table = read_table(path, text=text)
        labels = labels_of(table, wish.target, positive)
        check(table, schema, strict=False)
    except BadTable as refused:
        raise BadTable(
            tuple(
                TableProblem(
                    one.code, one.column, f"{path.name}: {one.sentence}", one.rows, one.rows_count
                )
                for one in refused.problems
            )
        ) from refused
    except CannotLearn as refused:
        raise CannotLearn(f"{path.name}: {refused}") from refused
    return table, labels


def _window(wish: Wish, table: pd.DataFrame) -> str:
    """Return from when to when the rows are, where a column of dates says so."""
    if wish.time is None or wish.time == ROW_ORDER:
        return ""
    cells = table[wish.time]
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return f"{wish.time} {cells.min():g} to {cells.max():g}"
    moments = pd.to_datetime(cells, utc=True, format="mixed")
    return f"{moments.min():%Y-%m-%d} to {moments.max():%Y-%m-%d}"


def _ids(table: pd.DataFrame, schema: Schema, groups: NDArray[Any] | None) -> tuple[str, ...]:
    """Return the columns that name whom a row is about, where nobody said what belongs together."""
    if groups is not None:
        return ()
    names = [str(name) for name in table.columns if name not in schema.names]
    return tuple(name for name in names if _ID_NAME.search(name))


def _missing(sentence: str, column: str = "") -> BadTable:
    return BadTable((TableProblem("missing_column", column, sentence),))
