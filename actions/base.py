"""The doorman's manners: who asks, one bank call in a thread, a refusal said in the bank's words.

    Rasa ─▶ run ─▶ verify the signed turn ─▶ perform(actor, …) in a thread ─▶ events
                          │                        └─ BankError ─▶ utter_<code>(details)
                          └─ none, forged, stale, of another conversation ─▶ utter_not_authenticated

Only a `BankError` is an answer. Anything else is a bug: it escapes, the action server answers 500,
and the turn is not kept.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.answers_first import answered_first
from actions.facts import in_words
from actions.languages import language_of, speaking
from actions.offer_moments import watch
from actions.readings import overhear
from bank.domain.actors import Actor
from bank.domain.errors import BankError, NotAuthenticated
from bank.security.turns import Turn, verify_turn

if TYPE_CHECKING:
    from bank.bootstrap import Bank

#: An event as Rasa reads it; `rasa_sdk.events` makes them.
EventType = dict[str, Any]


class TurnReader:
    """Reads the signed turn out of a tracker. Nothing else in a tracker says who speaks."""

    def __init__(self, turn_key: str) -> None:
        self._turn_key = turn_key

    def turn_of(self, tracker: Tracker) -> Turn:
        """Return the verified turn of the latest message.

        Raises NotAuthenticated: no turn, not genuine, stale, or of another conversation or message.
        """
        message = tracker.latest_message or {}
        token = (message.get("metadata") or {}).get("turn")
        if not isinstance(token, str):
            raise NotAuthenticated
        turn = verify_turn(self._turn_key, token)
        if (turn.conversation_id, turn.message_id) != (
            tracker.sender_id,
            message.get("message_id"),
        ):
            raise NotAuthenticated
        return turn

    def actor_of(self, tracker: Tracker) -> Actor:
        """Return who asks. Raises NotAuthenticated."""
        return self.turn_of(tracker).actor()


class BankAction(Action):
    """Base of all actions: give it an `action_name` and a `perform`."""

    action_name: ClassVar[str]

    def __init__(self, bank: Bank, turns: TurnReader) -> None:
        self.bank = bank
        self.turns = turns

    def name(self) -> str:
        return self.action_name

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, _domain: DomainDict
    ) -> list[EventType]:
        # The bank is plain blocking code; the thread keeps the server answering others.
        return await asyncio.to_thread(self._run, dispatcher, tracker)

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Do the one thing. May raise BankError."""
        raise NotImplementedError

    def refused(
        self, error: BankError, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Answer a refusal; override where it leads on (step-up) or slots must go.

        Nobody logged in: the wish is kept, and `action_go_on_after_login` runs it again.
        """
        events = say_refusal(error, say)
        return [*events, *keep_wish(tracker, self.action_name)] if is_login(error) else events

    @staticmethod
    def idempotency_key(tracker: Tracker, purpose: str) -> str:
        """Return a key that is the same whenever this message is run again.

        `purpose` keeps two acts of one message apart.
        """
        message_id = (tracker.latest_message or {}).get("message_id")
        return f"{tracker.sender_id}:{message_id}:{purpose}"

    def _run(self, say: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        with speaking(language_of(tracker)):
            try:
                actor = self.turns.actor_of(tracker)
                overhear(self.bank, actor, tracker, self.action_name)
                recall_wish(tracker)
                events = answered_first(self.bank, actor, tracker, say, self.action_name)
                if events is None:
                    events = self.perform(actor, tracker, say)
                return watch(self.bank, actor, tracker, say, events)
            except BankError as error:
                return self.refused(error, tracker, say)


class BankForm(FormValidationAction):
    """Base of `validate_<form>`: rasa-sdk's rules, with the bank at hand.

    The methods `validate_<slot>`, `extract_<slot>` and `required_slots` run in a thread, so they
    may call the bank.
    """

    action_name: ClassVar[str]

    def __init__(self, bank: Bank, turns: TurnReader) -> None:
        self.bank = bank
        self.turns = turns

    def name(self) -> str:
        return self.action_name

    def actor(self, tracker: Tracker) -> Actor:
        """Return who asks. Raises NotAuthenticated, which `run` says."""
        return self.turns.actor_of(tracker)

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[EventType]:
        validate = super().run
        with speaking(language_of(tracker)):
            try:
                return await asyncio.to_thread(
                    lambda: list(asyncio.run(validate(dispatcher, tracker, domain)))
                )
            except BankError as error:
                return say_refusal(error, dispatcher)


def say_refusal(error: BankError, say: CollectingDispatcher) -> list[EventType]:
    """Say `utter_<code>` with the refusal's details; changes nothing."""
    say.utter_message(response=f"utter_{error.code}", **in_words(error.details))
    return []


def is_login(error: BankError) -> bool:
    """Say whether the refusal is cured by logging in."""
    return isinstance(error, NotAuthenticated)


def keep_wish(tracker: Tracker, action_name: str) -> list[EventType]:
    """Return the events that remember what to do once the customer is logged in."""
    message = tracker.latest_message or {}
    wished = {key: message.get(key) for key in ("text", "intent", "entities")}
    return [SlotSet("wished_action", action_name), SlotSet("wished_message", wished)]


def recall_wish(tracker: Tracker) -> None:
    """Let the action read the wish this message sets going again, not the message itself.

    `run_wish` says for which message. Who speaks still comes from the signed turn.
    """
    message = tracker.latest_message or {}
    wished = tracker.get_slot("wished_message")
    if isinstance(wished, dict) and wished.get("for") == message.get("message_id"):
        tracker.latest_message = {**message, **wished}


def run_wish(tracker: Tracker, action_name: str, wished: dict[str, Any]) -> list[EventType]:
    """Return the events that run an action now, as if the customer had just said `wished`."""
    now = (tracker.latest_message or {}).get("message_id")
    return [
        SlotSet("wished_action", None), SlotSet("wished_message", {**wished, "for": now}),
        FollowupAction(action_name),
    ]  # fmt: skip
