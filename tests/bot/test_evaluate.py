"""`florin nlu evaluate`: what is drawn, what is counted, what is shown."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from bot import confusions, shots
from bot.evaluate import read_table, score
from bot.report import cross_validate, report

ROWS = [(f"sentence {i}", f"intent {i % 3}") for i in range(30)] + [("alone", "intent 9")]


def reading(*ranked: tuple[str, float]) -> dict:
    return {"intent_ranking": [{"name": name, "confidence": sure} for name, sure in ranked]}


@pytest.mark.parametrize("seed", range(3))
def test_given_shots_when_drawn_then_each_category_has_so_many_or_all_it_has(seed):
    drawn = shots.draw(ROWS, 5, seed=seed)

    assert Counter(category for _, category in drawn) == {
        "intent 0": 5, "intent 1": 5, "intent 2": 5, "intent 9": 1,
    }  # fmt: skip
    assert set(drawn) <= set(ROWS)
    assert len(set(drawn)) == len(drawn)


def test_given_a_seed_when_drawn_again_then_the_rows_are_the_same_and_another_seed_draws_others():
    assert shots.draw(ROWS, 5, seed=1) == shots.draw(ROWS, 5, seed=1)
    assert shots.draw(ROWS, 5, seed=1) != shots.draw(ROWS, 5, seed=2)


def test_given_several_draws_when_averaged_then_the_spread_is_told():
    runs = [{"accuracy": 0.8, "ece": None, "confused": []}, {"accuracy": 0.9, "ece": None}]

    assert shots.averaged(runs) == {
        "draws": 2, "accuracy": 0.85, "ece": None, "accuracy_spread": 0.05,
    }  # fmt: skip


def test_given_confusions_when_listed_then_the_commonest_comes_first():
    truth, best = ["a", "a", "b", "c", "c", "c"], ["b", "a", "a", "a", "a", "c"]

    assert confusions.worst_pairs(truth, best, most=1) == [
        {"category": "c", "taken_for": "a", "count": 2}
    ]


def test_given_many_categories_when_drawn_then_the_confused_ones_are_in_the_picture(tmp_path):
    truth = [f"intent {i:03}" for i in range(100)] * 2
    best = list(truth)
    best[99] = "intent 000"
    path = tmp_path / "confused.png"

    names = confusions.drawn_categories(truth, best)
    confusions.draw_picture(truth, best, path)

    assert len(names) == confusions.DRAWN_MOST
    assert {"intent 000", "intent 099"} <= set(names)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_given_readings_when_scored_then_out_of_scope_is_left_out_of_accuracy():
    readings = [
        reading(("a", 0.9), ("b", 0.1)), reading(("b", 0.6), ("a", 0.4)), reading(("a", 0.3)),
    ]  # fmt: skip

    figures = score(readings, ["a", "a", "elsewhere"], {"a", "b"})

    assert figures["accuracy"] == 0.5
    assert figures["top3"] == 1.0
    assert figures["coverage_70"] == 0.5
    assert figures["oos_auroc"] == 1.0


def test_given_confidences_that_are_right_as_often_as_they_say_when_scored_then_ece_is_small():
    rng = np.random.default_rng(3)
    sure = rng.uniform(0.5, 1, 4_000)
    readings = [reading(("a", float(one)), ("b", 1 - float(one))) for one in sure]
    truth = ["a" if rng.random() < one else "b" for one in sure]

    assert score(readings, truth, {"a", "b"})["ece"] < 0.03


@pytest.mark.parametrize(
    ("content", "reason"), [("text\nhello\n", "category"), ("text,category\n ,x\n", "no rows")]
)
def test_given_an_unusable_table_when_read_then_it_says_what_is_wrong(tmp_path, content, reason):
    path = tmp_path / "table.csv"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(ValueError, match=reason):
        read_table(path)


def test_given_a_sentence_in_the_wrong_place_when_reported_then_it_comes_first_among_the_suspects():
    near = {"balance": "how much money is on my account", "card": "my card was stolen from my bag"}
    rows = [
        (f"{text} {extra}", intent)
        for intent, text in near.items()
        for extra in ("now", "today", "please", "again", "really", "then", "so", "too", "right")
    ]
    rows.append(("my card was stolen from my bag yesterday", "balance"))

    labels, shares = cross_validate(rows, encoder=None)
    figures = report(rows, labels, shares)

    assert np.allclose(shares.sum(axis=1), 1, atol=1e-5)
    assert figures["suspects"][0]["text"] == "my card was stolen from my bag yesterday"
    assert figures["suspects"][0]["reads_as"] == "card"
    assert figures["rows"] == 19


def test_given_an_intent_with_one_sentence_when_cross_validated_then_nothing_breaks():
    rows = [(f"{word} my card", "card") for word in ("lock", "block", "freeze", "stop", "hold")]
    rows += [(f"{word} balance", "balance") for word in ("my", "show", "the", "what", "current")]

    labels, shares = cross_validate([*rows, ("a lonely thing", "alone")], encoder=None)

    assert labels == ["alone", "balance", "card"]
    assert shares[-1, 0] == 0
