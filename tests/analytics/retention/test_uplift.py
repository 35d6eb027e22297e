"""Learners of effects: what they find in a world whose effects are known, and how sure they are."""

import json

import numpy as np
import pandas as pd
import pytest

from analytics.errors import BadTable, BrokenModel, CannotLearn, FeatureMismatch
from analytics.retention.designs import Design
from analytics.retention.learners import LEARNERS, SHARED
from analytics.retention.qini import qini
from analytics.retention.trials import trial_of
from analytics.retention.uplift import Uplift
from tests.analytics.retention.simulated import ARMS, SCHEMA, a_world

FEW = ("logistic", "class_transformation", "doubly_robust")


def fit(world, **more):
    given = {"learners": FEW, "halves": 4, **more}
    return Uplift.fit(world.table, world.arm, world.outcome, SCHEMA, **given)


@pytest.fixture(scope="module")
def world():
    return a_world(3_000)


@pytest.fixture(scope="module")
def model(world):
    return fit(world, halves=6)


@pytest.fixture(scope="module")
def others():
    return a_world(3_000, seed=2)


@pytest.mark.parametrize("name", [name for name in LEARNERS if name != SHARED])
def test_every_learner_ranks_people_it_never_saw(name, world, others):
    trial = trial_of(world.arm, world.outcome)
    design = Design.fit(world.table, SCHEMA, trial.outcome)

    fitted = LEARNERS[name].fit(design.features(world.table), trial, seed=1)
    effects = fitted.effects(design.features(others.table))

    assert effects.shape == (len(others.table), 1)
    assert np.corrcoef(effects[:, 0], others.effect[:, 0])[0, 1] > 0.6
    assert abs(effects.mean() - others.effect[:, 0].mean()) < 0.05


def test_given_a_fitted_model_when_it_ranks_others_then_it_beats_the_ranking_by_risk(model, others):
    found = -model.effect(others.table).value[:, 0]

    stayed = 1 - others.outcome
    assert qini(found, others.arm, stayed) > 2 * qini(others.without, others.arm, stayed)


def test_given_intervals_of_90_percent_when_counted_then_most_hold_the_truth(model, others):
    effects = model.effect(others.table, level=0.9)

    inside = (effects.low[:, 0] <= others.effect[:, 0]) & (
        others.effect[:, 0] <= effects.high[:, 0]
    )
    assert inside.mean() > 0.85
    assert np.mean(effects.high - effects.low) < 0.3  # of a range of 2


def test_given_a_higher_level_when_asked_then_the_interval_is_wider(model, others):
    some = others.table.head(50)

    narrow, wide = model.effect(some, level=0.5), model.effect(some, level=0.95)

    assert (wide.high - wide.low > narrow.high - narrow.low).all()
    assert (wide.value == narrow.value).all()


def test_given_no_effect_at_all_when_learnt_then_little_is_said():
    nothing = a_world(3_000, scale=0.0)

    effects = fit(nothing).effect(nothing.table)

    assert np.abs(effects.value).max() < 0.12
    assert np.mean((effects.low < 0) & (effects.high > 0)) > 0.8


def test_given_two_treatments_when_learnt_then_each_has_its_own_effect():
    world = a_world(6_000, arms=3)

    found = fit(world, arms=ARMS, learners=("logistic", SHARED), halves=2)
    effects = found.effect(world.table).value

    assert effects.shape == (6_000, 2)
    for arm in (0, 1):
        assert np.corrcoef(effects[:, arm], world.effect[:, arm])[0, 1] > 0.6
    assert np.abs(effects.mean(axis=0) - world.effect.mean(axis=0)).max() < 0.04


@pytest.mark.parametrize("given", ["known", "estimate"])
def test_given_staff_who_chose_whom_to_treat_when_told_then_the_average_is_right(given):
    world = a_world(6_000, chosen=True)
    propensity = world.propensity if given == "known" else "estimate"
    plain = world.outcome[world.arm == 1].mean() - world.outcome[world.arm == 0].mean()

    found = fit(world, propensity=propensity, learners=("logistic", "class_transformation"))
    average = found.effect(world.table).value[:, 0].mean()

    truth = world.effect[:, 0].mean()
    assert abs(average - truth) < 0.03
    assert abs(average - truth) < abs(plain - truth)


