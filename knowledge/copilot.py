"""The copilot: what staff read when they take over, chosen by rules from what was said.

    lines ─▶ what was asked · what was done · the open task with its facts · mood · last words
    closed cases ─▶ the ones whose words are nearest to this one's

Every sentence is one that was said; nothing is made up, and nothing is sent: drafts for a person.
Pure.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from knowledge.passages import sentences_of
from knowledge.words import terms_of, words_of

ASKED_MOST, DONE_MOST, SIMILAR_MOST = 4, 3, 3
SENTENCE_CHARS = 200
#: Cosine in [0, 1] below which two cases have hardly a word in common.
SIMILAR_LEAST = 0.2
_SMALL = frozenset({
    "greet", "goodbye", "thank", "thanks", "affirm", "deny", "cancel", "inform", "nlu_fallback",
    "gibberish", "repeat", "chitchat", "ask_human", "new_code",
})  # fmt: skip
#: Actions that open no task of the customer's.
_ASIDE = re.compile(
    r"action_(?:hand_off|complain|ask_library|default_fallback|ask_rephrase|greet|fallback|"
    r"suggest|tell_|listen|session_start|utter)|utter_"
)
_ASKS = frozenset({"confirm", "step_up", "login", "capture", "credentials", "face", "liveness"})
_QUESTION = re.compile(
    r"\?|^(?:how|what|when|where|why|who|which|can|could|do|does|is|are|may|will|cómo|como|qué|"
    r"que|cuándo|cuando|dónde|donde|cuánto|cuanto|puedo|por qué)\b",
    re.IGNORECASE,
)
_UPSET = frozenset(
    "angry furious ridiculous unacceptable terrible awful useless disgrace disgusting scandal "
    "worst joke lied lying outrageous complain complaint lawyer enfadado furioso inaceptable "
    "vergonzoso horrible inutil queja abogado peor mentira estafa harto".split()
)
_WORRIED = frozenset(
    "urgent urgently emergency stolen scam scammed hacked worried afraid scared help panic "
    "hospital urgente emergencia robado robada estafado miedo preocupado preocupada ayuda "
    "hackeado".split()
)


class Mood(StrEnum):
    """How the customer's last lines sound."""

    CALM = "calm"
    WORRIED = "worried"
    UPSET = "upset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a conversation. `who`: customer, bot, staff, system.

    intent, entities: what a customer's line was read as. action: what the bot's line came of.
    kind: of the bot's bubble; has_buttons: it offered some.
    """

    who: str
    text: str
    intent: str = ""
    entities: Mapping[str, str] = field(default_factory=dict)
    action: str = ""
    kind: str = "text"
    has_buttons: bool = False


@dataclass(frozen=True, slots=True)
class OpenTask:
    """What waits for the customer's answer: the action, and what was told for it."""

    action: str
    facts: dict[str, str]
    question: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What happened, in words that were said. Empty where nothing was."""

    asked: tuple[str, ...]
    done: tuple[str, ...]
    open_task: OpenTask | None
    mood: Mood
    last: str


@dataclass(frozen=True, slots=True)
class PastCase:
    """A closed case: its words, which language they are in."""

    id: str
    text: str
    language: str = "en"


def summarise(lines: Sequence[Line]) -> Summary:
    """Return what staff need to know before they write their first word."""
    said = [one for one in lines if one.who == "customer" and one.text.strip()]
    return Summary(
        asked=_asked(said),
        done=_done(lines),
        open_task=_open_task(lines),
        mood=_mood(said),
        last=_cut(said[-1].text) if said else "",
    )


def last_question(lines: Sequence[Line]) -> str:
    """Return what the customer wants answered: their last question, else their last wish."""
    said = [one for one in lines if one.who == "customer" and one.text.strip()][-6:]
    for one in reversed(said):
        if _QUESTION.search(one.text) and one.intent != "ask_human":
            return one.text
    wishes = [one.text for one in said if one.intent not in _SMALL]
    return wishes[-1] if wishes else ""


def nearest(
    text: str, past: Sequence[PastCase], *, language: str = "en"
) -> list[tuple[str, float]]:
    """Return ids and cosines of the closed cases nearest to a text, the nearest first.

    By word stems, rare ones first; at most SIMILAR_MOST, none below SIMILAR_LEAST.
    """
    bags = [Counter(terms_of(one.text, one.language)) for one in past]
    held = Counter(term for bag in bags for term in bag)

    def weigh(bag: Counter[str]) -> dict[str, float]:
        return {
            term: (1 + math.log(count)) * math.log(1 + len(past) / (1 + held[term]) + 0.5)
            for term, count in bag.items()
        }

    asked = weigh(Counter(terms_of(text, language)))
    fits = [(one.id, _cosine(asked, weigh(bag))) for one, bag in zip(past, bags, strict=True)]
    near = [(name, round(fit, 3)) for name, fit in fits if fit >= SIMILAR_LEAST]
    return sorted(near, key=lambda one: (-one[1], one[0]))[:SIMILAR_MOST]


def _asked(said: Iterable[Line]) -> tuple[str, ...]:
    """Wishes in their order, each once; a yes or a figure is no wish."""
    found: dict[str, str] = {}
    for one in said:
        if one.intent in _SMALL:
            continue
        is_question = bool(_QUESTION.search(one.text))
        if not is_question and (one.intent in ("", "inform") or len(words_of(one.text)) < 2):
            continue
        found.setdefault(" ".join(words_of(one.text)), _cut(one.text))
    return tuple(found.values())[-ASKED_MOST:]


def _done(lines: Sequence[Line]) -> tuple[str, ...]:
    """First sentences of the bot's answers that asked for nothing."""
    found = [
        _cut(sentences[0].text)
        for one in lines
        if one.who == "bot" and one.action and not _ASIDE.match(one.action) and not _is_asking(one)
        if (sentences := sentences_of(one.text))
    ]
    return tuple(dict.fromkeys(found))[-DONE_MOST:]


