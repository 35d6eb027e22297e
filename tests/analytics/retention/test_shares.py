"""Effects as shares of the risk: what few rows leave as it was, what many tell, what is kept."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import BrokenModel, FeatureMismatch
from analytics.retention.hazards import Priors, Rows, learn
from analytics.retention.keeping import FILE
from analytics.retention.shares import Shares
from analytics.retention.speaking import SILENT_SD, SPEAKING_SD, SPEAKING_SHARE, Apart
from analytics.retention.strategies import Strategy, load_strategies
from analytics.retention.trials import trial_of
from analytics.tables.columns import Column, Kind, Schema

SCHEMA = Schema((Column("fees", Kind.FLAG), *(Column(f"noise_{i}", Kind.NUMBER) for i in range(4))))
BOOK = replace(
    load_strategies(),
    strategies=(Strategy("waiver", "a waiver", 100, prior_share=0.2, prior_sd=0.1),),
)


def a_trial(n: int, *, seed: int = 1, share_with_fees: float = 0.7, share_without: float = 0.0):
    """Return a table and a trial in which a waiver suits those who pay fees. Risk is 0.1 to 0.5."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({f"noise_{i}": rng.normal(size=n) for i in range(4)})
    table["fees"] = (rng.random(n) < 0.5).astype(float)
    hazard = 0.25 * np.exp(0.5 * table["noise_0"].to_numpy())
    treated = (rng.random(n) < 0.5).astype(int)
    share = np.where(table["fees"] > 0, share_with_fees, share_without)
    left = rng.random(n) < 1 - np.exp(-hazard * np.where(treated > 0, 1 - share, 1.0))
    return table, trial_of(treated, left.astype(int), arms=("none", "waiver"))


def learnt(n: int, **given_) -> Shares:
    table, trial = a_trial(n, **given_)
    return Shares.fit(table, trial, SCHEMA, book=BOOK)


def of_two(model: Shares, risk: float = 0.3):
    """Return what is avoided for somebody without fees and somebody with them, all else even."""
    table = pd.DataFrame({**{f"noise_{i}": [0.0, 0.0] for i in range(4)}, "fees": [0.0, 1.0]})
    return model.avoided(table, np.full(2, risk), source="trial")["waiver"]


def test_given_many_rows_then_the_shares_of_both_kinds_of_people_are_found():
    found = of_two(learnt(12_000))

    truly = 0.3 - (1 - 0.7 ** np.array([1.0, 0.3]))
    assert found.value == pytest.approx(truly, abs=0.04)
    assert found.holds_prior


def test_given_few_rows_then_people_stay_near_the_guess_and_near_each_other():
    few, many = of_two(learnt(120)), of_two(learnt(12_000))

    assert np.ptp(few.value) < 0.5 * np.ptp(many.value)
    assert few.error.min() > many.error.max()
    assert abs(few.value.mean() - 0.2 * 0.3) < 0.08


def test_given_many_rows_then_the_column_that_tells_is_named_and_noise_is_not():
    [average] = learnt(12_000).averages()

    assert average.told_by == ("fees",)


def test_given_the_same_customer_at_more_risk_then_more_leaving_is_avoided():
    model = learnt(2_000, share_without=0.7)

    avoided = [of_two(model, risk).value[0] for risk in (0.0, 0.02, 0.1, 0.3)]

    assert avoided == sorted(avoided)
    assert avoided[0] == pytest.approx(0.0, abs=1e-6)


def test_given_an_offer_the_list_does_not_know_then_its_effect_begins_at_nothing():
    table, trial = a_trial(120)

    model = Shares.fit(table, trial, SCHEMA, book=replace(BOOK, strategies=()))

    guessed = Shares.fit(table, trial, SCHEMA, book=BOOK)
    assert model.averages()[0].share < guessed.averages()[0].share + 0.1


def test_given_a_saved_model_when_read_then_it_says_the_same(tmp_path):
    model = learnt(400)

    model.save(tmp_path / "kept")

    again = Shares.load(tmp_path / "kept")
    assert of_two(again).value.tolist() == of_two(model).value.tolist()
    assert of_two(again).error.tolist() == of_two(model).error.tolist()
    assert again.rows_count == model.rows_count
    assert sum(again.rows_count) == 400


@pytest.mark.parametrize("change", ["absent", "cut", "format", "number"])
def test_given_a_file_that_is_not_the_saved_one_when_read_then_it_is_refused(tmp_path, change: str):
    learnt(400).save(tmp_path)
    path = tmp_path / FILE
    text = path.read_text()
    if change == "absent":
        path.unlink()
    elif change == "cut":
        path.write_text(text[:-40])
    else:
        told = json.loads(text)
        if change == "format":
            told["format"] = 99
        else:
            told["model"]["mean"][0][0] += 0.1
        path.write_text(json.dumps(told))

    with pytest.raises(BrokenModel):
        Shares.load(tmp_path)


def test_given_a_column_is_absent_then_it_is_named():
    with pytest.raises(FeatureMismatch, match="noise_2"):
        learnt(400).left_of(pd.DataFrame({"fees": [1.0]}))


@given(at=st.floats(-1.5, 1.5), sd=st.floats(0.05, 2.0))
def test_given_no_rows_of_an_arm_then_its_posterior_is_its_prior(at: float, sd: float):
    rng = np.random.default_rng(0)
    main = np.hstack([np.ones((200, 1)), rng.normal(size=(200, 1))])
    rows = Rows(main, np.ones((200, 1)), np.zeros(200, np.int64), (rng.random(200) < 0.3) * 1.0, 2)

    found = learn(rows, Priors(np.array([0.0, 0.0, at]), np.array([1.0, 1.0, sd**-2])))

    assert found.mean[0, 0] == pytest.approx(at)
    assert found.covariance[0, 0] == pytest.approx(sd**2)


@given(said=st.floats(-2, 2), sd=st.floats(0.01, 5.0))
def test_given_what_rows_say_of_a_column_then_its_prior_is_never_wider_than_speaking(
    said: float, sd: float
):
    apart = Apart.unknown(1, 1)
    for _ in range(20):
        variance = 1 / (sd**-2 + apart.precision)
        apart = apart.after(variance * (said / sd**2 + apart.mean * apart.precision), variance)

    assert SPEAKING_SD**-2 * 0.999 <= apart.precision[0, 0] <= SILENT_SD**-2 * 1.001
    middle = (said / sd**2 + apart.mean * apart.precision) / (sd**-2 + apart.precision)
    assert abs(middle[0, 0]) <= abs(said) + 1e-6
    assert 0 <= apart.speaks[0, 0] <= 1


def test_given_rows_that_say_nothing_then_a_column_is_as_likely_to_speak_as_before():
    apart = Apart.unknown(2, 3)

    after = apart.after(np.zeros((2, 3)), 1 / apart.precision)

    assert after.speaks == pytest.approx(np.full((2, 3), SPEAKING_SHARE), abs=0.01)
