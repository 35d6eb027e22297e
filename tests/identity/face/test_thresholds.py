"""Thresholds are chosen by a stated false match rate."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.face.thresholds import LFW_RATES, THRESHOLD, Rate, similarity_of, threshold_for

RATES = (Rate(0.5, 0.0001, 0.1), Rate(0.6, 0.01, 0.01))


def test_given_a_measured_rate_when_asked_for_it_then_its_own_distance_is_the_threshold():
    assert threshold_for(0.01, RATES, source="made up").distance == pytest.approx(0.6)


def test_given_a_rate_between_two_when_asked_for_then_the_logarithm_is_halved():
    chosen = threshold_for(0.001, RATES, source="made up")

    assert chosen.distance == pytest.approx(0.55)
    assert chosen.fnmr == pytest.approx(0.0316, abs=1e-3)


@pytest.mark.parametrize("fmr", [0.00001, 0.5])
def test_given_a_rate_nobody_measured_when_asked_for_then_there_is_no_threshold(fmr):
    with pytest.raises(ValueError, match="no calibration"):
        threshold_for(fmr, LFW_RATES, source="LFW")


def test_the_threshold_in_force_is_stricter_than_the_librarys():
    assert THRESHOLD.fmr == 0.001
    assert THRESHOLD.distance < 0.6
    assert THRESHOLD.near[0] < THRESHOLD.distance < THRESHOLD.unsure < THRESHOLD.far


@given(fmr=st.floats(0.0004, 0.006), more=st.floats(1.01, 1.1))
def test_a_bank_that_allows_more_strangers_refuses_fewer_customers(fmr, more):
    strict = threshold_for(fmr, LFW_RATES, source="LFW")
    loose = threshold_for(fmr * more, LFW_RATES, source="LFW")

    assert loose.distance >= strict.distance
    assert loose.fnmr <= strict.fnmr


@given(near=st.floats(0, 3), farther=st.floats(0, 3))
def test_similarity_stays_in_its_range_and_falls_with_distance(near, farther):
    near, farther = sorted((near, farther))

    assert -1 <= similarity_of(farther) <= similarity_of(near) <= 1
