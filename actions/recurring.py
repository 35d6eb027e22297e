"""Charges that come back: which there are, what they cost a month, which of them changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import languages
from actions.base import EventType
from actions.facts import abs_money, add_up, day, is_named, sums
from actions.labels import label, table
from actions.questions import heard
from actions.searching import SearchingAction
from bank.domain.actors import Actor
from bank.domain.money import Money

if TYPE_CHECKING:
    from bank.domain.insights import RecurringCharge


class CheckRecurring(SearchingAction):
    """List the charges that come back, and say which changed.

    Says   utter_insights_recurring[_one|_changed|_none|_none_subject]
    """

    action_name = "action_check_recurring"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        charges: list[RecurringCharge] = self.bank.insights.recurring(actor)
        asked = self.complete(actor, tracker, heard(tracker))
        wanted = [one for one in charges if asked.merchant and is_like(one, asked.merchant)]
        if asked.merchant and not wanted:
            none = "utter_insights_recurring_none_subject"
            say.utter_message(response=none, subject=asked.merchant)
        elif not charges:
            say.utter_message(response="utter_insights_recurring_none")
        elif len(wanted or charges) == 1:
            say.utter_message(
                response="utter_insights_recurring_one", **charge_facts((wanted or charges)[0])
            )
        else:
            say_charges(say, wanted or charges)
        for one in wanted if asked.merchant else charges:
            if one.previous_amount is not None and one.previous_amount != one.amount:
                say.utter_message(
                    response="utter_insights_recurring_changed",
                    **charge_facts(one),
                    previous=languages.money(abs_money(one.previous_amount)),
                )
        return []


def say_charges(say: CollectingDispatcher, charges: list[RecurringCharge]) -> None:
    """Say how many charges there are and what they cost a month."""
    monthly = add_up([monthly_cost(one) for one in charges])
    rows = [
        {**charge_facts(one), "date": one.next_at_utc.date().isoformat()} for one in charges
    ]
    say.utter_message(
        response="utter_insights_recurring",
        json_message=table("recurring", rows),
        count=str(len(charges)),
        total=sums(monthly),
    )


def charge_facts(charge: RecurringCharge) -> dict[str, str]:
    """Return a charge in words."""
    return {
        "merchant": charge.merchant,
        "amount": languages.money(abs_money(charge.amount)),
        "cadence": label("cadence", str(charge.cadence)),
        "date": day(charge.next_at_utc),
    }


def monthly_cost(charge: RecurringCharge) -> Money:
    """Return what a charge costs in a month on average, rounded down to a minor unit."""
    a_year = {"weekly": 52, "monthly": 12, "quarterly": 4, "yearly": 1}.get(str(charge.cadence), 12)
    return Money(abs(charge.amount.amount_minor) * a_year // 12, charge.amount.currency)


def is_like(charge: RecurringCharge, name: str) -> bool:
    """Whether a charge is of the shop that was named."""
    return is_named(charge.merchant, name)


ACTIONS = [CheckRecurring]
