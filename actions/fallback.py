"""Not understood: two questions at most, then a person.

    1st  readings that are not hopeless ─▶ the two nearest as buttons, and "something else"
         only a value ("20 euros")      ─▶ what to do with it, as buttons that carry it
         neither                        ─▶ in other words, please
    2nd  the same, but after "something else" only: in other words, please
    3rd  a person is offered; then it begins anew

The question stays open for one message: "the first one" and "yes" pick, "no" is "something else".
Anything understood meanwhile is what the customer wants, and closes it without a word.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import open_tasks, readings, slots
from actions.asking import MAX_TRIES, button
from actions.base import BankAction, EventType, run_wish
from actions.payee_choice import choose_payee
from actions.wishes import find_action, find_title, likely_wishes
from bank.domain.actors import Actor, ActorKind
from bank.domain.readings import Why
from bank.policies import readings as policy

OFFER_SLOT = "fallback_offer"
#: What can be done with a value that stands alone; the first kind that is there decides.
WISHES_OF_VALUES: dict[str, tuple[str, ...]] = {
    "iban": ("transfer_money", "add_payee"),
    "amount": ("transfer_money", "search_transactions", "convert_currency"),
    "payee_name": ("transfer_money", "search_transactions"),
    "card_digits": ("freeze_card", "check_card_limit"),
    "merchant": ("search_transactions", "check_spending"),
    "category": ("check_spending", "search_transactions"),
    "account_kind": ("check_balance", "search_transactions"),
    "period": ("check_spending", "search_transactions", "get_statement"),
    "date": ("search_transactions",),
    "currency": ("convert_currency",),
}
#: A name has at most so many words.
NAME_WORDS = 3
#: As much of the customer's words as a question repeats.
SHOWN_CHARS = 60
#: Entities that are no facts of a wish.
_NO_FACTS = frozenset({"language", readings.ENTITY})


class DefaultFallback(BankAction):
    """Ask what was meant, then in other words, then offer a person.

    Reads, sets  fallback_offer, open_tasks
    Says         utter_did_you_mean, utter_what_with_it, utter_say_it_otherwise,
                 utter_not_understood_at_all, utter_offer_person
    """

    action_name = readings.FALLBACK

    def perform(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        if open_tasks.is_return(tracker):
            return self._finish(tracker)
        if (wish := self._found_after_all(tracker)) is not None:
            return self._go_on(actor, tracker, wish)
        is_open = open_tasks.is_open(tracker, self.action_name)
        if is_open and open_tasks.intent_of(tracker) == "cancel":
            say.utter_message(response="utter_conversation_cancelled")
            return self._finish(tracker)
        if misses_in_a_row(tracker) >= MAX_TRIES:
            self._note(actor, tracker)
            say.utter_message(response="utter_offer_person")
            return self._finish(tracker)
        if open_tasks.intent_of(tracker) in (readings.NONE_INTENT, "deny"):
            say.utter_message(response="utter_say_it_otherwise")
            return self._finish(tracker)
        return self._ask(actor, tracker, say)

    def _ask(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        value = self._value_alone(actor, tracker)
        if value is not None:
            kind, shown, entities = value
            intents = [name for name in WISHES_OF_VALUES[kind] if find_title(name)]
            facts = {one["entity"]: one["value"] for one in reversed(entities)}
            buttons = [button(find_title(name) or "", name, **facts) for name in intents]
            say.utter_message(
                response="utter_what_with_it", value=shown, buttons=[*buttons, _something_else()]
            )
            return self._offer(tracker, intents, entities, reading_id=None)
        reading_id = self._note(actor, tracker)
        intents = _nearest(tracker)
        if not intents:
            say.utter_message(response="utter_not_understood_at_all")
            return self._finish(tracker)
        entities = _entities(tracker)
        facts = {one["entity"]: one["value"] for one in reversed(entities)}
        mark = {readings.ENTITY: reading_id} if reading_id else {}
        buttons = [button(find_title(name) or "", name, **facts, **mark) for name in intents]
        say.utter_message(
            response="utter_did_you_mean", buttons=[*buttons, _something_else(**mark)]
        )
        return self._offer(tracker, intents, entities, reading_id=reading_id)

    def _offer(
        self, tracker: Tracker, intents: list[str], entities: list[dict[str, Any]],
        *, reading_id: str | None,
    ) -> list[EventType]:  # fmt: skip
        said = str((tracker.latest_message or {}).get("text") or "")
        offer = {"intents": intents, "text": said, "entities": entities, "reading": reading_id}
        return [SlotSet(OFFER_SLOT, offer), open_tasks.opened(tracker, self.action_name)]

    def _found_after_all(self, tracker: Tracker) -> dict[str, Any] | None:
        """Return the wish that answers the open question, as {intent, text, entities}.

        A short message may come here though it was understood: its own intent is the wish then.
        """
        if not open_tasks.is_open(tracker, self.action_name):
            return None
        message, intent = tracker.latest_message or {}, open_tasks.intent_of(tracker)
        offer = slots.find_dict(tracker, OFFER_SLOT) or {}
        intents: list[str] = offer.get("intents") or []
        number = slots.entity(tracker, "number")
        if isinstance(number, int) and not slots.entity(tracker, "amount"):
            place = number - 1 if number > 0 else len(intents) + number
            if 0 <= place < len(intents):
                return {**offer, "intent": intents[place]}
        if intent == "affirm" and len(intents) == 1:
            return {**offer, "intent": intents[0]}
        if not policy.is_wish(intent) or find_action(intent) is None:
            return None
        return {
            "intent": intent, "text": message.get("text"),
            "entities": message.get("entities") or [],
        }  # fmt: skip

    def _go_on(self, actor: Actor, tracker: Tracker, wish: dict[str, Any]) -> list[EventType]:
        if wish.get("reading"):
            readings.click(self.bank, actor, wish["reading"], intent=wish["intent"])
        said = {key: wish[key] for key in ("text", "entities")}
        events = run_wish(
            tracker, str(find_action(wish["intent"])), {**said, "intent": {"name": wish["intent"]}}
        )
        return [*self._finish(tracker), *events]

    def _value_alone(
        self, actor: Actor, tracker: Tracker
    ) -> tuple[str, str, list[dict[str, Any]]] | None:
        """Return (kind, words, entities) of a message that is nothing but a value or a name."""
        message = tracker.latest_message or {}
        text, entities = str(message.get("text") or "").strip(), _entities(tracker)
        if not readings.is_typed(message) or open_tasks.intent_of(tracker) == "gibberish":
            return None
        is_value = open_tasks.intent_of(tracker) == "inform"
        entities = [_as_amount(one) for one in entities]
        kind = next(
            (name for name in WISHES_OF_VALUES if any(one["entity"] == name for one in entities)),
            None,
        )
        if kind is not None and (is_value or not _rest(text, entities)):
            return kind, text[:SHOWN_CHARS], entities
        if kind is None and 0 < len(text.split()) <= NAME_WORDS and not any(map(str.isdigit, text)):
            is_payee = (
                actor.kind is ActorKind.CUSTOMER
                and not choose_payee(self.bank, actor, tracker).is_unknown
            )
            if is_value or is_payee or _looks_like_a_name(tracker, text):
                return "payee_name", text, [{"entity": "payee_name", "value": text}]
        return None

    def _note(self, actor: Actor, tracker: Tracker) -> str | None:
        """Note a message with words in it; mashed keys teach nobody anything."""
        message = tracker.latest_message or {}
        if not readings.is_typed(message) or open_tasks.intent_of(tracker) == "gibberish":
            return None
        return readings.try_note(self.bank, actor, tracker, message, Why.NOT_UNDERSTOOD)

    def _finish(self, tracker: Tracker) -> list[EventType]:
        return [*slots.clear(OFFER_SLOT), open_tasks.closed(tracker, self.action_name)]


class NothingOpen(BankAction):
    """No, or a correction, and nothing that it could answer.

    Says  utter_say_it_otherwise after an answer that was not what was meant, else
          utter_conversation_nothing_open
    """

    action_name = "action_tell_nothing_open"

    def perform(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        del actor
        was_wrong = readings.corrected(tracker) is not None
        say.utter_message(
            response="utter_say_it_otherwise" if was_wrong else "utter_conversation_nothing_open"
        )
        return []


def misses_in_a_row(tracker: Tracker) -> int:
    """Return how many of the latest messages, this one too, ended here: 1 to MAX_TRIES."""
    count = 1
    for number, turn in enumerate(readings.turns(tracker)):
        if number and turn.actions != [readings.FALLBACK]:
            break
        count += number > 0
    return (count - 1) % MAX_TRIES + 1


def _nearest(tracker: Tracker) -> list[str]:
    """Return the likeliest intents that have a title and are not hopeless."""
    if open_tasks.intent_of(tracker) == "gibberish":
        return []
    return likely_wishes(tracker.latest_message or {})


def _entities(tracker: Tracker) -> list[dict[str, Any]]:
    found = (tracker.latest_message or {}).get("entities") or []
    return [one for one in found if one.get("entity") not in _NO_FACTS]


def _as_amount(entity: dict[str, Any]) -> dict[str, Any]:
    """Return a number as the amount it is where no question was asked; anything else unchanged."""
    value = entity["value"]
    if entity["entity"] != "number" or not isinstance(value, int) or value <= 0:
        return entity
    return {**entity, "entity": "amount", "value": {"amount": str(value), "currency": None}}


def _looks_like_a_name(tracker: Tracker, text: str) -> bool:
    """Say whether words nobody understood are written as names are: "Zoltan Kiss"."""
    is_unread = open_tasks.intent_of(tracker) == "nlu_fallback"
    return is_unread and len(text.split()) > 1 and text.istitle()


def _rest(text: str, entities: list[dict[str, Any]]) -> str:
    """Return the letters and digits of a message outside of its entities."""
    left = list(text)
    for one in entities:
        for place in range(one.get("start") or 0, min(one.get("end") or 0, len(left))):
            left[place] = " "
    return "".join(character for character in left if character.isalnum())


def _something_else(**mark: str) -> dict[str, str]:
    return button(find_title(readings.NONE_INTENT) or "", readings.NONE_INTENT, **mark)


ACTIONS = [DefaultFallback, NothingOpen]
