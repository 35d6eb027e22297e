"""A message id runs once; a button works once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bank.domain.conversations import NewMessage, Sender, Speaker
from bank.domain.errors import ButtonUsed, NotFound, NotPermitted
from bank.domain.turns import BUTTON_TTL_S, TURN_LEASE_S, TurnStart
from tests.bank.people.world import World

REPLIES = [{"text": "hello", "buttons": []}, {"text": "how can I help?"}]


def lines() -> list[NewMessage]:
    return [NewMessage(Sender.BOT, reply["text"], message_id="m1") for reply in REPLIES]


def test_given_a_finished_turn_when_repeated_then_its_replies_come_back(world: World):
    chat = world.chat().conversation_id
    world.bank.turns.begin(chat, "m1", "hi")
    finished = world.bank.turns.finish(chat, "m1", REPLIES, lines=lines())

    again = world.bank.turns.begin(chat, "m1", "hi")

    assert finished.seqs == (1, 2)
    assert (again.start, list(again.replies)) == (TurnStart.REPLAY, REPLIES)


def test_given_a_line_when_a_turn_begins_then_it_is_stored_once_and_the_speaker_told(world: World):
    amal = world.chat()
    chat, said = amal.conversation_id, NewMessage(Sender.CUSTOMER, "hi", message_id="m1")

    begun = world.bank.turns.begin(chat, "m1", "hi", line=(amal, said))
    world.bank.turns.give_up(chat, "m1")
    again = world.bank.turns.begin(chat, "m1", "hi", line=(amal, said))

    assert (begun.seq, begun.speaker) == (again.seq, again.speaker) == (1, Speaker.BOT)
    assert [line.text for line in world.bank.conversations.transcript(amal, chat)] == ["hi"]


def test_given_a_line_that_may_not_be_stored_when_a_turn_begins_then_the_id_is_unclaimed(
    world: World,
):
    amal, mallory = world.chat(), world.chat()
    chat = amal.conversation_id
    as_bot = NewMessage(Sender.BOT, "hi", message_id="m1")
    as_amal = NewMessage(Sender.CUSTOMER, "hi", message_id="m1")

    with pytest.raises(NotPermitted):
        world.bank.turns.begin(chat, "m1", "hi", line=(amal, as_bot))
    with pytest.raises(NotFound):
        world.bank.turns.begin(chat, "m1", "hi", line=(mallory, as_amal))

    assert world.bank.turns.begin(chat, "m1", "hi").start is TurnStart.NEW


def test_given_a_person_took_over_when_a_turn_finishes_then_no_button_is_issued(world: World):
    amal, bea = world.chat(), world.staff()
    chat = amal.conversation_id
    world.bank.turns.begin(chat, "m1", "hi")
    world.bank.cases.take_over(bea, world.handoff(amal).id)

    def say(uow: object) -> object:
        raise AssertionError("nothing of it would be kept")

    finished = world.bank.turns.finish_saying(chat, "m1", say)

    assert (finished.replies, finished.spoken) == ((), False)


def test_given_the_same_id_with_another_body_then_mismatch(world: World):
    chat = world.chat().conversation_id
    world.bank.turns.begin(chat, "m1", "hi")

    assert world.bank.turns.begin(chat, "m1", "send money").start is TurnStart.MISMATCH


def test_given_the_same_id_in_another_chat_then_it_is_another_turn(world: World):
    world.bank.turns.begin(world.chat().conversation_id, "m1", "hi")

    assert world.bank.turns.begin(world.chat().conversation_id, "m1", "hi").start is TurnStart.NEW


def test_given_fifty_copies_at_once_then_one_runs(world: World):
    chat = world.chat().conversation_id

    with ThreadPoolExecutor(16) as pool:
        starts = list(pool.map(lambda _: world.bank.turns.begin(chat, "m1", "hi").start, range(50)))

    assert starts.count(TurnStart.NEW) == 1
    assert starts.count(TurnStart.IN_PROGRESS) == 49


def test_given_a_process_that_died_when_its_lease_is_over_then_the_turn_runs_again(world: World):
    chat = world.chat().conversation_id
    world.bank.turns.begin(chat, "m1", "hi")
    world.clock.pass_s(TURN_LEASE_S + 1)

    again = world.bank.turns.begin(chat, "m1", "hi")

    assert (again.start, again.attempt) == (TurnStart.NEW, 2)


def test_given_two_attempts_when_both_finish_then_the_first_is_the_answer(world: World):
    actor = world.chat()
    chat = actor.conversation_id
    world.bank.turns.begin(chat, "m1", "hi")
    world.clock.pass_s(TURN_LEASE_S + 1)
    world.bank.turns.begin(chat, "m1", "hi")

    world.bank.turns.finish(chat, "m1", REPLIES, lines=lines())
    late = world.bank.turns.finish(chat, "m1", [{"text": "other"}], lines=lines())

    assert list(late.replies) == REPLIES
    assert len(world.bank.conversations.transcript(actor, chat)) == 2


def test_given_a_turn_given_up_then_it_may_run_at_once(world: World):
    chat = world.chat().conversation_id
    world.bank.turns.begin(chat, "m1", "hi")

    world.bank.turns.give_up(chat, "m1")

    assert world.bank.turns.begin(chat, "m1", "hi").start is TurnStart.NEW


def test_given_a_takeover_in_the_middle_of_a_turn_then_the_bot_says_nothing(world: World):
    amal, bea = world.chat(), world.staff()
    chat = amal.conversation_id
    world.bank.turns.begin(chat, "m1", "hi")
    world.bank.cases.take_over(bea, world.handoff(amal).id)

    finished = world.bank.turns.finish(chat, "m1", REPLIES, lines=lines())

    assert (finished.spoken, finished.replies) == (False, ())
    assert world.bank.conversations.transcript(amal, chat) == []
    assert world.bank.turns.begin(chat, "m1", "hi").replies == ()


def test_given_a_button_when_pressed_then_its_whole_question_is_spent(world: World):
    chat = world.chat().conversation_id
    yes, no = world.bank.buttons.issue_group(
        chat, [("Yes", {"intent": "affirm"}), ("No", {"intent": "deny"})]
    )

    assert world.bank.buttons.redeem(chat, yes, message_id="m1") == {"intent": "affirm"}

    for token in (yes, no):
        with pytest.raises(ButtonUsed):
            world.bank.buttons.redeem(chat, token, message_id="m2")
    with pytest.raises(ButtonUsed):
        world.bank.buttons.redeem(chat, no, message_id="m1")


def test_given_a_press_that_was_cut_off_when_the_same_message_retries_then_it_works(world: World):
    chat = world.chat().conversation_id
    [yes] = world.bank.buttons.issue_group(chat, [("Yes", {"intent": "affirm"})])
    world.bank.buttons.press(chat, yes, message_id="m1")

    assert world.bank.buttons.press(chat, yes, message_id="m1").title == "Yes"


def test_given_fifty_presses_at_once_then_one_counts(world: World):
    chat = world.chat().conversation_id
    tokens = world.bank.buttons.issue_group(chat, [("Yes", {"n": 1}), ("No", {"n": 2})])

    def press(number: int) -> bool:
        try:
            world.bank.buttons.redeem(chat, tokens[number % 2], message_id=f"m{number}")
        except ButtonUsed:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(press, range(50))) == 1


@pytest.mark.parametrize("token", ["", "/affirm", "x" * 10_000, "\x00"])
def test_given_something_that_is_no_token_then_refused(world: World, token):
    with pytest.raises(ButtonUsed):
        world.bank.buttons.redeem(world.chat().conversation_id, token)


def test_given_a_token_of_another_chat_or_too_old_then_refused(world: World):
    chat = world.chat().conversation_id
    [yes] = world.bank.buttons.issue_group(chat, [("Yes", {})])

    with pytest.raises(ButtonUsed):
        world.bank.buttons.redeem(world.chat().conversation_id, yes)
    world.clock.pass_s(BUTTON_TTL_S)
    with pytest.raises(ButtonUsed):
        world.bank.buttons.redeem(chat, yes)


def test_given_buttons_issued_one_by_one_then_the_group_still_holds(world: World):
    chat = world.chat().conversation_id
    yes = world.bank.buttons.issue(chat, {"intent": "affirm"}, "Yes", "q1")
    no = world.bank.buttons.issue(chat, {"intent": "deny"}, "No", "q1")
    other = world.bank.buttons.issue(chat, {"intent": "greet"}, "Hi", "q2")
    world.bank.buttons.redeem(chat, yes)

    with pytest.raises(ButtonUsed):
        world.bank.buttons.redeem(chat, no)
    assert world.bank.buttons.redeem(chat, other) == {"intent": "greet"}
