"""The gate: nothing passes that does not fit, and every refusal has all its reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bank.domain.customers import Customer
from bank.domain.ids import CustomerId
from bank.domain.instruments import Complexity, Instrument, InstrumentKind, InstrumentState
from bank.domain.investors import Goal, InvestorProfile, Knowledge
from bank.policies import suitability
from bank.policies.suitability import Limits, Unsuitable
from tests.bank.advice.market import CASH, MARKET, MINES, SHARE, WORLD, instrument
from tests.bank.builders import NOON

ADULT = Customer(
    CustomerId("cu_1"),
    "ada",
    "Ada Adult",
    "Ada",
    "a@example.org",
    "+49 1",
    2,
    NOON,
    birth_date="1980-01-01",
)
PROFILE = InvestorProfile(
    "ip_1", CustomerId("cu_1"), {}, 6, 5, 10, 6, Goal.GROWTH, Knowledge.SHARES, (), (), False, NOON
)
limits = st.builds(
    Limits,
    risk_class_max=st.integers(1, 7),
    horizon_years=st.integers(0, 40),
    known=st.sampled_from([frozenset({Complexity.SIMPLE}), frozenset(Complexity)]),
    exclusions=st.frozensets(st.sampled_from(["weapons", "fossil"])),
)
instruments = st.builds(
    lambda kind, risk, years, complexity, tags, state, close: instrument(
        "any", kind, risk, horizon_years_min=years, complexity=complexity, tags=tuple(tags),
        state=state, close_minor=close,
    ),
    st.sampled_from(InstrumentKind), st.integers(1, 7), st.integers(0, 10),
    st.sampled_from(Complexity), st.frozensets(st.sampled_from(["weapons", "fossil"])),
    st.sampled_from(InstrumentState), st.none() | st.integers(1, 10**6),
)  # fmt: skip


@given(limits, instruments)
def test_law_what_passes_is_within_every_limit(allowed: Limits, one: Instrument) -> None:
    if suitability.judge(allowed, one):
        return
    assert one.risk_class <= allowed.risk_class_max
    assert one.horizon_years_min <= allowed.horizon_years
    assert one.complexity in allowed.known
    assert not allowed.exclusions & set(one.tags)
    assert one.state is InstrumentState.LISTED
    assert one.close_minor is not None


@given(limits, instruments)
def test_law_tighter_limits_never_let_more_through(allowed: Limits, one: Instrument) -> None:
    tighter = replace(
        allowed, risk_class_max=max(1, allowed.risk_class_max - 1),
        exclusions=allowed.exclusions | {"fossil"},
    )  # fmt: skip
    assert set(suitability.judge(allowed, one)) <= set(suitability.judge(tighter, one))


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_law_room_is_kept_whatever_is_held(amount: int, of_it: int, of_others: int) -> None:
    held = {SHARE.id: of_it, WORLD.id: of_others}
    room = suitability.room_minor(SHARE, held_minor=held, amount_minor=amount)
    assert 0 <= room <= amount
    if room:
        most = (amount + of_it + of_others) * suitability.share_max_bp(SHARE) / 10_000
        assert of_it + room <= most


@given(st.integers(1, 7), st.integers(1, 7), st.integers(0, 40))
def test_law_the_lower_of_can_and_will_and_time_counts(can: int, will: int, years: int) -> None:
    found = suitability.limits_of(
        replace(PROFILE, ability=can, willingness=will), horizon_years=years
    )
    assert found.risk_class_max <= min(can, will)
    shorter = suitability.limits_of(PROFILE, horizon_years=max(0, years - 1))
    longer = suitability.limits_of(PROFILE, horizon_years=years)
    assert shorter.risk_class_max <= longer.risk_class_max


def test_given_a_grown_customer_with_a_fresh_profile_then_advice_is_possible() -> None:
    assert suitability.refusals_of(ADULT, PROFILE, now_utc=NOON) == ()


def test_given_everything_wrong_at_once_then_every_reason_is_named() -> None:
    child = replace(ADULT, birth_date="2010-06-01", kyc_tier=1)
    old = replace(PROFILE, reserve_months=0, taken_at_utc=NOON - timedelta(days=366))
    assert suitability.refusals_of(child, old, now_utc=NOON) == (
        Unsuitable.MINOR, Unsuitable.KYC_TIER, Unsuitable.PROFILE_OLD, Unsuitable.NO_RESERVE,
    )  # fmt: skip
    assert suitability.refusals_of(ADULT, None, now_utc=NOON) == (Unsuitable.NO_PROFILE,)


def test_given_the_eve_of_the_birthday_then_a_minor_is_one_still() -> None:
    born = replace(ADULT, birth_date="2008-11-21")
    assert suitability.is_minor(born, now_utc=NOON)
    assert not suitability.is_minor(born, now_utc=NOON + timedelta(days=1))


def test_given_no_birth_date_then_nobody_is_advised() -> None:
    assert suitability.is_minor(replace(ADULT, birth_date=None), now_utc=NOON)


def test_given_two_years_then_shares_are_out_and_cash_is_in() -> None:
    soon = suitability.limits_of(PROFILE, horizon_years=2)
    assert suitability.judge(soon, CASH) == ()
    assert Unsuitable.HORIZON in suitability.judge(soon, WORLD)
    assert Unsuitable.RISK_CLASS in suitability.judge(soon, WORLD)


def test_given_a_wish_for_no_fossil_then_mines_are_excluded() -> None:
    found = suitability.limits_of(replace(PROFILE, exclusions=("fossil",)))
    assert suitability.judge(found, MINES) == (Unsuitable.EXCLUDED,)


def test_given_too_much_of_one_share_then_concentration_is_named() -> None:
    found = suitability.limits_of(replace(PROFILE, ability=7, willingness=7))
    broken = suitability.violations(
        found, {SHARE.id: 600, WORLD.id: 9_400}, instruments=MARKET, held_minor={}
    )
    assert broken == {
        SHARE.id: (Unsuitable.CONCENTRATION,), WORLD.id: (Unsuitable.CONCENTRATION,),
    }  # fmt: skip
