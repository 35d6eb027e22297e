"""Retraining: newer rows come; is there drift, is a challenger better, may it be proposed?

    older rows ┊ newer rows: ……………………………………………………┊ hold-out, the newest
       └──── windows are tried on an inner hold-out ─┘      └─ champion and challenger, side by side
             the best one is learnt up to here (labels known by then)

    steady ─▶ nothing is trained        better ─▶ a candidate two people may promote
    else   ─▶ a challenger              not    ─▶ refused; its card keeps the reasons

Neither has seen the hold-out. Better means: the lower end of the paired interval is above 0, the
calibration is not worse by more than a point, and no slice is left further behind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.drift import Level, Reference, Watched, summarise, watch
from analytics.errors import CannotLearn
from analytics.evaluation import metrics
from analytics.evaluation.bootstrap import Interval
from analytics.models import Floats, Labels, Model, Progress, Recipe, quietly
from analytics.registry import Card, Figure, Registry, Window
from analytics.retraining_rules import Comparison, Rules, compare
from analytics.tables.columns import Schema

#: Shares of the rows before the hold-out that are tried as windows; 1.0 is "all there are".
WINDOW_SHARES = (1.0, 0.5, 0.25)
INNER_SHARE = 0.25


class Outcome(StrEnum):
    STEADY = "steady"
    REFUSED = "refused"
    CANDIDATE = "candidate"


@dataclass(frozen=True)
class Rows:
    """Rows in order of time. `moments`: shape (n,), datetime64 in UTC; None: the order alone."""

    table: pd.DataFrame
    labels: Labels
    moments: NDArray[np.datetime64] | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, first: int, last: int) -> Rows:
        """Return rows first … last − 1."""
        moments = None if self.moments is None else self.moments[first:last]
        return Rows(self.table.iloc[first:last], self.labels[first:last], moments)

    def then(self, newer: Rows) -> Rows:
        """Return these rows and the newer ones after them, in order of their moments."""
        table = pd.concat([self.table, newer.table], ignore_index=True)
        labels = np.concatenate([self.labels, newer.labels])
        if self.moments is None or newer.moments is None:
            return Rows(table, labels)
        moments = np.concatenate([self.moments, newer.moments])
        order = np.argsort(moments, kind="stable")
        return Rows(table.iloc[order].reset_index(drop=True), labels[order], moments[order])

    def known_before(self, row: int, delay_days: float) -> int:
        """Return how many of the first rows had their label by the moment of `row`."""
        if self.moments is None or row >= len(self):
            return row
        delay = np.timedelta64(round(delay_days * 86_400), "s")
        known = np.searchsorted(self.moments + delay, self.moments[row], side="right")
        return int(min(row, known))


@dataclass(frozen=True, slots=True)
class Trial:
    """A window that was tried: its rows, and the log loss on the inner hold-out."""

    rows_count: int
    log_loss: float


@dataclass(frozen=True, slots=True)
class Retrained:
    """What came of it."""

    outcome: Outcome
    watched: Watched
    trials: tuple[Trial, ...] = ()
    comparison: Comparison | None = None
    version: str | None = None
    notes: tuple[str, ...] = field(default=())


def retrain(
    registry: Registry,
    name: str,
    newer: Rows,
    *,
    recipe: Recipe,
    older: Rows | None = None,
    rules: Rules | None = None,
    calendar: Collection[str] = (),
    slices: Sequence[str] = (),
    anyway: bool = False,
    seed: int = 7,
    progress: Progress = quietly,
) -> Retrained:
    """Watch, learn, compare; keep the challenger as a candidate or as refused.

    newer: rows that the champion has not learnt from. anyway: also when nothing has drifted.
    slices: columns whose levels are compared by recall; default: those of the champion's card.
    Raises NoSuchModel, BrokenModel, FeatureMismatch; CannotLearn (too few rows or positives, or
    the champion has seen these rows).
    """
    rules = rules or Rules()
    champion = registry.load(name)
    serving = registry.champion(name)
    assert serving is not None, name
    card = serving.card
    _refuse_seen(card, newer)
    scores = champion.probability(newer.table)
    watched = _watched(card, newer, scores, calendar, rules)
    if watched.verdict is Level.STEADY and not anyway:
        return Retrained(Outcome.STEADY, watched)
    every = newer if older is None else older.then(newer)
    cut = len(every) - max(1, round(rules.holdout_share * len(newer)))
    holdout = every.part(cut, len(every))
    rules.check(holdout.labels)
    delay_days = card.window.label_delay_days
    before = every.part(0, every.known_before(cut, delay_days))
    trials = _tried(
        before, recipe, card.schema, delay_days=delay_days, seed=seed, progress=progress
    )
    rows_count = min(trials, key=lambda one: (one.log_loss, -one.rows_count)).rows_count
    learnt = before.part(len(before) - rows_count, len(before))
    challenger = recipe.fit(learnt.table, learnt.labels, card.schema, seed=seed)
    progress(1.0)
    comparison = compare(
        holdout.table, holdout.labels,
        champion.probability(holdout.table), challenger.probability(holdout.table),
        rules=rules, threshold=card.threshold.get("value"),
        by=tuple(slices) or tuple(dict.fromkeys(one.by for one in card.slices)),
    )  # fmt: skip
    told = _card(card, serving.version, learnt, holdout, challenger, recipe, comparison, seed=seed)
    told = _with_story(told, watched, trials)
    version = registry.add(name, challenger, told)
    if comparison.refusals:
        registry.refuse(name, version, comparison.refusals)
    outcome = Outcome.REFUSED if comparison.refusals else Outcome.CANDIDATE
    return Retrained(outcome, watched, trials, comparison, version, _notes(every, older))


def _watched(
    card: Card, newer: Rows, scores: Floats, calendar: Collection[str], rules: Rules
) -> Watched:
    """Return the drift of the newer rows, and of the labels that have come for them."""
    if not card.reference:
        raise CannotLearn(f"The card of {card.name} has no reference for drift; train it anew.")
    reference = Reference.from_json(card.reference)
    watched = watch(reference, newer.table, scores, calendar=calendar)
    return rules.with_labels(watched, newer.labels, scores)


def _tried(
    before: Rows, recipe: Recipe, schema: Schema, *, delay_days: float, seed: int,
    progress: Progress,
) -> tuple[Trial, ...]:  # fmt: skip
    """Return each window's loss on the newest of the rows before the hold-out."""
    cut = round(len(before) * (1 - INNER_SHARE))
    inner, past = before.part(cut, len(before)), before.known_before(cut, delay_days)
    found: list[Trial] = []
    for place, share in enumerate(WINDOW_SHARES):
        learnt = before.part(past - round(past * share), past)
        try:
            model = recipe.fit(learnt.table, learnt.labels, schema, seed=seed)
        except CannotLearn:
            if share == 1.0:
                raise
            continue  # a window too short to learn from is no candidate
        loss = metrics.log_loss(inner.labels, model.probability(inner.table))
        found.append(Trial(round(len(before) * share), float(loss)))
        progress((place + 1) / (len(WINDOW_SHARES) + 1))
    return tuple(found)


