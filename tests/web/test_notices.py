"""Telling notices: at a good moment, in an open chat, once, whoever dies on the way."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from bank.bootstrap import make_bank
from bank.domain.actors import SYSTEM, LoginLevel
from bank.domain.money import Money
from bank.domain.notices import TELLING_LEASE_S, NoticeState
from bank.services.notices import Notices
from bank.storage.memory import MemoryStore
from tests.web.house import TURN_KEY, House, ScriptedAssistant, echo, eventually, fails, says
from web.chat.turns import TurnDesk
from web.feed import Feed
from web.notices import QUIET_S, SETTLE_S, NoticeTeller
from web.utterances import load_utterances

DEARER = SimpleNamespace(
    merchant="Streamly", category="subscriptions",
    amount=Money(1_299, "EUR"), previous_amount=Money(999, "EUR"),
)  # fmt: skip
CALM = SimpleNamespace(month_to_date=Money(1, "EUR"), usual_by_now=Money(1, "EUR"))


class Clock:
    def __init__(self) -> None:
        self.now_utc = datetime(2026, 3, 2, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now_utc

    def pass_s(self, seconds: float) -> None:
        self.now_utc += timedelta(seconds=seconds)


class Accounts:
    """The insights of a customer with one subscription that became dearer, perhaps more."""

    def __init__(self, *charges: SimpleNamespace) -> None:
        self.charges = charges or (DEARER,)

    def recurring(self, actor):
        return list(self.charges)

    def low_balance(self, actor):
        return None

    def refunds(self, actor, since_utc):
        return []

    def spending_path(self, actor):
        return CALM


class Room(House):
    """The web room with a turnable clock; `notice` is what the accounts give to tell."""

    def __init__(self, *charges: SimpleNamespace) -> None:
        self.clock = Clock()
        bank = make_bank(MemoryStore(), clock=self.clock)
        notices = Notices(bank.store, clock=self.clock, insights=Accounts(*charges))
        bank = bank.__class__(**{**vars(bank), "notices": notices})
        assistant = ScriptedAssistant()
        super().__init__(bank, assistant, self.a_desk(bank, assistant))
        self.feed = Feed(read_changes=bank.conversations.changes, newest_change=lambda: 0)
        self.teller = self.a_teller()

    def a_desk(self, bank, assistant) -> TurnDesk:
        return TurnDesk(bank, assistant, TURN_KEY, utterances=load_utterances())

    def a_teller(self, *, own_desk: bool = False) -> NoticeTeller:
        """One process's teller; with a desk of its own it is another process."""
        desk = self.a_desk(self.bank, self.assistant) if own_desk else self.desk
        return NoticeTeller(self.bank, desk, self.feed)

    async def opened(self, *, settle_s: float = SETTLE_S):
        """A customer's chat in which the assistant has said hello."""
        session = self.logged_in()
        await self.desk.greet(session)
        self.clock.pass_s(settle_s)
        return session

    def told(self, session) -> int:
        """How often the notice was said in this chat."""
        return self.said(session).count(("bot", "event EXTERNAL_notice"))

    def states(self) -> list[NoticeState]:
        return [each.state for each in self.bank.store.read(lambda uow: uow.notices.list())]


async def test_given_a_dearer_charge_when_the_chat_is_open_then_the_bot_is_told_its_facts_once():
    room = Room()
    session = await room.opened()

    first = await room.teller.tell_one(session.conversation_id)
    again = await room.teller.tell_one(session.conversation_id)

    assert (first, again, room.told(session)) == (True, False, 1)
    assert room.states() == [NoticeState.TOLD]
    turn = room.assistant.turns[-1]
    assert turn.payload == {
        "intent": "EXTERNAL_notice",
        "entities": {
            "kind": "recurring_changed", "merchant": "Streamly",
            "amount": "12.99 EUR", "previous": "9.99 EUR",
        },
    }  # fmt: skip
    assert turn.customer_id == session.actor_id


async def test_given_two_processes_when_both_tell_at_once_then_the_customer_hears_it_once():
    room = Room()
    session = await room.opened()

    async def slowly(_turn):
        await asyncio.sleep(0.05)
        return [says("event EXTERNAL_notice")]

    room.assistant.script = slowly
    tellers = [room.a_teller(own_desk=True) for _ in range(2)]

    done = await asyncio.gather(*(one.tell_one(session.conversation_id) for one in tellers))

    assert sorted(done) == [False, True]
    assert room.told(session) == 1


