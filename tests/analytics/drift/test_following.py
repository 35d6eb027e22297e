"""Following a stream, and what has been coming lately: nothing looks ahead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.drift.arrivals import Arrivals
from analytics.drift.following import Follower, Habits, follow
from analytics.evaluation.metrics import ece, log_loss
from analytics.tables.columns import Column, Kind, Schema
from tests.analytics.registry.logistic import SCHEMA, TinyRecipe

WIDE = Schema(
    (Column("debt", Kind.NUMBER), Column("job", Kind.CATEGORY), Column("day", Kind.CATEGORY))
)


def a_table(rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "debt": np.where(rng.random(rows) < 0.1, np.nan, rng.normal(size=rows)),
            "job": rng.choice(["clerk", "nurse", ""], rows),
            "day": np.repeat(np.arange(rows // 3 + 1), 3)[:rows].astype(str),
        }
    )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 999), st.integers(2, 60), st.data())
def test_no_arrival_feature_sees_a_later_row(seed, rows, data):
    table = a_table(rows, seed)
    plan = Arrivals(table, WIDE, calendar=["day"], windows_rows=[5, 20])
    cut = data.draw(st.integers(1, rows))

    whole, early = plan.features(table), plan.features(table.iloc[:cut])

    pd.testing.assert_frame_equal(whole.iloc[:cut], early)
    assert tuple(whole.columns) == tuple(column.name for column in plan.columns)


def test_the_newest_rows_alone_need_only_the_longest_window_before_them():
    table = a_table(200, 3)
    plan = Arrivals(table, WIDE, windows_rows=[5, 20])

    tail = plan.features(table.iloc[-60:]).tail(40)

    pd.testing.assert_frame_equal(plan.features(table).tail(40), tail)


def test_the_calendars_turns_are_counted_from_past_rows():
    table = pd.DataFrame({"debt": 1.0, "job": "x", "day": list("aaabb")})
    plan = Arrivals(table, WIDE, calendar=["day"], windows_rows=[2])

    found = plan.features(table)

    assert found["rows since the calendar turned"].tolist() == [0, 1, 2, 0, 1]
    assert found["rows before it turned"].tolist()[3:] == [3, 3]


def a_stream(rows: int = 3_000, *, turns_at: int = 2_000):
    """Return rows whose labels turn round at a row, and get five times as common."""
    rng = np.random.default_rng(5)
    table = pd.DataFrame({"age": rng.normal(size=rows), "debt": rng.normal(size=rows)})
    late = np.arange(rows) >= turns_at
    odds = np.where(late, 1 - 1.5 * table["age"], 1.5 * table["age"] - 2)
    return table, (rng.random(rows) < 1 / (1 + np.exp(-odds))).astype(np.int8)


HABITS = Habits(windows_rows=(400, None), step_rows=100, calibrate_rows=400, reference_rows=400)


@pytest.fixture(scope="module")
def followed():
    table, labels = a_stream()
    scores, steps = follow(table, labels, Follower(TinyRecipe(), SCHEMA, HABITS), start_rows=1_000)
    return table, labels[1_000:], scores, steps


def test_given_a_turn_then_it_is_followed_and_a_model_that_stood_still_is_not(followed):
    table, labels, scores, _ = followed
    still = TinyRecipe().fit(table.iloc[:1_000], a_stream()[1][:1_000], SCHEMA)

    late = slice(1_500, None)
    truth, stood = labels[late], still.probability(table.iloc[1_000:])[late]
    assert log_loss(truth, scores[late]) < 0.75 * log_loss(truth, stood)
    assert ece(truth, scores[late]) < 0.5 * ece(truth, stood)


def test_every_row_after_the_start_is_scored_once_and_the_alarm_comes_after_the_turn(followed):
    _, labels, scores, steps = followed

    assert len(scores) == len(labels) == sum(one.rows_count for one in steps)
    assert any(one.alarmed for one in steps[10:])
    assert all(one.retrained for one in steps if one.alarmed)
    assert sum(one.retrained for one in steps) < len(steps)


def test_no_score_depends_on_a_label_that_was_not_known_yet(followed):
    table, labels = a_stream()
    changed = labels.copy()
    changed[2_400:] = 1 - changed[2_400:]

    scores, _ = follow(table, changed, Follower(TinyRecipe(), SCHEMA, HABITS), start_rows=1_000)

    np.testing.assert_array_equal(scores[:1_500], followed[2][:1_500])
    assert not np.array_equal(scores[1_500:], followed[2][1_500:])


def test_given_labels_that_come_two_steps_late_then_no_score_knew_them_earlier():
    table, labels = a_stream()
    changed = labels.copy()
    changed[2_000:] = 1 - changed[2_000:]

    runs = [
        follow(table, told, Follower(TinyRecipe(), SCHEMA, HABITS), start_rows=1_000, late_steps=2)[
            0
        ]
        for told in (labels, changed)
    ]

    # The block that begins at 2,000 is learnt after the one at 2,200 was scored.
    np.testing.assert_array_equal(runs[0][:1_300], runs[1][:1_300])
    assert not np.array_equal(runs[0][1_300:], runs[1][1_300:])
