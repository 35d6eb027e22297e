"""What web tells of an application, in sentences: poor pictures, refused codes, the welcome.

Every code that can be mended has a response of its own, `utter_onboarding_retry_<code>`; what has
none is said in general words. Why somebody is doubted is never said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.balances import spaced
from actions.domain_parts import response_names
from bank.domain.actors import Actor

if TYPE_CHECKING:
    from bank.bootstrap import Bank

#: More than this at once is not remembered.
SAID_MOST = 2
_RETRY = "utter_onboarding_retry_"
_REFUSED = "utter_onboarding_contact_"


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
