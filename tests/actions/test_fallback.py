"""Not understood: what is offered, when a person is, and what is kept for people to label."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.asking import MAX_TRIES
from actions.fallback import DefaultFallback, NothingOpen
from bank.domain.actors import SYSTEM, VISITOR, Actor, ActorKind, LoginLevel
from bank.domain.readings import NONE_OF_THESE
from tests.actions.running import TURNS, a_tracker
from tests.bank.people.world import World

UNSURE = [("check_balance", 0.3), ("list_accounts", 0.2), ("list_cards", 0.1)]
AMOUNT = {"entity": "amount", "value": {"amount": "20", "currency": "EUR"}, "start": 0, "end": 8}
STAFF = Actor(ActorKind.STAFF, "st_1", LoginLevel.STRONG, frozenset({"agent"}))


class Chat:
    """A conversation with the fallback: what is said to it, what it answers."""

    def __init__(self) -> None:
        self.world = World()
        self.conversation_id = self.world.chat().conversation_id
        self.events: list[dict[str, Any]] = []
        self.slots: dict[str, Any] = {}
        self.buttons: list[dict[str, Any]] = []
        self.said: list[dict[str, Any]] = []

    async def hear(
        self, text: str, *, intent: str = "nlu_fallback", ranking=UNSURE, entities=(),
        confidence: float = 0.3, action=None, asks: bool = False,
    ) -> str:  # fmt: skip
        """Return the response said to a message of this reading."""
        action = action or DefaultFallback(self.world.bank, TURNS)
        tracker = a_tracker(
            intent=intent, text=text, entities=list(entities), message_id=f"m{len(self.events)}",
            conversation_id=self.conversation_id, **self.slots,
        )  # fmt: skip
        message = tracker.latest_message
        message["intent"]["confidence"] = confidence
        message["intent_ranking"] = [{"name": name, "confidence": c} for name, c in ranking]
        self.events += [
            {"event": "user", "text": text, "message_id": message["message_id"],
             "parse_data": {key: message[key] for key in ("intent", "intent_ranking")}}
        ]  # fmt: skip
        tracker.events = list(self.events)
        return await self._run(action, tracker, asks=asks)

    async def press(self, title: str, **how: Any) -> str:
        payload = next(one["payload"] for one in self.buttons if one["title"] == title)
        intent, _, facts = payload.removeprefix("/").partition("{")
        entities = [
            {"entity": name, "value": value}
            for name, value in json.loads("{" + facts if facts else "{}").items()
        ]
        return await self.hear(
            f"/{intent}", intent=intent, confidence=1.0, entities=entities, ranking=(), **how
        )

    async def _run(self, action: Any, tracker: Any, *, asks: bool) -> str:
        from rasa_sdk.executor import CollectingDispatcher  # noqa: PLC0415

        say = CollectingDispatcher()
        done = await action.run(say, tracker, {})
        self.said = say.messages
        self.events += [{"event": "action", "name": action.name()}, *done]
        self.events += [{"event": "bot", "text": "Which one?" if asks else "So it is."}]
        self.events += [{"event": "action", "name": "action_listen"}]
        self.slots |= {one["name"]: one["value"] for one in done if one["event"] == "slot"}
        self.done = done
        self.buttons = [button for one in say.messages for button in one.get("buttons") or []]
        return say.messages[0]["response"] if say.messages else ""

    @property
    def titles(self) -> list[str]:
        return [button["title"] for button in self.buttons]

    def kept(self) -> list[Any]:
        return self.world.bank.readings.list(STAFF, state=None)


class Answer(DefaultFallback):
    """Stands for any action that answers a wish."""

    action_name = "action_check_balance"

    def perform(self, actor, tracker, say):
        say.utter_message(response="utter_balances_total")
        return []


def an_answer(chat: Chat) -> Answer:
    return Answer(chat.world.bank, TURNS)


async def test_given_an_unclear_message_when_answered_then_the_two_nearest_and_something_else():
    chat = Chat()

    assert await chat.hear("the money thing") == "utter_did_you_mean"

    assert chat.titles == ["My balance", "My accounts", "Something else"]
    [view] = chat.kept()
    assert (view.text, view.reading.why) == ("the money thing", "not_understood")


async def test_given_intents_without_title_or_hope_when_offered_then_they_are_not():
    chat = Chat()
    ranking = [("greet", 0.33), ("check_balance", 0.2), ("list_cards", 0.049)]

    await chat.hear("the money thing", ranking=ranking)

    assert chat.titles == ["My balance", "Something else"]


async def test_given_only_hopeless_readings_when_answered_then_none_is_offered():
    chat = Chat()

    said = await chat.hear("colourless ideas", ranking=[("list_cards", 0.04), ("greet", 0.3)])

    assert said == "utter_not_understood_at_all"
    assert chat.buttons == []


async def test_given_a_reading_pressed_then_it_is_what_was_meant():
    chat = Chat()
    await chat.hear("the money thing")

    await chat.press("My accounts", action=an_answer(chat))

    assert chat.kept()[0].reading.meant == "list_accounts"


async def test_given_something_else_when_pressed_then_other_words_are_asked_for_then_a_person():
    chat = Chat()
    await chat.hear("the money thing")

    assert await chat.press("Something else") == "utter_say_it_otherwise"
    assert chat.kept()[0].reading.meant == NONE_OF_THESE
    assert await chat.hear("well the thing with money") == "utter_offer_person"


async def test_given_no_when_typed_to_the_readings_then_it_is_something_else():
    chat = Chat()
    await chat.hear("the money thing")

    assert await chat.hear("no, none", intent="deny") == "utter_say_it_otherwise"


@pytest.mark.parametrize(
    ("text", "intent", "entities"),
    [
        ("the second", "inform", [{"entity": "number", "value": 2}]),
        ("the last one", "inform", [{"entity": "number", "value": -1}]),
    ],
)
async def test_given_a_reading_picked_by_word_then_it_goes_on_with_the_first_message(
    text, intent, entities
):
    chat = Chat()
    await chat.hear("the money thing")

    await chat.hear(text, intent=intent, entities=entities)

    assert chat.done[-1]["name"] == "action_list_accounts"
    assert chat.slots["wished_message"]["text"] == "the money thing"
    assert chat.slots["open_tasks"] == []
    assert chat.kept()[0].reading.meant == "list_accounts"


async def test_given_one_reading_when_the_customer_says_yes_then_it_is_meant():
    chat = Chat()
    await chat.hear("the money thing", ranking=[("ask_human", 0.3)])

    await chat.hear("yes", intent="affirm")

    assert chat.done[-1]["name"] == "action_hand_off"


async def test_given_a_short_wish_instead_of_an_answer_then_it_is_done():
    chat = Chat()
    await chat.hear("the money thing")

    await chat.hear("my cards", intent="list_cards", confidence=0.7)

    assert chat.done[-1]["name"] == "action_list_cards"


async def test_given_the_customer_has_gone_on_when_it_returns_then_it_is_silent_and_closed():
    chat = Chat()
    await chat.hear("the money thing")
    await chat.hear("what is my balance", intent="check_balance", action=an_answer(chat))
    chat.events[-1:] = []  # the turn goes on

    tracker = a_tracker(intent="check_balance", conversation_id=chat.conversation_id, **chat.slots)
    tracker.events = list(chat.events)
    said = await chat._run(DefaultFallback(chat.world.bank, TURNS), tracker, asks=False)

    assert said == ""
    assert chat.slots["open_tasks"] == []


async def test_given_three_misses_then_a_person_and_then_it_begins_anew():
    chat = Chat()

    said = [await chat.hear(f"the money thing {n}") for n in range(4)]

    assert said == [
        "utter_did_you_mean", "utter_did_you_mean", "utter_offer_person", "utter_did_you_mean",
    ]  # fmt: skip
    assert len(chat.kept()) == 4


async def test_given_an_answer_between_then_the_count_begins_anew():
    chat = Chat()
    await chat.hear("the money thing")
    await chat.hear("the money thing, please")
    await chat.hear("what is my balance", intent="check_balance", action=an_answer(chat))

    assert await chat.hear("the money thing") == "utter_did_you_mean"


async def test_given_mashed_keys_then_no_reading_is_offered_and_none_is_kept():
    chat = Chat()

    assert await chat.hear("asdfgh", intent="gibberish") == "utter_not_understood_at_all"

    assert chat.kept() == []


@pytest.mark.parametrize(
    ("text", "intent", "entities", "titles"),
    [
        ("20 euros", "nlu_fallback", [AMOUNT], ["Send money", "Find a transaction"]),
        ("20 euros please", "inform", [AMOUNT], ["Send money", "Find a transaction"]),
        ("20", "inform", [{"entity": "number", "value": 20}], ["Send money"]),
        ("Zoltan Kiss", "inform", [], ["Send money", "Find a transaction"]),
        ("Zoltan Kiss", "nlu_fallback", [], ["Send money", "Find a transaction"]),
    ],
)
async def test_given_only_a_value_when_answered_then_it_is_asked_what_to_do_with_it(
    text, intent, entities, titles
):
    chat = Chat()

    assert await chat.hear(text, intent=intent, entities=entities) == "utter_what_with_it"

    assert chat.said[0]["value"] == text
    assert chat.titles[: len(titles)] == titles
    assert chat.titles[-1] == "Something else"
    assert "amount" in chat.buttons[0]["payload"] or "Zoltan" in chat.buttons[0]["payload"]
    assert chat.kept() == []


async def test_given_a_value_in_a_sentence_when_unclear_then_the_readings_carry_it():
    chat = Chat()
    ranking = [("transfer_money", 0.3), ("pay_bill", 0.25)]

    said = await chat.hear("20 euros over the thing", entities=[AMOUNT], ranking=ranking)

    assert said == "utter_did_you_mean"
    assert '"amount": {"amount": "20", "currency": "EUR"}' in chat.buttons[0]["payload"]


async def test_given_a_doubtful_answer_then_it_is_kept_and_a_sure_one_is_not():
    chat = Chat()

    await chat.hear("money", intent="check_balance", confidence=0.59, action=an_answer(chat))
    await chat.hear("balance", intent="check_balance", confidence=0.6, action=an_answer(chat))

    assert [(view.text, view.reading.why) for view in chat.kept()] == [("money", "low_confidence")]


async def test_given_an_answer_to_an_open_question_then_it_is_not_kept():
    chat = Chat()
    chat.slots["open_tasks"] = ["action_check_balance"]

    await chat.hear("savings", intent="list_accounts", confidence=0.4, action=an_answer(chat))

    assert chat.kept() == []


@pytest.mark.parametrize(
    ("text", "intent", "meant"),
    [
        ("no, I meant my cards", "list_cards", "list_cards"),
        ("no eso no", "deny", None),
        ("that is not right", "correct", None),
        ("no", "deny", None),
    ],
)
async def test_given_an_answer_the_customer_corrects_then_the_message_before_is_kept(
    text, intent, meant
):
    chat = Chat()
    await chat.hear("cards", intent="check_balance", confidence=0.9, action=an_answer(chat))

    await chat.hear(text, intent=intent, action=NothingOpen(chat.world.bank, TURNS))

    [view] = chat.kept()
    assert (view.text, view.reading.why, view.reading.meant) == ("cards", "corrected", meant)


async def test_given_an_answer_corrected_then_other_words_are_asked_for():
    chat = Chat()
    await chat.hear("cards", intent="check_balance", action=an_answer(chat))

    said = await chat.hear(
        "that's wrong", intent="deny", action=NothingOpen(chat.world.bank, TURNS)
    )

    assert said == "utter_say_it_otherwise"


async def test_given_a_question_answered_by_no_then_nothing_was_corrected():
    chat = Chat()
    await chat.hear(
        "cards", intent="check_balance", confidence=0.9, action=an_answer(chat), asks=True
    )

    said = await chat.hear("no", intent="deny", action=NothingOpen(chat.world.bank, TURNS))

    assert said == "utter_conversation_nothing_open"
    assert chat.kept() == []


async def test_given_a_reading_of_another_conversation_when_pressed_then_the_customer_is_served():
    chat, other = Chat(), Chat()
    await chat.hear("the money thing")
    stranger = replace(VISITOR, conversation_id=other.conversation_id)
    foreign = other.world.bank.readings.note(
        stranger, conversation_id=other.conversation_id, message_id="m0", text="words",
        ranking=UNSURE, why="corrected",
    )  # fmt: skip

    for reading_id in (foreign, "re_unknown", "x" * 500):
        said = await chat.hear(
            "/check_balance", intent="check_balance", action=an_answer(chat),
            entities=[{"entity": "meant_for", "value": reading_id}],
        )  # fmt: skip
        assert said == "utter_balances_total"
    assert chat.kept()[0].reading.meant is None


async def test_given_an_erased_conversation_when_not_understood_then_the_customer_is_served():
    chat = Chat()
    chat.world.bank.conversations.erase(SYSTEM, chat.conversation_id)

    assert await chat.hear("the money thing") == "utter_did_you_mean"
    assert chat.titles == ["My balance", "My accounts", "Something else"]


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.sampled_from(["unclear", "hopeless", "none", "mashed", "value", "no"]),
        min_size=1, max_size=7,
    )
)  # fmt: skip
def test_nobody_meets_a_third_question_and_nobody_a_person_at_the_first(messages):
    import asyncio  # noqa: PLC0415

    async def talk() -> list[str]:
        chat, said = Chat(), []
        for kind in messages:
            if kind == "none" and "Something else" in chat.titles:
                said.append(await chat.press("Something else"))
                continue
            intent = {"mashed": "gibberish", "no": "deny", "value": "inform"}.get(kind)
            said.append(
                await chat.hear(
                    kind, intent=intent or "nlu_fallback",
                    ranking=[] if kind == "hopeless" else UNSURE,
                    entities=[AMOUNT] if kind == "value" else [],
                )
            )  # fmt: skip
        return said

    said = asyncio.run(talk())

    persons = [place + 1 for place, one in enumerate(said) if one == "utter_offer_person"]
    assert persons == [place for place in range(1, len(said) + 1) if place % MAX_TRIES == 0]
