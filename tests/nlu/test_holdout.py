"""The trained model on sentences it never saw. Accuracy is data: the table is in docs/benchmarks.md."""

from __future__ import annotations

import pytest

from tests.nlu.sentences import held_out_tables, rows_of

#: What a release may not fall below; the figures themselves are higher and in the table.
FLOOR = 0.90


@pytest.mark.rasa
@pytest.mark.parametrize("table", held_out_tables())
def test_given_the_held_out_sentences_when_understood_then_nine_of_ten_are_right(readings, table):
    rows = rows_of(table)

    right = [readings[row["text"]]["intent"] == row["category"] for row in rows]

    assert sum(right) >= FLOOR * len(rows)
