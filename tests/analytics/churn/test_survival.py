"""When somebody leaves: curves checked by hand, and laws that every curve obeys."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.churn.survival import MONTHS, Hazards, When, by_group, kaplan_meier
from analytics.errors import CannotLearn
from tests.analytics.churn.people import churn_rows

SEEN = st.lists(
    st.tuples(st.floats(0, 15, allow_nan=False), st.booleans()), min_size=1, max_size=40
)


def test_given_four_people_then_the_curve_is_the_one_computed_by_hand() -> None:
    # One leaves in month 1, one in month 2, one is lost sight of in month 2, one stays.
    months, left = np.array([0.5, 1.5, 1.2, 12.0]), np.array([1, 1, 0, 0], np.int8)

    curve = kaplan_meier(months, left)

    assert curve.stays[1] == pytest.approx(1 - 1 / 4)
    assert curve.stays[2] == pytest.approx((1 - 1 / 4) * (1 - 1 / 2.5))
    assert curve.stays[12] == curve.stays[2]


@given(SEEN)
def test_a_curve_never_rises_and_lies_within_its_interval(people) -> None:
    months = np.array([one for one, _ in people])
    left = np.array([gone for _, gone in people], np.int8)

    curve = kaplan_meier(months, left)

    assert curve.stays[0] == 1
    assert (np.diff(curve.stays) <= 1e-12).all()
    assert ((curve.low <= curve.stays + 1e-12) & (curve.stays <= curve.high + 1e-12)).all()
    assert ((curve.stays >= 0) & (curve.stays <= 1)).all()


def test_given_groups_then_each_has_its_own_curve_of_its_own_people() -> None:
    months, left = np.array([0.5, 0.5, 12.0]), np.array([1, 1, 0], np.int8)

    curves = by_group(months, left, pd.Series(["new", "new", "old"]))

    assert {name: one.count for name, one in curves.items()} == {"new": 2, "old": 1}
    assert (curves["new"].stays[1], curves["old"].stays[12]) == (0.0, 1.0)


def test_given_rows_then_hazards_foresee_the_share_that_leaves_and_who() -> None:
    rows, later = churn_rows(400), churn_rows(400, seed=4)

    gone = 1 - Hazards.fit(rows).stays(later.table)[:, 2]

    assert gone.mean() == pytest.approx(later.labels.mean(), abs=0.02)
    assert gone[later.labels == 1].mean() > 3 * gone[later.labels == 0].mean()


def test_given_hazards_then_they_come_back_from_json_the_same_and_other_features_are_refused() -> (
    None
):
    rows = churn_rows(100)
    hazards = Hazards.fit(rows)

    written = json.loads(json.dumps(hazards.as_json()))

    assert np.array_equal(Hazards.from_json(written).stays(rows.table), hazards.stays(rows.table))
    with pytest.raises(ValueError, match="other features"):
        Hazards.from_json({**written, "features": ["age"]})


def test_given_hardly_anybody_who_left_then_nothing_is_made_up() -> None:
    rows = churn_rows(1)

    with pytest.raises(CannotLearn, match="too few"):
        Hazards.fit(rows)


def test_given_a_when_then_it_is_said_without_inventing_a_month() -> None:
    stays = tuple(np.linspace(1, 0.5, MONTHS))

    assert "12 months and longer" in When(None, None, None, stays).sentence()
    assert "more than half stay" in When(3, None, None, stays).sentence()
    assert When(1, 4, 9, stays).sentence() == (
        "One in ten customers like this one leaves within a month, half within 4 months, "
        "nine of ten within 9 months."
    )
