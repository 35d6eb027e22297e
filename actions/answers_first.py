"""Answers first: a question about rules and documents is not taken for a task.

    "how long does a transfer take?"   read as transfer_money ─┬─ the library knows ─▶ its words
    "send 20 to Ana" · "can you …?"    no such question ───────┤
    "how long does a foo take?"        the library is not sure ┴─▶ the action, as if nothing were

The less a message looks like such a question, and the surer its reading, the surer the library has
to be. Looked at before a turn's first action: the one that starts a task, the one that is asking,
or the fallback. What the bank answers from its own figures (balance, fees, rates, hours) is never
looked up, unless that reading is a doubtful one. Which words ask: here; whether they are answered:
the library's own sureness.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import languages, readings, slots
from bank.domain.actors import Actor
from bank.domain.answers import LibraryAnswer
from bank.policies import readings as policy

if TYPE_CHECKING:
    from bank.bootstrap import Bank

TOPIC = "library_topic"
#: The page of an article: the only door an answer leads to.
PAGE = "/library/"
KIND = "library"
SOURCES_MOST = 3
#: Fewer words are a fragment, an answer, or a follow-up of one.
WORDS_LEAST = 3
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
_OPENERS = (
    r"^\W*(?:(?:and|but|also|so|ok(?:ay)?|hi|hello|hey|please|sorry|well|hm+|wait|y|e|pero|oye|"
    r"hola|perd[oó]n|disculpe?|una pregunta|quick question|one question)\b[\W_]*){0,3}"
)
_ASKS = re.compile(
    _OPENERS
    + r"(?:(?:what|what's|whats|why|when|where|which|who|whose|until when|is|are|does|do|will|did|"
    r"how (?:long|much|many|often|soon|fast|late|safe|far|high|old|quickly|does|do you|are|is)|"
    r"may|must|should|am i|tell me (?:about|how|what|why|when)|explain|"
    r"qu[eé]|por qu[eé]|cu[aá]\w+|cu[aá]nd\w+|cu[aá]nt\w+|d[oó]nde|qui[eé]n\w*|desde cu[aá]ndo|"
    r"hasta cu[aá]ndo|en qu[eé]|con qu[eé]|de qu[eé]|a qu[eé]|es|son|hay|tengo que|debo|existe\w*|"
    r"c[oó]mo (?:funciona\w*|se|es|son|est[aá]\w*|saben?|protege\w*)|se puede)\b)",
    re.IGNORECASE,
)
_LOOSELY = re.compile(
    _OPENERS
    + r"(?:how|c[oó]mo|can|could|puedo|podr[ií]a|pueden|what|about|sobre|is it|if|si)\b|\?\s*$",
    re.IGNORECASE,
)
#: "do send 20", "is there 20 left": a wish or a look at one's own money.
_REQUESTS = re.compile(
    _OPENERS
    + r"(?:do (?:it|that|send|pay|the)|will you|do you mind|what is left|qu[eé] tal|"
    r"how much (?:money |cash )?(?:do i have|have i|is left|is (?:in|on) my)|"
    r"how many (?:cards|accounts) do i|cu[aá]nto (?:dinero )?(?:tengo|me queda))\b",
    re.IGNORECASE,
)

#: "and for business accounts?", right after an answer.
_FOLLOWS = re.compile(
    r"^\W*(?:and (?:for|if|with|in|on|what|how|when|from|to|at|is|are|does|do)|"
    r"what about|how about|what if|y (?:para|si|con|en|desde|a|c[oó]mo|cu\w+|qu[eé])|qu[eé] tal|"
    r"qu[eé] pasa (?:con|si))\b",
    re.IGNORECASE,
)
#: How sure the library has to be, in [0, 1], where it is not plain that it was asked.
CERTAIN = 0.9
#: An answer is followed up within so many messages.
FOLLOWED_TURNS = 3


def answered_first(
    bank: Bank, actor: Actor, tracker: Tracker, say: CollectingDispatcher, action_name: str
) -> list[dict[str, Any]] | None:
    """Answer a question that came as something else; None: the action is to run."""
    sure_least = _sure_least(tracker, action_name)
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


def asks(text: str) -> bool:
    """Say whether words ask for something to know, and not for something to be done.

    >>> asks("how long does a transfer take?"), asks("¿Cuánto tarda una transferencia?")
    (True, True)
    >>> asks("can you send 50 to Ana?"), asks("send 20 to Ana"), asks("how much do I have?")
    (False, False, False)
    """
    enough = len(text.split()) >= WORDS_LEAST
    return enough and _ASKS.search(text) is not None and _REQUESTS.search(text) is None


def may_ask(text: str) -> bool:
    """Say whether words may ask for something to know; they may as well be a wish.

    >>> may_ask("can my card go into a phone?"), may_ask("put my card into my phone")
    (True, False)
    """
    enough = len(text.split()) >= WORDS_LEAST
    return asks(text) or (enough and _LOOSELY.search(text) is not None)


def text_of(tracker: Tracker) -> str:
    """Return the latest message's words."""
    return str((tracker.latest_message or {}).get("text") or "")


def _sure_least(tracker: Tracker, action_name: str) -> float | None:
    """Return how sure the library has to be of this message; None: it is not asked."""
    message = tracker.latest_message or {}
    turn = next(readings.turns(tracker), None)
    if not readings.is_typed(message) or turn is None or turn.actions:
        return None
    text = text_of(tracker)
    if action_name == readings.FALLBACK:
        return _sure_least_unread(tracker, text)
    return _sure_least_read(tracker, text, action_name)


def _sure_least_unread(tracker: Tracker, text: str) -> float | None:
    """Of a message that nothing was understood of."""
    if may_ask(text):
        return 0.0
    is_wish = _acts_on(tracker) or _has(tracker, "amount")
    is_fragment = len(text.split()) < WORDS_LEAST
    is_inside = bool(slots.find_list(tracker, _OPEN_TASKS))
    return None if is_fragment or is_wish or is_inside else CERTAIN


def _sure_least_read(tracker: Tracker, text: str, action_name: str) -> float | None:
    """Of a message that was read as something else than a question to the library."""
    intent = slots.intent(tracker) or ""
    has_amount = _has(tracker, "amount")
    if _acts_on(tracker) or intent in _DECIDES:
        return None
    if _FOLLOWS.search(text) and not has_amount and _told_turns_ago(tracker) == 1:
        return 0.0
    if intent in _ANSWERS or not may_ask(text):
        return None
    confidence = float(((tracker.latest_message or {}).get("intent") or {}).get("confidence") or 0)
    is_asking = slots.find_list(tracker, _OPEN_TASKS)[-1:] == [action_name]
    # A sum is somebody's own; what is done with it is a wish, however unsure the reading.
    is_unsure = policy.is_low(confidence) and not has_amount
    if asks(text) and (is_asking or intent in _TASKS or is_unsure):
        return 0.0
    return CERTAIN if policy.gives_way(confidence) and not has_amount else None


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
