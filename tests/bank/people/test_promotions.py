"""Promotions: two people, one card, one champion; what is refused, what the audit says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.domain import promotions as rules
from bank.domain.actors import SYSTEM, VISITOR, a_customer
from bank.domain.errors import (
    BankError,
    Conflict,
    InvalidInput,
    InvalidText,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    SecondPersonNeeded,
)
from bank.domain.promotions import PROPOSAL_TTL, PromotionAct, PromotionState
from tests.bank.people.world import NOON, World

CARD, OTHER = "a" * 64, "b" * 64
TOLD = {
    "model": "churn",
    "from_version": "20260301-120000",
    "to_version": "20260302-120000",
    "card_digest": CARD,
    "reason": "better on the newest hold-out",
}
SEEN = {"card_digest": CARD, "from_version": "20260301-120000"}


@pytest.fixture
def owner(world: World):
    return world.staff("ines", ("model_owner",))


@pytest.fixture
def colleague(world: World):
    return world.staff("omar", ("model_owner",))


def proposed(world: World, by, act=PromotionAct.PROMOTE, **changes):
    return world.bank.promotions.propose(by, act, **{**TOLD, **changes})


def test_given_two_people_when_one_proposes_and_the_other_approves_then_it_is_approved(
    world, owner, colleague
):
    waiting = proposed(world, owner)

    after = world.bank.promotions.approve(colleague, waiting.id, **SEEN)

    assert after.state is PromotionState.APPROVED
    assert (after.proposed_by, after.decided_by) == (owner.id, colleague.id)
    assert world.bank.promotions.unfinished(SYSTEM, "churn") == after


def test_given_one_person_when_approving_their_own_proposal_then_a_second_is_needed(world, owner):
    waiting = proposed(world, owner)

    with pytest.raises(SecondPersonNeeded):
        world.bank.promotions.approve(owner, waiting.id, **SEEN)
    with pytest.raises(SecondPersonNeeded):
        world.bank.promotions.reject(owner, waiting.id)
    assert world.bank.promotions.waiting(SYSTEM, "churn") == waiting


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"card_digest": OTHER}, "card_changed"),
        ({"from_version": "20260301-120001"}, "champion_changed"),
        ({"from_version": None}, "champion_changed"),
    ],
)
def test_given_another_card_or_champion_than_proposed_when_approved_then_it_conflicts(
    world, owner, colleague, change, reason
):
    waiting = proposed(world, owner)

    with pytest.raises(Conflict) as refusal:
        world.bank.promotions.approve(colleague, waiting.id, **{**SEEN, **change})
    assert refusal.value.details == {"reason": reason}


def test_given_seven_days_when_approved_then_it_has_expired_and_a_new_one_may_be_made(
    world, owner, colleague
):
    waiting = proposed(world, owner)
    world.clock.pass_s(PROPOSAL_TTL.total_seconds())

    with pytest.raises(Conflict) as refusal:
        world.bank.promotions.approve(colleague, waiting.id, **SEEN)

    assert refusal.value.details == {"status": "expired"}
    assert world.bank.promotions.waiting(SYSTEM, "churn") is None
    again = proposed(world, owner)
    shown = {one.id: one.state for one in world.bank.promotions.list(owner)}
    assert shown == {waiting.id: PromotionState.EXPIRED, again.id: PromotionState.PROPOSED}


def test_given_a_proposal_that_waits_when_another_is_made_then_it_conflicts(
    world, owner, colleague
):
    proposed(world, owner)

    with pytest.raises(Conflict):
        proposed(world, colleague)
    proposed(world, colleague, model="fraud")


def test_given_ones_own_proposal_when_withdrawn_then_nobody_can_approve_it(world, owner, colleague):
    waiting = proposed(world, owner)
    with pytest.raises(NotPermitted):
        world.bank.promotions.withdraw(colleague, waiting.id)

    world.bank.promotions.withdraw(owner, waiting.id)

    with pytest.raises(Conflict):
        world.bank.promotions.approve(colleague, waiting.id, **SEEN)


def test_given_a_rejection_then_the_audit_says_who_and_the_swap_cannot_be_carried_out(
    world, owner, colleague
):
    waiting = proposed(world, owner)

    world.bank.promotions.reject(colleague, waiting.id)

    with pytest.raises(Conflict):
        world.bank.promotions.carried_out(SYSTEM, waiting.id)
    assert acts(world) == [("model.propose", owner.id), ("model.reject", colleague.id)]


@pytest.mark.parametrize(
    ("act", "word"),
    [(PromotionAct.PROMOTE, "model.promote"), (PromotionAct.ROLLBACK, "model.rollback")],
)
def test_given_a_whole_swap_then_the_audit_holds_each_step_once(world, owner, colleague, act, word):
    waiting = proposed(world, owner, act)
    world.bank.promotions.approve(colleague, waiting.id, **SEEN)
    world.bank.promotions.carried_out(SYSTEM, waiting.id)
    world.bank.promotions.carried_out(SYSTEM, waiting.id)

    assert acts(world) == [
        ("model.propose", owner.id), (word, colleague.id), ("model.carry_out", "system"),
    ]  # fmt: skip
    assert world.bank.promotions.unfinished(SYSTEM, "churn") is None
    [entry] = world.store.read(lambda uow: uow.audit.list(action=word))
    assert entry.details["card_digest"] == CARD


def test_given_a_supervisor_then_they_may_go_back_and_approve_but_not_propose_forward(world, owner):
    supervisor = world.staff("sana", ("supervisor",))

    with pytest.raises(NotPermitted):
        proposed(world, supervisor)
    proposed(world, supervisor, PromotionAct.ROLLBACK)
    waiting = proposed(world, owner, model="fraud")
    world.bank.promotions.approve(supervisor, waiting.id, **SEEN)


@pytest.mark.parametrize("roles", [("agent",), ("kyc",), ("compliance",), ("admin",)])
def test_given_another_role_then_it_may_neither_propose_nor_approve(world, owner, roles):
    somebody = world.staff("zoe", roles)
    waiting = proposed(world, owner)

    with pytest.raises(NotPermitted):
        proposed(world, somebody, PromotionAct.ROLLBACK, model="fraud")
    with pytest.raises(NotPermitted):
        world.bank.promotions.approve(somebody, waiting.id, **SEEN)
    assert world.bank.promotions.list(somebody)[0].id == waiting.id


def test_given_no_staff_then_nothing_is_told_or_done(world, owner):
    waiting = proposed(world, owner)

    for who in (VISITOR, a_customer("cu_1")):
        with pytest.raises((NotAuthenticated, NotPermitted)):
            world.bank.promotions.list(who)
    for who in (SYSTEM, a_customer("cu_1")):
        with pytest.raises(NotPermitted):
            world.bank.promotions.approve(who, waiting.id, **SEEN)
    with pytest.raises(NotPermitted):
        world.bank.promotions.carried_out(owner, waiting.id)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"model": "../churn"}, InvalidInput),
        ({"to_version": ""}, InvalidInput),
        ({"to_version": TOLD["from_version"]}, InvalidInput),
        ({"card_digest": "abc"}, InvalidInput),
        ({"reason": "  "}, InvalidText),
        ({"reason": "x" * 501}, InvalidText),
    ],
)
def test_given_what_cannot_be_used_when_proposed_then_nothing_is_stored(
    world, owner, change, refusal
):
    with pytest.raises(refusal):
        proposed(world, owner, **change)
    assert world.store.read(lambda uow: uow.promotions.count()) == 0


def test_given_an_unknown_proposal_then_it_does_not_exist(world, owner):
    with pytest.raises(NotFound):
        world.bank.promotions.approve(owner, "pm_unknown", **SEEN)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["approve", "reject", "withdraw", "carry_out"]),
        st.sampled_from(["st_a", "st_b", "st_c"]),
        st.sampled_from([CARD, OTHER]),
        st.integers(0, 9),
    ),
    max_size=6,
)


@given(STEPS)
def test_no_word_of_one_person_ever_lets_a_model_serve(steps):
    told = rules.propose("pm_1", PromotionAct.PROMOTE, **TOLD, by="st_a", now_utc=NOON)
    for step, by, card, days in steps:
        now_utc = NOON + PROPOSAL_TTL / 8 * days
        try:
            if step == "approve":
                told = rules.approve(
                    told, card_digest=card, from_version=told.from_version, by=by, now_utc=now_utc
                )
            elif step == "carry_out":
                told = rules.carried_out(told, now_utc=now_utc)
            else:
                told = getattr(rules, step)(told, by=by, now_utc=now_utc)
        except BankError:
            continue
    if told.carried_out_at_utc is not None or told.state is PromotionState.APPROVED:
        assert told.decided_by not in (None, told.proposed_by)
        assert told.decided_at_utc < told.expires_at_utc
    assert replace(told, state=PromotionState.PROPOSED).card_digest == CARD


def acts(world: World) -> list[tuple[str, str]]:
    """Return what the audit holds about models, oldest first."""
    held = world.store.read(lambda uow: uow.audit.list(order_by="number"))
    return [(one.action, one.actor_id) for one in held if one.action.startswith("model.")]
