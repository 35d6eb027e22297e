"""A lease that runs out, or a case that changes hands: the customer knows who speaks, once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bank.bootstrap import make_bank
from bank.domain.actors import SYSTEM
from bank.domain.cases import LEASE_S, CaseState
from bank.domain.conversations import Sender, Speaker
from bank.storage.memory import MemoryStore
from tests.web.house import (
    TURN_KEY,
    House,
    ScriptedAssistant,
    bearer,
    echo,
    fails,
    staff_actor,
    start_chat,
)
from tests.web.test_notices import Clock
from web.chat.turns import TurnDesk
from web.leases import OWED_S, LeaseKeeper
from web.utterances import load_utterances

FAREWELL = load_utterances().say("utter_web_staff_left", name="Mila")
BACK = ("bot", "event EXTERNAL_handed_back")


class Console(House):
    """The web room with a turnable clock."""

    def __init__(self) -> None:
        self.clock = Clock()
        bank = make_bank(MemoryStore(), clock=self.clock)
        assistant = ScriptedAssistant()
        super().__init__(bank, assistant, self.a_desk(bank, assistant))

    def a_desk(self, bank, assistant) -> TurnDesk:
        return TurnDesk(bank, assistant, TURN_KEY, utterances=load_utterances())

    def a_keeper(self) -> LeaseKeeper:
        """The keeper of one process."""
        desk = self.a_desk(self.bank, self.assistant)
        return LeaseKeeper(self.bank, desk, load_utterances())

    def forgotten(self):
        """A chat whose person stopped working on it; returns session, case, member."""
        session = self.visitor()
        case, member = self.taken_over(session)
        self.clock.pass_s(LEASE_S + 1)
        return session, case, member


async def test_given_a_lease_that_ran_out_when_looked_then_farewell_and_bot_exactly_once():
    console = Console()
    session, case, _ = console.forgotten()
    keeper = console.a_keeper()

    counts = [await keeper.expire() for _ in range(3)]

    assert counts == [1, 0, 0]
    assert console.said(session) == [("system", FAREWELL), BACK]
    assert console.bank.conversations.speaker(session.conversation_id) is Speaker.BOT
    assert console.bank.cases.get(SYSTEM, case.id).state is CaseState.OPEN


async def test_given_two_processes_when_both_look_at_once_then_still_once():
    console = Console()
    session, _, _ = console.forgotten()

    await asyncio.gather(*(console.a_keeper().expire() for _ in range(2)))

    assert console.said(session) == [("system", FAREWELL), BACK]


async def test_given_a_crash_after_the_farewell_when_started_again_then_the_bot_says_it_is_back():
    console = Console()
    session, _, _ = console.forgotten()
    console.assistant.script = fails  # the process dies before the assistant answers
    await console.a_keeper().expire()
    assert console.said(session) == [("system", FAREWELL)]
    console.assistant.script = echo

    for _ in range(2):
        reborn = console.a_keeper()
        await reborn.catch_up()
        await reborn.expire()

    assert console.said(session) == [("system", FAREWELL), BACK]


async def test_given_a_silent_assistant_when_it_answers_again_then_the_same_keeper_says_it():
    console = Console()
    session, _, _ = console.forgotten()
    keeper = console.a_keeper()
    console.assistant.script = fails
    await keeper.expire()
    console.assistant.script = echo

    await keeper.expire()

    assert console.said(session) == [("system", FAREWELL), BACK]


@pytest.mark.parametrize("away_s", [OWED_S + 1, 0], ids=["too long ago", "a person is back"])
async def test_given_it_no_longer_fits_when_the_assistant_is_back_then_it_says_nothing(away_s):
    console = Console()
    session, case, member = console.forgotten()
    keeper = console.a_keeper()
    console.assistant.script = fails
    await keeper.expire()
    console.assistant.script = echo
    console.clock.pass_s(away_s)
    if not away_s:
        console.bank.cases.take_over(staff_actor(console.bank, member), case.id)

    await keeper.expire()

    assert BACK not in console.said(session)


async def test_given_somebody_who_still_writes_when_looked_then_they_go_on_speaking():
    console = Console()
    session = console.visitor()
    _, member = console.taken_over(session)
    console.clock.pass_s(LEASE_S - 1)
    console.bank.conversations.append(
        staff_actor(console.bank, member), session.conversation_id,
        sender=Sender.STAFF, text="still here",
    )  # fmt: skip
    console.clock.pass_s(LEASE_S - 1)

    assert await console.a_keeper().expire() == 0

    assert console.said(session) == [("staff", "still here")]


async def test_given_a_claimed_case_nobody_spoke_for_when_over_then_the_customer_hears_nothing():
    console = Console()
    session = console.visitor()
    case, member = console.taken_over(session)
    me = staff_actor(console.bank, member)
    console.bank.cases.hand_back(me, case.id)
    console.clock.pass_s(LEASE_S + 1)

    assert await console.a_keeper().expire() == 1

    assert console.said(session) == []


async def test_given_an_erased_chat_when_its_lease_is_over_then_other_chats_are_not_held_up():
    console = Console()
    gone, _, member = console.forgotten()
    console.bank.conversations.erase(SYSTEM, gone.conversation_id)
    alive = console.visitor()
    case = console.bank.conversations.handoff(
        alive.actor(), alive.conversation_id, "customer_asked", "w"
    )
    console.bank.cases.take_over(staff_actor(console.bank, member), case.id)
    console.clock.pass_s(LEASE_S + 1)

    assert await console.a_keeper().expire() == 2

    assert console.said(alive) == [("system", FAREWELL), BACK]


async def _spoken_for(branch):
    """A chat in which Mila speaks; returns token, case id, Mila's console."""
    token, started = await start_chat(branch.client)
    session = branch.bank.sessions.verify(token)
    case = branch.bank.conversations.handoff(
        session.actor(), started["conversation_id"], "customer_asked", "w"
    )
    mila = await branch.staff("mila")
    await mila.post(f"/api/cases/{case.id}/take-over")
    return token, case.id, mila


