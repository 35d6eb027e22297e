"""Guessing a schema: what each column is taken for, and what is left out, with the reason."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.errors import BadTable, CannotLearn
from analytics.tables.columns import Kind
from analytics.tables.guessing import guess, schema_of

ROWS = 200


def a_table(**columns) -> pd.DataFrame:
    return pd.DataFrame({"y": [0, 1] * (ROWS // 2), **columns})


def kinds(table: pd.DataFrame) -> dict:
    return {one.name: one.kind for one in schema_of(table, target="y").columns}


def test_given_the_usual_columns_when_guessed_then_each_has_its_kind():
    random = np.random.default_rng(1)
    table = a_table(
        amount=random.normal(size=ROWS),
        plan=random.choice(["basic", "gold"], ROWS),
        active=random.integers(0, 2, ROWS),
        agreed=random.integers(0, 2, ROWS).astype(bool),
    )

    assert kinds(table) == {
        "amount": Kind.NUMBER, "plan": Kind.CATEGORY, "active": Kind.FLAG, "agreed": Kind.FLAG,
    }  # fmt: skip


def test_given_numbers_written_as_text_with_blanks_when_guessed_then_they_are_numbers():
    cells = [str(n / 2) for n in range(ROWS)]
    cells[3] = " "

    guessed = guess(a_table(total=cells), target="y")

    assert guessed.schema.columns[0].kind is Kind.NUMBER
    assert "read as numbers" in guessed.notes[0]


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ([7] * ROWS, "one value"),
        (list(range(ROWS)), "an id"),
        ([f"cu_{n}" for n in range(ROWS)], "an id"),
        ([f"name {n // 2}" for n in range(ROWS)], "names rather than categories"),
        ([f"2026-01-{1 + n % 28:02d}" for n in range(ROWS)], "dates"),
        (list(pd.date_range("2026-01-01", periods=ROWS)), "days since"),
    ],
)
def test_given_what_is_no_feature_when_guessed_then_a_note_says_why(cells, why):
    guessed = guess(a_table(other=cells, amount=np.linspace(0.5, 1, ROWS)), target="y")

    assert guessed.schema.names == ("amount",)
    assert why in guessed.notes[0]


def test_given_amounts_no_two_alike_when_guessed_then_they_are_no_id():
    amounts = np.random.default_rng(2).permutation(10**6)[:ROWS]

    assert kinds(a_table(balance_minor=amounts)) == {"balance_minor": Kind.NUMBER}


def test_given_ignored_columns_and_the_target_when_guessed_then_they_are_no_features():
    table = a_table(a=np.linspace(0, 1, ROWS), b=np.linspace(0, 2, ROWS))

    assert schema_of(table, target="y", ignore=["a"]).names == ("b",)


def test_given_levels_and_range_when_guessed_then_they_are_those_of_the_rows():
    table = a_table(plan=["b", "a"] * (ROWS // 2), amount=np.linspace(-1.5, 4, ROWS))

    plan, amount = schema_of(table, target="y").columns

    assert plan.levels == ("a", "b")
    assert (amount.low, amount.high) == (-1.5, 4.0)


def test_given_no_such_target_when_guessed_then_it_is_refused():
    with pytest.raises(BadTable, match="no column churn"):
        guess(a_table(), target="churn")


def test_given_nothing_to_learn_from_when_guessed_then_it_is_refused():
    with pytest.raises(CannotLearn, match="No column is left"):
        guess(a_table(one=[1] * ROWS), target="y")
