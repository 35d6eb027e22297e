"""Reasons: which are told, in what order, and how values are shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.learners.reasons import reasons_of, sentence, told
from analytics.tables.columns import Column, Kind
from tests.analytics.learners.conftest import SCHEMA, a_table


@pytest.mark.parametrize(
    ("column", "value", "adds", "expected"),
    [
        (Column("logins", Kind.NUMBER, phrase="{value} logins"), 3.0, 1, "3 logins (raises it)"),
        (Column("age", Kind.NUMBER, "years"), 41.0, -1, "age is 41 years (lowers it)"),
        (Column("ratio", Kind.NUMBER), 0.12345, 1, "ratio is 0.123 (raises it)"),
        (Column("sum", Kind.NUMBER, "EUR minor units"), 123_456.0, 1,
         "sum is 1,234.56 EUR (raises it)"),
        (Column("sum", Kind.NUMBER, "JPY minor units"), 1_234.0, 1, "sum is 1,234 JPY (raises it)"),
        (Column("active", Kind.FLAG), 0.0, 1, "active is no (raises it)"),
        (Column("plan", Kind.CATEGORY), "gold", -1, "plan is gold (lowers it)"),
        (Column("plan", Kind.CATEGORY), "", 1, "plan is not known (raises it)"),
        (Column("age", Kind.NUMBER), float("nan"), 1, "age is not known (raises it)"),
    ],
)  # fmt: skip
def test_given_a_value_when_told_then_it_is_in_its_unit(column, value, adds, expected):
    assert sentence(column, value, adds) == expected


def test_given_contributions_when_told_then_the_strongest_come_first_and_the_weak_are_left_out():
    table = pd.DataFrame({"tenure": [2], "charge_minor": [1000], "plan": ["gold"], "active": [1]})

    (found,) = told(SCHEMA.columns, table, np.array([[0.4, 0.001, -0.9, 0.0]]), count=3)

    assert [(one.column, one.adds) for one in found] == [("plan", -0.9), ("tenure", 0.4)]


def test_given_a_model_when_asked_then_each_row_has_at_most_so_many(fitted):
    table, _ = a_table(30)

    found = reasons_of(fitted["blend"], table, count=2)

    assert len(found) == 30
    assert {len(one) for one in found} <= {1, 2}
    assert reasons_of(fitted["blend"], table.iloc[:0], count=2) == []
