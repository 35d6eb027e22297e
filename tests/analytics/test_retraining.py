"""Retraining: steady rows train nothing; a better challenger waits for two; a worse one is kept out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.drift import Level, summarise
from analytics.errors import CannotLearn, FeatureMismatch
from analytics.registry import Card, Fate, Registry, SliceFigures, Window
from analytics.registry.promotion import Swaps
from analytics.retraining import Outcome, Rows, retrain, rows_digest
from analytics.retraining_rules import Rules, compare
from tests.analytics.registry.logistic import SCHEMA, TinyRecipe, load
from tests.bank.people.world import World

HOUR = np.timedelta64(1, "h")
RULES = Rules(draws_count=200)


def a_town(rows: int = 2_000, *, seed: int = 1, age: float = 1.0, debt: float = 1.0, shift=0.0):
    """Return rows whose label follows age and debt with these weights."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "age": rng.normal(shift, 1, rows),
            "debt": rng.normal(0, 1, rows),
            "town": rng.choice(["hill", "port"], rows),
        }
    )
    odds = (age * table["age"] + debt * table["debt"] - 1).to_numpy()
    labels = (rng.random(rows) < 1 / (1 + np.exp(-odds))).astype(np.int8)
    return Rows(table, labels)


@pytest.fixture
def registry(tmp_path) -> Registry:
    kept = Registry(tmp_path, load=load)
    old = a_town(seed=9)
    model = TinyRecipe().fit(old.table, old.labels, SCHEMA)
    reference = summarise(old.table, SCHEMA, model.probability(old.table), labels=old.labels)
    window = Window(
        len(old), int(old.labels.sum()), to_utc="2026-01-31T00:00:00Z",
        digest=rows_digest(old.table, old.labels),
    )  # fmt: skip
    kept.add(
        "churn", model,
        Card(name="churn", recipe="tiny", schema=SCHEMA, window=window, seed=7,
             reference=reference.as_json()),
    )  # fmt: skip
    return kept


def retrained(registry: Registry, newer: Rows, **told):
    return retrain(registry, "churn", newer, **{"recipe": TinyRecipe(), "rules": RULES, **told})


def test_given_the_same_town_then_it_is_steady_and_nothing_is_trained(registry):
    done = retrained(registry, a_town(seed=2))

    assert done.outcome is Outcome.STEADY
    assert done.watched.verdict is Level.STEADY
    assert len(registry.versions("churn")) == 1


def test_given_another_concept_then_a_better_challenger_waits_as_a_candidate(registry):
    done = retrained(registry, a_town(3_000, seed=2, age=-1.5, shift=0.8))

    assert done.outcome is Outcome.CANDIDATE
    assert done.watched.verdict is Level.ACT
    assert done.comparison.gain.low > 0
    kept = registry.get("churn", done.version)
    assert (kept.card.fate, kept.is_champion) == (Fate.CANDIDATE, False)
    assert kept.card.parent == registry.champion("churn").version
    assert kept.card.measured_on == "the newest 900 rows, which neither model had seen"
    assert kept.card.figure("roc_auc").low < kept.card.figure("roc_auc").value
    assert kept.card.notes["drift"]


def test_given_labels_that_changed_but_not_who_comes_then_the_labels_say_so(registry):
    done = retrained(registry, a_town(3_000, seed=2, age=-1.5))

    assert done.watched.value("score", "psi") < 0.1
    assert done.watched.findings[0].about == "labels"
    assert done.outcome is Outcome.CANDIDATE


def test_given_a_shift_that_changes_no_odds_then_the_challenger_is_refused_with_its_reason(
    registry,
):
    done = retrained(registry, a_town(3_000, seed=2, shift=1.0))

    assert done.outcome is Outcome.REFUSED
    assert "not surely better" in done.comparison.refusals[0]
    kept = registry.get("churn", done.version)
    assert kept.card.fate is Fate.REFUSED
    assert kept.card.fate_reasons == done.comparison.refusals
    assert not kept.can_serve
    assert registry.champion("churn").card.fate is Fate.FIRST


def test_given_a_concept_that_changed_halfway_then_the_shorter_window_is_chosen(registry):
    before, after = a_town(4_000, seed=2), a_town(2_400, seed=3, age=-2.0, debt=-2.0)

    done = retrained(registry, after, older=before)

    assert min(done.trials, key=lambda one: one.log_loss).rows_count < 3_000
    assert [one.rows_count for one in done.trials] == sorted(
        (one.rows_count for one in done.trials), reverse=True
    )
    assert registry.get("churn", done.version).card.window.rows_count < 3_000


class Spying(TinyRecipe):
    """Remembers the last row of each table it was given."""

    def __init__(self) -> None:
        self.last: list[int] = []

    def fit(self, table, labels, schema, **told):
        self.last.append(int(table.index[-1]))
        return super().fit(table, labels, schema, **told)


