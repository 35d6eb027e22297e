"""Offer moments: when a turn has just fulfilled a wish, and nothing said here forbids to offer.

    an action ends ─▶ was that the end of a wish? ─▶ is nothing open? ─▶ waits anything? (bank)
         └─▶ what was said in this conversation: topics, words, mood ─▶ action_answer_offer

The one place that decides the moment. What closes a conversation is policies/offers.toml; a topic
is kept with the bank (a conversation outlives Rasa's slots), words are read from all of its lines,
and the mood of English ones is VADER's. Never in the customer's way: what fails here is logged,
and nothing is offered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import structlog
from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import languages, slots
from bank.domain.actors import SYSTEM, Actor, ActorKind
from bank.domain.consents import Channel
from bank.domain.conversations import Sender
from bank.domain.errors import BankError
from bank.policies import offers as policy

if TYPE_CHECKING:
    from bank.bootstrap import Bank

log = structlog.get_logger(__name__)

ACTION = "action_answer_offer"
DUE_SLOT = "offers_due"
#: The newest message that closed this conversation, so that the bank is told once.
CLOSED_SLOT = "offers_closed_by"
_OPEN_TASKS = "open_tasks"
#: What is said when a wish is fulfilled. Anything else, a refusal above all, is no moment.
FULFILLED = frozenset(
    {
        "utter_balances_accounts", "utter_balances_iban", "utter_balances_ibans",
        "utter_balances_one", "utter_balances_total", "utter_cards_limit",
        "utter_cards_limit_done", "utter_cards_travel_done", "utter_insights_spending",
        "utter_insights_spending_compared", "utter_insights_spending_subject",
        "utter_payees_added", "utter_standing_orders_created",
        "utter_step_up_done_card_raise_limit", "utter_step_up_done_card_replace",
        "utter_step_up_done_pin_letter", "utter_step_up_done_standing_order",
        "utter_transactions_found", "utter_transactions_found_subject",
        "utter_transactions_income_found", "utter_transactions_income_yes",
        "utter_transactions_latest", "utter_transactions_statement", "utter_transfer_posted",
    }
)  # fmt: skip


def watch(
    bank: Bank, actor: Actor, tracker: Tracker, say: CollectingDispatcher,
    events: list[dict[str, Any]],
) -> list[dict[str, Any]]:  # fmt: skip
    """Return an action's events, and behind them those that lead to an offer, if it is time."""
    if actor.kind is not ActorKind.CUSTOMER:
        return events
    try:
        added = _note_topic(bank, tracker)
        if not added and _is_moment(tracker, say, events) and _is_open(bank, actor, tracker):
            added = [SlotSet(DUE_SLOT, True), FollowupAction(ACTION)]
    except BankError as refusal:
        log.info("no_offer", code=refusal.code)
        return events
    else:
        return [*events, *added]


def channel_of(bank: Bank, conversation_id: str) -> Channel:
    """Return the channel a conversation is: the bank's own chat, or a messenger."""
    found = bank.conversations.get(SYSTEM, conversation_id).channel
    return Channel.CHAT if found == "web" else Channel.MESSENGER


def _note_topic(bank: Bank, tracker: Tracker) -> list[dict[str, Any]]:
    """Tell the bank when a message closed the conversation, once a message."""
    closer = next(
        (
            str(message.get("message_id") or message.get("timestamp") or "")
            for message in _messages(tracker)
            if policy.closed_by([_intent(message)], [str(message.get("text") or "")])
        ),
        None,
    )
    if closer is None or tracker.get_slot(CLOSED_SLOT) == closer:
        return []
    bank.offers.close(tracker.sender_id)
    return [SlotSet(CLOSED_SLOT, closer)]


def _is_moment(
    tracker: Tracker, say: CollectingDispatcher, events: Iterable[Mapping[str, Any]]
) -> bool:
    """Whether a wish was fulfilled just now, and nothing waits for an answer."""
    said = {str(message.get("response") or "") for message in say.messages}
    if not said & FULFILLED:
        return False
    tasks = tracker.get_slot(_OPEN_TASKS)
    for event in events:
        if event.get("event") == "followup":
            return False
        if event.get("event") == "slot" and event.get("name") == _OPEN_TASKS:
            tasks = event.get("value")
    return not tasks


def _is_open(bank: Bank, actor: Actor, tracker: Tracker) -> bool:
    """Whether something waits for this customer, and all that was said leaves room for it."""
    where = tracker.sender_id
    if not bank.offers.is_waiting(actor, channel_of(bank, where), conversation_id=where):
        return False
    lines = list(_lines(bank, where))
    lines.append(str((tracker.latest_message or {}).get("text") or ""))
    moods = map(_mood, lines) if languages.language_of(tracker) == "en" else ()
    intents = map(_intent, _messages(tracker))
    found = policy.closed_by([*intents, slots.intent(tracker) or ""], lines, moods=moods)
    if found is not None:
        bank.offers.close(where)
    return found is None


def _lines(bank: Bank, conversation_id: str) -> Iterable[str]:
    """Yield all the customer has written in a conversation."""
    after_seq = 0
    while page := bank.conversations.transcript(SYSTEM, conversation_id, after_seq):
        yield from (line.text for line in page if line.sender is Sender.CUSTOMER)
        after_seq = page[-1].seq


def _messages(tracker: Tracker) -> Iterable[Mapping[str, Any]]:
    """Yield what the customer said and web told, the latest first."""
    return (event for event in reversed(tracker.events) if event.get("event") == "user")


def _intent(message: Mapping[str, Any]) -> str:
    return str(((message.get("parse_data") or {}).get("intent") or {}).get("name") or "")


def _mood(line: str) -> float:
    return float(_vader().polarity_scores(line)["compound"])


@cache
def _vader() -> Any:
    from vaderSentiment.vaderSentiment import (  # type: ignore[import-untyped] # noqa: PLC0415
        SentimentIntensityAnalyzer,  # a lexicon is read: only where an offer is about to be made
    )

    return SentimentIntensityAnalyzer()
