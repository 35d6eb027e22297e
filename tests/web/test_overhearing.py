"""Doubtful turns without an action: noted after the reply, and never in its way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bank.domain.actors import SYSTEM
from tests.web.house import House, make_house, make_staff, says, staff_actor
from web.assistant import AssistantTurn

NLU = {
    "intent": "out_of_scope", "confidence": 0.41, "entities": [],
    "ranking": [{"name": "out_of_scope", "confidence": 0.41}, {"name": "greet", "confidence": 0.2}],
}  # fmt: skip


class Reading:
    """An assistant that reads every message as a test says."""

    def __init__(self, action: str = "utter_out_of_scope", **nlu: object) -> None:
        self.action, self.nlu = action, {**NLU, **nlu}

    async def answer(self, _turn: str, *, message_id: str) -> AssistantTurn:
        return AssistantTurn(
            message_id=message_id, replies=[says("Not ours.")], nlu=self.nlu,
            actions=[{"name": self.action, "policy": "RulePolicy", "confidence": 1.0}],
        )  # fmt: skip

    async def is_ready(self) -> bool:
        return True


def a_house(**reading: object) -> House:
    house = make_house()
    house.desk._turns._assistant = Reading(**reading)  # the house's own speaks of nothing else
    return house


def kept(house: House) -> list[tuple[str, str]]:
    staff = staff_actor(house.bank, make_staff(house.bank))
    return [(one.text, one.reading.why) for one in house.bank.readings.list(staff)]


async def test_given_a_doubtful_sentence_when_answered_then_it_is_noted_with_its_ranking():
    house = a_house()

    result = await house.desk.handle(house.visitor(), message_id="m1", text="sing me something")

    assert result.replies[0].text == "Not ours."
    assert kept(house) == [("sing me something", "low_confidence")]


@pytest.mark.parametrize(
    "reading",
    [
        {"confidence": 0.6},
        {"action": "action_check_balance"},
        {"intent": "affirm"},
        {"intent": "nlu_fallback"},
        {"intent": None},
    ],
)
async def test_given_a_sure_answer_an_action_or_no_wish_when_answered_then_nothing_is_noted(
    reading,
):
    house = a_house(**reading)

    await house.desk.handle(house.visitor(), message_id="m1", text="sing me something")

    assert kept(house) == []


async def test_given_the_same_message_again_when_replayed_then_it_is_one_reading():
    house = a_house()
    session = house.visitor()

    for _ in range(2):
        await house.desk.handle(session, message_id="m1", text="sing me something")

    assert len(kept(house)) == 1


async def test_given_a_bank_that_cannot_note_when_answered_then_the_customer_is(monkeypatch):
    house = a_house()
    session = house.visitor()
    stranger = replace(SYSTEM)  # who is in no conversation: NotFound
    note = house.bank.readings.note
    monkeypatch.setattr(
        house.bank.readings, "note", lambda _actor, **about: note(stranger, **about)
    )

    result = await house.desk.handle(session, message_id="m1", text="sing me something")

    assert result.replies[0].text == "Not ours."
    assert kept(house) == []