def test_given_a_label_delay_then_no_row_is_learnt_whose_label_was_not_yet_known(registry):
    rows, spy = a_town(3_000, seed=2, age=-1.5, shift=0.8), Spying()
    moments = np.datetime64("2026-02-01T00:00:00") + np.arange(3_000) * HOUR
    folder = registry.champion("churn").folder / "card.json"
    folder.write_text(
        folder.read_text().replace('"label_delay_days": 0.0', '"label_delay_days": 7')
    )
    pointer = registry.pointer_path("churn")
    digest = registry.pointer("churn").card_digest
    pointer.write_text(pointer.read_text().replace(digest, registry.champion("churn").card.digest))

    retrained(registry, Rows(rows.table, rows.labels, moments), recipe=spy)

    week, holdout, inner = 7 * 24, 2_100, round((2_100 - 7 * 24 + 1) * 0.75)
    assert spy.last[-1] == holdout - week
    assert set(spy.last[:-1]) == {inner - week}


def test_given_dated_rows_then_the_card_says_from_when_to_when_it_learnt(registry):
    rows = a_town(3_000, seed=2, age=-1.5, shift=0.8)
    moments = np.datetime64("2026-02-01T00:00:00") + np.arange(3_000) * HOUR

    done = retrained(registry, Rows(rows.table, rows.labels, moments))

    window = registry.get("churn", done.version).card.window
    assert window.to_utc < "2026-04-30"
    assert window.from_utc >= "2026-02-01T00:00:00Z"


def test_given_rows_the_champion_has_learnt_then_it_is_refused(registry):
    seen = a_town(seed=9)
    with pytest.raises(CannotLearn, match="has learnt from some of these rows"):
        retrained(registry, seen)

    old = np.datetime64("2026-01-30T00:00:00") + np.arange(2_000) * HOUR
    newer = a_town(seed=2)
    with pytest.raises(CannotLearn, match="came after"):
        retrained(registry, Rows(newer.table, newer.labels, old))


@pytest.mark.parametrize("rows", [40, 90])
def test_given_a_hold_out_too_small_to_compare_then_it_says_how_many_it_needs(registry, rows):
    with pytest.raises(CannotLearn, match="needed to compare"):
        retrained(registry, a_town(rows, seed=2), anyway=True)


def test_given_one_class_only_then_it_cannot_be_learnt(registry):
    rows = a_town(2_000, seed=2)

    with pytest.raises(CannotLearn):
        retrained(registry, Rows(rows.table, np.zeros(2_000, np.int8)), anyway=True)


def test_given_a_missing_column_then_it_is_a_mismatch_and_nothing_is_kept(registry):
    rows = a_town(2_000, seed=2)

    with pytest.raises(FeatureMismatch, match="debt"):
        retrained(registry, Rows(rows.table.drop(columns="debt"), rows.labels))
    assert len(registry.versions("churn")) == 1


def test_given_a_slice_left_further_behind_then_it_is_refused():
    rows = a_town(4_000, seed=3)
    fair = 1 / (1 + np.exp(-(rows.table["age"] + rows.table["debt"]).to_numpy()))
    unfair = np.where(rows.table["town"] == "hill", fair * 0.6, np.sqrt(fair))

    found = compare(
        rows.table, rows.labels, np.full(4_000, 0.3) + fair / 1e6, unfair, rules=RULES, by=["town"]
    )

    before, after = found.gaps["town"]
    assert after > before + 0.02
    assert any("town" in reason for reason in found.refusals)
    assert {one.level for one in found.slices} == {"hill", "port"}
    assert isinstance(found.slices[0], SliceFigures)


def test_given_a_challenger_that_ranks_better_but_says_wrong_odds_then_it_is_refused():
    rows = a_town(4_000, seed=3)
    odds = (rows.table["age"] + rows.table["debt"]).to_numpy()

    found = compare(
        rows.table, rows.labels, np.full(4_000, rows.labels.mean()), 1 / (1 + np.exp(-odds * 5)),
        rules=RULES,
    )  # fmt: skip

    assert found.gain.low > 0
    assert any("calibration" in reason for reason in found.refusals)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_a_model_is_never_better_than_itself(seed):
    rows = a_town(600, seed=seed)
    scores = np.random.default_rng(seed).random(600)

    found = compare(rows.table, rows.labels, scores, scores, rules=RULES, by=["town"])

    assert found.gain.value == found.gain.low == found.gain.high == 0
    assert len(found.refusals) == 1


def test_from_alarm_to_challenger_to_promotion_to_roll_back(registry):
    world = World()
    people = world.staff("ines", ("model_owner",)), world.staff("omar", ("model_owner",))
    swaps = Swaps(registry, world.bank.promotions)
    first = registry.champion("churn").version

    done = retrained(registry, a_town(3_000, seed=2, age=-1.5, shift=0.8))
    reason = done.watched.reasons[0]
    swaps.approve(
        people[1], swaps.propose_promotion(people[0], "churn", done.version, reason=reason)
    )
    assert registry.champion("churn").version == done.version

    back = swaps.propose_rollback(people[0], "churn", reason="the campaign was called off")
    swaps.approve(people[1], back)
    assert registry.champion("churn").version == first
    assert registry.get("churn", done.version).card.fate is Fate.ROLLED_BACK
