"""Becoming a customer in the chat: consent, answers, pictures, decision, name and password.

    hear ─┬─ consent, path, yes to the summary
          ├─ an answer to the open question ─▶ bank.onboarding.set_detail
          ├─ a correction of any answer, at any step
          └─ nothing of these ─▶ say what is missing; three times in a row: a person
    told ─┬─ a picture was looked at · the code was right · the movements were filmed
          └─ it is decided · back by the link · name and password are chosen
    ask  ─▶ what the bank misses next, or how it stands

What is told goes into the bank's application and nowhere else: slots hold which question is open.
The bank decides what is missing, valid and allowed; here it is only asked and explained.
"""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import open_tasks, slots
from actions.asking import with_events
from actions.base import EventType
from actions.onboarding_answers import Unclear, choice_of, find_field, read_answer, text_of
from actions.onboarding_asking import CHECKED, FIXING, STEP
from actions.onboarding_steps import (
    CONTACT,
    FIXES,
    LIVENESS,
    PATH,
    PICTURES,
    SUMMARY,
    TERMS,
    WITHDRAW,
    parts_of,
)
from actions.onboarding_told import ToldAction, say_welcome
from bank.domain.actors import Actor, ActorKind
from bank.domain.applications import Application, ApplicationState
from bank.domain.errors import InvalidInput, RateLimited


