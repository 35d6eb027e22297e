"""The fraud model: one row as many rows, files as they were, reasons that add up."""

from __future__ import annotations

import sys

import catboost
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analytics.errors import BrokenModel, CannotLearn, FeatureMismatch
from analytics.fraud.features import ALL, CARDS
from analytics.fraud.learning import thinned
from analytics.fraud.models import FraudModel, FraudRecipe
from analytics.fraud.symmetric import Symmetric
from analytics.learners.members import expit
from bank.cli import app

FEW = ("amount_minor", "hour", "c_count_1d", "c_mean_7d", "c_ratio_habit", "c_rank", "p_run_d")
SCHEMA = CARDS.without([name for name in CARDS.names if name not in FEW])


def _table(count=800, seed=1):
    random = np.random.default_rng(seed)
    table = pd.DataFrame(random.normal(size=(count, len(SCHEMA.names))), columns=SCHEMA.names)
    table = table.mask(random.random(table.shape) < 0.05)
    risk = table["c_ratio_habit"].fillna(0) + table["amount_minor"].fillna(0)
    labels = (risk + random.normal(size=count) > 2).astype(np.int8).to_numpy()
    return table, labels


@pytest.fixture(scope="module")
def model() -> FraudModel:
    table, labels = _table()
    return FraudRecipe("both", ("lightgbm", "catboost")).fit(table, labels, SCHEMA)


def test_one_row_is_scored_as_many_are_and_its_reasons_are_catboosts_own():
    table, labels = _table()
    matrix = table.to_numpy(np.float32)
    model = catboost.CatBoost(
        {"loss_function": "Logloss", "iterations": 40, "depth": 4, "verbose": False,
         "allow_writing_files": False, "thread_count": 1}
    )  # fmt: skip
    model.fit(catboost.Pool(matrix, labels))

    member = Symmetric.of(model)
    single = [member.log_odds(matrix[place : place + 1])[0] for place in range(60)]
    parts, base = member.contributions(matrix[:60])
    own = model.get_feature_importance(catboost.Pool(matrix[:60]), type="ShapValues")

    np.testing.assert_allclose(single, member.log_odds(matrix[:60]), atol=1e-9)
    np.testing.assert_allclose(parts.sum(axis=1) + base, single, atol=1e-9)
    np.testing.assert_allclose(base, own[:, -1], atol=1e-6)
    many = np.tile(matrix, (50, 1))  # more rows than a piece, and laid out the other way
    np.testing.assert_array_equal(member.log_odds(many), member.log_odds(np.asfortranarray(many)))
    # CatBoost takes all splits of a feature in a tree for one player, we take each for its own.
    assert np.corrcoef(parts.ravel(), own[:, :-1].ravel())[0, 1] > 0.999


def test_given_no_keras_when_the_network_is_wanted_then_training_is_refused_at_once(
    monkeypatch, tmp_path
):
    monkeypatch.setitem(sys.modules, "keras", None)  # as if it were not installed
    monkeypatch.setenv("FLORIN_HOME_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("FLORIN_MODELS_DIR", str(tmp_path / "models"))

    told = CliRunner().invoke(app, ["analytics", "train", "fraud", "--recipe", "deep"])

    assert told.exit_code != 0
    assert "uv sync --extra deep" in " ".join(told.output.split())


def test_given_another_model_when_read_as_symmetric_trees_then_it_is_refused():
    with pytest.raises(BrokenModel):
        Symmetric('{"trees": []}')


def test_reasons_add_up_to_the_score(model):
    table, _ = _table()

    parts, base = model.contributions(table[:50])

    np.testing.assert_allclose(
        expit(parts.sum(axis=1) + base), model.probability(table[:50]), atol=1e-6
    )


def test_given_a_row_of_the_state_when_scored_then_it_is_the_tables_probability(model):
    table, _ = _table()
    row = [float("nan")] * len(ALL.names)
    for name in SCHEMA.names:
        row[ALL.names.index(name)] = float(table[name].iloc[3])

    probability, reasons = model.score_with_reasons(row)

    assert model.score(row) == pytest.approx(model.probability(table)[3], abs=1e-12)
    assert probability == pytest.approx(model.score(row), abs=1e-9)
    assert 0 < len(reasons) <= 4
    assert [one.log_odds for one in reasons] == sorted(
        (one.log_odds for one in reasons), reverse=True
    )
    assert all(one.log_odds > 0 and "{" not in one.sentence for one in reasons)


def test_given_the_files_when_read_again_then_the_model_says_the_same(model, tmp_path):
    table, _ = _table()

    model.save(tmp_path)
    again = FraudModel.load(tmp_path)

    assert again.schema == model.schema
    np.testing.assert_array_equal(again.probability(table), model.probability(table))
    assert not [file for file in tmp_path.iterdir() if file.suffix in {".pkl", ".joblib"}]


def test_given_a_file_swapped_when_read_then_it_is_refused(model, tmp_path):
    model.save(tmp_path)
    (tmp_path / "member0.txt").write_text("other")

    with pytest.raises(BrokenModel, match="member0"):
        FraudModel.load(tmp_path)


def test_given_no_model_when_read_then_it_is_refused(tmp_path):
    with pytest.raises(BrokenModel):
        FraudModel.load(tmp_path)


def test_given_a_column_less_when_scored_then_it_is_named(model):
    table, _ = _table()

    with pytest.raises(FeatureMismatch, match="c_rank"):
        model.probability(table.drop(columns="c_rank"))


def test_given_hardly_any_fraud_when_learnt_then_it_is_refused():
    table, labels = _table()
    labels = np.where(np.cumsum(labels) > 19, 0, labels).astype(np.int8)

    with pytest.raises(CannotLearn, match="19 frauds"):
        FraudRecipe("one", ("lightgbm",)).fit(table, labels, SCHEMA)


def test_thinning_keeps_all_fraud_and_the_weighted_share():
    _, labels = _table(20_000)

    rows, weights = thinned(labels, np.ones(len(labels)), honest_share=0.1, seed=1)

    kept = labels[rows]
    assert kept.sum() == labels.sum()
    assert len(rows) < 0.3 * len(labels)
    assert np.average(kept, weights=weights) == pytest.approx(labels.mean(), rel=0.05)
