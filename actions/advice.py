"""Advice: the recommendation and what one asks of it afterwards; what is held; a person for it.

    advice_asking.py   ten questions, an amount, and the recommendation
    advice_telling.py  how it is told            advice_pictures.py   how it is drawn
"""

from __future__ import annotations

from datetime import timedelta

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import languages, slots
from actions.advice_answers import years_in
from actions.advice_asking import Advise
from actions.advice_pictures import draw_risk
from actions.advice_replies import (
    WHY_NOT_MAX,
    names_of,
    percent,
    profile_facts,
    reasons_of,
    refusals_of,
    years,
)
from actions.advice_telling import ADVICE, say_warnings, tell
from actions.base import BankAction, EventType
from actions.facts import day
from actions.labels import label, table
from actions.loans import amount_in
from actions.open_tasks import opened
from actions.products import say_lines
from bank.domain.actors import Actor
from bank.domain.advice import Advice
from bank.domain.errors import NotFound
from bank.domain.fx import BASE
from bank.domain.money import Money

#: An advice older than this is not spoken of any more: the market has moved.
SPOKEN_OF = timedelta(days=7)
HEADLINES_MAX = 5
REASON_CODE = "advice"


class AboutAdvice(BankAction):
    """Base of what is asked about the newest recommendation."""

    def newest(self, actor: Actor, tracker: Tracker) -> Advice | None:
        """Return the advice that is spoken of here, or the customer's newest one."""
        named = slots.find_text(tracker, ADVICE)
        try:
            advice = self.bank.advice.get(actor, named) if named else None
        except NotFound:
            advice = None
        given = [advice] if advice else self.bank.advice.given(actor, limit=1)
        fresh = [one for one in given if self.bank.clock() - one.given_at_utc < SPOKEN_OF]
        return fresh[0] if fresh else None

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        actor.require_customer()
        advice = self.newest(actor, tracker)
        if advice is None:
            say.utter_message(response="utter_advice_none_yet")
            return []
        return self.say(actor, advice, tracker, say)

    def say(
        self, actor: Actor, advice: Advice, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Say it of this advice."""
        raise NotImplementedError


class WhatIf(AboutAdvice):
    """Recommend again for another time: "and if I need it in two years?".

    Reads  entities horizon_years, amount
    Sets   advice_id
    Says   utter_advice_what_if[_same], and what a recommendation says
    """

    action_name = "action_advice_what_if"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        actor.require_customer()
        if self.newest(actor, tracker) is None:
            # A wish of its own: "what if I invested 2,000 for five years".
            return [
                opened(tracker, Advise.action_name), SlotSet("advice_step", None),
                FollowupAction(Advise.action_name),
            ]  # fmt: skip
        return super().perform(actor, tracker, say)

    def say(
        self, actor: Actor, advice: Advice, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        told = amount_in(tracker)
        amount = (
            slots.money(told, default_currency=BASE) if told and "currency" in told
            and told["currency"] else Money(advice.amount_minor, advice.currency)
        )  # fmt: skip
        wished = years_in(tracker)
        before = int(advice.inputs["horizon_years"])
        horizon = before if wished is None else wished
        changed = self.bank.advice.recommend(actor, amount, horizon_years=horizon)
        is_same = changed.inputs["risk_class_max"] == advice.inputs["risk_class_max"]
        say.utter_message(
            response=f"utter_advice_what_if{'_same' if is_same else ''}",
            horizon=years(max(1, horizon)), risk_max=str(changed.inputs["risk_class_max"]),
        )  # fmt: skip
        return tell(self.bank, actor, changed, say)


class ExplainAdvice(AboutAdvice):
    """Say why these, and why not others.

    Says  utter_advice_why, utter_advice_why_not
    """

    action_name = "action_explain_advice"

    def say(
        self, actor: Actor, advice: Advice, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del actor, tracker
        names = names_of(self.bank.investing.instruments())
        say_lines(say, "utter_advice_why", reasons_of(advice, names))
        ruled_out = refusals_of(advice, names)[:WHY_NOT_MAX]
        if ruled_out:
            lines = "\n" + "\n".join(f"• {line}" for line in ruled_out)
            say.utter_message(response="utter_advice_why_not", lines=lines)
        return []


class ShowAdvicePicture(AboutAdvice):
    """Draw the risk of what would be allowed, and the suggestion in it.

    Says  utter_advice_picture_risk
    """

    action_name = "action_show_advice_picture"

    def say(
        self, actor: Actor, advice: Advice, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del tracker
        names = names_of(self.bank.investing.instruments())
        drawn = draw_risk(advice)
        rows = [
            {"name": names.get(one["id"], one["id"]), "risk": percent(one["vol_bp"]),
             "gain": percent(one["return_bp"])}
            for one in advice.risk["cloud"]
        ]  # fmt: skip
        say.utter_message(
            response="utter_advice_picture_risk",
            image=f"/api/pictures/{self.bank.pictures.store(actor, drawn.png)}",
            json_message=table("picture", rows, alt=drawn.alt),
        )
        return []


class CheckInvestments(BankAction):
    """Say what is held and what it is worth, with a warning where headlines have turned.

    Says  utter_advice_holdings, _holdings_none, utter_advice_warning
    """

    action_name = "action_check_investments"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del tracker
        actor.require_customer()
        held = self.bank.investing.holdings(actor)
        if not held:
            say.utter_message(response="utter_advice_holdings_none")
            return []
        worth = Money(sum(one.worth_minor or 0 for one in held), BASE)
        cost = Money(sum(one.holding.cost_minor for one in held), BASE)
        rows = [
            {"name": one.instrument.name,
             "amount": label("unit", "no_price") if one.worth_minor is None
             else languages.money(Money(one.worth_minor, one.instrument.currency)),
             "paid": languages.money(Money(one.holding.cost_minor, one.instrument.currency))}
            for one in held
        ]  # fmt: skip
        say.utter_message(
            response="utter_advice_holdings", json_message=table("investments", rows),
            total=languages.money(worth), cost=languages.money(cost),
        )  # fmt: skip
        turned = self.bank.investing.warnings([one.instrument.id for one in held])
        say_warnings(turned, names_of(one.instrument for one in held), say)
        return []


class TellInvestmentNews(BankAction):
    """Say the newest headlines about what is held, each with its source.

    Says  utter_advice_news, _news_none, utter_advice_warning
    """

    action_name = "action_tell_investment_news"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del tracker
        actor.require_customer()
        held = [one.instrument for one in self.bank.investing.holdings(actor)]
        moods = self.bank.investing.moods([one.id for one in held]) if held else []
        newest = sorted(
            (line for one in moods for line in one.newest), key=lambda line: line.at_utc,
            reverse=True,
        )  # fmt: skip
        if not newest:
            say.utter_message(response="utter_advice_news_none")
            return []
        lines = dict.fromkeys(
            f"{line.title} ({line.source}, {day(line.at_utc)})" for line in newest
        )
        say_lines(say, "utter_advice_news", list(lines)[:HEADLINES_MAX])
        say_warnings([one for one in moods if one.has_turned], names_of(held), say)
        return []


class CheckInvestorProfile(BankAction):
    """Say what was answered, when, and what it comes to.

    Says  utter_advice_profile_kept, _profile_none
    """

    action_name = "action_check_investor_profile"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del tracker
        actor.require_customer()
        profile = self.bank.investing.profile(actor)
        if profile is None:
            say.utter_message(response="utter_advice_profile_none")
            return []
        say.utter_message(
            response="utter_advice_profile_kept", date=day(profile.taken_at_utc),
            **profile_facts(profile),
        )  # fmt: skip
        return []


class CallAdviser(AboutAdvice):
    """Ask a person to look at it; they see the record of the newest recommendation.

    Says  utter_advice_person (kind handoff)
    """

    action_name = "action_call_adviser"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        actor.require_customer()
        advice = self.newest(actor, tracker)
        case = self.bank.conversations.handoff(
            actor, str(actor.conversation_id), reason_code=REASON_CODE,
            why=f"advice {advice.id}" if advice else "investment advice",
        )  # fmt: skip
        if advice is not None:
            self.bank.advice.note_person(actor, advice.id, case.id)
        say.utter_message(response="utter_advice_person")
        return []


ACTIONS = [
    Advise, WhatIf, ExplainAdvice, ShowAdvicePicture, CheckInvestments, TellInvestmentNews,
    CheckInvestorProfile, CallAdviser,
]  # fmt: skip
