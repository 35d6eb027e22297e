"""What web tells of an application, in sentences: poor pictures, refused codes, the welcome.

Every code that can be mended has a response of its own, `utter_onboarding_retry_<code>`; what has
none is said in general words. Why somebody is doubted is never said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import open_tasks
from actions.asking import with_events
from actions.balances import spaced
from actions.base import EventType
from actions.domain_parts import response_names
from actions.onboarding_asking import CHECKED, ApplicationAction
from actions.onboarding_steps import CONTACT
from bank.domain.actors import Actor

if TYPE_CHECKING:
    from bank.bootstrap import Bank

#: More than this at once is not remembered.
SAID_MOST = 2
_RETRY = "utter_onboarding_retry_"
_REFUSED = "utter_onboarding_contact_"


class ToldAction(ApplicationAction):
    """Hears the events of web; what comes next is asked."""

    def told(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        intent, facts = open_tasks.intent_of(tracker), facts_of(tracker)
        if intent == "EXTERNAL_picture_looked":
            return self.picture_looked(actor, facts, tracker, say)
        if intent == "EXTERNAL_contact_refused":
            say_contact_refused(facts, say)
            return self.asked(CONTACT, tracker)
        if intent == "EXTERNAL_onboarding_decided":
            return self.decided(actor, facts, tracker, say)
        if intent == "EXTERNAL_contact_confirmed":
            say.utter_message(response="utter_onboarding_contact_confirmed")
        if intent == "EXTERNAL_onboarding_resumed":
            say.utter_message(response="utter_onboarding_resumed")
        return self.ask(actor, tracker, say)

    def picture_looked(
        self, actor: Actor, facts: dict[str, str], tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Say what to do about a poor picture, or ask for what comes next."""
        kind = facts.get("kind", "")
        application = self.bank.onboarding.current(actor)
        # After several poor ones the bank takes the picture as it is; then it asks for another.
        is_poor = application is not None and facts.get("outcome") == "retry"
        if is_poor and self.bank.onboarding.needed_picture(actor) == kind:
            say_retries(facts.get("codes", "").split(","), say)
            return self.retake(actor, kind, tracker, say)
        return self.ask(actor, tracker, say)

    def decided(
        self, actor: Actor, facts: dict[str, str], tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Say what became of the application, in the words of the closed set."""
        status = self.status(actor)
        if status == "collecting":
            say.utter_message(response="utter_onboarding_retry")
            say_retries(facts.get("codes", "").split(","), say)
            kind = self.bank.onboarding.needed_picture(actor)
            checked = SlotSet(CHECKED, True)
            if kind is not None:
                return [checked, *self.retake(actor, kind, tracker, say)]
            return [checked, *self.ask(actor, with_events(tracker, [checked]), say)]
        if status == "approved":
            say.utter_message(response="utter_onboarding_status_approved")
            return self.ask(actor, tracker, say)
        say.utter_message(response=f"utter_onboarding_status_{status}")
        return self.finish(tracker)


def facts_of(tracker: Tracker) -> dict[str, str]:
    """Return the facts of an event of web."""
    found = (tracker.latest_message or {}).get("entities") or []
    return {str(one["entity"]): str(one["value"]) for one in found}


def say_retries(codes: Sequence[str], say: CollectingDispatcher) -> None:
    """Say what can be done about these codes; `code@kind` names the picture too."""
    for response in retry_responses(codes):
        say.utter_message(response=response)


def retry_responses(codes: Sequence[str]) -> list[str]:
    """Return the sentences for codes, each once, the first few.

    >>> retry_responses(["blurred@selfie", "never_heard_of"])
    ['utter_onboarding_retry_blurred', 'utter_onboarding_retry_default']
    """
    names = response_names()
    found = []
    for code in filter(None, codes):
        name, _, kind = code.partition("@")
        general = "liveness" if kind == "liveness" else "default"
        found.append(f"{_RETRY}{name}" if f"{_RETRY}{name}" in names else f"{_RETRY}{general}")
    return list(dict.fromkeys(found or [f"{_RETRY}default"]))[:SAID_MOST]


def say_contact_refused(facts: dict[str, str], say: CollectingDispatcher) -> None:
    """Say why a code to the applicant's address did not count."""
    response = f"{_REFUSED}{facts.get('code', '')}"
    known = response if response in response_names() else f"{_REFUSED}code_expired"
    say.utter_message(response=known, tries_left=facts.get("tries_left", ""))


def say_welcome(bank: Bank, actor: Actor, say: CollectingDispatcher) -> None:
    """Welcome the new customer, with their IBAN."""
    customer = bank.customers.get(actor, actor.require_customer())
    account = bank.accounts.list(actor)[0]
    say.utter_message(
        response="utter_onboarding_welcome", name=customer.given_name, iban=spaced(account.iban)
    )
