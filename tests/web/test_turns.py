"""The turn desk: one message in, exactly one answer out."""

from __future__ import annotations

import asyncio

import pytest

from bank.domain.conversations import Speaker
from bank.domain.errors import ButtonUsed, IdempotencyMismatch, InvalidText
from tests.web.house import APOLOGY, fails, make_house, says, staff_actor


async def test_given_a_message_when_handled_then_it_is_answered_and_both_lines_are_stored():
    house = make_house()
    session = house.visitor()

    result = await house.desk.handle(session, message_id="m1", text="hello")

    assert [reply.text for reply in result.replies] == ["heard: hello"]
    assert house.said(session) == [("customer", "hello"), ("bot", "heard: hello")]
    assert result.seq == 2


async def test_given_the_same_message_id_when_handled_again_then_the_stored_answer_comes_back():
    house = make_house()
    session = house.visitor()
    first = await house.desk.handle(session, message_id="m1", text="hello")

    again = await house.desk.handle(session, message_id="m1", text="hello")

    assert again.replayed
    assert again.replies == first.replies
    assert len(house.assistant.turns) == 1


async def test_given_the_same_message_id_with_another_text_when_handled_then_it_is_refused():
    house = make_house()
    session = house.visitor()
    await house.desk.handle(session, message_id="m1", text="hello")

    with pytest.raises(IdempotencyMismatch):
        await house.desk.handle(session, message_id="m1", text="something else")


async def test_given_fifty_copies_at_once_when_handled_then_one_turn_runs():
    house = make_house()
    session = house.visitor()

    results = await asyncio.gather(
        *(house.desk.handle(session, message_id="m1", text="hello") for _ in range(50))
    )

    assert len(house.assistant.turns) == 1
    assert {result.replies[0].text for result in results} == {"heard: hello"}


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("\u3000\uff0frestart", "restart"),
        ("\ufeff/inform{}", "inform{}"),
        ("my card is 4242 4242 4242 4242", "my card is •••• 4242"),
    ],
)
async def test_given_a_command_or_secret_when_handled_then_neither_store_nor_rasa_sees_it(raw, kept):
    house = make_house()
    session = house.visitor()

    await house.desk.handle(session, message_id="m1", text=raw)

    assert house.said(session)[0] == ("customer", kept)
    assert house.assistant.turns[0].text == kept


@pytest.mark.parametrize(
    ("raw", "reason"),
    [("", "empty"), ("\u200b\x00 /", "empty"), ("a" * 1001, "too_long"), ("a" * 30_000, "too_long")],
)
async def test_given_an_unusable_text_when_handled_then_the_refusal_names_the_reason(raw, reason):
    house = make_house()

    with pytest.raises(InvalidText) as refusal:
        await house.desk.handle(house.visitor(), message_id="m1", text=raw)

    assert refusal.value.details["reason"] == reason
    assert house.assistant.turns == []


async def test_given_a_silent_assistant_when_handled_then_one_apology_is_stored():
    house = make_house(lambda _turn: [])
    session = house.visitor()

    first = await house.desk.handle(session, message_id="m1", text="hello")
    again = await house.desk.handle(session, message_id="m1", text="hello")

    assert first.failed
    assert [reply.text for reply in again.replies] == [APOLOGY]
    assert house.said(session) == [("customer", "hello"), ("bot", APOLOGY)]


async def test_given_a_button_when_pressed_then_its_payload_reaches_rasa_and_never_the_page():
    house = make_house(lambda turn: [says("sure?", ("Yes", '/affirm{"transfer": "t1"}'), ("No", "/deny"))])
    session = house.visitor()
    asked = await house.desk.handle(session, message_id="m1", text="pay")
    yes, no = asked.replies[0].buttons

    await house.desk.handle(session, message_id="m2", button=yes.token)

    assert yes.payload is None
    assert "affirm" not in repr(house.lines(session))
    assert house.assistant.turns[1].payload == {"intent": "affirm", "entities": {"transfer": "t1"}}
    assert house.said(session)[2] == ("customer", "Yes")
    with pytest.raises(ButtonUsed):
        await house.desk.handle(session, message_id="m3", button=no.token)


async def test_given_a_payload_as_button_when_pressed_then_it_is_no_button():
    house = make_house()

    with pytest.raises(ButtonUsed):
        await house.desk.handle(house.visitor(), message_id="m1", button="/inform")


