"""Checking a table: every problem by column and row, at once, and what is only a note."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import BadTable, CannotLearn
from analytics.tables.checking import check, labels_of
from analytics.tables.columns import Column, Kind, Schema

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SCHEMA = Schema(
    (
        Column("age", Kind.NUMBER, "years", low=18, high=99),
        Column("plan", Kind.CATEGORY, levels=("basic", "gold")),
        Column("active", Kind.FLAG),
    )
)


def a_table(**changed) -> pd.DataFrame:
    columns = {"age": [30, 40, 50], "plan": ["basic", "gold", "gold"], "active": [0, 1, None]}
    return pd.DataFrame({**columns, **changed})


def problems(table: pd.DataFrame, **options) -> list[tuple]:
    with pytest.raises(BadTable) as refusal:
        check(table, SCHEMA, **options)
    return [(one.code, one.column, one.rows) for one in refusal.value.problems]


def test_given_a_table_as_it_should_be_when_checked_then_there_is_nothing_to_say():
    assert check(a_table(), SCHEMA) == ()


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"age": [30, "old", 50]}, ("wrong_type", "age", (2,))),
        ({"age": [30, np.inf, -np.inf]}, ("not_finite", "age", (2, 3))),
        ({"age": [30, 17, 100]}, ("out_of_range", "age", (2, 3))),
        ({"active": [0, 2, 1]}, ("wrong_type", "active", (2,))),
        ({"more": [1, 2, 3]}, ("extra_column", "more", ())),
    ],
)
def test_given_one_fault_when_checked_then_its_column_and_rows_are_named(changed, found):
    assert problems(a_table(**changed)) == [found]


def test_given_a_missing_column_when_checked_then_it_is_named():
    assert problems(a_table().drop(columns="plan")) == [("missing_column", "plan", ())]


def test_given_many_faults_when_checked_then_all_are_told_in_the_order_of_columns():
    table = a_table(age=[17, "x", 30], active=[1, 2, 3]).drop(columns="plan")

    assert [one[:2] for one in problems(table)] == [
        ("wrong_type", "age"), ("out_of_range", "age"), ("missing_column", "plan"),
        ("wrong_type", "active"),
    ]  # fmt: skip


def test_given_values_when_refused_then_the_sentence_does_not_say_them():
    with pytest.raises(BadTable) as refusal:
        check(a_table(age=[30, "Mallory", 50]), SCHEMA)

    assert "Mallory" not in str(refusal.value)


def test_given_numbers_and_blanks_as_text_when_checked_then_they_are_fine():
    assert check(a_table(age=["30", " ", "50.5"]), SCHEMA) == ()


def test_given_an_unseen_category_when_checked_then_it_is_a_note_that_counts_rows():
    (note,) = check(a_table(plan=["basic", "platinum", "silver"]), SCHEMA)

    assert (note.code, note.column, note.rows_count) == ("unknown_level", "plan", 2)


def test_given_not_strict_when_checked_then_range_and_extra_columns_are_notes():
    notes = check(a_table(age=[17, 30, 40], more=1), SCHEMA, strict=False)

    assert [note.code for note in notes] == ["out_of_range", "extra_column"]


def test_given_an_id_twice_when_checked_then_both_rows_are_named():
    table = a_table(id=["a", "b", "a"])

    assert problems(table, id_column="id") == [("duplicate_id", "id", (1, 3))]


def test_given_a_date_in_the_future_when_checked_then_its_row_is_named():
    table = a_table(at=["2026-05-31", "2026-06-02", None])

    assert problems(table, time_column="at", now_utc=NOW) == [("future_time", "at", (2,))]


def test_given_a_later_piece_of_a_table_when_checked_then_rows_are_counted_on():
    piece = a_table(age=[30, 40, np.inf]).set_axis(pd.RangeIndex(100, 103))

    assert problems(piece) == [("not_finite", "age", (103,))]


def test_given_no_rows_when_checked_then_it_is_empty():
    assert problems(a_table().iloc[:0]) == [("empty", "", ())]


AGES = st.one_of(st.floats(18, 99), st.sampled_from([np.nan, np.inf, -np.inf]), st.floats(200, 300))


@settings(max_examples=8, deadline=None)
@given(st.lists(AGES, min_size=1, max_size=30))
def test_every_bad_number_is_counted_once_under_its_name(ages):
    table = pd.DataFrame({"age": ages, "plan": "gold", "active": 1})
    infinite = int(np.isinf(ages).sum())
    outside = int(sum(np.isfinite(age) and not 18 <= age <= 99 for age in ages))

    try:
        check(table, SCHEMA)
        counted = {}
    except BadTable as refusal:
        counted = {one.code: one.rows_count for one in refusal.problems}

    expected = {"not_finite": infinite, "out_of_range": outside}
    assert counted == {code: count for code, count in expected.items() if count}


@pytest.mark.parametrize(
    ("cells", "positive", "expected"),
    [
        (["Yes", "No"], "Yes", [1, 0]),
        (["Yes", "No"], None, [1, 0]),
        (["No", "Yes"], "No", [1, 0]),
        ([0, 1], None, [0, 1]),
        ([0.0, 1.0], "1", [0, 1]),
        ([True, False], None, [1, 0]),
        (["left", "stays", "new"], "left", [1, 0, 0]),
    ],
)
def test_given_a_target_when_read_then_the_positive_value_is_one(cells, positive, expected):
    assert labels_of(pd.DataFrame({"y": cells}), "y", positive).tolist() == expected


@pytest.mark.parametrize(
    ("cells", "positive", "refusal", "says"),
    [
        (list("abcdefg"), "z", BadTable, "there are a, b, c, d, e and 2 more"),
        (["a", "b"], None, BadTable, "say which value is meant"),
        (["a", None, ""], "a", BadTable, "2 rows have no label .* row 2"),
        ([1, 1, 1], None, CannotLearn, "one class only"),
    ],
)
def test_given_no_usable_target_when_read_then_the_refusal_says_why(cells, positive, refusal, says):
    with pytest.raises(refusal, match=says):
        labels_of(pd.DataFrame({"y": cells}), "y", positive)
