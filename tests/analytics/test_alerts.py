"""From what happened to a model to what the house hears: which kind, which facts, and when nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from analytics import learners
from analytics.alerts import tell_drift, tell_retrained, tell_swapped
from analytics.drift import Finding, Level, Watched, summarise
from analytics.evaluation.bootstrap import Interval
from analytics.registry import Card, Registry, Window
from analytics.retraining import Outcome, Retrained
from analytics.retraining_rules import Comparison
from analytics.tables.columns import Column, Kind, Schema
from bank.bootstrap import make_bank, open_bank
from bank.cli import app
from bank.domain.actors import SYSTEM
from bank.domain.errors import DatabaseBusy
from bank.domain.promotions import Promotion, PromotionAct, PromotionState
from bank.settings import load_settings
from bank.storage.memory import MemoryStore

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
V1, V2 = "20261101-060000", "20261128-060000"


@pytest.fixture
def alerts():
    return make_bank(MemoryStore()).model_alerts


def finding(
    about: str, level: Level, *, measure: str = "psi", value: float = 0.3, alarms: bool = True
):
    return Finding(about, measure, value, level, f"{about} moved: cu_1 had 77", alarms=alarms)


def watched(*findings: Finding) -> Watched:
    return Watched(100, findings, ())


def test_given_a_window_to_act_on_then_the_columns_that_moved_are_told_and_no_sentence(alerts):
    window = watched(
        finding("score", Level.ACT, value=0.412), finding("income", Level.ACT),
        finding("month", Level.ACT, alarms=False), finding("age", Level.LOOK),
    )  # fmt: skip

    alert = tell_drift(alerts, model="churn", version=V1, watched=window)

    assert (alert.kind, alert.version) == ("drift", V1)
    assert alert.facts == {"features": "score, income", "score_psi": "0.412"}


@pytest.mark.parametrize("level", [Level.STEADY, Level.LOOK])
def test_given_nothing_to_act_on_then_nobody_is_told(alerts, level):
    assert (
        tell_drift(alerts, model="churn", version=V1, watched=watched(finding("age", level)))
        is None
    )
    assert alerts.list(SYSTEM) == []


def a_retraining(outcome: Outcome, *refusals: str) -> Retrained:
    level = Interval(0.81, 0.8, 0.82)
    compared = Comparison(
        rows_count=500, positives_count=60, by="roc_auc", champion={"roc_auc": 0.7712},
        figures={"roc_auc": level}, gain=level, gaps={}, slices=(), refusals=refusals,
    )  # fmt: skip
    return Retrained(outcome, watched(), comparison=compared, version=V2)


def test_given_a_candidate_or_a_refusal_then_both_figures_and_the_reasons_are_told(alerts):
    proposed = tell_retrained(
        alerts, model="churn", champion=V1, retrained=a_retraining(Outcome.CANDIDATE)
    )
    refused = tell_retrained(
        alerts, model="churn", champion=V1,
        retrained=a_retraining(Outcome.REFUSED, "The calibration is 0.02 worse."),
    )  # fmt: skip
    steady = tell_retrained(
        alerts, model="churn", champion=V1, retrained=Retrained(Outcome.STEADY, watched())
    )

    assert (proposed.kind, proposed.version) == ("retraining_proposed", V2)
    assert proposed.facts == {
        "before": V1, "figure": "roc_auc", "champion": "0.7712", "challenger": "0.8100",
    }  # fmt: skip
    assert (refused.kind, refused.facts["reasons"]) == (
        "retraining_refused", "The calibration is 0.02 worse.",
    )  # fmt: skip
    assert steady is None


def a_promotion(act: PromotionAct, **changes) -> Promotion:
    made = Promotion(
        id="pm_1", act=act, model="churn", to_version=V2, card_digest="0" * 64,
        reason="better in March", state=PromotionState.APPROVED, proposed_by="st_1",
        proposed_at_utc=NOON, expires_at_utc=NOON, from_version=V1, decided_by="st_2",
        decided_at_utc=NOON, carried_out_at_utc=NOON,
    )  # fmt: skip
    return replace(made, **changes)


@pytest.mark.parametrize(("act", "kind"), [("promote", "promoted"), ("rollback", "rolled_back")])
def test_given_a_swap_that_was_made_then_it_is_told_without_who_agreed(alerts, act, kind):
    alert = tell_swapped(alerts, a_promotion(PromotionAct(act)))

    assert (alert.kind, alert.version, alert.facts["before"]) == (kind, V2, V1)
    assert "st_" not in str(alert.facts)


def test_given_a_swap_that_was_not_made_then_nobody_is_told(alerts):
    waiting = a_promotion(PromotionAct.PROMOTE, carried_out_at_utc=None)

    assert tell_swapped(alerts, waiting) is None
    assert tell_swapped(alerts, None) is None
    assert alerts.list(SYSTEM) == []


def test_given_a_database_that_is_busy_when_told_then_what_was_done_stays_done(alerts, monkeypatch):
    def busy(*_args, **_more):
        raise DatabaseBusy

    monkeypatch.setattr(alerts, "tell", busy)

    assert tell_swapped(alerts, a_promotion(PromotionAct.PROMOTE)) is None


@pytest.fixture
def leavers(tmp_path, monkeypatch):
    """A champion in a home of its own, and a file of rows that have drifted far."""
    monkeypatch.setenv("FLORIN_HOME_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("FLORIN_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("FLORIN_ALERT_MAILS", "models@bank.example")
    rng, schema = np.random.default_rng(1), Schema((Column("age", Kind.NUMBER),))
    table = pd.DataFrame({"age": rng.normal(0, 1, 600)})
    labels = (rng.random(600) < 1 / (1 + np.exp(1 - table["age"]))).astype(np.int8)
    model = learners.recipe("logistic").fit(table, labels, schema)
    reference = summarise(table, schema, model.probability(table), labels=labels)
    Registry(tmp_path / "models" / "analytics").add(
        "leavers", model,
        Card(name="leavers", recipe="logistic", schema=model.schema, window=Window(600, 200),
             seed=7, reference=reference.as_json()),
    )  # fmt: skip
    path = tmp_path / "new.csv"
    pd.DataFrame({"age": rng.normal(3, 1, 600)}).to_csv(path, index=False)
    return str(path)


def test_given_drift_at_the_terminal_when_the_house_is_to_hear_then_one_mail_waits_until_tomorrow(
    leavers,
):
    for words in ((), ("--tell",), ("--tell",)):
        done = CliRunner().invoke(app, ["analytics", "drift", "leavers", "--data", leavers, *words])
        assert done.exit_code == 1, done.output

    bank = open_bank(load_settings())
    queued = bank.store.read(lambda uow: uow.outbox.list())
    (alert,) = bank.model_alerts.list(SYSTEM)
    bank.store.close()

    assert [item.subject for item in queued] == ["Model leavers: the data have drifted"]
    assert (alert.kind, alert.times_count) == ("drift", 2)
    assert "age" in alert.facts["features"]
