"""From signals to a decision: fading, caps, and that nothing more ever means less."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.domain.ids import CustomerId
from bank.domain.risk import RiskDecision, RiskNote, RiskSignal, RiskSource, Story
from bank.policies import protection as policy
from bank.policies.tables import load_table

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TABLE = load_table("protection")
CODES = [
    (RiskSource(source), code) for source, weights in TABLE["weights"].items() for code in weights
]


def note(source=RiskSource.CONVERSATION, code="safe_account", strength=1.0, at_utc=NOON):
    return RiskNote(
        "rn_1", CustomerId("cu_1"), None, source, code, strength, {}, at_utc,
        at_utc + timedelta(days=3),
    )  # fmt: skip


def decision(signals, amount_eur_minor=500_000, **more):
    return policy.view(signals, amount_eur_minor=amount_eur_minor, **more).decision


signals = st.lists(
    st.builds(
        lambda which, strength: policy.signal(*which, "", strength=strength),
        st.sampled_from(CODES),
        st.floats(0, 1),
    ),
    max_size=8,
)
model = st.floats(-4, 12).map(lambda share: RiskSignal(RiskSource.MODEL, "model", share, ""))


@given(signals, model, st.sampled_from(CODES), st.floats(0, 1), st.integers(1, 10**8))
def test_given_any_signals_when_one_more_speaks_then_the_decision_is_never_milder(
    some, scored, which, strength, amount
):
    more = [*some, scored, policy.signal(*which, "", strength=strength)]

    assert decision(more, amount).rank >= decision([*some, scored], amount).rank


@given(signals, model, st.integers(1, 10**8), st.integers(0, 10**8))
def test_given_any_signals_when_the_amount_grows_then_the_decision_is_never_milder(
    some, scored, amount, more
):
    seen = [*some, scored]

    assert decision(seen, amount + more).rank >= decision(seen, amount).rank


@given(signals, model, st.floats(0, 5))
def test_given_any_signals_when_the_model_is_surer_then_the_probability_is_not_lower(
    some, scored, more
):
    surer = replace(scored, share=scored.share + more)

    low = policy.view([*some, scored], amount_eur_minor=None)
    high = policy.view([*some, surer], amount_eur_minor=None)

    assert 0 <= low.probability <= high.probability <= 1


@given(signals, st.booleans())
def test_given_a_warning_that_was_waited_out_then_none_is_given_again(some, was_warned):
    warned = decision(some, was_warned=True)

    assert warned is not RiskDecision.PAUSE
    assert warned.rank >= decision(some, was_warned=False).rank


@given(signals, model, st.sampled_from(CODES), st.floats(0, 1))
def test_given_a_cleared_payment_then_it_is_never_stricter_and_one_more_signal_never_milder(
    some, scored, which, strength
):
    seen = [*some, scored]
    more = [*seen, policy.signal(*which, "", strength=strength)]

    cleared = decision(seen, was_cleared=True)

    assert cleared.rank <= decision(seen).rank
    assert decision(more, was_cleared=True).rank >= cleared.rank
    assert cleared in (RiskDecision.ALLOW, RiskDecision.STEP_UP) or policy.is_takeover(seen)


def test_given_nothing_that_speaks_then_the_payment_goes():
    assert decision([]) is RiskDecision.ALLOW


def test_given_a_safe_account_and_no_strange_login_then_the_payment_pauses_with_its_warning():
    seen = policy.signals_of([note()], now_utc=NOON)

    view = policy.view(seen, amount_eur_minor=500_000)

    assert (view.decision, view.story) == (RiskDecision.PAUSE, Story.SAFE_ACCOUNT)


def test_given_the_same_words_from_a_strange_place_then_a_person_looks():
    seen = [
        *policy.signals_of([note()], now_utc=NOON),
        policy.signal(RiskSource.LOGIN, "new_place", ""),
    ]

    assert decision(seen) is RiskDecision.HOLD


def test_given_words_of_two_days_ago_then_they_count_little():
    seen = policy.signals_of([note(at_utc=NOON - timedelta(hours=48))], now_utc=NOON)

    assert seen[0].share == pytest.approx(
        policy.weight(RiskSource.CONVERSATION, "safe_account") / 16
    )


def test_given_the_same_words_ten_times_then_they_count_once():
    once = policy.signals_of([note()], now_utc=NOON)
    often = policy.signals_of([note() for _ in range(10)], now_utc=NOON)

    assert often == once


def test_given_many_kinds_of_words_then_their_sum_is_capped():
    kinds = TABLE["weights"]["conversation"]
    seen = policy.signals_of([note(code=code) for code in kinds], now_utc=NOON)

    assert policy.capped(seen)[RiskSource.CONVERSATION] == float(TABLE["caps"]["conversation"])


def test_given_a_small_amount_then_nobody_waits_for_it():
    seen = policy.signals_of([note()], now_utc=NOON)

    assert decision(seen, 1_000) is RiskDecision.STEP_UP


def test_given_a_note_of_the_future_then_it_counts_in_full_and_no_more():
    seen = policy.signals_of([note(at_utc=NOON + timedelta(hours=5))], now_utc=NOON)

    assert seen[0].share == policy.weight(RiskSource.CONVERSATION, "safe_account")


def test_given_the_table_then_every_story_has_a_kind_that_weighs_and_is_known():
    for code, story in TABLE["stories"].items():
        assert policy.knows(RiskSource.CONVERSATION, code)
        assert Story(story)
    assert all(float(one) >= 0 for weights in TABLE["weights"].values() for one in weights.values())
