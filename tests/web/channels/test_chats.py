"""A whole chat in each messenger: words, buttons, tables, pictures, a person, the same rules."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bank.domain.actors import a_customer
from bank.domain.conversations import Sender
from bank.domain.errors import DatabaseBusy
from tests.web.house import echo, eventually, says
from web.assistant import WireReply
from web.limits import LimitRules

GREETING = "event EXTERNAL_greet"


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(out, format="PNG")
    return out.getvalue()


async def test_given_a_first_message_then_the_assistant_introduces_itself_and_answers(town):
    response = await town.driver.say("hello there")
    await town.service.wait_for(2)

    assert response.status == 200
    assert town.service.texts == [GREETING, "heard: hello there"]
    assert town.said() == [
        ("bot", GREETING), ("customer", "hello there"), ("bot", "heard: hello there"),
    ]  # fmt: skip
    assert [turn.channel for turn in town.assistant.turns] == [town.name] * 2


async def test_given_an_account_nobody_linked_then_it_is_nobody(town):
    await town.driver.say("what is my balance?")

    turn = town.assistant.turns[-1]
    assert (turn.customer_id, turn.login_level) == (None, "none")


async def test_given_a_linked_account_then_the_turn_is_the_customers_with_a_password_level(town):
    customer = town.linked()

    await town.driver.say("what is my balance?")

    turn = town.assistant.turns[-1]
    assert (turn.customer_id, turn.login_level) == (customer.id, "password")


async def test_given_the_same_delivery_twice_then_it_runs_once_and_is_answered_once(town):
    for _ in range(2):
        response = await town.driver.say("pay Ana 10", message_id="77")
        assert response.status == 200
    await town.settled()

    assert [turn.text for turn in town.assistant.turns if turn.payload is None] == ["pay Ana 10"]
    assert town.service.texts == [GREETING, "heard: pay Ana 10"]


async def test_given_a_card_number_then_it_is_masked_before_anything_else(town):
    await town.driver.say("my card is 4111 1111 1111 1111")

    assert "4111 1111" not in town.assistant.turns[-1].text
    assert all("1111 1111" not in text for _, text in town.said())


async def test_given_a_typed_intent_then_it_is_text(town):
    await town.driver.say('/freeze_card{"card": "x"}')

    assert town.assistant.turns[-1].payload is None


def ask_yes_no(turn):
    if turn.payload is not None and turn.payload["intent"] == "affirm":
        return [says("done")]
    if turn.payload is not None:
        return echo(turn)
    return [says("Send 10 EUR to Ana?", ("Yes", "/affirm"), ("No", "/deny"))]


async def test_given_choices_when_one_is_chosen_then_its_payload_runs_and_once_only(town):
    town.assistant.script = ask_yes_no
    await town.driver.say("pay Ana 10")
    await town.service.wait_for(2)

    await town.driver.press("Yes")
    await town.service.wait_for(3)
    assert town.service.texts[-1] == "done"
    assert "/affirm" not in "".join(town.service.texts)
    intents = [turn.payload["intent"] for turn in town.assistant.turns if turn.payload]
    assert intents == ["EXTERNAL_greet", "affirm"]


@pytest.mark.parametrize("service_name", ["telegram", "slack"], indirect=True)
async def test_given_a_button_when_pressed_twice_then_the_second_press_is_refused_in_words(town):
    town.assistant.script = ask_yes_no
    await town.driver.say("pay Ana 10")
    await town.service.wait_for(2)

    for _ in range(2):
        assert (await town.driver.press("Yes")).status == 200
        await town.settled()
    await town.service.wait_for(4)

    assert "button was used already" in town.service.texts[-1]
    intents = [turn.payload["intent"] for turn in town.assistant.turns if turn.payload]
    assert intents.count("affirm") == 1


@pytest.mark.parametrize("service_name", ["whatsapp"], indirect=True)
async def test_given_numbered_choices_then_a_number_counts_right_after_the_question_only(town):
    town.assistant.script = ask_yes_no
    await town.driver.say("pay Ana 10")
    await town.service.wait_for(2)
    assert town.service.texts[-1] == (
        "Send 10 EUR to Ana?\n1. Yes\n2. No\nPlease reply with the number."
    )

    town.assistant.script = echo
    await town.driver.say("7")  # no such choice: a text
    await town.driver.say("1")  # the question is over: a text
    assert [turn.text for turn in town.assistant.turns[-2:]] == ["7", "1"]
    assert [turn.payload for turn in town.assistant.turns[-2:]] == [None, None]


@pytest.mark.parametrize("service_name", ["whatsapp"], indirect=True)
async def test_given_a_number_delivered_twice_then_the_button_is_pressed_once(town):
    town.assistant.script = ask_yes_no
    await town.driver.say("pay Ana 10")
    await town.service.wait_for(2)

    for _ in range(2):
        assert (await town.driver.say("1", message_id="88")).status == 200
    await town.settled()

    assert town.service.texts[-1] == "done"
    intents = [turn.payload["intent"] for turn in town.assistant.turns if turn.payload]
    assert intents.count("affirm") == 1


@pytest.mark.parametrize("service_name", ["whatsapp"], indirect=True)
async def test_given_a_number_whose_turn_was_cut_off_then_the_next_delivery_presses_again(town):
    town.assistant.script = ask_yes_no
    await town.driver.say("pay Ana 10")
    await town.service.wait_for(2)
    failing = iter([DatabaseBusy()])

    def cut_off_once(turn):
        for fault in failing:
            raise fault
        return ask_yes_no(turn)

    town.assistant.script = cut_off_once
    first = await town.driver.say("1", message_id="89")
    second = await town.driver.say("1", message_id="89")
    await town.settled()

    assert (first.status, second.status) == (503, 200)
    assert town.service.texts[-1] == "done"


@pytest.mark.parametrize("service_name", ["telegram"], indirect=True)
async def test_given_a_press_then_telegram_is_told_it_arrived(town):
    town.assistant.script = ask_yes_no
    await town.driver.say("pay Ana 10")
    await town.service.wait_for(2)

    await town.driver.press("No")

    await eventually(lambda: town.service.acknowledged == [f"cb{town.driver.last_id}"])


async def test_given_a_table_then_it_comes_as_short_lines(town):
    rows = [{"posting_id": "po_1", "date": "2026-03-01", "merchant": "Rewe", "amount": "-9.50 EUR"}]
    town.assistant.script = lambda turn: [
        WireReply(text="Your payments <3:", kind="transactions", data={"rows": rows, "count": 1})
    ]
    await town.driver.say("payments?")
    await town.service.wait_for(2)

    shown = town.service.texts[-1].replace("&lt;", "<")
    assert shown == "Your payments <3:\n• 2026-03-01 · Rewe · -9.50 EUR"


async def test_given_a_picture_then_it_arrives_as_a_photo(town):
    customer = town.linked()
    picture_id = town.bank.pictures.store(a_customer(customer.id), png())
    town.assistant.script = lambda turn: [
        WireReply(text="Groceries", image=f"/api/pictures/{picture_id}", kind="picture",
                  data={"alt": "A bar for each shop"})
    ]  # fmt: skip
    await town.driver.say("what did I spend?")
    await town.settled()

    photo = next(one for one in town.service.shown if one.png or one.link)
    assert photo.text == "A bar for each shop"
    if town.name == "whatsapp":  # Twilio fetches it: from our address, without a session
        path = photo.link.removeprefix("https://branch.example")
        response = await town.client.get(path)
        assert (response.status, await response.read()) == (200, png())
        assert (await town.client.get(path.partition("?")[0])).status == 401
    else:
        assert photo.png == png()


async def test_given_a_login_reply_then_the_way_to_link_is_told_and_no_password_asked(town):
    town.assistant.script = lambda turn: [WireReply(text="Please log in here.", kind="login")]

    await town.driver.say("balance")
    await town.settled()

    assert "https://branch.example" in town.service.texts[-1]
    assert "log in here" not in town.service.texts[-1]


async def test_given_a_step_up_then_the_sentence_says_where_the_code_goes(town):
    town.linked()
    town.assistant.script = lambda turn: [WireReply(text="I sent a code.", kind="step_up")]

    await town.driver.say("yes")
    await town.settled()

    assert "by SMS or e-mail only" in town.service.texts[-1]


async def test_given_a_takeover_then_rasa_is_silent_and_staff_replies_are_pushed(town):
    town.linked()
    await town.driver.say("I want a person")
    await town.settled()
    staff, _case = town.taken_over()
    asked_count = len(town.assistant.turns)

    await town.driver.say("are you there?")
    town.bank.conversations.append(
        staff, town.chat().conversation_id, sender=Sender.STAFF, text="Yes, how can I help?"
    )
    await eventually(lambda: "Yes, how can I help?" in town.service.texts[-1])

    assert len(town.assistant.turns) == asked_count
    assert town.service.texts[-1].startswith("Mila")
    assert "are you there?" not in "".join(town.service.texts)


async def test_given_several_lines_then_they_arrive_in_their_order(town):
    town.assistant.script = lambda turn: [says(f"line {n}") for n in range(5)]

    await town.driver.say("go")
    await town.settled()

    assert town.service.texts[-5:] == [f"line {n}" for n in range(5)]


async def test_given_a_very_long_answer_then_it_comes_in_pieces_the_service_takes(town):
    town.assistant.script = lambda turn: [says("\n".join(f"row {n:04d}" for n in range(700)))]

    await town.driver.say("all of it")
    await town.settled()

    text = "\n".join(town.service.texts)
    assert [f"row {n:04d}" in text for n in (0, 350, 699)] == [True] * 3


class TestLimits:
    @pytest.fixture
    def rules(self) -> LimitRules:
        return LimitRules(message="3/minute")

    async def test_given_a_flood_then_it_is_answered_by_one_sentence(self, town):
        for _ in range(8):
            assert (await town.driver.say("spam")).status == 200
        await town.settled()

        assert len([turn for turn in town.assistant.turns if turn.payload is None]) == 3
        assert len([text for text in town.service.texts if "lot of messages" in text]) == 1
