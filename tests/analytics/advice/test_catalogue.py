"""The mask of what fits: the policy's answer, at a stroke."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.advice.catalogue import Catalogue
from bank.demo.market import instruments
from bank.domain.instruments import Complexity, InstrumentId
from bank.policies.suitability import Limits, judge, limits_of
from tests.analytics.advice.small_town import market, profile

TAGS = ("weapons", "fossil", "tobacco", "gambling", "animal_testing", "never_heard_of")
LIMITS = st.builds(
    Limits,
    risk_class_max=st.integers(0, 8),
    horizon_years=st.integers(0, 40),
    known=st.frozensets(st.sampled_from(list(Complexity))),
    exclusions=st.frozensets(st.sampled_from(TAGS)),
)


@given(limits=LIMITS, seed=st.integers(0, 5))
def test_the_mask_is_the_policy_asked_of_one_instrument_after_the_other(
    limits: Limits, seed: int
) -> None:
    some = instruments(seed, count=60)

    mask = Catalogue(some).allowed(limits)

    assert mask.tolist() == [not judge(limits, one) for one in some]


def test_given_a_wide_profile_then_something_fits_and_something_does_not() -> None:
    mask = Catalogue(market()).allowed(limits_of(profile()))

    assert 0 < mask.sum() < len(mask)


def test_given_ids_when_masked_then_unknown_ones_are_passed_over() -> None:
    catalogue = Catalogue(market())

    mask = catalogue.mask_of([market()[3].id, InstrumentId("in_gone")])

    assert np.flatnonzero(mask).tolist() == [3]
