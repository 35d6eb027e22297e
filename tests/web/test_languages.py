"""Web's own sentences follow the conversation's language, which the bot's lines tell."""

from __future__ import annotations

import pytest

from bank.domain.actors import SYSTEM
from bank.domain.conversations import MessageView, NewMessage, Sender
from tests.web.house import APOLOGY, fails, make_house
from web.channels.showing import Showing
from web.utterances import Utterances, load_utterances

SORRY = "Lo siento, no he podido responder"


async def spoken_to(house, language):
    house.assistant.language = language
    session = house.visitor()
    await house.desk.handle(session, message_id="m1", text="hola")
    return session


def test_given_a_translated_book_when_spoken_then_it_is_that_language_and_english_where_none_is():
    book = Utterances({"utter_a": "one", "utter_b": "two"}, {"es": {"utter_a": "uno"}})

    assert book.spoken("es").say("utter_a") == "uno"
    assert book.spoken("es").say("utter_b") == "two"
    assert book.spoken("fr").say("utter_a") == book.spoken(None).say("utter_a") == "one"


def test_given_our_own_book_when_spoken_in_spanish_then_a_refusal_is_spanish():
    said = load_utterances().spoken("es").refusal("rate_limited", {"retry_after_s": "5"})

    assert said == "Han sido muchos mensajes a la vez. Espere 5 segundos y siga, por favor."


async def test_given_a_spanish_conversation_when_the_assistant_fails_then_it_is_sorry_in_spanish():
    house = make_house()
    session = await spoken_to(house, "es")
    house.assistant.script = fails

    result = await house.desk.handle(session, message_id="m2", text="¿mi saldo?")

    assert result.replies[0].text.startswith(SORRY)


@pytest.mark.parametrize("language", [None, "en", "fr"])
async def test_given_no_translation_when_the_assistant_fails_then_it_is_sorry_in_english(language):
    house = make_house()
    session = await spoken_to(house, language)
    house.assistant.script = fails

    result = await house.desk.handle(session, message_id="m2", text="hello")

    assert result.replies[0].text == APOLOGY


async def test_given_a_conversation_that_changed_its_language_then_the_newest_line_counts():
    house = make_house()
    session = await spoken_to(house, "es")
    house.assistant.language = "en"
    await house.desk.handle(session, message_id="m2", text="in English, please")

    assert house.bank.conversations.language(str(session.conversation_id)) == "en"


async def test_given_lines_of_others_when_asked_for_the_language_then_the_bots_still_tell():
    house = make_house()
    session = await spoken_to(house, "es")
    for number in range(5):
        line = NewMessage(Sender.SYSTEM, f"line {number}", {"kind": "staff_left"})
        house.bank.conversations.append(SYSTEM, str(session.conversation_id), line)

    assert house.bank.conversations.language(str(session.conversation_id)) == "es"


async def test_given_an_erased_chat_when_asked_for_its_language_then_there_is_none():
    house = make_house()
    session = await spoken_to(house, "es")
    house.bank.conversations.erase(SYSTEM, str(session.conversation_id))

    assert house.bank.conversations.language(str(session.conversation_id)) is None


async def test_given_a_reply_then_its_language_is_no_part_of_what_the_page_gets():
    house = make_house()
    house.assistant.language = "es"

    result = await house.desk.handle(house.visitor(), message_id="m1", text="hola")

    assert result.replies[0].data == {}


@pytest.mark.parametrize(
    ("language", "told"),
    [("es", "Inicie sesión en https://b.example"), ("en", "Please log in at https://b.example")],
)
async def test_given_a_login_in_a_messenger_then_the_way_to_link_is_told_in_its_language(
    language, told
):
    showing = Showing(
        make_house().bank, load_utterances(), signer=None, public_url="https://b.example"
    )
    line = MessageView(
        1, Sender.BOT, None, "…", {"kind": "login", "language": language}, {}, None, "m1"
    )

    shown = await showing.show(line, customer_id=None, has_buttons=False)

    assert told in shown.text
