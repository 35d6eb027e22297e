"""Laws of every model, whatever it is made of."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import IsolationForest, RandomForestClassifier

from analytics import learners
from analytics.errors import CannotLearn, FeatureMismatch
from analytics.evaluation.metrics import roc_auc
from analytics.learners import boosting, categorical
from analytics.learners.encoding import Encoder
from analytics.learners.expanding import Expansion
from analytics.learners.fitting import TableRecipe
from analytics.learners.forests import Forest, Isolation
from tests.analytics.learners.conftest import RECIPES, SCHEMA, SMALL_LIGHTGBM, a_table

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "tenure": st.one_of(st.floats(-1e6, 1e6), st.just(np.nan)),
            "charge_minor": st.one_of(st.floats(-1e9, 1e9), st.just(np.nan)),
            "plan": st.sampled_from(["basic", "gold", "platinum", "", "none"]),
            "active": st.sampled_from([0.0, 1.0, np.nan]),
        }
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=6, deadline=None)
@given(rows=ROWS)
def test_contributions_and_base_add_up_to_the_log_odds(fitted, rows):
    table = pd.DataFrame(rows)
    for model in fitted.values():
        added, base = model.contributions(table)

        assert added.shape == (len(rows), 4)
        log_odds = model.log_odds(model.encoder.matrix(table))
        np.testing.assert_allclose(added.sum(axis=1) + base, log_odds, atol=1e-8)


@settings(max_examples=6, deadline=None)
@given(rows=ROWS)
def test_one_row_by_the_fast_path_has_the_probability_it_has_in_a_table(fitted, rows):
    for model in fitted.values():
        probability = model.probability(pd.DataFrame(rows))

        assert np.all((probability >= 0) & (probability <= 1))
        assert abs(model.score(rows[0]) - probability[0]) < 1e-12


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_given_a_saved_model_when_loaded_then_it_says_the_same(fitted, tmp_path, name):
    table, _ = a_table(200, seed=2)
    table.loc[0, "plan"] = "never seen"

    fitted[name].save(tmp_path / "model")
    loaded = learners.load(tmp_path / "model")

    assert loaded.schema == fitted[name].schema
    np.testing.assert_allclose(
        loaded.probability(table), fitted[name].probability(table), atol=1e-9, rtol=0
    )
    for ours, theirs in zip(
        loaded.contributions(table), fitted[name].contributions(table), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, atol=1e-9)
    assert {path.suffix for path in (tmp_path / "model").iterdir()} <= {".json", ".txt", ".cbm"}


@pytest.mark.parametrize("name", sorted(set(RECIPES) - {"isolation"}))
def test_given_rows_it_has_not_seen_when_scored_then_it_is_better_than_chance(fitted, name):
    table, labels = a_table(600, seed=3)

    assert roc_auc(labels, fitted[name].probability(table)) > 0.75


def test_given_a_level_nobody_saw_when_scored_then_it_is_read_as_unknown(fitted):
    table, _ = a_table(20, seed=4)

    for model in fitted.values():
        unseen = model.probability(table.assign(plan="platinum"))
        np.testing.assert_array_equal(unseen, model.probability(table.assign(plan="")))


def test_given_a_column_less_when_scored_then_it_is_named(fitted):
    table, _ = a_table(5)

    with pytest.raises(FeatureMismatch, match="tenure"):
        fitted["blend"].probability(table.drop(columns="tenure"))
    with pytest.raises(FeatureMismatch, match="tenure"):
        fitted["blend"].score({"plan": "gold"})


def test_given_columns_in_another_order_and_more_when_scored_then_nothing_changes(fitted):
    table, _ = a_table(50, seed=5)
    other = table.iloc[:, ::-1].assign(more=1)

    np.testing.assert_array_equal(
        fitted["blend"].probability(other), fitted["blend"].probability(table)
    )


def test_given_levels_outside_the_training_rows_when_fitted_then_they_are_not_learnt():
    table, _ = a_table(100)
    learnt = Encoder.fit(table[table["plan"] != "gold"], SCHEMA)

    assert learnt.schema.columns[2].levels == ("basic", "none")


def test_given_the_same_seed_when_fitted_again_then_it_is_the_same_model(fitted):
    table, labels = a_table()
    again = RECIPES["blend"].fit(table, labels, SCHEMA)

    np.testing.assert_array_equal(again.probability(table), fitted["blend"].probability(table))


def test_given_progress_when_fitted_then_it_rises_to_one():
    table, labels = a_table()
    shares: list[float] = []

    RECIPES["blend"].fit(table, labels, SCHEMA, progress=shares.append)

    assert shares == sorted(shares)
    assert shares[-1] == 1.0


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (np.zeros(100), "one class only"),
        (np.ones(100), "one class only"),
        (np.arange(100) < 19, "rarer class has 19 rows"),
        (np.arange(100) % 3, "must be 0 or 1"),
    ],
)
def test_given_labels_nothing_can_be_learnt_from_when_fitted_then_it_says_why(labels, says):
    table, _ = a_table(100)

    with pytest.raises(CannotLearn, match=says):
        RECIPES["logistic"].fit(table, labels.astype(np.int8), SCHEMA)


def test_given_no_such_recipe_when_asked_then_the_refusal_lists_them():
    with pytest.raises(CannotLearn, match="blend, logistic"):
        learners.recipe("magic")


def test_every_name_is_a_recipe_with_facts_that_json_can_hold():
    for name in learners.NAMES:
        one = learners.recipe(name)
        assert isinstance(one, TableRecipe)
        assert one.name == name
        json.dumps([dict(ingredient.learner.settings()) for ingredient in one.ingredients])


def test_given_a_forest_when_written_as_text_then_it_votes_as_scikit_learn_does():
    table, labels = a_table()
    matrix = Encoder.fit(table, SCHEMA).matrix(table)
    encoded = Encoder.fit(table, SCHEMA).schema
    columns = Expansion.fit(matrix, encoded).expand(matrix)

    grove = Forest(12, 1).fit(matrix, labels, encoded, seed=5)
    original = RandomForestClassifier(12, min_samples_leaf=1, random_state=5).fit(columns, labels)

    odds = np.exp(grove.log_odds(matrix))
    share = (odds / (1 + odds) * 13 - 0.5) / 12
    np.testing.assert_allclose(share, original.predict_proba(columns)[:, 1], atol=1e-9)


def test_given_an_isolation_forest_when_written_as_text_then_its_order_is_scikit_learns():
    table, labels = a_table()
    encoder = Encoder.fit(table, SCHEMA)
    matrix = encoder.matrix(table)
    columns = Expansion.fit(matrix, encoder.schema).expand(matrix)

    grove = Isolation(20, 64).fit(matrix, labels, encoder.schema, seed=5)
    original = IsolationForest(n_estimators=20, max_samples=64, random_state=5).fit(columns)

    np.testing.assert_allclose(
        np.log2(-original.score_samples(columns)), grove.log_odds(matrix), atol=1e-6
    )


@pytest.mark.parametrize("numbers_only", [True, False])
def test_given_members_of_folds_when_joined_then_they_say_their_mean(fitted, numbers_only):
    table, labels = a_table()
    schema = SCHEMA.without(["plan"]) if numbers_only else SCHEMA
    encoder = Encoder.fit(table, schema)
    matrix = encoder.matrix(table)
    symmetric = RECIPES["catboost"].ingredients[0].learner
    for learner, joined in (
        (SMALL_LIGHTGBM, lambda members: [boosting.joined(members)]),
        (symmetric, categorical.joined),
    ):
        members = [
            learner.fit(matrix, labels, encoder.schema, seed=seed, rounds=5) for seed in (1, 2, 3)
        ]
        together = joined(members)

        mean = np.mean([one.log_odds(matrix) for one in members], axis=0)
        np.testing.assert_allclose(
            np.mean([one.log_odds(matrix) for one in together], axis=0), mean, atol=1e-9
        )