async def test_given_two_chats_of_one_customer_when_told_at_once_then_in_one_of_them():
    room = Room()
    chats = [await room.opened(), await room.opened()]

    await asyncio.gather(
        *(room.a_teller(own_desk=True).tell_one(one.conversation_id) for one in chats)
    )

    assert sum(room.told(one) for one in chats) == 1


async def test_given_no_open_chat_when_found_then_it_waits_and_comes_at_the_next_opening(
    monkeypatch,
):
    monkeypatch.setattr("web.notices.LOOK_EVERY_S", 0.01)
    room = Room()
    old = await room.opened()
    room.bank.notices.make_due([old.actor_id])
    work = asyncio.create_task(room.teller.run())
    await asyncio.sleep(0.1)
    assert room.states() == [NoticeState.PENDING]

    session = await room.opened()
    room.feed.listen_to_chat(session.conversation_id)
    await eventually(lambda: room.told(session))

    work.cancel()
    assert room.told(old) == 0


async def test_given_a_greeting_just_said_when_looked_then_the_notice_lets_it_settle():
    room = Room()
    session = await room.opened(settle_s=0)

    assert not await room.teller.tell_one(session.conversation_id)

    room.clock.pass_s(SETTLE_S)
    assert await room.teller.tell_one(session.conversation_id)


async def test_given_a_customer_in_the_middle_of_something_when_found_then_only_after_quiet():
    room = Room()
    session = await room.opened()
    await room.desk.handle(session, message_id="m1", text="send 14 euros to Ana")
    room.clock.pass_s(QUIET_S - 1)

    assert not await room.teller.tell_one(session.conversation_id)

    room.clock.pass_s(1)
    assert await room.teller.tell_one(session.conversation_id)


async def test_given_a_person_speaks_when_found_then_it_waits_until_the_bot_does_again():
    room = Room()
    session = await room.opened()
    case, member = room.taken_over(session)
    room.clock.pass_s(QUIET_S)

    assert not await room.teller.tell_one(session.conversation_id)

    room.bank.cases.hand_back(room.bank.sessions.start_staff(member)[1].actor(), case.id)
    assert await room.teller.tell_one(session.conversation_id)
    assert room.told(session) == 1


async def test_given_a_person_takes_over_while_the_bot_thinks_then_it_is_told_in_the_next_chat():
    room = Room()
    session = await room.opened()

    def takes_over(_turn):
        room.taken_over(session)
        return [says("event EXTERNAL_notice")]

    room.assistant.script = takes_over
    await room.teller.tell_one(session.conversation_id)
    assert (room.told(session), room.states()) == (0, [NoticeState.PENDING])
    room.assistant.script = echo

    later = await room.opened()
    await room.teller.tell_one(later.conversation_id)

    assert (room.told(session), room.told(later)) == (0, 1)


async def test_given_a_proof_is_awaited_when_found_then_it_waits_for_the_end_of_the_code():
    room = Room()
    session = await room.opened()
    room.bank.store.write(
        lambda uow: room.bank.step_up.challenge_in(
            uow, session.actor(), purpose="card_unfreeze", binding={"card_id": "cd_1"}
        )
    )
    room.clock.pass_s(QUIET_S)

    assert not await room.teller.tell_one(session.conversation_id)

    room.clock.pass_s(300)
    assert await room.teller.tell_one(session.conversation_id)


@pytest.mark.parametrize("same_chat", [True, False], ids=["same chat", "new chat"])
async def test_given_a_crash_before_it_was_marked_when_started_again_then_never_twice(
    monkeypatch, same_chat
):
    room = Room()
    session = await room.opened()

    def crash(_notice_id):
        raise OSError("the process died here")

    with monkeypatch.context() as patch:
        patch.setattr(room.bank.notices, "mark_told", crash)
        with pytest.raises(OSError, match="died"):
            await room.teller.tell_one(session.conversation_id)
    room.clock.pass_s(TELLING_LEASE_S)
    chat = session if same_chat else await room.opened()

    reborn = room.a_teller(own_desk=True)
    await reborn.tell_one(chat.conversation_id)
    await reborn.tell_one(chat.conversation_id)

    assert room.told(session) + (0 if same_chat else room.told(chat)) == 1
    assert room.states() == [NoticeState.TOLD]


