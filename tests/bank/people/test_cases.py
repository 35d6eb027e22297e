"""Cases: one owner, one speaker, whatever the order of events."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bank.domain.actors import SYSTEM
from bank.domain.cases import LEASE_S, CaseKind, CaseState, Priority
from bank.domain.conversations import Speaker
from bank.domain.errors import (
    CaseClosed,
    CaseNotOwned,
    Conflict,
    InvalidInput,
    NotFound,
    NotPermitted,
    NotSpeaker,
)
from bank.policies.escalation import priority_of
from tests.bank.people.world import World


def test_given_fifty_staff_when_they_claim_one_case_then_one_owns_it(world: World):
    case = world.handoff(world.chat())
    staff = [world.staff(f"agent{number}") for number in range(50)]

    def claim(actor) -> str:
        try:
            return world.bank.cases.claim(actor, case.id).assignee
        except CaseNotOwned:
            return ""

    with ThreadPoolExecutor(25) as pool:
        owners = [owner for owner in pool.map(claim, staff) if owner]

    assert len(owners) == 1
    assert world.bank.cases.get(SYSTEM, case.id).assignee == owners[0]


def test_given_an_open_handoff_when_asked_for_again_then_it_is_the_same_case(world: World):
    amal = world.chat(world.customer())

    first, second = world.handoff(amal), world.handoff(amal)

    assert first.id == second.id


def test_given_a_resolved_handoff_when_asked_for_again_then_it_is_a_new_case(world: World):
    amal, bea = world.chat(), world.staff()
    first = world.handoff(amal)
    world.bank.cases.claim(bea, first.id)
    world.bank.cases.resolve(bea, first.id, "answered")

    assert world.handoff(amal).id != first.id


@pytest.mark.parametrize(
    ("reason", "priority", "minutes"),
    [("lost_card", Priority.URGENT, 5), ("complaint", Priority.HIGH, 10), ("?", "medium", 30)],
)
def test_given_a_reason_when_handed_off_then_priority_and_due_time_follow(
    world: World, reason, priority, minutes
):
    amal = world.chat()

    case = world.bank.conversations.handoff(amal, amal.conversation_id, reason, "why")

    assert case.priority == priority == priority_of(reason)
    assert (case.due_at_utc - case.opened_at_utc).total_seconds() == minutes * 60


def test_given_a_running_lease_when_somebody_else_acts_then_409(world: World):
    bea, carl = world.staff(), world.staff("carl")
    case = world.handoff(world.chat())
    world.bank.cases.take_over(bea, case.id)

    for act in (
        lambda: world.bank.cases.claim(carl, case.id),
        lambda: world.bank.cases.take_over(carl, case.id),
        lambda: world.bank.cases.resolve(carl, case.id, "done"),
        lambda: world.bank.cases.hand_back(carl, case.id),
        lambda: world.bank.cases.release(carl, case.id),
    ):
        with pytest.raises(CaseNotOwned) as refusal:
            act()
        assert refusal.value.http_status == 409


def test_given_a_lease_that_ran_out_when_somebody_else_claims_then_they_also_speak(world: World):
    bea, carl, amal = world.staff(), world.staff("carl"), world.chat()
    case = world.handoff(amal)
    world.bank.cases.take_over(bea, case.id)
    world.clock.pass_s(LEASE_S + 1)

    world.bank.cases.claim(carl, case.id)

    assert world.bank.conversations.get(SYSTEM, amal.conversation_id).staff_id == carl.id


def test_given_a_reply_when_written_then_the_lease_is_renewed(world: World):
    bea, amal = world.staff(), world.chat()
    case = world.handoff(amal)
    world.bank.cases.take_over(bea, case.id)
    world.clock.pass_s(LEASE_S - 1)

    world.bank.conversations.append(bea, amal.conversation_id, sender="staff", text="still here")
    world.clock.pass_s(LEASE_S - 1)

    assert world.bank.cases.expire_leases() == 0


def test_given_two_cases_in_one_chat_when_one_speaks_then_the_other_must_wait(world: World):
    bea, carl, amal = world.staff(), world.staff("carl"), world.chat()
    case = world.handoff(amal)
    other = world.bank.cases.open(
        SYSTEM,
        kind="complaint",
        queue="complaints",
        subject="s",
        reason_code="r",
        why="w",
        conversation_id=amal.conversation_id,
    )
    world.bank.cases.take_over(bea, case.id)

    with pytest.raises(CaseNotOwned):
        world.bank.cases.take_over(carl, other.id)

    assert world.bank.conversations.who_speaks(amal.conversation_id).name == "Bea"


def test_given_staff_who_vanished_when_leases_expire_then_the_bot_speaks_again(world: World):
    bea, amal = world.staff(), world.chat()
    case = world.handoff(amal)
    world.bank.cases.take_over(bea, case.id)
    world.clock.pass_s(LEASE_S + 1)

    assert world.bank.cases.expire_leases() == 1

    assert world.bank.conversations.speaker(amal.conversation_id) is Speaker.BOT
    assert world.bank.cases.get(SYSTEM, case.id).state is CaseState.OPEN


def test_given_the_bots_answer_when_a_person_took_over_meanwhile_then_it_is_refused(world: World):
    bea, amal = world.staff(), world.chat()
    case = world.handoff(amal)
    world.bank.cases.take_over(bea, case.id)

    with pytest.raises(NotSpeaker):
        world.bank.conversations.append(SYSTEM, amal.conversation_id, sender="bot", text="late")


def test_given_a_private_note_then_it_is_in_the_case_and_never_in_the_chat(world: World):
    bea, amal = world.staff(), world.chat()
    case = world.handoff(amal)
    world.bank.cases.take_over(bea, case.id)

    world.bank.cases.note(bea, case.id, "sounds coached")

    events = world.bank.cases.events(bea, case.id)
    assert [event.text for event in events if event.kind == "note"] == ["sounds coached"]
    assert world.bank.conversations.transcript(amal, amal.conversation_id) == []
    assert "coached" not in world.store.read(lambda uow: repr(uow.changes.list()))


def test_given_another_queue_when_looked_for_then_the_case_does_not_exist(world: World):
    kyc = world.staff("kim", roles=("kyc",))
    case = world.handoff(world.chat())

    assert world.bank.cases.list(kyc) == []
    with pytest.raises(NotFound):
        world.bank.cases.claim(kyc, case.id)


def test_given_a_customer_when_they_ask_for_cases_then_they_may_not(world: World):
    with pytest.raises(NotPermitted):
        world.bank.cases.list(world.chat(world.customer()))


def test_given_cases_of_all_kinds_when_a_supervisor_lists_then_the_soonest_due_is_first(
    world: World,
):
    supervisor = world.staff("sue", roles=("supervisor",))
    for kind, queue in ((CaseKind.PRIVACY, "privacy"), (CaseKind.HANDOFF, "chat")):
        world.bank.cases.open(SYSTEM, kind=kind, queue=queue, subject="s", reason_code="r", why="w")

    assert [case.kind for case in world.bank.cases.list(supervisor)] == ["handoff", "privacy"]


def test_given_the_same_key_when_opened_twice_then_one_case(world: World):
    about = {"kind": "dispute", "queue": "disputes", "subject": "s", "reason_code": "r", "why": "w"}

    first = world.bank.cases.open(SYSTEM, **about, idempotency_key="di_1")
    second = world.bank.cases.open(SYSTEM, **about, idempotency_key="di_1")

    assert first == second


def test_given_a_supervisor_when_they_reassign_a_live_chat_then_the_new_owner_speaks(world: World):
    bea, carl, sue = world.staff(), world.staff("carl"), world.staff("sue", ("supervisor",))
    amal = world.chat()
    case = world.handoff(amal)
    world.bank.cases.take_over(bea, case.id)

    world.bank.cases.assign(sue, case.id, carl.id)

    assert world.bank.conversations.who_speaks(amal.conversation_id).name == "Carl"
    with pytest.raises(CaseNotOwned):
        world.bank.cases.assign(bea, case.id, bea.id)


def test_given_staff_of_another_queue_when_assigned_then_refused(world: World):
    sue, kim = world.staff("sue", ("supervisor",)), world.staff("kim", ("kyc",))
    case = world.handoff(world.chat())

    with pytest.raises(InvalidInput):
        world.bank.cases.assign(sue, case.id, kim.id)


def test_given_a_resolved_case_then_it_is_closed_until_reopened(world: World):
    bea = world.staff()
    case = world.handoff(world.chat())
    world.bank.cases.claim(bea, case.id)
    world.bank.cases.resolve(bea, case.id, "answered", "all fine")

    with pytest.raises(CaseClosed):
        world.bank.cases.claim(bea, case.id)
    reopened = world.bank.cases.reopen(bea, case.id)
    with pytest.raises(Conflict):
        world.bank.cases.reopen(bea, case.id)

    assert (reopened.state, reopened.assignee, reopened.outcome) == (CaseState.OPEN, None, None)
