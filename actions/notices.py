"""Notices: what the bank tells unasked, once a chat is open to tell it in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions import event_replies, languages
from actions.base import BankAction, EventType
from actions.facts import day, in_words
from bank.domain.actors import Actor
from bank.domain.notices import NoticeKind

#: Facts that are ISO days.
_DAYS = ("date",)
#: Facts that are bare numbers.
_NUMBERS = ("percent",)


class TellNotice(BankAction):
    """Say one notice; web sends its kind and facts, and nobody else can (a typed one is text).

    Reads  entities kind, and the facts of that kind (bank/services/notices.py)
    Says   utter_notice_<kind>; one that asks ("was this you?") is said by the action that hears
           the answer
    """

    action_name = "action_tell_notice"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        actor.require_customer()
        found = (tracker.latest_message or {}).get("entities") or []
        facts = {str(one["entity"]): str(one["value"]) for one in found}
        kind = NoticeKind(facts.pop("kind", ""))
        if "event_id" in facts:
            return [FollowupAction(event_replies.ACTION)]
        for name in _DAYS:
            if name in facts:
                facts[name] = day(date.fromisoformat(facts[name]))
        for name in _NUMBERS:
            if name in facts:
                facts[name] = languages.number(Decimal(facts[name]))
        say.utter_message(response=f"utter_notice_{kind.value}", **in_words(facts))
        return []


ACTIONS = [TellNotice]
