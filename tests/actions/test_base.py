"""The doorman: who asks, what a refusal says, what escapes."""

from __future__ import annotations

import pytest
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import BankAction, BankForm
from bank.domain.errors import InsufficientFunds
from bank.domain.money import Money
from bank.security.turns import Turn, mint_turn
from tests.actions.running import TURN_KEY, TURNS, a_tracker, run


class Ask(BankAction):
    """Says who asks."""

    action_name = "action_ask"

    def perform(self, actor, tracker, say):
        say.utter_message(response=f"utter_{actor.kind}_{actor.id}")
        return [SlotSet("x_key", self.idempotency_key(tracker, "ask"))]


class Refuse(BankAction):
    action_name = "action_refuse"

    def perform(self, actor, tracker, say):
        raise InsufficientFunds(available=Money(1, "EUR"), needed=Money(2, "EUR"))


class Break(BankAction):
    action_name = "action_break"

    def perform(self, actor, tracker, say):
        raise ZeroDivisionError


class CheckForm(BankForm):
    action_name = "validate_check_form"

    async def required_slots(self, domain_slots, dispatcher, tracker, domain):
        self.actor(tracker).require_customer()
        return []


async def test_given_a_signed_turn_when_run_then_the_actor_is_its_customer():
    events, said = await run(Ask(None, TURNS), a_tracker(actor="cu_amal"))

    assert said == ["utter_customer_cu_amal"]
    assert events == [SlotSet("x_key", "cv_1:m1:ask")]


async def test_given_nobody_when_run_then_the_actor_is_a_visitor():
    _, said = await run(Ask(None, TURNS), a_tracker())

    assert said == ["utter_visitor_visitor"]


@pytest.mark.parametrize(
    "token",
    [
        "x",
        mint_turn("o" * 43, Turn("cv_1", "m1", "hi", "cu_amal")),
        mint_turn(TURN_KEY, Turn("cv_2", "m1", "hi", "cu_amal")),
        mint_turn(TURN_KEY, Turn("cv_1", "m2", "hi", "cu_amal")),
        mint_turn(TURN_KEY, Turn("cv_1", "m1", "hi", "cu_amal"), now_s=0),
    ],
    ids=["no token", "other key", "other conversation", "other message", "stale"],
)
async def test_given_a_turn_that_is_not_this_one_when_run_then_nobody_is_served(token):
    events, said = await run(Ask(None, TURNS), a_tracker(actor="cu_amal", token=token))

    assert said == ["utter_not_authenticated"]
    # It may remember what was wished, for after the login; nothing was asked of the bank.
    assert all(event["name"].startswith("wished_") for event in events)


async def test_given_a_refusal_when_run_then_it_is_said_with_its_details():
    say = CollectingDispatcher()
    events = await Refuse(None, TURNS).run(say, a_tracker(actor="cu_amal"), {})

    assert events == []
    assert say.messages[0]["response"] == "utter_insufficient_funds"
    assert say.messages[0]["available"] == "0.01 EUR"


async def test_given_a_bug_when_run_then_it_escapes():
    with pytest.raises(ZeroDivisionError):
        await run(Break(None, TURNS), a_tracker(actor="cu_amal"))


async def test_given_a_form_and_nobody_logged_in_when_validated_then_it_says_so():
    tracker = a_tracker(active_loop={"name": "check_form"})

    _, said = await run(CheckForm(None, TURNS), tracker)

    assert said == ["utter_not_authenticated"]
