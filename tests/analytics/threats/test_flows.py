"""The model of flows: learnt with labels and without, kept, refused when changed."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import BrokenModel, CannotLearn
from analytics.learners.encoding import Encoder
from analytics.learners.expanding import Expansion
from analytics.learners.forests import Forest
from analytics.tables.columns import Kind
from analytics.threats.events import Flow
from analytics.threats.flows.autoencoder import Autoencoder
from analytics.threats.flows.columns import schema_of
from analytics.threats.flows.expanding import QuickExpansion
from analytics.threats.flows.fusion import Reference, fused
from analytics.threats.flows.learning import Ingredient, learn_flows, weights_of
from analytics.threats.flows.scoring import FlowScoring
from analytics.threats.keeping import find_flows, keep
from analytics.threats.measuring import flow_figures

_SMALL = (
    Ingredient("forest", Forest(trees_count=12, leaf_rows=2), 1.0, balance=0.5),
    Ingredient("autoencoder", Autoencoder(layers=(12, 4, 12), epochs=8), 1.0, on_normals=True),
)


def a_table(rows: int, *, seed: int = 1, new: bool = False) -> tuple[pd.DataFrame, np.ndarray]:
    """Bytes grow with seconds among normal rows; three kinds of attack break that differently."""
    draw = np.random.default_rng(seed)
    names = ["normal", "flood", "probe", "creep"] if new else ["normal", "flood", "probe"]
    shares = [0.7, 0.1, 0.1, 0.1] if new else [0.8, 0.1, 0.1]
    kinds = draw.choice(names, rows, p=shares)
    seconds = draw.lognormal(0, 1, rows)
    table = pd.DataFrame(
        {
            "seconds": seconds,
            "bytes_out": seconds * draw.lognormal(6, 0.3, rows),
            "bytes_in": seconds * draw.lognormal(7, 0.3, rows),
            "errors_share": draw.beta(1, 20, rows),
            "service": draw.choice(["web", "mail", "name"], rows, p=[0.7, 0.2, 0.1]),
        }
    )
    table.loc[kinds == "flood", "bytes_out"] *= 400
    table.loc[kinds == "probe", ["errors_share", "bytes_in"]] = [0.9, 0.0]
    table.loc[kinds == "creep", "bytes_in"] *= 300
    return table, kinds


@pytest.fixture(scope="module")
def learnt():
    table, kinds = a_table(1_500)
    return learn_flows(table, kinds, schema_of(table, target=None), ingredients=_SMALL)


def test_given_labels_then_known_and_new_kinds_are_found(learnt):
    table, kinds = a_table(1_500, seed=2, new=True)

    found = flow_figures(learnt, table, kinds, normal="normal")

    scores, creep = learnt.scores(table), kinds == "creep"
    assert found["roc_auc"] > 0.97
    assert found["fpr"] < 0.09
    assert found["new_kinds_rows"] == creep.sum()
    assert np.median(scores[creep]) > np.quantile(scores[kinds == "normal"], 0.9)


def test_given_no_labels_then_what_is_rare_is_found():
    table, kinds = a_table(1_500)
    ingredients = (Ingredient("autoencoder", Autoencoder((12, 4, 12), 8), 1.0, on_normals=True),)
    normal = table[kinds == "normal"]

    model = learn_flows(
        normal, None, schema_of(normal, target=None), ingredients=ingredients, alarm_share=0.02
    )

    scores = model.scores(table)
    assert scores[kinds == "flood"].mean() > np.quantile(scores[kinds == "normal"], 0.95)
    assert model.facts["kinds"] == []


def test_the_threshold_is_a_quantile_of_normal_rows_and_no_attack_moves_it():
    table, kinds = a_table(1_200)
    ingredients = (_SMALL[1],)  # it never sees an attack
    few = np.flatnonzero((kinds == "normal") | (np.arange(len(kinds)) % 5 == 0))

    many_attacks = learn_flows(table, kinds, schema_of(table, target=None), ingredients=ingredients)
    scores = many_attacks.scores(table.iloc[few])

    share = (scores[kinds[few] == "normal"] > many_attacks.threshold).mean()
    assert 0.02 < share < 0.08


def test_given_few_normal_rows_or_attacks_then_it_says_what_is_missing():
    table, kinds = a_table(400)
    schema = schema_of(table, target=None)

    with pytest.raises(CannotLearn, match="say what is normal"):
        learn_flows(table.head(150), kinds[:150], schema, ingredients=_SMALL)
    with pytest.raises(CannotLearn, match="0 rows are attacks"):
        learn_flows(table, np.full(400, "normal"), schema, ingredients=_SMALL)


def test_weights_balance_the_two_sides_and_the_kinds():
    kinds = np.array(["normal"] * 50 + ["a"] * 40 + ["b"] * 10)

    alike = weights_of(kinds, normal="normal", balance=1.0)

    assert alike[kinds != "normal"].sum() == pytest.approx(50)
    assert alike[kinds == "a"].sum() == pytest.approx(alike[kinds == "b"].sum())


def test_columns_are_guessed_wide_categories_kept_and_addresses_left_out():
    draw = np.random.default_rng(3)
    table = pd.DataFrame(
        {
            "id.orig_h": [f"10.0.0.{n % 200}" for n in range(3_000)],
            "service": [f"s{n}" for n in draw.integers(0, 70, 3_000)],
            "bytes": draw.random(3_000),
            "label": draw.choice(["normal", "bad"], 3_000),
        }
    )

    schema = schema_of(table, target="label")

    assert schema.names == ("service", "bytes")
    assert schema.columns[0].kind is Kind.CATEGORY


def test_the_quick_expansion_gives_the_learners_own_columns():
    table, _ = a_table(300)
    table.loc[:40, "seconds"] = np.nan
    encoder = Encoder.fit(table, schema_of(table, target=None))
    matrix = encoder.matrix(table)
    matrix[5:9, 4] = np.nan
    plain = Expansion.fit(matrix, encoder.schema)

    assert np.array_equal(QuickExpansion(plain.features).expand(matrix), plain.expand(matrix))


@given(st.lists(st.sampled_from([-2.0, 0.0, 0.5, 1.0, 3.0]), min_size=1, max_size=50),
       st.floats(-5, 5))  # fmt: skip
def test_a_rank_is_the_share_that_scores_lower_ties_counting_half(normal, score):
    scores = np.array(normal)

    (found,) = Reference.of(scores).ranks(np.array([score]))

    assert found == pytest.approx(((scores < score).mean() + (scores <= score).mean()) / 2)


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=40))
def test_ranks_keep_the_order_and_survive_json(values):
    reference = Reference.of(np.random.default_rng(1).normal(size=5_000))
    ordered = np.sort(np.array(values))

    found = reference.ranks(ordered)

    assert (np.diff(found) >= 0).all()
    assert 0 <= found.min() <= found.max() <= 1
    kept = Reference.from_json(json.loads(json.dumps(reference.as_json())))
    assert np.array_equal(kept.ranks(ordered), found)


def test_fused_is_a_weighted_mean():
    assert fused([np.array([1.0, 0.0]), np.array([0.0, 0.0])], [3.0, 1.0]).tolist() == [0.75, 0.0]


def test_given_a_model_saved_then_it_scores_the_same(learnt, tmp_path):
    keep(learnt, tmp_path, "flows")
    table, _ = a_table(200, seed=4)

    found = find_flows(tmp_path)

    assert np.allclose(found.scores(table), learnt.scores(table), atol=1e-9)
    assert found.threshold == learnt.threshold


@pytest.mark.parametrize("broken", ["0_forest.txt", "1_autoencoder.npz", "model.json"])
def test_given_a_file_changed_or_missing_then_the_model_is_refused(learnt, tmp_path, broken):
    folder = keep(learnt, tmp_path, "flows")
    (folder / broken).write_bytes(b"{}")

    with pytest.raises(BrokenModel):
        find_flows(tmp_path)


def test_given_a_stem_outside_the_folder_then_it_is_refused(learnt, tmp_path):
    folder = keep(learnt, tmp_path, "flows")
    told = json.loads((folder / "model.json").read_text())
    told["parts"][0]["stem"] = "../../elsewhere"
    (folder / "model.json").write_text(json.dumps(told))

    with pytest.raises(BrokenModel):
        find_flows(tmp_path)


def test_given_flows_of_a_log_then_texts_are_numbers_and_reasons_name_columns(learnt):
    table, kinds = a_table(300, seed=6)
    flows = [
        Flow(0.0, "203.0.113.1", "192.0.2.1", 80, "tcp", row={k: str(v) for k, v in row.items()})
        for row in table.to_dict("records")
    ]
    foreign = Flow(0.0, "203.0.113.1", "192.0.2.1", 80, "tcp", row={"other": 1})
    scoring = FlowScoring(learnt)

    alerts = scoring.suspicious([*flows, foreign])

    assert scoring.foreign_count == 1
    assert len(alerts) == int((learnt.scores(table) > learnt.threshold).sum())
    assert all(alert.count == 0 and alert.kind == "flow_anomaly" for alert in alerts)
    named = {name for alert in alerts for name in alert.evidence["columns"]}
    assert {"bytes_out", "errors_share"} & named
    assert (kinds != "normal").sum() > 0


def test_given_poisoned_cells_then_scores_are_numbers(learnt):
    table, _ = a_table(6, seed=7)
    table = table.astype(object)
    table.iloc[0, :4] = [float("inf"), float("-inf"), float("nan"), 1e300]
    table.iloc[1, 0] = "no number"
    table.iloc[2, 4] = "a service nobody saw"
    table.iloc[3, 4] = None

    assert np.isfinite(learnt.scores(table)).all()
