"""Rows of JSON to scores: every wrong cell named, few rows and many alike, one version an answer."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import learners
from analytics.errors import BadTable
from analytics.scores import FEW_ROWS, Scorer, answer
from analytics.tables.columns import Column, Kind, Schema
from analytics.tables.json_rows import read_columns, read_rows
from tests.web.score_models import SCHEMA, OddsModel

ROW = {"age": 41, "logins": 3.5, "plan": "basic", "student": True}
cells = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**320), st.floats(), st.text(max_size=5),
    st.lists(st.integers(), max_size=1), st.dictionaries(st.text(max_size=2), st.none(), max_size=1),
)  # fmt: skip
names = st.sampled_from([*SCHEMA.names, "other"])


def live(model, version: str = "v1") -> SimpleNamespace:
    served = SimpleNamespace(version=version, model=model, card=None)
    return SimpleNamespace(name="churn", current=served)


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(7)
    table = pd.DataFrame(
        {
            "age": rng.integers(18, 90, 400).astype(float),
            "logins": rng.poisson(5, 400).astype(float),
            "plan": rng.choice(["basic", "plus"], 400),
            "student": rng.integers(0, 2, 400).astype(float),
        }
    )
    odds = 1 - 0.5 * table["logins"] + (table["plan"] == "basic")
    labels = (rng.random(400) < 1 / (1 + np.exp(-odds))).astype(np.int8)
    return learners.recipe("logistic").fit(table, labels, SCHEMA, seed=7)


@given(st.lists(st.dictionaries(names, cells, max_size=5), min_size=1, max_size=4))
def test_any_rows_are_read_or_refused_with_column_and_row_and_never_a_value(rows):
    try:
        table, notes = read_rows(rows, SCHEMA)
    except BadTable as refused:
        for problem in refused.problems:
            assert problem.code in (
                "missing_column", "extra_column", "wrong_type", "not_finite",
            )  # fmt: skip
            assert problem.column in (*SCHEMA.names, "other")
            assert problem.rows
            assert all(1 <= row <= len(rows) for row in problem.rows)
        return
    assert list(table.columns) == list(SCHEMA.names)
    assert len(table) == len(rows)
    assert not np.isinf(table[["age", "logins", "student"]].to_numpy(float)).any()
    assert {one.code for one in notes} <= {"out_of_range", "unknown_level"}


@given(
    st.lists(
        st.one_of(st.none(), st.integers(-200, 200), st.floats(-1e9, 1e9)), min_size=64, max_size=80
    ),
    st.sampled_from(["age", "student"]),
)
def test_a_long_column_is_read_as_a_short_one(values, name):
    schema = Schema(tuple(column for column in SCHEMA.columns if column.name == name))
    rows = [{name: value} for value in values]

    def read(part):
        try:
            columns, notes = read_columns(part, schema)
        except BadTable as refused:
            return sorted((p.code, row) for p in refused.problems for row in p.rows)
        return columns[name].tolist(), sorted((n.code, n.rows_count) for n in notes)

    one_by_one = [read([row]) for row in rows]
    together = read(rows)

    if isinstance(together, list):
        wrong = [at for at, found in enumerate(one_by_one, 1) if isinstance(found, list)]
        assert [row for _, row in together] == wrong[:10]
        return
    assert not [found for found in one_by_one if isinstance(found, list)]
    assert np.array_equal(together[0], [found[0][0] for found in one_by_one], equal_nan=True)
    noted = sum(len(found[1]) for found in one_by_one)
    assert noted == sum(count for _, count in together[1])


def test_given_few_rows_or_many_when_scored_then_the_same_scores_and_reasons(fitted):
    rows = [
        {**ROW, "logins": count, "plan": plan, "student": None if count % 3 else 1}
        for count, plan in zip(
            range(FEW_ROWS + 4), ["basic", "plus", None, "gold"] * 5, strict=True
        )
    ]
    scorer = Scorer(live(fitted))

    many = scorer.rows(rows, reasons=4)
    few = [scorer.rows([row], reasons=4).scores[0] for row in rows]

    assert [one.probability for one in few] == pytest.approx(
        [one.probability for one in many.scores], abs=1e-12
    )
    for alone, among in zip(few, many.scores, strict=True):
        assert [(r.column, r.sentence) for r in alone.reasons] == [
            (r.column, r.sentence) for r in among.reasons
        ]


def test_given_the_level_none_when_a_cell_is_unknown_then_it_is_not_that_level(fitted):
    schema = Schema((Column("plan", Kind.CATEGORY, levels=("None", "plus")),))
    table = pd.DataFrame({"plan": ["None", "plus"] * 100})
    labels = np.array([1, 0] * 100, np.int8)
    model = learners.recipe("logistic").fit(table, labels, schema, seed=7)
    scorer = Scorer(live(model))

    level, unknown = (scorer.rows([{"plan": cell}]).scores[0] for cell in ("None", None))

    assert level.probability > 0.8
    assert unknown.probability < level.probability - 0.1


def test_given_no_reasons_wanted_when_scored_then_their_cost_is_spared():
    class Silent(OddsModel):
        def contributions(self, table):
            raise AssertionError("asked for reasons")

        def probability(self, table):
            return np.full(len(table), 0.5)

    scores = Scorer(live(Silent(0.0))).rows([ROW], reasons=0)

    assert scores.scores[0].reasons == ()


def test_given_a_swap_while_rows_are_read_then_the_answer_is_of_the_version_taken_first():
    class Swapping:
        name = "churn"

        def __init__(self) -> None:
            self.taken = 0

        @property
        def current(self):
            self.taken += 1
            return live(OddsModel(-2.0 if self.taken == 1 else 2.0), f"v{self.taken}").current

    place = Swapping()

    scores = Scorer(place).rows([ROW])

    assert (place.taken, scores.version) == (1, "v1")
    assert scores.scores[0].probability < 0.5


def test_given_a_sender_with_infinity_in_json_then_it_is_named_by_column_and_row():
    rows = json.loads('[{"age": 1e999, "logins": 1, "plan": null, "student": 0}]')

    with pytest.raises(BadTable) as refused:
        read_rows([ROW, *rows], SCHEMA)

    (problem,) = refused.value.problems
    assert (problem.code, problem.column, problem.rows) == ("not_finite", "age", (2,))
    assert problem.sentence == "age is not finite (row 2)."


def test_given_a_table_then_probability_and_reasons_agree_with_the_models_own(fitted):
    table, _ = read_rows([ROW] * 3, SCHEMA)

    probability, why = answer(fitted, table, reasons=2)

    assert probability == pytest.approx(fitted.probability(table))
    adds, _ = fitted.contributions(table)
    strongest = SCHEMA.names[int(np.abs(adds[0]).argmax())]
    assert why[0][0].column == strongest
    assert not math.isnan(why[0][0].adds)
