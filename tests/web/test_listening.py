"""The risk ear: what a line sounds like is noted before it is answered, and changes no answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from analytics.suspicion.kinds import KINDS
from bank.bootstrap import make_bank
from bank.domain.errors import DatabaseBusy
from bank.domain.outbox import OutboxKind
from bank.domain.risk import RiskNote, RiskSource
from bank.policies import protection as policy
from bank.storage.memory import MemoryStore
from tests.web.house import TURN_KEY, House, ScriptedAssistant, make_house, make_settings
from web.chat.listening import Ear
from web.chat.turns import TurnDesk
from web.utterances import load_utterances

SCAM = "They said to move my money to a safe account."
MET, FLIGHT = "We met on the internet", "He needs money for the flight"
SAD = "My husband has died and I do not know what to do."


@dataclass(frozen=True)
class Place:
    start: int
    end: int


@dataclass(frozen=True)
class Sounds:
    kind: str
    probability: float
    spans: tuple[Place, ...] = ()


class Scripted:
    """Finds a scam in one line and grief in another, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fault: Exception | None = None

    def look(self, text: str, *, language: str = "en") -> Sequence[Sounds]:
        self.asked.append(text)
        if self.fault is not None:
            raise self.fault
        if text == SCAM:
            start = text.index("safe account")
            return [Sounds("safe_account", 0.93, (Place(start, start + 12),)), Sounds("abuse", 0.6)]
        return [Sounds("bereavement", 0.8)] if text == SAD else []

    def look_whole(self, text: str, *, language: str = "en") -> Sequence[Sounds]:
        """Hear a story that its lines do not tell alone."""
        return [Sounds("romance", 0.7)] if MET in text and FLIGHT in text else []


@dataclass
class Ears:
    house: House
    detector: Scripted
    ear: Ear

    def notes(self) -> list[RiskNote]:
        return self.house.bank.store.read(lambda uow: uow.risk_notes.list())


@pytest.fixture
def house() -> House:
    return make_house()


@pytest.fixture
def ears(house: House) -> Ears:
    detector = Scripted()
    ear = Ear(house.bank, lambda: detector)
    ear.warm()
    assistant = ScriptedAssistant()
    desk = TurnDesk(house.bank, assistant, TURN_KEY, utterances=load_utterances(), ear=ear)
    return Ears(House(house.bank, assistant, desk), detector, ear)


async def test_given_a_scammers_words_when_typed_then_noted_with_their_place_and_answered_as_ever(ears):
    session = ears.house.logged_in()

    result = await ears.house.desk.handle(session, message_id="m1", text=SCAM)

    assert [reply.text for reply in result.replies] == [f"heard: {SCAM}"]
    (note,) = ears.notes()
    assert (note.source, note.code, note.strength) == (RiskSource.CONVERSATION, "safe_account", 0.93)
    assert note.customer_id == session.actor_id
    (line,) = [
        one
        for one in ears.house.bank.conversations.transcript(session.actor(), session.conversation_id)
        if one.seq == note.evidence["seq"]
    ]
    [[start, end]] = note.evidence["spans"]
    assert line.text[start:end] == "safe account"
    assert SCAM not in str(note)


async def test_given_the_same_message_twice_then_it_is_noted_once(ears):
    session = ears.house.logged_in()

    for _ in range(2):
        await ears.house.desk.handle(session, message_id="m1", text=SCAM)

    assert len(ears.notes()) == 1


async def test_given_a_story_told_in_two_lines_then_the_second_is_heard_with_the_first(ears):
    session = ears.house.logged_in()

    for number, line in enumerate((MET, FLIGHT)):
        await ears.house.desk.handle(session, message_id=f"m{number}", text=line)

    assert [one.code for one in ears.notes()] == ["romance"]


async def test_given_a_visitor_when_they_type_it_then_it_is_answered_and_nobody_is_noted(ears):
    result = await ears.house.desk.handle(ears.house.visitor(), message_id="m1", text=SCAM)

    assert result.replies
    assert ears.notes() == []


async def test_given_a_visitor_who_goes_on_then_the_security_desk_hears_each_kind_once_a_chat(
    tmp_path,
):
    settings = make_settings(tmp_path, siem_url="tls://siem.bank.example:6514")
    bank = make_bank(MemoryStore(), settings=settings)
    ear = Ear(bank, Scripted)
    ear.warm()
    desk = TurnDesk(
        bank, ScriptedAssistant(), TURN_KEY, utterances=load_utterances(), ear=ear
    )
    visitors = [bank.sessions.start_visitor()[1] for _ in range(2)]

    for number in range(3):
        for visitor in visitors:
            await desk.handle(visitor, message_id=f"m{number}", text=SCAM)

    sent = bank.store.read(lambda uow: uow.outbox.list(kind=OutboxKind.SIEM))
    assert [one.subject for one in sent] == ["suspicion_in_chat"] * 2


async def test_given_a_code_or_a_button_then_the_ear_is_not_asked(ears):
    session = ears.house.logged_in()

    await ears.house.desk.handle(session, message_id="m1", text="123456")

    assert ears.detector.asked == []


async def test_given_somebody_who_grieves_then_a_person_is_offered_once_a_day_after_the_answer(ears):
    session = ears.house.logged_in()

    for number in range(3):
        await ears.house.desk.handle(session, message_id=f"m{number}", text=SAD)

    said = [turn.payload["intent"] for turn in ears.house.assistant.turns if turn.payload]
    assert said == ["EXTERNAL_offer_person"]
    assert [turn.text for turn in ears.house.assistant.turns[:2]] == [SAD, ""]
    assert ears.notes() == []


@pytest.mark.parametrize("fault", [RuntimeError("a bug"), DatabaseBusy()])
async def test_given_an_ear_that_fails_then_the_customer_is_answered(ears, fault):
    ears.detector.fault = fault

    result = await ears.house.desk.handle(ears.house.logged_in(), message_id="m1", text=SCAM)

    assert [reply.text for reply in result.replies] == [f"heard: {SCAM}"]
    assert ears.notes() == []


async def test_given_a_branch_without_a_detector_then_it_is_deaf_and_answers(house):
    def missing():
        raise OSError("no such folder")

    ear = Ear(house.bank, missing)
    ear.warm()
    desk = TurnDesk(
        house.bank, ScriptedAssistant(), TURN_KEY, utterances=load_utterances(), ear=ear
    )

    result = await desk.handle(house.visitor(), message_id="m1", text=SCAM)

    assert result.replies


def test_given_the_policy_then_every_scam_the_ear_knows_has_a_weight():
    weightless = [
        kind.name
        for kind in KINDS.values()
        if kind.is_suspicion and not policy.knows(RiskSource.CONVERSATION, kind.name)
    ]
    assert weightless == []
