"""A version of segments, learnt from a table of customers.

    segments_table ──▶ scaling ──▶ choose ──▶ fit ──▶ profiles ──▶ ids of the version before
                                                                     ──▶ Segmentation

A segmentation assigns a table by itself: numbers in, the id of a segment for each row out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from analytics.errors import CannotLearn, FeatureMismatch
from analytics.models import Floats, Progress, quietly
from analytics.segments.choosing import NUMBERS, choose
from analytics.segments.features import FEATURES, NAMES, learnt_columns
from analytics.segments.matching import ids_for, matched, overlap
from analytics.segments.profiles import Profile, profiles_of
from analytics.segments.scaling import Scaling, learn_scaling
from analytics.segments.shapes import Groups, Method, Shape, fit

_LEARNT = learnt_columns()


@dataclass(frozen=True, slots=True)
class Segmentation:
    """version: "" until it is kept. profiles: largest first. facts: how it was chosen."""

    version: str
    as_of_utc: datetime
    method: Method
    scaling: Scaling
    shape: Shape
    profiles: tuple[Profile, ...]
    facts: dict[str, Any]

    def assign(self, table: pd.DataFrame) -> pd.Series:
        """Return each row's segment id, indexed as the table. Raises FeatureMismatch."""
        groups = self.groups(table)
        by_place = np.full(self.shape.count, "", object)
        for one in self.profiles:
            by_place[one.place] = one.id
        return pd.Series(by_place[groups], index=table.index, name="segment_id", dtype="str")

    def groups(self, table: pd.DataFrame) -> Groups:
        """Return each row's group, a number in [0, shape.count)."""
        return self.shape.assign(self.scaled(table)[:, _LEARNT])

    def scaled(self, table: pd.DataFrame) -> Floats:
        """Return all features in spreads from everybody's middle, shape (n, len(FEATURES))."""
        return self.scaling.of(values_of(table))


def values_of(table: pd.DataFrame) -> Floats:
    """Return the features' numbers in order. Raises FeatureMismatch: absent, or not a number."""
    absent = [name for name in NAMES if name not in table.columns]
    if absent:
        raise FeatureMismatch(f"The table lacks {', '.join(absent)}. It needs {', '.join(NAMES)}.")
    values: Floats = table[list(NAMES)].to_numpy(np.float64)
    if not np.isfinite(values).all():
        raise FeatureMismatch("A feature of a segment is missing or not finite.")
    return values


def learn(
    table: pd.DataFrame,
    *,
    as_of_utc: datetime,
    before: Segmentation | None = None,
    ever: tuple[str, ...] = (),
    method: Method = "mixture",
    numbers: tuple[int, ...] = NUMBERS,
    seed: int = 7,
    progress: Progress = quietly,
) -> Segmentation:
    """Return segments of the customers of a table (segments_table).

    before: the version whose ids are carried on; ever: all ids that were ever given.
    Raises CannotLearn, FeatureMismatch.
    """
    # Many small matrices: threads of a busy machine would wait for each other.
    with threadpool_limits(limits=1):
        return _learn(
            table, as_of_utc=as_of_utc, before=before, ever=ever, method=method, numbers=numbers,
            seed=seed, progress=progress,
        )  # fmt: skip


def _learn(
    table: pd.DataFrame, *, as_of_utc: datetime, before: Segmentation | None,
    ever: tuple[str, ...], method: Method, numbers: tuple[int, ...], seed: int,
    progress: Progress,
) -> Segmentation:  # fmt: skip
    values = values_of(table)
    if len(values) == 0:
        raise CannotLearn("The bank has no customers yet, so there is nothing to group.")
    scaling = learn_scaling(values, np.array([one.unit for one in FEATURES]))
    scaled = scaling.of(values)
    rows = scaled[:, _LEARNT]
    choice = choose(
        rows, method=method, numbers=numbers, seed=seed, progress=lambda one: progress(0.9 * one)
    )
    shape = fit(rows, choice.count, method=method, seed=seed)
    found = Segmentation(
        version="", as_of_utc=as_of_utc, method=method, scaling=scaling, shape=shape, profiles=(),
        facts={
            "customers_count": len(values), "seed": seed, "is_stable": choice.is_stable,
            "stability": choice.taken.stability,
            "tried": [
                {"count": one.count, "bic": one.bic, "aris": list(one.aris)}
                for one in choice.tried
            ],
        },
    )  # fmt: skip
    groups = found.groups(table)
    nameless = profiles_of(values, scaled, groups, shape.count)
    ids = _ids(groups, nameless, before, table, ever)
    progress(1.0)
    return replace(
        found,
        profiles=tuple(replace(one, id=name) for one, name in zip(nameless, ids, strict=True)),
    )


def _ids(
    groups: Groups,
    profiles: tuple[Profile, ...],
    before: Segmentation | None,
    table: pd.DataFrame,
    ever: tuple[str, ...],
) -> tuple[str, ...]:
    """Return the id of each profile, largest first, of the version before where one fits."""
    carried: dict[int, str] = {}
    order = {one.place: spot for spot, one in enumerate(profiles)}
    if before is not None:
        then = before.groups(table)
        known = {one.place: one.id for one in before.profiles}
        shape = (before.shape.count, max(order) + 1)
        for now, was in matched(overlap(then, groups, shape=shape)).items():
            if was in known and now in order:
                carried[order[now]] = known[was]
        ever = (*ever, *known.values())
    return ids_for(len(profiles), carried, ever)
