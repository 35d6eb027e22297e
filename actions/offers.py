"""Offers in the dialogue: made after a wish, answered or let go, and stopped in one turn.

    offer_moments ─▶ action_answer_offer ─┬─ "tell me more" ─▶ the product's own dialogue
                                          ├─ "not interested" ─▶ never that one again
                                          └─ anything else ─▶ let go; it is answered as ever
    "no more offers" ─▶ stopped at once, nothing asked, whatever else is open

The offer is an open question only for the next message, so that "yes" and "no" find it; it is
never asked again. Its id stands in the buttons, which only the server can open.
"""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import offer_moments, open_tasks, slots
from actions.asking import button
from actions.base import BankAction, EventType, keep_wish, run_wish
from actions.labels import label
from actions.wishes import find_action, find_title
from bank.domain.actors import Actor, ActorKind
from bank.domain.consents import ConsentSource, Purpose
from bank.domain.notices import NoticeKind
from bank.domain.offers import OfferReply
from bank.policies import offers as policy
from bank.policies.notices import CHOOSABLE

_WANTED, _REFUSED = "accept_offer", "decline_offer"
#: Bare answers, where the offer is the open question.
_BARE = {"affirm": _WANTED, "deny": _REFUSED}
_AGAIN = "EXTERNAL_tell_again"


class AnswerOffer(BankAction):
    """Make an offer when one is due, and take the answer.

    Reads  slot offers_due, entity offer_id (from a button)
    Sets   offers_due
    Says   utter_offers_<code>, utter_offers_declined, utter_offers_left, utter_offers_none
    """

    action_name = offer_moments.ACTION

    def perform(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        actor.require_customer()
        if slots.flag(tracker, offer_moments.DUE_SLOT):
            return self._make(actor, tracker, say)
        is_asking = open_tasks.is_open(tracker, self.action_name)
        if open_tasks.is_return(tracker):
            return [self._ended(tracker)]  # something else was said: the offer is let go
        said = open_tasks.intent_of(tracker)
        answer = _BARE.get(said, said) if is_asking else said
        if answer == _WANTED:
            return self._wanted(actor, tracker, say)
        if answer == _REFUSED:
            return self._refused_offer(actor, tracker, say)
        if said == "cancel":
            say.utter_message(response="utter_offers_left")
            return [self._ended(tracker)]
        return [
            self._ended(tracker), FollowupAction(find_action(said) or "action_default_fallback"),
        ]  # fmt: skip

    def _make(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        done = SlotSet(offer_moments.DUE_SLOT, None)
        where = tracker.sender_id
        shown = self.bank.offers.take(
            actor, offer_moments.channel_of(self.bank, where), conversation_id=where
        )
        if shown is None:
            return [done]
        say.utter_message(
            response=f"utter_offers_{shown.offer}",
            buttons=[
                *(button(find_title(one) or "", one, offer_id=shown.id)
                  for one in (_WANTED, _REFUSED)),
                button(find_title("stop_offers") or "", "stop_offers"),
            ],
        )  # fmt: skip
        return [done, open_tasks.opened(tracker, self.action_name)]

    def _wanted(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        offer_id = self._meant(actor, tracker)
        if offer_id is None:
            say.utter_message(response="utter_offers_none")
            return [self._ended(tracker)]
        held = self.bank.offers.answer(actor, offer_id, OfferReply.INTERESTED)
        offer = policy.offers().get(held.offer)  # a running bank may have dropped it since
        opens = find_action(offer.opens) if offer else None
        if offer is None or opens is None:
            say.utter_message(response="utter_offers_none")
            return [self._ended(tracker)]
        wished = {"intent": {"name": offer.opens, "confidence": 1.0}, "text": "", "entities": []}
        return [self._ended(tracker), *run_wish(tracker, opens, wished)]

    def _refused_offer(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        offer_id = self._meant(actor, tracker)
        if offer_id is None:
            say.utter_message(response="utter_offers_none")
        else:
            self.bank.offers.answer(actor, offer_id, OfferReply.NOT_INTERESTED)
            say.utter_message(response="utter_offers_declined")
        return [self._ended(tracker)]

    def _meant(self, actor: Actor, tracker: Tracker) -> str | None:
        """Return the offer of the button, or the last one of this conversation."""
        named = slots.entity(tracker, "offer_id")
        if named:
            return str(named)
        newest = self.bank.offers.newest(actor, conversation_id=tracker.sender_id)
        return newest.id if newest else None

    def _ended(self, tracker: Tracker) -> EventType:
        return open_tasks.closed(tracker, self.action_name)


class StopOffers(BankAction):
    """Unsubscribe from everything, at once.

    Says  utter_offers_stopped; to a visitor utter_offers_stop_visitor, and it is done at login
    """

    action_name = "action_stop_offers"

    def perform(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        if actor.kind is not ActorKind.CUSTOMER:
            say.utter_message(response="utter_offers_stop_visitor")
            return keep_wish(tracker, self.action_name)
        self.bank.consents.unsubscribe(actor, actor.require_customer())
        say.utter_message(response="utter_offers_stopped")
        return [open_tasks.closed(tracker, offer_moments.ACTION)]


class ResumeOffers(BankAction):
    """Take the customer's consent to offers in this very channel, no other.

    Says  utter_offers_resumed
    """

    action_name = "action_resume_offers"

    def perform(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        self.bank.consents.give(
            actor, actor.require_customer(), purpose=Purpose.OFFERS,
            channel=offer_moments.channel_of(self.bank, tracker.sender_id),
            source=ConsentSource.CHAT,
        )  # fmt: skip
        say.utter_message(response="utter_offers_resumed")
        return []


class StopNotices(BankAction):
    """No longer tell of one kind of thing: the one of the button, or the one told last.

    Reads  entity notice_kind (from a button)
    Says   utter_notices_stopped, utter_notices_again, utter_notices_stop_which
    """

    action_name = "action_stop_notices"

    def perform(self, actor: Actor, tracker: Tracker, say: CollectingDispatcher) -> list[EventType]:
        named = slots.entity(tracker, "notice_kind")
        kind = NoticeKind(named) if named in CHOOSABLE else self.bank.proactive.last_told(actor)
        if kind is None:
            buttons = [
                button(_name(one), "stop_notices", notice_kind=str(one)) for one in CHOOSABLE
            ]
            say.utter_message(response="utter_notices_stop_which", buttons=buttons)
            return []
        is_wanted = open_tasks.intent_of(tracker) == _AGAIN
        self.bank.proactive.choose(actor, kind, is_wanted=is_wanted)
        again = (
            [] if is_wanted else [button(find_title(_AGAIN) or "", _AGAIN, notice_kind=str(kind))]
        )
        say.utter_message(
            response="utter_notices_again" if is_wanted else "utter_notices_stopped",
            kind=_name(kind), buttons=again,
        )  # fmt: skip
        return []


def _name(kind: NoticeKind) -> str:
    return label("notice_kind", kind.value)


ACTIONS = [AnswerOffer, StopOffers, ResumeOffers, StopNotices]
