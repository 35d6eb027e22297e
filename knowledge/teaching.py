"""Teaching: the questions of the articles become examples of the assistant's `ask_library`.

    phrasings of a section ─▶ questions ─▶ no skill's? (as the assistant reads them) ─▶ PER_SECTION

Without them the assistant takes what only an article answers for the skill that sounds most like
it. What happened to somebody ("my card is gone") is left out, though it asks for an article too:
such messages are the skills' own. So is what a skill reads surely: it has an answer of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bank.domain.answers import Audience
from bank.policies.questions import asks, may_ask
from knowledge.article import Article

INTENT = "ask_library"
PER_SECTION, WORDS_MOST = 2, 16
#: Readings that no skill loses a sentence by, whatever their confidence.
_NO_SKILL = frozenset({INTENT, "out_of_scope", "nlu_fallback"})
#: Readings that mean something only as an answer.
_ANSWERS = frozenset({"affirm", "deny", "cancel", "repeat", "inform", "correct", "tell_details"})
#: Confidences in [0, 1] up to which a skill gives up what asks, and what may ask.
ASKS_BELOW, MAY_ASK_BELOW = 0.8, 0.5


@dataclass(frozen=True, slots=True)
class Reading:
    """What the assistant took a sentence for, with its confidence in [0, 1]."""

    intent: str
    confidence: float


def phrasings_of(articles: Iterable[Article]) -> list[str]:
    """Return the questions customers may ask of these articles, each once, in their order."""
    return list(dict.fromkeys(text for section in _sections(articles) for text in section))


def chosen(articles: Iterable[Article], readings: Mapping[str, Reading]) -> list[str]:
    """Return what the assistant is to learn; readings: of all phrasings, by their text.

    What it does not read as a question yet comes first; of equals, chance decides, the same way
    each time.
    """
    taught: list[str] = []
    for section in _sections(articles):
        fit = [text for text in section if _is_fit(text, readings[text])]
        fit.sort(key=lambda text: (readings[text].intent == INTENT, _chance(text)))
        taught += fit[:PER_SECTION]
    return list(dict.fromkeys(taught))


def print_examples(texts: Sequence[str], language: str) -> str:
    """Return examples as a file of nlu_data; brackets would be read as entities."""
    mark = "" if language == "en" else f"  metadata:\n    language: {language}\n"
    plain = (" ".join(text.translate(_BRACKETS).split()) for text in texts)
    lines = "".join(f"    - {text}\n" for text in plain)
    return f"{_HEAD}\nnlu:\n- intent: {INTENT}\n{mark}  examples: |\n{lines}"


_HEAD = """version: "3.1"

# Written by `florin knowledge teach` from the phrasings of the articles; write there, not here.
"""
_BRACKETS = str.maketrans("[]{}", "()()")


def _sections(articles: Iterable[Article]) -> Iterable[list[str]]:
    """Yield each section's phrasings that customers may ask and that are no stories."""
    for article in articles:
        if article.audience is Audience.STAFF:
            continue
        for section in article.sections:
            yield [
                text for text in section.asked
                if may_ask(text) and len(text.split()) <= WORDS_MOST
            ]  # fmt: skip


def _is_fit(text: str, reading: Reading) -> bool:
    if reading.intent in _NO_SKILL:
        return True
    below = ASKS_BELOW if asks(text) else MAY_ASK_BELOW
    return reading.intent not in _ANSWERS and reading.confidence < below


def _chance(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
