"""Watching a window: what is said, what wakes somebody, what does not."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from analytics.drift import Level, Reference, summarise, watch
from analytics.errors import FeatureMismatch
from analytics.tables.columns import Column, Kind, Schema

SCHEMA = Schema(
    (
        Column("debt", Kind.NUMBER),
        Column("job", Kind.CATEGORY),
        Column("month", Kind.NUMBER),
    )
)


def a_window(rows: int = 1_500, *, seed: int = 1, debt: float = 0.0, month: int = 6):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "debt": rng.normal(debt, 1, rows),
            "job": rng.choice(["clerk", "nurse", "smith"], rows),
            "month": rng.integers(1, month + 1, rows).astype(float),
        }
    )
    scores = 1 / (1 + np.exp(2 - 1.2 * table["debt"].to_numpy()))
    return table, scores


@pytest.fixture(scope="module")
def reference() -> Reference:
    table, scores = a_window(3_000)
    return summarise(table, SCHEMA, scores, threshold=0.4)


def finding(watched, about, measure):
    [found] = [one for one in watched.findings if (one.about, one.measure) == (about, measure)]
    return found


def test_given_the_same_town_then_all_is_steady(reference):
    for seed in range(2, 8):
        watched = watch(reference, *a_window(seed=seed))
        assert watched.verdict is Level.STEADY, watched.reasons
        assert watched.reasons == ()


def test_given_a_far_shift_then_the_column_and_the_score_say_act(reference):
    watched = watch(reference, *a_window(seed=2, debt=1.5))

    assert watched.verdict is Level.ACT
    assert finding(watched, "debt", "psi").level is Level.ACT
    assert finding(watched, "score", "psi").level is Level.ACT
    assert finding(watched, "alarms", "alarm_share").level is Level.LOOK
    assert finding(watched, "job", "psi").level is Level.STEADY
    assert any(sentence.startswith("debt has moved far (PSI") for sentence in watched.reasons)


def test_given_a_small_shift_then_it_is_worth_a_look_and_no_more(reference):
    watched = watch(reference, *a_window(5_000, seed=2, debt=0.37))

    assert finding(watched, "debt", "psi").level is Level.LOOK


def test_given_a_column_of_the_calendar_then_it_is_shown_and_does_not_alarm(reference):
    watched = watch(reference, *a_window(seed=2, month=2), calendar={"month"})

    assert finding(watched, "month", "psi").level is Level.ACT
    assert watched.verdict is Level.STEADY
    assert watch(reference, *a_window(seed=2, month=2)).verdict is Level.ACT


def test_given_values_that_went_missing_then_it_says_how_many(reference):
    table, scores = a_window(seed=2)
    table.loc[: len(table) // 2, "debt"] = np.nan

    found = finding(watch(reference, table, scores), "debt", "missing")

    assert found.level is Level.ACT
    assert found.sentence == "debt is unknown in 50% of the rows; it was in 0%."


def test_given_harder_rows_then_the_model_expects_less_of_itself(reference):
    table, _ = a_window(seed=2)

    watched = watch(reference, table, np.full(len(table), 0.12))

    assert finding(watched, "roc_auc", "estimate").level is Level.ACT


def test_given_alarms_that_begin_halfway_then_the_change_is_found_in_the_window(reference):
    table, scores = a_window(seed=2)
    scores[:900], scores[900:] = 0.05, 0.6

    assert finding(watch(reference, table, scores), "alarms", "adwin").level is Level.LOOK


def test_given_ten_rows_then_chance_alone_wakes_nobody(reference):
    for seed in range(2, 10):
        table, scores = a_window(10, seed=seed)
        assert watch(reference, table, scores).verdict is not Level.ACT


@pytest.mark.parametrize("broken", ["column", "rows"])
def test_given_a_column_or_all_rows_missing_then_it_is_a_mismatch(reference, broken):
    table, scores = a_window(20)
    table = table.drop(columns="job") if broken == "column" else table.head(0)

    with pytest.raises(FeatureMismatch, match="job" if broken == "column" else "no rows"):
        watch(reference, table, scores[: len(table)])


def test_what_was_found_is_json_for_machines(reference):
    told = json.loads(json.dumps(watch(reference, *a_window(seed=2)).as_json(), allow_nan=False))

    assert told["verdict"] == "steady"
    assert {"roc_auc", "accuracy"} <= set(told["expected"])