class OpenAccount(ToldAction):
    """Collect an application, hand it in, and say what became of it.

    Reads  entities onboarding_path, onboarding_field, onboarding_choice, purpose_code,
           document_type; facts of web's events
    Sets   onboarding_*, open_words
    Says   utter_onboarding_*
    """

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        if actor.kind is not ActorKind.CUSTOMER:
            return super().perform(actor, tracker, say)
        intent = open_tasks.intent_of(tracker)
        if intent == "EXTERNAL_credentials_set":
            say_welcome(self.bank, actor, say)
        elif intent == "withdraw_application" and self.bank.face_keys.forget(actor):
            say.utter_message(response="utter_faces_forgotten")
        elif not open_tasks.is_return(tracker):
            # Who is a customer and tells a new address wants it changed: a colleague does that.
            is_change = intent == "tell_details"
            name = "handoff_colleague_does_it" if is_change else "onboarding_already_customer"
            say.utter_message(response=f"utter_{name}")
        return self.finish(tracker)

    # --- what is heard ---

    def hear(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType] | None:
        intent = open_tasks.intent_of(tracker)
        application = self.bank.onboarding.current(actor)
        if intent.startswith("EXTERNAL_"):
            return self.told(actor, tracker, say)
        if application is None:
            return self.begin(actor, intent, tracker, say)
        return self.hear_applicant(actor, application, tracker, say)

    def hear_applicant(
        self, actor: Actor, application: Application, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Hear somebody whose application is open."""
        intent = open_tasks.intent_of(tracker)
        if intent == "withdraw_application":
            return self.ask_as(WITHDRAW, actor, application, tracker, say)
        if slots.find_text(tracker, STEP) == WITHDRAW:
            return self.hear_withdraw(actor, intent, tracker, say)
        is_over = application.state is not ApplicationState.COLLECTING
        if is_over or intent in ("open_account", "resume_application"):
            return self.ask(actor, tracker, say)
        try:
            return self.hear_answer(actor, application, tracker, say)
        except InvalidInput as refusal:
            about = refusal.details
            field, because = about.get("field", ""), about.get("because", "")
            return self.again(actor, field, tracker, say, because=because)

    def begin(
        self, actor: Actor, intent: str, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Start an application where one is wished for."""
        if intent == "open_account":
            self.bank.onboarding.start(actor)
            return self.ask(actor, tracker, say)
        name = {
            "resume_application": "utter_onboarding_nothing_to_resume",
            "withdraw_application": "utter_onboarding_status_none",
        }.get(intent, "utter_conversation_nothing_open")
        say.utter_message(response=name)
        return self.finish(tracker)

    def hear_answer(
        self, actor: Actor, application: Application, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Take consent, a choice, a correction or an answer; ask what comes next."""
        step, intent = self.step(actor, tracker), open_tasks.intent_of(tracker)
        if step == TERMS:
            return self.hear_terms(actor, intent, tracker, say)
        pressed = slots.entity(tracker, "onboarding_path")
        on_camera = step in PICTURES or step == LIVENESS
        if step == PATH or pressed or (on_camera and choice_of(tracker) == "person"):
            return self.hear_path(actor, application, tracker, say)
        field = slots.entity(tracker, "onboarding_field") or find_field(text_of(tracker))
        if field in FIXES and field not in (step, *parts_of(step)):
            return self.correct(str(field), actor, application, tracker, say)
        if step == SUMMARY:
            return self.hear_summary(actor, intent, tracker, say)
        if step == CONTACT and intent == "new_code":
            return self.new_code(actor, say)
        return self.take(step, actor, tracker, say)

    def take(
        self, step: str, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Store the answer to `step` and ask what comes next."""
        fixing = slots.find_text(tracker, FIXING)
        answer = read_answer(
            step, tracker, today=self.bank.clock().date(),
            missing=parts_of(step) if fixing else self.bank.onboarding.missing(actor),
            given_names=self.bank.onboarding.details(actor).get("given_names", ""),
        )  # fmt: skip
        if isinstance(answer, Unclear):
            events = [SlotSet(STEP, answer.step)]
        elif answer:
            self.store(actor, answer)
            if fixing:
                say.utter_message(response="utter_onboarding_corrected")
            # One part of an answer may have been told; what is left of it is asked by the bank.
            events = [SlotSet(STEP, None), SlotSet(FIXING, None), SlotSet(CHECKED, None)]
            if step == "document_type":
                events.pop()
        elif fixing and step == fixing:
            return self.answer_otherwise(step, actor, tracker, say)
        else:
            return self.again(actor, step, tracker, say)
        return [*events, *self.ask(actor, with_events(tracker, events), say)]

    def answer_otherwise(
        self, step: str, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Take what does not correct `step` as the answer to what the bank misses, if it is one."""
        forgotten = [SlotSet(STEP, None), SlotSet(FIXING, None)]
        before = with_events(tracker, forgotten)
        missing = self.bank.onboarding.missing(actor)
        next_one = self.step(actor, before)
        read = read_answer(next_one, before, today=self.bank.clock().date(), missing=missing)
        if not read or next_one == step:
            return self.again(actor, step, tracker, say)
        return [*forgotten, *self.take(next_one, actor, before, say)]

    def store(self, actor: Actor, answer: dict[str, str]) -> None:
        """Give the bank what was told. Raises InvalidInput, InvalidText."""
        for name, text in answer.items():
            if name == "document_type":
                self.bank.onboarding.choose_document(actor, text)
            else:
                self.bank.onboarding.set_detail(actor, name, text)

    def correct(
        self, field: str, actor: Actor, application: Application, tracker: Tracker,
        say: CollectingDispatcher,
    ) -> list[EventType]:  # fmt: skip
        """Go to another answer: take what the message says of it, or ask for it."""
        events = [SlotSet(STEP, None), SlotSet(FIXING, field)]
        if field in PICTURES:
            is_chosen = bool(application.document_type)
            step = field if is_chosen else self.step(actor, tracker)
            return self.ask_as(step, actor, application, tracker, say)
        at_field = with_events(tracker, events)
        answer = read_answer(
            field, at_field, today=self.bank.clock().date(), missing=parts_of(field)
        )
        if isinstance(answer, Unclear) or not answer:
            unclear = [SlotSet(STEP, answer.step)] if isinstance(answer, Unclear) else []
            return [*events, *unclear, *self.ask(actor, with_events(at_field, unclear), say)]
        return [*events, *self.take(field, actor, at_field, say)]

    # --- single questions ---

    def hear_terms(
        self, actor: Actor, intent: str, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        if intent == "affirm":
            self.bank.onboarding.give_consent(actor)
            return self.ask(actor, tracker, say)
        if intent == "deny":
            self.bank.onboarding.withdraw(actor)
            say.utter_message(response="utter_onboarding_terms_refused")
            return self.finish(tracker)
        return self.again(actor, TERMS, tracker, say)

    def hear_path(
        self, actor: Actor, application: Application, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        choice = choice_of(tracker)
        if choice is None:
            return self.again(actor, PATH, tracker, say)
        self.bank.onboarding.choose_path(actor, biometrics=choice == "biometrics")
        if application.path != choice:
            say.utter_message(response=f"utter_onboarding_path_{choice}")
        return self.ask(actor, tracker, say)

    def hear_summary(
        self, actor: Actor, intent: str, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        if intent != "affirm":
            return self.again(actor, SUMMARY, tracker, say)
        checked = SlotSet(CHECKED, True)
        return [checked, *self.ask(actor, with_events(tracker, [checked]), say)]

    def new_code(self, actor: Actor, say: CollectingDispatcher) -> list[EventType]:
        """Send another code; the old one dies."""
        try:
            self.bank.onboarding.send_code(actor)
        except RateLimited:
            say.utter_message(response="utter_onboarding_contact_rate_limited")
            return []
        say.utter_message(response="utter_onboarding_code_resent")
        return []

    def hear_withdraw(
        self, actor: Actor, intent: str, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Yes ends the application; no goes on with it."""
        if intent == "affirm":
            self.bank.onboarding.withdraw(actor)
            say.utter_message(response="utter_onboarding_withdrawn")
            return self.finish(tracker)
        forgotten = SlotSet(STEP, None)
        return [forgotten, *self.ask(actor, with_events(tracker, [forgotten]), say)]

    def cancel(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        """Ask whether to withdraw or to keep it; said twice, it is kept and not asked about."""
        application = self.bank.onboarding.current(actor)
        if application is None or slots.find_text(tracker, STEP) == WITHDRAW:
            say.utter_message(response="utter_onboarding_paused_here")
            return self.finish(tracker)
        return self.ask_as(WITHDRAW, actor, application, tracker, say)


ACTIONS = [OpenAccount]
