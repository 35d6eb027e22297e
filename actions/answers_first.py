"""Answers first: a question about rules and documents is not taken for a task.

    "how long does a transfer take?"   read as transfer_money ─┬─ the library knows ─▶ its words
    "send 20 to Ana" · "can you …?"    no such question ───────┤
    "how long does a foo take?"        the library is not sure ┴─▶ the action, as if nothing were

The less a message looks like such a question, and the surer its reading, the surer the library has
to be. Looked at before a turn's first action: the one that starts a task, the one that is asking,
or the fallback. What the bank answers from its own figures (balance, fees, rates, hours) is never
looked up, unless that reading is a doubtful one. Which words ask: bank/policies/questions.py;
whether they are answered: the library's own sureness.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import languages, readings, slots
from bank.domain.actors import Actor
from bank.domain.answers import LibraryAnswer
from bank.policies import readings as policy
from bank.policies.questions import WORDS_LEAST, asks, follows, may_ask

if TYPE_CHECKING:
    from bank.bootstrap import Bank

TOPIC = "library_topic"
#: The page of an article: the only door an answer leads to.
PAGE = "/library/"
KIND = "library"
SOURCES_MOST = 3
#: What says the same to everybody, and what asks which of two wishes comes first: less than an
#: article that is certain.
READY_ANSWER, _WHICH_FIRST = "action_give_ready_answer", "action_ask_which_first"
_GENERAL = frozenset({READY_ANSWER, _WHICH_FIRST})
#: A message of so many words tells what happened, though it names a sum or somebody.
STORY_WORDS = 8
_OPEN_TASKS = "open_tasks"
#: Tasks that a question about their rules is easily taken for.
_TASKS = frozenset(
    {
        "transfer_money", "add_payee", "remove_payee", "recall_transfer", "create_standing_order",
        "cancel_standing_order", "pay_bill", "open_account", "replace_card", "order_pin_letter",
        "change_card_limit", "set_travel_notice", "dispute_transaction", "get_statement",
        "add_face", "forget_face", "forgot_password", "complain",
        "freeze_card", "unfreeze_card", "report_lost_card",
    }
)  # fmt: skip
#: These answer what is being asked, whatever their words look like.
_DECIDES = frozenset({"affirm", "deny", "cancel", "repeat", "new_code"})
_ANSWERS = _DECIDES | {"correct", "inform"}
#: Somebody or something that is acted upon: a wish, though it is put as a question.
_ACTED_ON = frozenset({"payee_name", "iban", "card_digits"})
#: What is said where the library does not know; any other intent gets the honest no.
OWN_ANSWERS = {
    "out_of_scope": "utter_out_of_scope",
    "change_account": "utter_handoff_colleague_does_it",
}
#: How sure the library has to be, in [0, 1], where it is not plain that it was asked.
CERTAIN = 0.9
#: An answer is followed up within so many messages.
FOLLOWED_TURNS = 3


def answered_first(
    bank: Bank, actor: Actor, tracker: Tracker, say: CollectingDispatcher, action_name: str
) -> list[dict[str, Any]] | None:
    """Answer a question that came as something else; None: the action is to run."""
    sure_least = sure_least_of(tracker, action_name)
    if sure_least is None:
        return None
    events = tell(bank, actor, tracker, say, sure_least=sure_least)
    if events is None:
        return None
    # The asking action answers the turn by this; asked once more, it asks its question again.
    again = slots.find_list(tracker, _OPEN_TASKS)[-1:] == [action_name]
    is_asked = again and action_name != readings.FALLBACK
    return [*events, FollowupAction(action_name)] if is_asked else events


def tell(
    bank: Bank,
    actor: Actor,
    tracker: Tracker,
    say: CollectingDispatcher,
    *,
    sure_least: float = 0.0,
) -> list[dict[str, Any]] | None:
    """Say what the library says to the latest message, with where it stands; None: it does not."""
    answer = bank.library.answer(
        actor, text_of(tracker), language=languages.current(),
        topic=_topic(tracker), sure_least=sure_least,
    )  # fmt: skip
    if answer is None:
        return None
    say.utter_message(
        response="utter_answers_found",
        text=answer.text,
        source=_source(answer),
        json_message={"kind": KIND, "data": {"sources": sources_of(answer)}},
    )
    return [SlotSet(TOPIC, answer.topic)]


def sources_of(answer: LibraryAnswer) -> list[dict[str, str]]:
    """Return where an answer stands, as links to the articles' pages; nothing else is a link."""
    found = {
        f"{PAGE}{one.citation.article_id}#{one.citation.anchor}": _title(one.citation)
        for one in answer.spans
    }
    return [{"title": title, "url": url} for url, title in list(found.items())[:SOURCES_MOST]]