def test_given_the_same_seed_when_learnt_twice_then_nothing_differs():
    world = a_world(800)

    first, second = (fit(world, halves=2).effect(world.table) for _ in range(2))

    assert (first.value == second.value).all()
    assert (first.error == second.error).all()


def test_given_names_instead_of_numbers_when_learnt_then_it_is_the_same_trial():
    world = a_world(800)
    names = np.array(["no", "yes"])[world.arm]

    by_name = trial_of(names, world.outcome, arms=("no", "yes"))

    assert (by_name.arm == world.arm).all()


def test_given_a_saved_model_when_loaded_then_it_says_the_same_and_nothing_is_pickled(
    model, others, tmp_path
):
    model.save(tmp_path / "model")

    loaded = Uplift.load(tmp_path / "model")

    before, after = model.effect(others.table), loaded.effect(others.table)
    np.testing.assert_allclose(after.value, before.value, atol=1e-12)
    np.testing.assert_allclose(after.error, before.error, atol=1e-12)
    assert loaded.schema == model.schema
    assert {path.suffix for path in (tmp_path / "model").rglob("*.*")} <= {".json", ".txt"}


def test_given_a_changed_file_when_loaded_then_it_is_refused(tmp_path):
    fit(a_world(600), learners=("logistic",), halves=0).save(tmp_path)
    path = tmp_path / "whole" / "logistic" / "pair_1.json"
    read = json.loads(path.read_text())
    path.write_text(json.dumps({**read, "intercept": 9.0}))

    with pytest.raises(BrokenModel, match=r"pair_1\.json"):
        Uplift.load(tmp_path)


def test_given_an_absent_file_when_loaded_then_it_is_refused(tmp_path):
    fit(a_world(600), learners=("logistic",), halves=0).save(tmp_path)
    (tmp_path / "whole" / "logistic" / "pair_1.json").unlink()

    with pytest.raises(BrokenModel, match="lacks"):
        Uplift.load(tmp_path)


def test_given_another_table_when_asked_for_effects_then_the_absent_column_is_named(model, world):
    with pytest.raises(FeatureMismatch, match="lonely"):
        model.effect(world.table.drop(columns="lonely"))


def test_given_unknown_and_unseen_cells_when_asked_then_effects_are_still_numbers(model):
    table = pd.DataFrame(
        {"fees": [np.nan, 1], "lonely": [np.inf, -np.inf], "is_new": [np.nan, np.nan],
         "channel": ["fax", None], "noise_1": [1e300, np.nan], "noise_2": [-5, np.nan]}
    )  # fmt: skip

    effects = model.effect(table)

    assert np.isfinite(effects.value).all()
    assert (np.abs(effects.value) <= 1).all()


@pytest.mark.parametrize(
    ("arm", "outcome", "kind", "said"),
    [
        ([1] * 200, [0, 1] * 100, CannotLearn, "control has 0 rows"),
        ([0, 1] * 100, [1] * 200, CannotLearn, "constant outcome"),
        ([0, 1, 2, 1] * 50, [0, 0, 1, 1] * 50, BadTable, "50 rows have a treatment that is no arm"),
        ([0, 1] * 100, [0, 1, 2, 0] * 50, BadTable, "must be 0 or 1"),
        (["no", "perhaps"] * 100, [0, 1] * 100, BadTable, "no arm"),
    ],
)
def test_given_what_is_no_trial_when_read_then_the_refusal_says_why(arm, outcome, kind, said):
    arms = ("no", "yes") if isinstance(arm[0], str) else None

    with pytest.raises(kind, match=said):
        trial_of(arm, outcome, arms=arms)


def test_given_only_constant_columns_when_learnt_then_it_is_refused():
    world = a_world(400)
    table = world.table.assign(**dict.fromkeys(SCHEMA.names, 1))

    with pytest.raises(CannotLearn, match="one value only"):
        Uplift.fit(table, world.arm, world.outcome, SCHEMA)


def test_a_design_is_equal_after_a_way_through_json(world):
    design = Design.fit(world.table, SCHEMA, world.outcome.astype(float))

    again = Design.from_json(json.loads(json.dumps(design.as_json())))

    assert again == design
    np.testing.assert_array_equal(
        again.features(world.table).wide, design.features(world.table).wide
    )