async def test_given_another_conversations_button_when_pressed_then_it_is_refused():
    house = make_house(lambda turn: [says("sure?", ("Yes", "/affirm"))])
    mine, other = house.visitor(), house.visitor()
    asked = await house.desk.handle(mine, message_id="m1", text="pay")

    with pytest.raises(ButtonUsed):
        await house.desk.handle(other, message_id="m1", button=asked.replies[0].buttons[0].token)


async def test_given_a_press_cut_off_when_retried_then_the_same_payload_is_sent_again():
    house = make_house(lambda turn: [says("sure?", ("Yes", "/affirm"))])
    session = house.visitor()
    asked = await house.desk.handle(session, message_id="m1", text="pay")
    token = asked.replies[0].buttons[0].token

    async def breaks(_turn):
        raise RuntimeError("the process dies here")

    house.assistant.script = breaks
    with pytest.raises(RuntimeError):
        await house.desk.handle(session, message_id="m2", button=token)
    house.assistant.script = lambda turn: [says("done")]
    result = await house.desk.handle(session, message_id="m2", button=token)

    assert [reply.text for reply in result.replies] == ["done"]
    assert [text for sender, text in house.said(session) if sender == "customer"] == ["pay", "Yes"]


async def test_given_a_person_speaks_when_a_message_comes_then_rasa_is_not_called():
    house = make_house()
    session = house.visitor()
    house.taken_over(session)

    result = await house.desk.handle(session, message_id="m1", text="are you there?")

    assert result.speaker is Speaker.STAFF
    assert result.replies == ()
    assert house.assistant.turns == []
    assert house.said(session)[-1] == ("customer", "are you there?")


async def test_given_a_takeover_while_rasa_thinks_when_it_answers_then_its_words_are_dropped():
    house = make_house()
    session = house.visitor()

    async def thinks(_turn):
        house.taken_over(session)
        return [says("too late")]

    house.assistant.script = thinks
    result = await house.desk.handle(session, message_id="m1", text="hello")

    assert (result.speaker, result.replies) == (Speaker.STAFF, ())
    assert "too late" not in repr(house.said(session))


async def test_given_hand_back_when_done_then_the_bot_is_told_the_summary():
    house = make_house()
    session = house.visitor()
    case, member = house.taken_over(session)
    actor = staff_actor(house.bank, member)
    await house.desk.let_bot_speak(
        str(session.conversation_id),
        lambda: house.bank.cases.hand_back(actor, case.id, "card sent"),
        summary="card sent",
    )

    assert house.assistant.turns[-1].payload == {
        "intent": "EXTERNAL_handed_back", "entities": {"summary": "card sent"},
    }  # fmt: skip
    assert house.said(session)[-1] == ("bot", "event EXTERNAL_handed_back")


async def test_given_a_failed_event_when_sent_again_then_it_runs_and_nobody_was_apologised_to():
    house = make_house(fails)
    session = house.visitor()
    about = {
        "conversation_id": str(session.conversation_id), "message_id": "greet-1",
        "name": "EXTERNAL_greet", "facts": {},
    }  # fmt: skip

    first = await house.desk.event(session.actor(), **about)
    house.assistant.script = lambda turn: [says("welcome")]
    again = await house.desk.event(session.actor(), **about)

    assert first.failed
    assert first.replies == ()
    assert house.said(session) == [("bot", "welcome")]
    assert again.replies[0].text == "welcome"


async def test_given_six_digits_and_nothing_to_confirm_when_sent_then_they_are_text():
    house = make_house()
    session = house.logged_in()

    await house.desk.handle(session, message_id="m1", text="123456")

    assert house.assistant.turns[0].text == "123456"


async def test_given_a_line_of_text_when_answered_with_buttons_then_it_cost_two_commits(
    monkeypatch,
):
    house = make_house(lambda _turn: _said_with_buttons())
    session, writes = house.visitor(), []
    write = house.bank.store.write
    monkeypatch.setattr(house.bank.store, "write", lambda work: writes.append(work) or write(work))

    result = await house.desk.handle(session, message_id="m1", text="hello")

    assert [button.title for button in result.replies[0].buttons] == ["Yes", "No"]
    assert len(writes) == 2


async def _said_with_buttons():
    return [says("really?", ("Yes", "/affirm"), ("No", "/deny"))]
