"""Learning as of a moment, keeping it, and measuring it forward in time."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from analytics.advice.evaluating import last_one_out, walk_forward
from analytics.advice.histories import Histories
from analytics.advice.learning import learn
from analytics.advice.storing import ARRAYS, NAME, find, keep, load
from analytics.errors import BrokenModel, CannotLearn, FeatureMismatch
from tests.analytics.advice.small_town import NOW, histories, learnt, told

BEFORE = NOW - timedelta(days=90)


def test_given_what_comes_later_then_the_book_of_a_moment_does_not_know_it() -> None:
    profiles, holdings = told()
    early_profiles = [one for one in profiles if one.taken_at_utc <= BEFORE]
    early_holdings = [one for one in holdings if one.since_utc <= BEFORE]

    whole, early = histories().at(BEFORE), histories(early_profiles, early_holdings).at(BEFORE)

    assert np.array_equal(whole.rows, early.rows)
    assert np.array_equal(whole.holdings.toarray(), early.holdings.toarray())
    assert len(early_holdings) < len(holdings)


def test_given_what_comes_later_then_what_is_learnt_does_not_know_it() -> None:
    profiles, holdings = told()
    early = histories(
        [one for one in profiles if one.taken_at_utc <= BEFORE],
        [one for one in holdings if one.since_utc <= BEFORE],
    )

    assert learn(histories(), as_of_utc=BEFORE).version == learn(early, as_of_utc=BEFORE).version


def test_given_two_profiles_then_the_newest_of_the_moment_counts() -> None:
    profiles, _ = told()
    old = replace(profiles[0], ability=1, taken_at_utc=NOW - timedelta(days=10), id="ip_old")
    new = replace(old, ability=7, taken_at_utc=NOW - timedelta(days=2), id="ip_new")

    both = histories([new, old], [])

    rows = [both.at(NOW - timedelta(days=days)).rows[0, 0] for days in (5, 1)]
    assert rows == [0.0, 1.0]
    assert len(both.at(NOW - timedelta(days=20)).people) == 0


def test_given_a_later_purchase_then_it_is_bought_between_and_not_held() -> None:
    some = histories()
    book = some.at(BEFORE)

    bought = some.bought_between(book, BEFORE, NOW)

    assert bought.nnz > 50
    assert bought.multiply(book.holdings).nnz == 0


def test_given_the_last_one_out_then_each_holds_one_less_and_nobody_is_left_with_nothing() -> None:
    some = histories()
    whole = some.at(NOW)

    book, hidden = some.last_out(NOW)

    taken = np.diff(hidden.indptr)
    assert np.array_equal(book.counts + taken, whole.counts)
    assert (taken[whole.counts > 1] == 1).all()
    assert (taken[whole.counts <= 1] == 0).all()


def test_given_too_few_who_hold_anything_then_nothing_is_learnt() -> None:
    profiles, holdings = told()

    with pytest.raises(CannotLearn, match="people with a profile hold anything"):
        learn(histories(profiles[:20], holdings), as_of_utc=NOW)


def test_given_a_model_when_kept_and_loaded_then_it_is_the_same(tmp_path) -> None:
    folder = keep(learnt(), tmp_path / "advice")

    back = load(folder)

    assert (back.version, back.ids, back.facts) == (
        learnt().version, learnt().ids, learnt().facts
    )  # fmt: skip
    assert np.array_equal(back.blend, learnt().blend)
    assert np.array_equal(back.people.rows, learnt().people.rows)
    assert np.array_equal(back.people.holdings.toarray(), learnt().people.holdings.toarray())
    for name, array in back.weights.as_arrays().items():
        assert np.array_equal(array, getattr(learnt().weights, name))


def test_given_another_model_when_kept_then_the_one_before_lies_beside(tmp_path) -> None:
    keep(learnt(), tmp_path / "advice")
    newer = replace(learnt(), version="advice-newer")

    keep(newer, tmp_path / "advice")

    assert load(tmp_path / "advice").version == "advice-newer"
    assert load(tmp_path / ".advice.before").version == learnt().version


def test_given_no_model_then_none_is_found(tmp_path) -> None:
    assert find(tmp_path / "advice") is None


def test_given_a_changed_file_when_loaded_then_it_is_refused(tmp_path) -> None:
    folder = keep(learnt(), tmp_path / "advice")
    raw = bytearray((folder / ARRAYS).read_bytes())
    raw[len(raw) // 2] ^= 1
    (folder / ARRAYS).write_bytes(bytes(raw))

    with pytest.raises(BrokenModel, match="not the file that was saved"):
        load(folder)


def test_given_other_columns_when_loaded_then_it_is_refused(tmp_path) -> None:
    folder = keep(learnt(), tmp_path / "advice")
    written = json.loads((folder / NAME).read_text())
    written["columns"] = written["columns"][::-1]
    (folder / NAME).write_text(json.dumps(written))

    with pytest.raises(FeatureMismatch, match="other columns"):
        load(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 99}'])
def test_given_something_else_as_model_json_then_it_is_refused(tmp_path, text: str) -> None:
    folder = keep(learnt(), tmp_path / "advice")
    (folder / NAME).write_text(text)

    with pytest.raises(BrokenModel):
        load(folder)


@pytest.fixture(scope="module")
def forward():
    return {one.model: one for one in walk_forward(histories(), end_utc=NOW, windows=1)}


def test_given_hidden_tastes_then_the_blend_ranks_better_than_popularity(forward) -> None:
    assert forward["blend"].ndcg.value > 1.1 * forward["popular"].ndcg.value
    assert forward["blend"].people_count == forward["popular"].people_count > 30


def test_given_the_latest_hidden_then_it_is_found_more_often_than_by_popularity() -> None:
    found = {one.model: one for one in last_one_out(histories(), as_of_utc=NOW)}

    assert found["blend"].ndcg.value > found["popular"].ndcg.value


def test_given_nobody_who_bought_then_there_is_nothing_to_measure() -> None:
    profiles, holdings = told()
    early = [one for one in holdings if one.since_utc <= NOW - timedelta(days=200)]

    with pytest.raises(CannotLearn, match="Nobody bought"):
        walk_forward(histories(profiles, early), end_utc=NOW, windows=1)


def test_given_an_empty_bank_then_the_book_is_empty() -> None:
    empty = Histories(histories().catalogue, [], [])

    assert len(empty.at(NOW).people) == 0
    assert empty.last_utc() is None
