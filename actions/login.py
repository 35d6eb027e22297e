"""Login in the dialogue: show the form, go on after it, leave. Passwords never come here."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import slots
from actions.base import BankAction, EventType, run_wish
from bank.domain.actors import Actor, ActorKind


class LogIn(BankAction):
    """Show the login form, unless somebody is logged in.

    Says  utter_login_form (kind login), or utter_login_already
    """

    action_name = "action_log_in"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del tracker
        is_customer = actor.kind is ActorKind.CUSTOMER
        say.utter_message(response="utter_login_already" if is_customer else "utter_login_form")
        return []


class GoOnAfterLogin(BankAction):
    """Welcome the customer by name, and run what they wished before the login.

    Reads  wished_action, wished_message
    Says   utter_login_welcome
    """

    action_name = "action_go_on_after_login"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        customer = self.bank.customers.get(actor, actor.require_customer())
        wished_action = slots.find_text(tracker, "wished_action")
        wished = slots.find_dict(tracker, "wished_message")
        if not wished_action or wished is None:
            say.utter_message(response="utter_login_welcome", name=customer.given_name)
            return slots.clear("wished_action", "wished_message")
        say.utter_message(response="utter_login_welcome_back", name=customer.given_name)
        return run_wish(tracker, wished_action, wished)


ACTIONS = [LogIn, GoOnAfterLogin]
