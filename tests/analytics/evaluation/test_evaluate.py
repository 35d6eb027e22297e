"""Evaluating: nothing is learnt from what is tested, and what comes out adds up."""

from __future__ import annotations

import json
from functools import partial

import numpy as np
import pytest

from analytics.errors import BadTable, BrokenModel, CannotLearn
from analytics.evaluation import Words, evaluate, metrics
from analytics.evaluation.protocols import ByTime, Folds, HeldOut
from analytics.evaluation.thresholds import by_capacity
from analytics.models import quietly
from tests.analytics.evaluation.forests import SCHEMA, TinyForest, a_table


def measured(plan=None, *, rows=400, recipe=None, **options):
    table, labels = a_table(rows)
    return evaluate(recipe or TinyForest(), table, labels, SCHEMA, plan or Folds(3), **options)


@pytest.fixture(scope="module")
def found():
    return measured(
        Folds(3, 2), baseline=TinyForest("deep", leaf=1), slices=("age", "segment"),
        ceiling={"roc_auc": 0.9, "brier": 0.1}, words=Words(target="left"),
        command="florin analytics evaluate tiny",
    )  # fmt: skip


@pytest.mark.parametrize(
    "plan", [Folds(3), HeldOut(300), ByTime(np.arange(400.0), windows=3, gap=5)]
)
def test_given_any_protocol_then_no_tested_row_was_learnt_from(plan):
    recipe = TinyForest()

    one = measured(plan, recipe=recipe)

    for learnt, part in zip(recipe.learnt, one.model.parts, strict=True):
        assert not set(learnt) & set(one.rows[part.rows])


def test_given_folds_then_figures_are_the_mean_over_parts_and_calibration_is_pooled(found):
    parts = found.model.parts
    areas = [metrics.roc_auc(found.labels[one.rows], one.probabilities) for one in parts]

    assert len(parts) == 6
    assert found.model.figures["roc_auc"].value == pytest.approx(np.mean(areas))
    assert [one["roc_auc"] for one in found.model.by_part] == pytest.approx(areas)
    pooled = []
    for repeat in (0, 1):
        mine = [one for one in parts if one.repeat == repeat]
        rows = np.concatenate([one.rows for one in mine])
        said = np.concatenate([one.probabilities for one in mine])
        pooled.append(metrics.ece(found.labels[rows], said))
    assert found.model.figures["ece"].value == pytest.approx(np.mean(pooled))


def test_given_a_baseline_then_differences_are_model_minus_baseline(found):
    for name, apart in found.differences.items():
        beside = found.baseline.figures[name].value
        assert apart.value == pytest.approx(found.model.figures[name].value - beside)
        assert apart.low <= apart.value <= apart.high


def test_given_every_row_tested_then_each_has_one_probability_of_the_first_repeat(found):
    assert np.isfinite(found.model.probabilities).all()
    assert len(found.model.probabilities) == len(found.labels) == 400
    for part in found.model.parts[:3]:
        assert (found.model.probabilities[part.rows] == part.probabilities).all()


def test_given_a_ceiling_then_the_distance_is_positive_where_the_model_is_worse(found):
    away = found.to_ceiling

    assert away["roc_auc"] == pytest.approx(0.9 - found.model.figures["roc_auc"].value)
    assert away["brier"] == pytest.approx(found.model.figures["brier"].value - 0.1)


def test_given_an_evaluation_then_its_json_has_the_promised_keys_and_no_nan(found):
    told = found.as_json()

    assert {
        "model", "rows", "roc_auc", "average_precision", "recall_at_fpr_001", "precision_at_100",
        "brier", "ece", "fit_s", "score_p50_ms", "slices", "report",
    } <= set(told)  # fmt: skip
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["rows"] == 400
    assert told["report"] is None


def test_given_the_same_seed_then_the_same_figures_but_for_the_clock():
    first, again = (measured(seed=3, slices=("segment",)).as_json() for _ in range(2))

    for told in (first, again):
        del told["fit_s"], told["score_p50_ms"]
    assert first == again


def test_given_a_file_held_out_then_only_its_rows_are_told():
    one = measured(HeldOut(300))

    assert list(one.rows) == list(range(300, 400))
    assert len(one.labels) == one.as_json()["rows"] == 100
    assert one.table_rows_count == 400


def test_given_days_then_capacity_is_of_a_day():
    days = np.arange(400) // 40

    one = measured(days=days, choose=partial(by_capacity, per_day=4))

    assert one.threshold.alerts_per_day <= 4
    assert one.outcome.alerts == pytest.approx(10 * one.threshold.alerts_per_day)


def test_given_groups_then_none_is_learnt_from_and_tested():
    recipe, groups = TinyForest(), np.arange(400) // 4

    one = measured(groups=groups, recipe=recipe)

    for learnt, part in zip(recipe.learnt, one.model.parts, strict=True):
        assert not set(groups[learnt]) & set(groups[one.rows[part.rows]])


def test_given_work_then_progress_grows_from_nothing_to_all():
    shares = []

    measured(baseline=TinyForest(), progress=shares.append)

    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    assert len(set(shares)) > 6


def test_given_a_leak_then_the_evaluation_warns_and_measures_all_the_same():
    table, labels = a_table(400)
    table["amount"] = labels * 3.0

    one = evaluate(TinyForest(), table, labels, SCHEMA, Folds(3), words=Words(target="left"))

    assert one.model.figures["roc_auc"].value > 0.99
    assert ("target_copy", "amount") in {(each.code, each.column) for each in one.warnings}


def test_given_rows_in_order_of_time_then_order_is_no_leak_by_time_but_is_in_folds():
    table, labels = a_table(400)
    order = np.argsort(labels + np.random.default_rng(1).normal(scale=1.2, size=400))
    table, labels = table.iloc[order].reset_index(drop=True), labels[order]

    by_time, folds = (
        evaluate(TinyForest(), table, labels, SCHEMA, plan)
        for plan in (ByTime(np.arange(400.0), windows=3), Folds(3))
    )

    assert "order_tells" not in [one.code for one in by_time.warnings]
    assert "order_tells" in [one.code for one in folds.warnings]


def test_given_a_missing_column_or_slice_then_each_is_named():
    table, labels = a_table(100)

    with pytest.raises(BadTable, match=r"no column tenure.*no column region"):
        evaluate(
            TinyForest(), table.drop(columns="tenure"), labels, SCHEMA, Folds(3),
            slices=("region",),
        )  # fmt: skip


def test_given_one_class_only_then_the_target_is_named():
    table, labels = a_table(100)

    with pytest.raises(CannotLearn, match="Column left has one class only"):
        evaluate(
            TinyForest(), table, labels * 0, SCHEMA, Folds(3), words=Words(target="left")
        )  # fmt: skip


def test_given_a_model_that_gives_no_probabilities_then_it_is_refused():
    class Wild(TinyForest):
        def fit(self, table, labels, schema, *, seed=7, progress=quietly):
            model = super().fit(table, labels, schema, seed=seed, progress=progress)
            said = model.probability
            model.probability = lambda rows: 2 * said(rows) + 0.5
            return model

    with pytest.raises(BrokenModel, match="wild"):
        measured(recipe=Wild("wild"))
