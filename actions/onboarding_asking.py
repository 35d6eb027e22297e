"""The asking half of becoming a customer: which question comes next, in which words, and how often.

    ask ─▶ nothing open: how it stands      handed in: how it stands      else: what the bank misses
    again ─▶ why the answer could not be used ─▶ three times in a row: a person

The hearing half is actions/onboarding.py.
"""

from __future__ import annotations

from functools import cache
from typing import ClassVar

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import open_tasks, slots
from actions.asking import AskingAction, count_try
from actions.base import EventType
from actions.domain_parts import response_names
from actions.onboarding_steps import (
    ASIDE,
    CONTACT,
    CREDENTIALS,
    LIVENESS,
    PATH,
    PICTURES,
    SUBMIT,
    SUMMARY,
    TERMS,
    WITHDRAW,
    WORDED,
    ask_step,
    next_step,
    parts_of,
)
from bank.domain.actors import Actor
from bank.domain.applications import Application, ApplicationState, Path
from bank.domain.errors import RateLimited

STEP, FIXING, CHECKED = "onboarding_step", "onboarding_fixing", "onboarding_checked"
#: Questions with buttons or a card: they are shown again when the answer could not be used.
_SHOWN = frozenset(
    {TERMS, PATH, SUMMARY, "purpose", "document_type", LIVENESS, CREDENTIALS, *ASIDE, *PICTURES}
)


class ApplicationAction(AskingAction):
    """Asks what the bank misses. Sets onboarding_step, open_words."""

    action_name = "action_open_account"
    for_visitors = True
    collected: ClassVar[tuple[str, ...]] = (STEP, FIXING, CHECKED, open_tasks.WORDS_SLOT)

    def ask(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        application = self.bank.onboarding.current(actor)
        if application is None:
            say.utter_message(response=f"utter_onboarding_status_{self.status(actor)}")
            return self.finish(tracker)
        step = slots.find_text(tracker, STEP)
        if step == WITHDRAW:
            return self.ask_as(step, actor, application, tracker, say)
        if application.state is not ApplicationState.COLLECTING:
            return self.say_status(application, tracker, say)
        return self.ask_as(self.step(actor, tracker), actor, application, tracker, say)

    def step(self, actor: Actor, tracker: Tracker) -> str:
        """Return the open question: the one aside, the answer being corrected, or the bank's."""
        step = slots.find_text(tracker, STEP)
        if step in ASIDE:
            return str(step)
        return slots.find_text(tracker, FIXING) or next_step(
            self.bank.onboarding.missing(actor), is_checked=slots.flag(tracker, CHECKED)
        )

    def ask_as(
        self, step: str, actor: Actor, application: Application, tracker: Tracker,
        say: CollectingDispatcher,
    ) -> list[EventType]:  # fmt: skip
        """Say one question, and remember that it is the open one."""
        if step == SUBMIT:
            return self.submit(actor, tracker, say)
        if step == CONTACT and not self.send_code_once(actor, say):
            return self.asked(step, tracker)
        missing = self.bank.onboarding.missing(actor)
        is_fixed = slots.find_text(tracker, FIXING) == step
        ask_step(
            step,
            missing=parts_of(step) if is_fixed else missing,
            details=self.bank.onboarding.details(actor),
            document_type=application.document_type,
            channel=self.turns.turn_of(tracker).channel,
            tracker=tracker,
            today=self.bank.clock().date(),
            say=say,
        )
        return self.asked(step, tracker)

    def asked(self, step: str, tracker: Tracker) -> list[EventType]:
        """Return the events that make `step` the open question."""
        return [
            SlotSet(STEP, step),
            open_tasks.takes_words(self.action_name, is_asked=step in WORDED),
            open_tasks.opened(tracker, self.action_name),
        ]

    def send_code_once(self, actor: Actor, say: CollectingDispatcher) -> bool:
        """Send a code unless one is on its way. False: too many were sent, and that was said."""
        if self.bank.onboarding.pending_code(actor):
            return True
        try:
            self.bank.onboarding.send_code(actor)
        except RateLimited:
            say.utter_message(response="utter_onboarding_contact_rate_limited")
            return False
        return True

    def submit(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Hand the application in."""
        application = self.bank.onboarding.submit(actor)
        by_person = application.path == Path.PERSON
        name = "handed_to_person" if by_person else "checking"
        say.utter_message(response=f"utter_onboarding_{name}")
        return self.finish(tracker)

    def say_status(
        self, application: Application, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Say how a handed-in application stands; approved, ask for name and password."""
        if application.state is not ApplicationState.APPROVED:
            say.utter_message(response=f"utter_onboarding_status_{application.state.value}")
            return self.finish(tracker)
        is_page = self.turns.turn_of(tracker).channel == "web"
        suffix = "" if is_page else "_messenger"
        say.utter_message(response=f"utter_onboarding_ask_{CREDENTIALS}{suffix}")
        return self.asked(CREDENTIALS, tracker)

    def status(self, actor: Actor) -> str:
        """Return the word of the closed set."""
        return str(self.bank.onboarding.status(actor).value)

    def again(
        self, actor: Actor, field: str, tracker: Tracker, say: CollectingDispatcher,
        *, because: str = "",
    ) -> list[EventType]:  # fmt: skip
        """Say why an answer could not be used; the third time in a row, offer a person."""
        counted, is_enough = count_try(tracker)
        kept = open_tasks.opened(tracker, self.action_name)
        if is_enough:
            say.utter_message(response="utter_offer_person")
            return [counted, kept]
        say.utter_message(response=again_response(field, because))
        asked = self.ask(actor, tracker, say) if self.step(actor, tracker) in _SHOWN else []
        return [*asked, kept, counted]

    def retake(
        self, actor: Actor, kind: str, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Ask for a picture once more, when the reason was said just before."""
        application = self.bank.onboarding.current(actor)
        document_type = application.document_type if application else ""
        say.utter_message(
            response="utter_onboarding_retake", picture=kind, document_type=document_type
        )
        return self.asked(kind, tracker)


@cache
def again_response(field: str, because: str) -> str:
    """Return the most telling sentence there is about an answer that could not be used."""
    names = response_names()
    group = {"given_names": "names", "surname": "names", "which_surname": "names",
             "street": "address", "postcode": "address", "city": "address"}.get(field, field)
    if field in PICTURES or field == LIVENESS:
        group = "picture"
    wanted = [f"{field}_{because}", field, f"{group}_{because}", group, "choose"]
    known = (f"utter_onboarding_again_{name}" for name in wanted)
    return next(name for name in known if name in names)
