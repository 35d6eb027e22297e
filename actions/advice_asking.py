"""The asking half of advice: ten questions, an amount, and then the recommendation.

    ask_advice ─▶ may this person be advised? ─no─▶ why
                   └▶ profile there? ─no─▶ question ─▶ answer ─▶ … ─▶ the bank keeps them
                       └▶ amount there? ─no─▶ ask
                           └▶ recommend ─▶ lines, what could happen, a picture

Answers stay in a slot until all are there; then the bank judges and keeps them. What fits whom is
the bank's to say (bank/policies/suitability.py); here it is asked and told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import languages, open_tasks, slots
from actions.advice_answers import (
    asks_of,
    find_field,
    goes_back,
    read_answer,
    text_of,
    years_in,
)
from actions.advice_replies import profile_facts
from actions.advice_telling import tell
from actions.asking import AskingAction
from actions.base import EventType
from actions.loans import amount_in
from bank.domain.actors import Actor
from bank.domain.errors import AnswersContradict, BankError, InvalidAmount, InvalidInput
from bank.domain.fx import BASE
from bank.policies import investor_questions
from bank.policies.suitability import Unsuitable
from bank.services.advice import amount_bounds

STEP, ANSWERS, AMOUNT, YEARS = "advice_step", "advice_answers", "advice_amount", "advice_years"
ASK_AMOUNT = "amount"
#: Cured by answering the questions (again).
_ASKABLE = frozenset({Unsuitable.NO_PROFILE, Unsuitable.PROFILE_OLD})
#: What has its own sentence, the gravest first.
_WORDED = (Unsuitable.MINOR, Unsuitable.KYC_TIER, Unsuitable.NO_RESERVE)


class Advise(AskingAction):
    """Collect what is needed, and recommend.

    Reads  entities amount, number, investor_answer, horizon_years
    Sets   advice_*, open_words
    Says   utter_advice_*
    """

    action_name = "action_advise"
    cancelled = "utter_advice_cancelled"
    collected: ClassVar[tuple[str, ...]] = (
        STEP, ANSWERS, AMOUNT, YEARS, open_tasks.WORDS_SLOT,
    )  # fmt: skip

    def hear(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType] | None:
        intent, step = open_tasks.intent_of(tracker), slots.find_text(tracker, STEP)
        if intent == "change_investor_profile":
            return self.change(actor, tracker, say)
        if intent == "ask_advice" or step is None:
            return self.begin(actor, tracker, say)
        if step == ASK_AMOUNT:
            return self.hear_amount(actor, tracker, say)
        return self.hear_answer(step, actor, tracker, say)

    def ask(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        step = slots.find_text(tracker, STEP)
        return self.ask_step(step, tracker, say) if step else self.begin(actor, tracker, say)

    def refused(
        self, error: BankError, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """A refusal ends the question; a missing login keeps the wish."""
        return [*self.finish(tracker), *super().refused(error, tracker, say)]

    # --- what is heard ---

    def begin(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Start with what the message already tells."""
        told = amount_in(tracker) or slots.find_dict(tracker, AMOUNT)
        years = years_in(tracker)
        known = [SlotSet(AMOUNT, told), SlotSet(YEARS, years)]
        refusals = self.bank.advice.refusals(actor)
        hard = [one for one in refusals if one not in _ASKABLE]
        if hard:
            return self.say_refused(hard, tracker, say)
        if refusals:
            is_old = Unsuitable.PROFILE_OLD in refusals
            name = "profile_old" if is_old else "begin"
            say.utter_message(response=f"utter_advice_{name}")
            return [*known, SlotSet(ANSWERS, {}), *self.ask_next({}, tracker, say)]
        return [*known, *self.go_on(actor, told, years, tracker, say)]

    def change(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Ask one answer anew where it is named, all of them otherwise."""
        profile = self.bank.investing.profile(actor)
        field = find_field(text_of(tracker)) if profile else None
        kept = asks_of(profile.answers, field) if profile and field else {}
        if not kept:
            say.utter_message(response="utter_advice_begin")
        return [
            SlotSet(AMOUNT, None), SlotSet(ANSWERS, kept), *self.ask_next(kept, tracker, say),
        ]  # fmt: skip

    def hear_answer(
        self, code: str, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType] | None:
        """Take one answer; ask the next, or one again that does not go with it."""
        answers: dict[str, Any] = dict(slots.find_dict(tracker, ANSWERS) or {})
        is_back = open_tasks.intent_of(tracker) == "correct" or goes_back(text_of(tracker))
        if is_back and not read_answer(code, tracker):
            return self.step_back(answers, tracker, say)
        try:
            heard = read_answer(code, tracker)
            answers[code] = investor_questions.check(code, heard) if heard else None
        except InvalidInput:
            return None
        if answers[code] is None:
            return None
        clash = investor_questions.contradiction(answers)
        if clash is not None:
            say.utter_message(response=f"utter_advice_contradiction_{clash.code}")
            # The other answer may be the wrong one: both are asked again, the later one first.
            rest = asks_of(asks_of(answers, clash.question), clash.other)
            kept = asks_of(answers, clash.question) if code == clash.other else rest
            return [SlotSet(ANSWERS, kept), *self.ask_next(kept, tracker, say)]
        if investor_questions.next_question(answers) is not None:
            return [SlotSet(ANSWERS, answers), *self.ask_next(answers, tracker, say)]
        return self.keep(answers, actor, tracker, say)

    def step_back(
        self, answers: dict[str, Any], tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Ask the question before once more ("no, wait, the last one")."""
        kept = asks_of(answers, list(answers)[-1]) if answers else {}
        return [SlotSet(ANSWERS, kept), *self.ask_next(kept, tracker, say)]

    def keep(
        self, answers: dict[str, Any], actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Hand whole answers to the bank, tell what they come to, go on to the money."""
        try:
            profile = self.bank.investing.take_answers(actor, answers)
        except AnswersContradict as clash:
            say.utter_message(response="utter_answers_contradict")
            kept = asks_of(answers, clash.details["question"])
            return [SlotSet(ANSWERS, kept), *self.ask_next(kept, tracker, say)]
        say.utter_message(response="utter_advice_profile", **profile_facts(profile))
        hard = self.bank.advice.refusals(actor)
        if hard:
            return self.say_refused(hard, tracker, say)
        told, years = slots.find_dict(tracker, AMOUNT), tracker.get_slot(YEARS)
        return self.go_on(actor, told, years, tracker, say)

    def hear_amount(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType] | None:
        """Take the amount."""
        told = amount_in(tracker)
        if told is None:
            return None
        return self.go_on(actor, told, tracker.get_slot(YEARS), tracker, say)

    # --- what is asked and said ---

    def go_on(
        self, actor: Actor, told: dict[str, Any] | None, years: int | None, tracker: Tracker,
        say: CollectingDispatcher,
    ) -> list[EventType]:  # fmt: skip
        """Recommend, once the amount is known and one that advice is given on."""
        if told is None:
            return self.ask_step(ASK_AMOUNT, tracker, say)
        least, most = amount_bounds()
        try:
            amount = slots.money(told, default_currency=BASE)
            advice = self.bank.advice.recommend(actor, amount, horizon_years=years)
        except (InvalidAmount, ValueError):
            say.utter_message(
                response="utter_advice_amount_bounds",
                min=languages.money(least), max=languages.money(most),
            )  # fmt: skip
            return [SlotSet(AMOUNT, None), *self.asked(ASK_AMOUNT, tracker)]
        except InvalidInput:
            say.utter_message(response="utter_advice_currency", currency=least.currency)
            return [SlotSet(AMOUNT, None), *self.asked(ASK_AMOUNT, tracker)]
        return [*self.finish(tracker), *tell(self.bank, actor, advice, say)]

    def say_refused(
        self, refusals: Sequence[Unsuitable], tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Say the gravest reason why there is no advice, and end."""
        first = next((one for one in _WORDED if one in refusals), None)
        say.utter_message(response=f"utter_advice_refused{f'_{first}' if first else ''}")
        return self.finish(tracker)

    def ask_next(
        self, answers: dict[str, Any], tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Ask the first question without an answer."""
        return self.ask_step(
            investor_questions.next_question(answers) or ASK_AMOUNT, tracker, say
        )

    def ask_step(
        self, step: str, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Say one question, and remember that it is the open one."""
        say.utter_message(response=f"utter_advice_ask_{step}")
        return self.asked(step, tracker)

    def asked(self, step: str, tracker: Tracker) -> list[EventType]:
        """Return the events that make `step` the open question; any words may answer one."""
        return [
            SlotSet(STEP, step),
            open_tasks.takes_words(self.action_name, is_asked=step != ASK_AMOUNT),
            open_tasks.opened(tracker, self.action_name),
        ]