def _card(
    card: Card, parent: str, learnt: Rows, holdout: Rows, challenger: Model, recipe: Recipe,
    comparison: Comparison, *, seed: int,
) -> Card:  # fmt: skip
    scores = challenger.probability(holdout.table)
    figures = tuple(
        Figure(name, one.value, *_ends(one)) for name, one in comparison.figures.items()
    )
    return Card(
        name=card.name,
        recipe=recipe.name,
        schema=challenger.schema,
        window=Window(
            len(learnt),
            int(learnt.labels.sum()),
            from_utc=_moment(learnt, 0),
            to_utc=_moment(learnt, -1),
            label_delay_days=card.window.label_delay_days,
            digest=rows_digest(learnt.table, learnt.labels),
        ),
        seed=seed,
        figures=figures,
        measured_on=f"the newest {len(holdout):,} rows, which neither model had seen",
        slices=comparison.slices,
        threshold=card.threshold,
        reference=summarise(
            holdout.table,
            card.schema,
            scores,
            threshold=float(card.threshold.get("value", 0.5)),
            labels=holdout.labels,
        ).as_json(),
        parent=parent,
        permitted_use=card.permitted_use,
        limits=card.limits,
        notes={**card.notes, "comparison": comparison.as_json()},
    )


def _with_story(card: Card, watched: Watched, trials: tuple[Trial, ...]) -> Card:
    tried = [{"rows": one.rows_count, "log_loss": round(one.log_loss, 5)} for one in trials]
    story: dict[str, Any] = {"drift": list(watched.reasons), "windows": tried}
    return replace(card, notes={**card.notes, **story})


def _ends(one: Interval) -> tuple[float | None, float | None]:
    return (one.low, one.high) if np.isfinite(one.low) else (None, None)


def rows_digest(table: pd.DataFrame, labels: Labels) -> str:
    """Return SHA-256 of the rows and their labels, in order: a card's `window.digest`."""
    digest = hashlib.sha256(",".join(str(name) for name in table.columns).encode())
    digest.update(pd.util.hash_pandas_object(table, index=False).to_numpy().tobytes())
    digest.update(labels.tobytes())
    return digest.hexdigest()


def _refuse_seen(card: Card, newer: Rows) -> None:
    same = card.window.digest and rows_digest(newer.table, newer.labels) == card.window.digest
    begins, ended = _moment(newer, 0), card.window.to_utc
    is_older = bool(begins and ended) and datetime.fromisoformat(begins) <= datetime.fromisoformat(
        ended
    )
    if same or is_older:
        raise CannotLearn(
            f"{card.name} {card.version} has learnt from some of these rows, so they show nothing "
            "new. Give the rows that came after."
        )


def _moment(rows: Rows, place: int) -> str:
    if rows.moments is None or not len(rows):
        return ""
    return f"{np.datetime_as_string(rows.moments[place], unit='s')}Z"


def _notes(every: Rows, older: Rows | None) -> tuple[str, ...]:
    found = []
    if every.moments is None:
        found.append("Rows are taken in the order they stand in, their labels as known at once.")
    if older is None:
        found.append("Only the newer rows were learnt from: no older ones were given.")
    return tuple(found)
