"""Deciding: which finding leads where, and what no finding can do."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.domain.findings import Breakdown, Finding, Weight
from identity.decision import Outcome, RiskTier, decide, risk_of

#: How far from approval. Another picture and a person's look stand side by side.
PLACE = {Outcome.APPROVED: 0, Outcome.NEEDS_REVIEW: 1, Outcome.NEEDS_RETRY: 1, Outcome.REJECTED: 2}
SOME = st.builds(
    Finding,
    code=st.sampled_from(["a", "b", "c", "d", "screening_candidate"]),
    breakdown=st.sampled_from(list(Breakdown)),
    weight=st.sampled_from(list(Weight)),
    text=st.sampled_from(["One.", "Another."]),
    score=st.none() | st.floats(0, 1),
    about=st.sampled_from(["", "document_front"]),
)
TIERS = st.sampled_from(list(RiskTier))


def a(weight, code="x", *, breakdown=Breakdown.IMAGE_INTEGRITY, score=None):
    return Finding(code, breakdown, weight, "A sentence.", score)


def outcome(*findings, risk=RiskTier.CDD, attempts_count=0):
    return decide(findings, risk=risk, attempts_count=attempts_count).outcome


def test_given_nothing_noticed_when_decided_then_approved_with_a_reason():
    decision = decide([], risk=RiskTier.CDD)

    assert decision.outcome is Outcome.APPROVED
    assert [one.code for one in decision.reasons] == ["all_checks_passed"]
    assert not decision.four_eyes


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        (Weight.NOTE, Outcome.APPROVED),
        (Weight.HINT, Outcome.APPROVED),
        (Weight.RETRY, Outcome.NEEDS_RETRY),
        (Weight.REVIEW, Outcome.NEEDS_REVIEW),
        (Weight.REJECT, Outcome.REJECTED),
    ],
)
def test_given_one_finding_when_decided_then_its_weight_says_where_it_goes(weight, expected):
    assert outcome(a(weight)) is expected


def test_given_a_blurred_picture_with_suspicion_when_decided_then_a_better_one_is_asked_first():
    decision = decide(
        [a(Weight.REVIEW, "mrz_visual_differ"), a(Weight.RETRY, "blur")], risk=RiskTier.CDD
    )

    assert decision.outcome is Outcome.NEEDS_RETRY
    assert [one.code for one in decision.reasons] == ["blur"]


def test_given_an_expired_document_with_suspicion_when_decided_then_a_person_looks():
    expired = a(Weight.RETRY, "document_expired", breakdown=Breakdown.AGE_VALIDATION)

    assert outcome(expired) is Outcome.NEEDS_RETRY
    assert outcome(expired, a(Weight.REVIEW)) is Outcome.NEEDS_REVIEW


@pytest.mark.parametrize(
    ("attempts_count", "expected"), [(2, Outcome.NEEDS_RETRY), (3, Outcome.NEEDS_REVIEW)]
)
def test_given_many_attempts_when_still_unusable_then_a_person_tries(attempts_count, expected):
    assert outcome(a(Weight.RETRY), attempts_count=attempts_count) is expected


def test_given_hints_when_several_different_ones_or_a_strong_one_then_a_person_looks():
    first, second = (a(Weight.HINT, code, score=0.7) for code in ("moire", "copy_move"))

    assert outcome(first) is Outcome.APPROVED
    assert outcome(*[first] * 5) is Outcome.APPROVED
    assert outcome(first, second) is Outcome.NEEDS_REVIEW
    assert outcome(first, a(Weight.HINT, "weak", score=0.1)) is Outcome.APPROVED
    assert outcome(a(Weight.HINT, score=0.95)) is Outcome.NEEDS_REVIEW


def test_given_enhanced_due_diligence_when_all_is_well_then_two_people_still_approve():
    decision = decide([], risk=risk_of([], country="KP"))

    assert decision.outcome is Outcome.NEEDS_REVIEW
    assert decision.four_eyes
    assert {one.code for one in decision.reasons} == {"edd_needs_people", "edd_country"}


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"country": "ir"}, "edd_country"),
        ({"nationality": "MM"}, "edd_country"),
        ({"purpose": "Business"}, "edd_purpose"),
        ({"age_years": 95}, "edd_age"),
        ({"with_biometrics": False}, "edd_no_biometrics"),
    ],
)
def test_given_a_risky_fact_when_weighed_then_the_tier_says_which(facts, code):
    risk = risk_of([], **facts)

    assert risk.tier is RiskTier.EDD
    assert [one.code for one in risk.reasons] == [code]


def test_given_a_listed_name_when_weighed_then_diligence_is_enhanced():
    assert risk_of([a(Weight.REVIEW, "screening_candidate")]).tier is RiskTier.EDD
    assert risk_of([], country="PT", purpose="salary", age_years=30).tier is RiskTier.CDD


@given(st.lists(SOME, max_size=6), SOME, TIERS, st.integers(0, 5))
def test_one_finding_more_never_makes_the_outcome_better(some, more, tier, attempts_count):
    def place(findings):
        return PLACE[decide(findings, risk=tier, attempts_count=attempts_count).outcome]

    assert place([*some, more]) >= place(some)


@given(st.lists(SOME, max_size=5), TIERS, st.integers(0, 5))
def test_the_order_of_findings_does_not_matter(some, tier, attempts_count):
    answers = {
        decide(order, risk=tier, attempts_count=attempts_count)
        for order in itertools.islice(itertools.permutations(some), 24)
    }

    assert len(answers) == 1


@given(st.lists(SOME, max_size=6), TIERS, st.integers(0, 5))
def test_nobody_is_refused_without_a_person_and_every_outcome_has_a_reason(
    some, tier, attempts_count
):
    decision = decide(some, risk=tier, attempts_count=attempts_count)

    assert decision.outcome is not Outcome.REJECTED or decision.asks_person
    assert decision.reasons
    assert all(one.code and one.text for one in decision.reasons)
    if tier is RiskTier.EDD:
        assert decision.outcome is not Outcome.APPROVED
        assert decision.four_eyes


@given(st.lists(SOME, max_size=6), st.integers(3, 9))
def test_attempts_come_to_an_end(some, attempts_count):
    assert outcome(*some, attempts_count=attempts_count) is not Outcome.NEEDS_RETRY