def sure_least_asked(tracker: Tracker) -> float | None:
    """Return how sure the library has to be of what was read as a question, or as nobody's wish.

    Of what happened it has to be certain. None: it is not asked, a colleague does what is wanted.
    """
    intent = slots.intent(tracker) or ""
    if intent not in OWN_ANSWERS or may_ask(text_of(tracker)):
        return 0.0
    return CERTAIN if intent == "out_of_scope" else None


def sure_least_of(tracker: Tracker, action_name: str) -> float | None:
    """Return how sure the library has to be of this message; None: it is not asked."""
    message = tracker.latest_message or {}
    turn = next(readings.turns(tracker), None)
    if not readings.is_typed(message) or turn is None or turn.actions:
        return None
    text = text_of(tracker)
    if action_name == readings.FALLBACK:
        return _sure_least_unread(tracker, text)
    return _sure_least_read(tracker, text, action_name)


def text_of(tracker: Tracker) -> str:
    """Return the latest message's words."""
    return str((tracker.latest_message or {}).get("text") or "")


def _sure_least_unread(tracker: Tracker, text: str) -> float | None:
    """Of a message that nothing was understood of."""
    if may_ask(text):
        return 0.0
    words_least = STORY_WORDS if _is_own(tracker) else WORDS_LEAST
    is_inside = bool(slots.find_list(tracker, _OPEN_TASKS))
    return CERTAIN if len(text.split()) >= words_least and not is_inside else None


def _sure_least_read(tracker: Tracker, text: str, action_name: str) -> float | None:
    """Of a message that was read as something else than a question to the library."""
    intent = slots.intent(tracker) or ""
    is_follow = _follows(tracker, text)
    answers = _DECIDES if is_follow else _ANSWERS
    if intent in answers and action_name != READY_ANSWER:
        return None
    if is_follow:
        return 0.0
    confidence = float(((tracker.latest_message or {}).get("intent") or {}).get("confidence") or 0)
    is_unsure = policy.is_low(confidence)
    if _is_own(tracker):  # whose money it is, or who gets it, was named: mostly a wish
        return CERTAIN if is_unsure and asks(text) else None
    if not may_ask(text):
        return CERTAIN if is_unsure and len(text.split()) >= STORY_WORDS else None
    open_now = slots.find_list(tracker, _OPEN_TASKS)
    if asks(text) and (open_now[-1:] == [action_name] or intent in _TASKS or is_unsure):
        return 0.0
    # "How long will this take?" inside a task is about the task.
    is_general = asks(text) and action_name in _GENERAL and not open_now
    return CERTAIN if is_general or policy.gives_way(confidence) else None


def _follows(tracker: Tracker, text: str) -> bool:
    """Say whether words follow up the answer of the message before."""
    is_follow = follows(text) and not _is_own(tracker)
    return is_follow and _told_turns_ago(tracker) == 1


def _is_own(tracker: Tracker) -> bool:
    return _acts_on(tracker) or _has(tracker, "amount")


def _acts_on(tracker: Tracker) -> bool:
    return any(_has(tracker, name) for name in _ACTED_ON)


def _has(tracker: Tracker, entity: str) -> bool:
    return slots.entity(tracker, entity) is not None


def _source(answer: LibraryAnswer) -> str:
    names = dict.fromkeys(_title(one.citation) for one in answer.spans)
    return " · ".join(list(names)[:SOURCES_MOST])


def _title(citation: Any) -> str:
    return " › ".join(dict.fromkeys(one for one in (citation.title, citation.heading) if one))


def _topic(tracker: Tracker) -> str:
    """Return what the answer before was about, while it is fresh."""
    turns_ago = _told_turns_ago(tracker)
    is_fresh = turns_ago is not None and turns_ago <= FOLLOWED_TURNS
    return (slots.find_text(tracker, TOPIC) or "") if is_fresh else ""


def _told_turns_ago(tracker: Tracker) -> int | None:
    """Return how many messages ago the library answered; None: not lately, or never."""
    turns_ago = 0
    for event in reversed(tracker.events):
        if event.get("event") == "slot" and event.get("name") == TOPIC:
            return turns_ago
        turns_ago += event.get("event") == "user"
        if turns_ago > FOLLOWED_TURNS:
            return None
    return None
