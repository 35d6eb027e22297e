"""One state: the same rows online and in replay, nothing from the future, back from a snapshot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import BrokenModel
from analytics.fraud.events import DAY_S, Label, Place
from analytics.fraud.features import ALL, CARDS, named, positions
from analytics.fraud.replay import replay
from analytics.fraud.state import DELAY_S, State
from tests.analytics.fraud.streams import BEGIN_S, a_payment, a_stream, labels_of

seeds = st.integers(0, 10_000)
few = settings(max_examples=25, deadline=None)


def _online(payments, labels):
    """Serve a stream as a door would: labels as they are told, a row for each payment."""
    state, found, told = State(), [], 0
    for payment in payments:
        while told < len(labels) and labels[told].known_at_s <= payment.at_s:
            state.learn(labels[told])
            told += 1
        found.append(state.features(payment))
        state.add(payment)
    return np.array(found, np.float32)


@few
@given(seeds)
def test_rows_of_a_replay_are_the_rows_that_were_served(seed):
    payments = a_stream(seed)
    labels = labels_of(payments, seed)

    np.testing.assert_array_equal(replay(payments, labels), _online(payments, labels))


@few
@given(seeds, st.integers(0, 118))
def test_nothing_after_a_payment_changes_its_row(seed, place):
    payments = a_stream(seed)
    labels = labels_of(payments, seed)
    other = [
        *payments[: place + 1],
        *(replace(one, amount_minor=9_999_999, payee="pa_0") for one in payments[place + 1 :]),
    ]
    later = [
        label if label.known_at_s <= payments[place].at_s else replace(label, is_fraud=True)
        for label in labels
    ]

    rows, changed = replay(payments, labels), replay(other, later)

    np.testing.assert_array_equal(rows[: place + 1], changed[: place + 1])


@few
@given(seeds)
def test_labels_of_payments_younger_than_the_delay_never_matter(seed):
    payments = sorted(a_stream(seed), key=lambda one: one.at_s)
    last = a_payment(999, customer="cu_1", payee="pa_1", at_s=payments[-1].at_s, device="de_1")
    told = [Label(one, seed % 2 == 0, one.at_s + 60) for one in payments]
    turned = [
        replace(one, is_fraud=not one.is_fraud) if one.payment.at_s > last.at_s - DELAY_S else one
        for one in told
    ]

    rows = []
    for labels in (told, turned):
        state = State()
        for payment in payments:
            state.add(payment)
        for label in labels:
            state.learn(label)
        rows.append(state.features(last))

    np.testing.assert_array_equal(rows[0], rows[1])


def test_given_a_label_as_old_as_the_delay_when_asked_then_it_counts_from_that_second_on():
    state = State()
    fraud = a_payment(1, at_s=BEGIN_S)
    state.add(fraud)
    state.learn(Label(fraud, is_fraud=True, known_at_s=BEGIN_S + 60))

    before = named(state.features(a_payment(2, at_s=BEGIN_S + DELAY_S - 1)))
    after = named(state.features(a_payment(2, at_s=BEGIN_S + DELAY_S)))

    assert before["p_fraud_30d"] == 0
    assert after["p_fraud_30d"] == after["c_fraud_30d"] == after["p_ordinary_fraud_30d"] == 1
    assert after["p_run_length"] == 1


def test_given_an_honest_payment_after_frauds_when_asked_then_the_run_is_over():
    state = State()
    for number, is_fraud in enumerate((True, True, False)):
        one = a_payment(number, at_s=BEGIN_S + number * DAY_S)
        state.add(one)
        state.learn(Label(one, is_fraud, one.at_s))

    row = named(state.features(a_payment(9, at_s=BEGIN_S + 2 * DAY_S + DELAY_S)))

    assert row["p_run_length"] == 0
    assert row["p_fraud_7d"] == 2
    assert row["p_since_own_d"] == 0
    assert row["p_since_fraud_d"] == 1


@few
@given(seed=seeds)
def test_a_snapshot_serves_the_same_rows(seed, tmp_path_factory):
    file = tmp_path_factory.mktemp("state") / "fraud.jsonl"
    payments = a_stream(seed)
    labels = labels_of(payments, seed)
    state = State()
    replay(payments[:80], labels[:30], state=state)

    state.save(file)
    again = State.load(file)

    np.testing.assert_array_equal(
        replay(payments[80:], labels[30:], state=state),
        replay(payments[80:], labels[30:], state=again),
    )


@pytest.mark.parametrize("damage", ["", "[1]\n", '["florin fraud state 1",1,5,0,0]\n["cu"'])
def test_given_a_snapshot_cut_short_when_read_then_it_is_refused(tmp_path, damage):
    file = tmp_path / "fraud.jsonl"
    file.write_text(damage)

    with pytest.raises(BrokenModel):
        State.load(file)


def test_given_a_habit_when_a_large_amount_is_asked_then_the_row_says_how_far_it_is():
    state = State()
    for number in range(20):
        state.add(a_payment(number, amount_minor=2_000, at_s=BEGIN_S + number * DAY_S))

    row = named(state.features(a_payment(99, amount_minor=9_000, at_s=BEGIN_S + 20 * DAY_S)))

    assert row["c_ratio_habit"] == pytest.approx(4.5)
    assert row["c_ratio_max_30d"] == pytest.approx(4.5)
    assert row["c_rank"] == 0
    assert row["c_count_30d"] == 20
    assert row["c_pair_count"] == 20
    assert row["c_since_last_s"] == DAY_S


def test_given_nobody_known_when_asked_then_counts_are_zero_and_the_rest_unknown():
    row = named(State().features(a_payment()))

    assert row["c_lifetime"] == row["p_count_30d"] == row["p_fraud_60d"] == 0
    assert np.isnan([row["c_ratio_habit"], row["c_since_last_s"], row["p_since_fraud_d"]]).all()


def test_given_two_towns_in_an_hour_when_asked_then_the_row_has_the_speed():
    state = State()
    state.add(a_payment(1, place=Place(52.52, 13.40)))

    row = named(state.features(a_payment(3_601, place=Place(48.14, 11.58))))

    assert row["g_from_last_km"] == pytest.approx(504, rel=0.01)
    assert row["g_speed_kmh"] == pytest.approx(504, rel=0.01)


def test_given_a_payee_again_and_again_when_many_are_met_then_memory_is_bounded():
    state = State()

    for number in range(2_000):
        state.add(a_payment(number, payee=f"pa_{number}", device=f"de_{number}"))

    customer = state.customers["cu_amal"]
    assert len(customer.payees) == len(customer.devices) == 256
    assert "pa_1999" in customer.payees


def test_given_amounts_cut_below_the_limit_when_asked_then_they_are_counted():
    state = State()
    for number, amount in enumerate((799_999, 800_000, 999_999, 1_000_000)):
        state.add(a_payment(number, amount_minor=amount))

    assert named(state.features(a_payment(9)))["c_below_limit_7d"] == 2


def test_given_two_customers_on_a_device_when_asked_then_the_row_knows_both_and_who_is_new():
    state = State()
    for number, customer in enumerate(("cu_1", "cu_2", "cu_2")):
        state.add(a_payment(number, customer=customer, device="de_1"))

    theirs = named(state.features(a_payment(9, customer="cu_2", device="de_1")))
    new = named(state.features(a_payment(9, customer="cu_3", device="de_1")))
    none = named(state.features(a_payment(9, customer="cu_3")))

    assert (theirs["d_customers"], theirs["d_pair_count"], theirs["d_count_1d"]) == (2, 2, 3)
    assert (new["d_customers"], new["d_pair_count"]) == (2, 0)
    assert np.isnan(none["d_customers"])


def test_given_surprises_without_a_label_when_asked_then_customer_and_payee_show_them():
    state = State()
    for number in range(6):
        state.add(a_payment(number, amount_minor=2_000, at_s=BEGIN_S + number * DAY_S))
    state.add(a_payment(7, amount_minor=9_000, at_s=BEGIN_S + 6 * DAY_S))

    row = named(state.features(a_payment(8, at_s=BEGIN_S + 6 * DAY_S + 60)))

    assert row["c_surprises_7d"] == row["c_big_surprises_14d"] == row["p_surprises_7d"] == 1
    assert row["c_habit"] < 2_700  # one large amount hardly moves the habit


def test_every_feature_has_a_place_and_a_sentence():
    assert len(State().features(a_payment())) == len(ALL.names) == len(set(ALL.names))
    assert all("{value}" in one.phrase for one in ALL.columns)
    assert [ALL.names[place] for place in positions(CARDS)] == list(CARDS.names)
