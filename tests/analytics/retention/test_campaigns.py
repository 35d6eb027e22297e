"""Past campaigns, evaluation of a brought table, and the commands: what is read, said, refused."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analytics.errors import BadTable, CannotLearn
from analytics.retention.campaigns import (
    NO_OFFER,
    PastTrial,
    learn_effects,
    read_campaigns,
)
from analytics.retention.choosing import Plan, PlanRow
from analytics.retention.evaluating import arms_of, evaluate, suspicions
from analytics.retention.measures import measure
from analytics.retention.pictures import draw
from analytics.retention.planning import write_plan
from analytics.retention.strategies import load_strategies
from analytics.retention.trials import trial_of
from analytics.retention.uplift import Uplift
from analytics.tables.columns import Column, Kind, Schema
from bank.cli import app
from tests.analytics.retention.simulated import SCHEMA, a_world


@pytest.fixture
def few(monkeypatch):
    """Two learners are enough to see what is said of a table."""
    fit = Uplift.fit.__func__
    few_of_them = {**fit.__kwdefaults__, "learners": ("logistic", "class_transformation")}
    monkeypatch.setattr(fit, "__kwdefaults__", few_of_them)


@pytest.fixture
def brought(tmp_path):
    """A table as a bank brings it: names of arms, an outcome, a column from afterwards."""
    world = a_world(1_500)
    table = world.table.assign(
        offer=np.where(world.arm == 1, "call", "control"),
        left=world.outcome,
        reply=np.where(world.outcome == 1, np.arange(1_500) % 2, 0),
    )
    path = tmp_path / "trial.csv"
    table.to_csv(path, index=False)
    return path


def run(*words):
    return CliRunner().invoke(app, ["analytics", "evaluate-uplift", *map(str, words)])


def test_given_a_trial_when_evaluated_then_figures_and_a_picture_come_out(few, brought, tmp_path):
    done = run("--data", brought, "--treatment", "offer", "--outcome", "left", "--less",
               "--ignore", "reply", "--plots", tmp_path / "plots", "--json")  # fmt: skip

    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout.strip().splitlines()[-1])
    (arm,) = said["arms"]
    assert (arm["arm"], said["control"], said["rows"]) == ("call", "control", 1_500)
    assert arm["uplift"]["qini"]["low"] < arm["uplift"]["qini"]["value"]
    assert arm["uplift"]["qini"]["value"] > arm["by_risk"]["qini"]["value"]
    assert arm["uplift"]["average_effect"]["value"] > 0.05  # fewer leave
    assert (tmp_path / "plots" / "uplift-call.png").read_bytes()[:4] == b"\x89PNG"


def test_given_a_column_from_afterwards_when_looked_at_then_it_is_named(brought):
    table = pd.read_csv(brought)
    schema = Schema((*SCHEMA.columns, Column("reply", Kind.FLAG)))
    trial = trial_of((table["offer"] == "call").astype(int), table["left"])

    (sentence,) = suspicions(table, trial, schema)

    assert sentence.startswith("reply gives the outcome away")


def test_given_arms_that_differ_when_drawn_by_lot_then_the_column_is_named():
    world = a_world(2_000, chosen=True)
    trial = trial_of(world.arm, world.outcome)

    assert any("fees differs between the arms" in one
               for one in suspicions(world.table, trial, SCHEMA))  # fmt: skip
    assert suspicions(world.table, trial, SCHEMA, drawn_by_lot=False) == ()


@pytest.mark.parametrize(
    ("change", "words", "said"),
    [
        ({}, ["--treatment", "nowhere"], "There is no column nowhere"),
        ({}, ["--outcome", "nowhere"], "There is no column nowhere"),
        ({"offer": "call"}, [], "one value only"),
        ({"left": 1}, [], "one class only"),
        ({"offer": lambda t: t["offer"].replace("control", "before")}, [], "--control"),
        ({"offer": lambda t: t["offer"].where(t.index > 4)}, [], "5 rows of offer are empty"),
        ({}, ["--arms", "letter"], "has no letter"),
        ({"offer": lambda t: t["offer"].where(t.index != 7, "cal")}, [], "arm cal has 1 rows"),
    ],
)
def test_given_what_is_no_trial_when_evaluated_then_one_sentence_says_why(
    change, words, said, brought
):
    table = pd.read_csv(brought).drop(columns="reply")
    for name, value in change.items():
        table[name] = value(table) if callable(value) else value
    table.to_csv(brought, index=False)

    done = run("--data", brought, "--treatment", "offer", "--outcome", "left", *words)

    assert done.exit_code == 1
    assert said in " ".join(done.output.split())


def test_given_one_treatment_of_two_when_named_then_the_others_are_for_the_caller():
    table = pd.DataFrame({"offer": ["none", "a", "b"]})

    names, treated = arms_of(table, "offer", arms=("a",))

    assert names == ("none", "a")
    assert list(treated) == ["none", "a", "b"]


def test_given_chosen_treatments_when_evaluated_then_rows_weigh_by_their_chance(few):
    world = a_world(2_000, chosen=True)

    (arm,) = evaluate(
        world.table, world.arm, world.outcome, SCHEMA, arms=("no", "yes"), propensity="estimate",
        wants_less=True,
    )  # fmt: skip

    assert abs(arm.uplift.average_effect.value + world.effect[:, 0].mean()) < 0.05


def test_given_a_report_when_drawn_then_the_words_say_the_same_figures():
    world = a_world(1_000)
    report = measure(-world.effect[:, 0], world.arm, 1 - world.outcome, resamples=20, shuffles=0)

    picture = draw(report, title="call", by_risk=report)

    assert picture.png[:4] == b"\x89PNG"
    assert f"Qini {1000 * report.qini.value:.2f} per thousand" in picture.alt


def a_campaign(tmp_path, **change):
    table = pd.DataFrame(
        {"customer_id": ["cu_1", "cu_2", "cu_3"], "offer": ["call", "", None],
         "as_of_utc": ["2026-05-01T12:00:00Z"] * 3, "left_within_90d": [1, 0, None]}
    ).assign(**change)  # fmt: skip
    path = tmp_path / "past.csv"
    table.to_csv(path, index=False)
    return path


def test_given_campaigns_when_read_then_rows_without_an_outcome_are_left_out(tmp_path):
    read = read_campaigns(a_campaign(tmp_path))

    assert list(read["offer"]) == ["call", NO_OFFER]
    assert list(read["left"]) == [1, 0]


def test_given_a_campaign_without_a_moment_when_read_then_the_row_is_named(tmp_path):
    path = a_campaign(tmp_path, as_of_utc=["2026-05-01", "soon", "2026-05-01"])

    with pytest.raises(BadTable, match="first is row 2"):
        read_campaigns(path)


def test_given_a_campaign_without_offers_when_read_then_the_column_is_named(tmp_path):
    path = a_campaign(tmp_path)
    pd.read_csv(path).drop(columns="offer").to_csv(path, index=False)

    with pytest.raises(BadTable, match="offer"):
        read_campaigns(path)


def test_given_an_offer_of_few_when_learnt_then_it_is_no_arm():
    arm = np.array([NO_OFFER] * 100 + ["call"] * 100 + ["rate_bonus"] * 10, object)
    left = np.arange(210) % 5 == 0

    assert PastTrial(pd.DataFrame(index=range(210)), arm, left.astype(np.int8)).arms() == (
        NO_OFFER, "call",
    )  # fmt: skip


def test_given_a_plan_when_written_then_it_is_whole_and_replaces_what_was_there(tmp_path):
    row = PlanRow("cu_1", "call", "call", False, "offer", "Offer, a call.", 0.5, 0.1, 0.05, 0.15,
                  9_000, 1_000)  # fmt: skip
    path = tmp_path / "plan.csv"
    path.write_text("old")

    write_plan(Plan((row,), "EUR", 10_000, 1_000, 9_000, 9_000), path)

    (read,) = pd.read_csv(path).to_dict("records")
    assert (read["customer_id"], read["strategy"], read["worth_minor"]) == ("cu_1", "call", 9_000)
    assert [one.name for one in tmp_path.iterdir()] == ["plan.csv"]


def test_given_a_plan_that_cannot_be_written_when_tried_then_the_old_one_stays(tmp_path):
    path = tmp_path / "plan.csv"
    path.write_text("old")

    with pytest.raises(TypeError):
        write_plan(Plan((None,), "EUR", 0, 0, 0, 0), path)  # type: ignore[arg-type]

    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_given_no_arm_with_enough_rows_when_learnt_then_it_is_refused():
    table = pd.DataFrame(index=range(20))
    past = PastTrial(table, np.array([NO_OFFER] * 20, object), np.zeros(20, np.int8))

    with pytest.raises(CannotLearn, match="No offer of past campaigns"):
        learn_effects(past, load_strategies())