async def test_given_a_silent_assistant_when_told_then_no_apology_and_it_comes_later():
    room = Room()
    session = await room.opened()
    room.assistant.script = fails

    assert not await room.teller.tell_one(session.conversation_id)

    assert room.said(session) == [("bot", "event EXTERNAL_greet")]
    room.assistant.script = echo
    room.clock.pass_s(TELLING_LEASE_S)
    assert await room.teller.tell_one(session.conversation_id)


async def test_given_a_bill_that_varies_by_nature_when_dearer_then_that_is_no_news():
    room = Room(SimpleNamespace(**{**vars(DEARER), "category": "utilities"}))
    session = await room.opened()

    assert not await room.teller.tell_one(session.conversation_id)

    assert room.states() == []


async def test_given_a_visitor_when_looked_then_nothing_is_said():
    room = Room()
    session = room.visitor()
    await room.desk.greet(session)
    room.clock.pass_s(QUIET_S)

    assert not await room.teller.tell_one(session.conversation_id)


# --- "was this you?" ---------------------------------------------------------------------------


def a_strange_login(room, session, place="elsewhere"):
    """The session's customer was at home before; then somebody logs in from elsewhere."""
    for one in ("home", place):
        room.bank.habits.note_login(session.actor_id, place=one)


async def test_given_a_strange_login_when_in_the_middle_of_something_then_asked_at_once_and_once():
    room = Room()
    session = await room.opened()
    await room.teller.tell_one(session.conversation_id)  # the dearer charge
    await room.desk.handle(session, message_id="m1", text="send 14 euros to Ana")
    a_strange_login(room, session)

    first = await room.teller.tell_one(session.conversation_id)
    again = await room.teller.tell_one(session.conversation_id)

    assert (first, again) == (True, False)
    payload = room.assistant.turns[-1].payload
    (event,) = room.bank.event_questions.open(session.actor())
    assert payload["intent"] == "EXTERNAL_notice"
    assert payload["entities"]["kind"] == "login_new_place"
    assert payload["entities"]["event_id"] == event.id


async def test_given_older_news_and_a_strange_login_when_looked_then_the_question_goes_first():
    room = Room()
    session = await room.opened(settle_s=0)
    room.bank.notices.make_due([session.actor_id])
    room.clock.pass_s(1)
    a_strange_login(room, session)

    assert await room.teller.tell_one(session.conversation_id)

    assert room.assistant.turns[-1].payload["entities"]["kind"] == "login_new_place"


async def test_given_the_chat_of_the_strange_login_when_looked_then_it_is_asked_at_home_only():
    room = Room(SimpleNamespace(**{**vars(DEARER), "category": "utilities"}))
    session = await room.opened()
    a_strange_login(room, session)
    customer = room.bank.customers.find_by_login_name(SYSTEM, "amal")
    _, stranger = room.bank.sessions.start_customer(
        customer, LoginLevel.PASSWORD, place="elsewhere"
    )
    await room.desk.greet(stranger)
    room.clock.pass_s(QUIET_S)

    assert not await room.teller.tell_one(stranger.conversation_id)
    assert await room.teller.tell_one(session.conversation_id)


async def test_given_a_strange_login_when_a_proof_is_awaited_then_the_code_goes_first():
    room = Room(SimpleNamespace(**{**vars(DEARER), "category": "utilities"}))
    session = await room.opened()
    a_strange_login(room, session)
    room.bank.store.write(
        lambda uow: room.bank.step_up.challenge_in(
            uow, session.actor(), purpose="card_unfreeze", binding={"card_id": "cd_1"}
        )
    )

    assert not await room.teller.tell_one(session.conversation_id)

    room.clock.pass_s(301)
    assert await room.teller.tell_one(session.conversation_id)


async def test_given_a_chat_that_begins_when_a_login_was_strange_then_the_greeting_comes_first():
    room = Room()
    session = room.logged_in()
    a_strange_login(room, session)

    assert not await room.teller.tell_one(session.conversation_id)

    await room.desk.greet(session)
    assert await room.teller.tell_one(session.conversation_id)