async def _joined(branch, token) -> list[str]:
    history = await (await branch.client.get("/api/chat/history", headers=bearer(token))).json()
    return [line["text"] for line in history["messages"] if line["kind"] == "staff_joined"]


def _joins(name: str) -> str:
    return load_utterances().say("utter_web_staff_joined", name=name)


async def test_given_a_person_speaks_when_the_case_is_assigned_then_the_new_name_is_told(branch):
    token, case_id, mila = await _spoken_for(branch)
    await branch.staff("omar")
    omar = next(k for k, name in branch.bank.staff.names().items() if name == "Omar Novak")

    answers = [
        await mila.post(f"/api/cases/{case_id}/assign", json={"staff_id": omar}) for _ in range(2)
    ]

    assert [one.status for one in answers] == [200, 409]
    assert await _joined(branch, token) == [_joins("Mila"), _joins("Omar")]
    me = await (await branch.client.get("/api/chat/history", headers=bearer(token))).json()
    assert me["speaker"] == "staff"


async def test_given_the_bot_speaks_when_a_case_is_assigned_then_the_customer_hears_nothing(branch):
    token, case_id, mila = await _spoken_for(branch)
    await mila.post(f"/api/cases/{case_id}/hand-back", json={"summary": "s"})
    await branch.staff("omar")
    omar = next(k for k, name in branch.bank.staff.names().items() if name == "Omar Novak")

    await mila.post(f"/api/cases/{case_id}/assign", json={"staff_id": omar})

    assert await _joined(branch, token) == [_joins("Mila")]


async def test_given_take_over_pressed_twice_when_done_then_the_customer_is_told_once(branch):
    token, case_id, mila = await _spoken_for(branch)

    assert (await mila.post(f"/api/cases/{case_id}/take-over")).status == 200

    assert await _joined(branch, token) == [_joins("Mila")]


async def test_given_a_lease_that_is_over_when_a_colleague_claims_then_their_name_is_told(
    branch, monkeypatch
):
    token, case_id, _ = await _spoken_for(branch)
    omar = await branch.staff("omar")
    later = branch.bank.clock() + timedelta(seconds=LEASE_S + 1)
    monkeypatch.setattr(branch.bank.cases, "_clock", lambda: later)

    assert (await omar.post(f"/api/cases/{case_id}/claim")).status == 200

    assert await _joined(branch, token) == [_joins("Mila"), _joins("Omar")]