def _open_task(lines: Sequence[Line]) -> OpenTask | None:
    """The last action whose last words were a question; facts: what was told since it began."""
    action, question, begun = "", "", 0
    since = 0
    for at, one in enumerate(lines):
        if one.who == "customer":
            since = at
        if one.who != "bot" or not one.action or _ASIDE.match(one.action):
            continue
        if not _is_asking(one):
            action = "" if one.action == action or not action else action
            continue
        if one.action != action:
            action, begun = one.action, since
        question = one.text
    if not action:
        return None
    facts: dict[str, str] = {}
    for one in lines[begun:]:
        if one.who == "customer":
            facts.update(one.entities)
    return OpenTask(action.removeprefix("action_"), facts, _cut(question))


def _is_asking(line: Line) -> bool:
    return line.kind in _ASKS or line.has_buttons or line.text.rstrip().endswith("?")


def _mood(said: Sequence[Line]) -> Mood:
    lately = " ".join(one.text for one in said[-4:])
    words = set(words_of(lately))
    letters = [one for one in lately if one.isalpha()]
    shouts = len(letters) > 12 and sum(one.isupper() for one in letters) > 0.7 * len(letters)
    if (
        words & _UPSET
        or shouts
        or lately.count("!") >= 3
        or any(one.intent == "complain" for one in said[-4:])
    ):
        return Mood.UPSET
    return Mood.WORRIED if words & _WORRIED else Mood.CALM


def _cut(text: str) -> str:
    """Return a text on one line, cut at a word where it is long."""
    line = " ".join(text.split())
    if len(line) <= SENTENCE_CHARS:
        return line
    return line[:SENTENCE_CHARS].rsplit(" ", 1)[0] + " …"


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    both = sum(weight * other[term] for term, weight in one.items() if term in other)
    length = math.sqrt(sum(w * w for w in one.values()) * sum(w * w for w in other.values()))
    return both / length if length else 0.0
