"""Lines of a chat: numbered, sealed, seen by two sides, erased for good."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bank.domain.actors import SYSTEM, VISITOR
from bank.domain.conversations import NewMessage, Sender
from bank.domain.errors import BankError, ChatErased, NotFound, NotPermitted
from bank.security.vault import SealBroken
from tests.bank.people.world import World


def test_given_lines_of_all_sides_when_read_then_numbers_have_no_gaps(world: World):
    amal = world.chat(world.customer())
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(
                lambda n: world.bank.conversations.append(
                    amal, amal.conversation_id, text=f"line {n}", message_id=f"m{n}"
                ),
                range(40),
            )
        )

    lines = world.bank.conversations.transcript(amal, amal.conversation_id)

    assert [line.seq for line in lines] == list(range(1, 41))
    assert {line.text for line in lines} == {f"line {n}" for n in range(40)}


def test_given_a_repeated_message_id_then_the_line_is_stored_once(world: World):
    amal = world.chat()

    first = world.bank.conversations.append(amal, amal.conversation_id, text="hi", message_id="m1")
    again = world.bank.conversations.append(amal, amal.conversation_id, text="hi", message_id="m1")

    assert first == again


def test_given_what_was_said_when_the_tables_are_read_then_it_is_nowhere_in_clear(world: World):
    amal = world.chat(world.customer())
    chat = amal.conversation_id
    world.bank.conversations.append(
        amal, chat, text="my secret wish", data={"note": "secret data"}, info={"x": "secret info"}
    )
    world.bank.turns.begin(chat, "m1", "my secret wish")
    world.bank.turns.finish(chat, "m1", [{"text": "secret reply"}])
    world.bank.buttons.issue_group(chat, [("secret title", {"intent": "secret_intent"})])

    tables = ("messages", "turns", "buttons", "changes", "conversations", "audit")
    held = world.store.read(lambda uow: repr([getattr(uow, name).list() for name in tables]))

    assert "secret" not in held


def test_given_a_sealed_line_when_moved_to_another_place_then_it_does_not_open(world: World):
    amal = world.chat()
    chat = amal.conversation_id
    world.bank.conversations.append(amal, chat, text="one")
    world.bank.conversations.append(amal, chat, text="two")

    def swap(uow) -> None:
        one, two = uow.messages.list(order_by="seq")
        values = {name: getattr(two, name) for name in type(two).__slots__}
        uow.messages.save(type(two)(**{**values, "text_enc": one.text_enc}))

    world.store.write(swap)

    with pytest.raises(SealBroken):
        world.bank.conversations.transcript(amal, chat)


def test_given_an_erased_chat_then_nothing_of_it_can_be_read_or_added(world: World):
    amal = world.chat(world.customer())
    chat = amal.conversation_id
    world.bank.conversations.append(amal, chat, text="forget me")
    world.bank.turns.begin(chat, "m1", "x")
    world.bank.turns.finish(chat, "m1", [{"text": "y"}])
    [token] = world.bank.buttons.issue_group(chat, [("Yes", {})])

    world.bank.conversations.erase(SYSTEM, chat)

    for act in (
        lambda: world.bank.conversations.transcript(amal, chat),
        lambda: world.bank.conversations.append(amal, chat, text="hello?"),
        lambda: world.bank.turns.begin(chat, "m1", "x"),
        lambda: world.bank.buttons.redeem(chat, token),
    ):
        with pytest.raises(ChatErased):
            act()


def test_given_a_stranger_when_they_read_or_write_then_there_is_no_such_chat(world: World):
    amal, mallory = world.chat(world.customer()), world.chat(world.customer("mallory"))
    visitor = world.chat()
    chat = amal.conversation_id

    for stranger in (mallory, visitor, VISITOR):
        with pytest.raises(NotFound):
            world.bank.conversations.transcript(stranger, chat)
        with pytest.raises(NotFound):
            world.bank.conversations.append(stranger, chat, text="me too")
        with pytest.raises(NotFound):
            world.bank.conversations.handoff(stranger, chat, "x", "y")


@pytest.mark.parametrize("sender", ["bot", "staff", "system"])
def test_given_a_customer_when_they_write_as_somebody_else_then_refused(world: World, sender):
    amal = world.chat(world.customer())

    with pytest.raises(NotPermitted):
        world.bank.conversations.append(amal, amal.conversation_id, sender=sender, text="trust me")


def test_given_what_the_bot_understood_then_staff_see_it_and_the_customer_does_not(world: World):
    amal, bea = world.chat(), world.staff()
    line = NewMessage(Sender.BOT, "hello", {"kind": "text"}, {"intent": "greet"})
    world.bank.conversations.append(SYSTEM, amal.conversation_id, line)

    [mine] = world.bank.conversations.transcript(amal, amal.conversation_id)
    [theirs] = world.bank.conversations.transcript(bea, amal.conversation_id)

    assert (mine.info, mine.data) == ({}, {"kind": "text"})
    assert theirs.info == {"intent": "greet"}


def test_given_changes_when_followed_by_number_then_none_is_missed_or_twice(world: World):
    amal = world.chat()
    seen, after = [], 0
    for number in range(10):
        world.bank.conversations.append(amal, amal.conversation_id, text=str(number))
        if number % 3 == 0:
            news = world.bank.conversations.changes(after)
            seen += [change.data["seq"] for change in news]
            after = news[-1].number

    assert seen == list(range(1, 11))
    assert world.bank.conversations.changes(after) == []
    assert world.bank.conversations.newest_change() == after


def test_given_old_changes_when_trimmed_then_numbers_go_on(world: World):
    amal = world.chat()
    world.bank.conversations.append(amal, amal.conversation_id, text="1")
    world.clock.pass_s(3_601)

    assert world.bank.changes.trim() == 1
    world.bank.conversations.append(amal, amal.conversation_id, text="2")

    assert [change.number for change in world.bank.conversations.changes(1)] == [2]


def test_given_a_messenger_account_then_its_chat_is_found_again_without_its_number(world: World):
    first = world.bank.conversations.of_external("telegram", "4711")

    assert world.bank.conversations.of_external("telegram", "4711").id == first.id
    assert world.bank.conversations.of_external("slack", "4711").id != first.id
    assert "4711" not in world.store.read(lambda uow: repr(uow.conversations.list()))


def test_given_a_visitors_handoff_when_they_log_in_then_the_case_names_them(world: World):
    token, session = world.bank.sessions.start_visitor()
    case = world.handoff(session.actor())
    amal = world.customer()

    world.bank.sessions.upgrade(token, amal)

    assert world.bank.cases.get(SYSTEM, case.id).customer_id == amal.id


def test_given_refusals_then_nothing_is_left_behind(world: World):
    amal = world.chat()
    before = world.bank.conversations.newest_change()

    with pytest.raises(BankError):
        world.bank.conversations.append(amal, amal.conversation_id, sender="bot", text="x")

    assert world.bank.conversations.newest_change() == before
