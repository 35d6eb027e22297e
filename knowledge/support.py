"""Support: whether a composed text says what its spans say, and nothing else. Pure.

    composed sentence ─▶ content words, in order ─┬─ those of one sentence of the spans, or of two
                                                  │  in a row that it joins             supported
                                                  └─ a word more, less, or elsewhere    unsupported

What a model may change is what carries no meaning: articles, "is" and "are", "you" for "customers",
an opener ("In short:"). It may choose sentences, leave others out, put them in another order, and
join two. It may not leave a word out of a sentence: dropping "abroad" or "unless" makes another
rule of it, and no measure of likeness sees that. So the check is exact instead of likely: a changed
figure, a "not" more or less, another name, a promise, two figures swapped all change the list.
A text that fails is not shown; the spans' own words are (composing.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from bank.domain.answers import Span
from knowledge.contacts import Contacts
from knowledge.safety import is_safe_to_show
from knowledge.words import plain, term_of

TEXT_CHARS_MOST = 1_500
_SENTENCE = re.compile(r"(?<=[.!?])[\"”’)]*\s+|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|approx|no|nr|art|p\.\s?ej|núm|ej|sr|sra|mr|mrs))\.$", re.IGNORECASE
)
_MARKUP = re.compile(
    r"[<>{}\[\]`*_#|~\\]|https?:|www\.|^\s*(?:[-•]|\d+[.)])\s", re.IGNORECASE | re.MULTILINE
)
#: Signs that change what a figure or a word says stay words of their own.
_TOKEN = re.compile(r"\d+(?:[.,:/\-–]\d+)*|[^\W\d_]+|[%€$£+<>=§]|(?<=\s)[-–](?=\d)")
#: These may come and go: they decide nothing. Negations, "if", "only", "may", "must", "all",
#: prepositions of time and place are not here, because they do.
_LIGHT = {
    "en": frozenset(
        "a an the is are was were be been being am it its they them their this that these those "
        "there here you your yours we us our ours i my me he she his her of and then so "
        "please note which who do does did has have had s re ve ll".split()
    ),
    "es": frozenset(
        "el la los las un una unos unas lo al del de y e es son era eran ser estar esta estan este "
        "estos estas ese esa eso esos esas se su sus le les usted ustedes nos nuestro nuestra "
        "nuestros nuestras yo mi mis ha han haber hay que entonces asi ello ellos ella "
        "ellas".split()
    ),
}  # fmt: skip
#: Words around a sentence that say nothing of the matter.
_OPENERS = {
    "en": re.compile(
        r"^(?:in short|according to (?:our|the bank's) articles?|our articles? says? that|"
        r"also|please note(?: that)?|in addition|as well|so|hello|hi|thank you for asking)"
        r"(?:[,:.!]\s*|\s+)",
        re.IGNORECASE,
    ),
    "es": re.compile(
        r"^(?:en resumen|según nuestros artículos|nuestros artículos dicen que|también|además|"
        r"tenga en cuenta que|hola|gracias por preguntar)(?:[,:.!]\s*|\s+)",
        re.IGNORECASE,
    ),
}
_SPLIT_UP = re.compile(
    r"\b(can|do|does|did|is|are|was|were|has|have|had|would|could|should|must)n['’]t\b",
    re.IGNORECASE,
)
_IRREGULAR = (("won't", "will not"), ("won’t", "will not"), ("cannot", "can not"))
_SOFT = (("you'll", "you will"), ("you’ll", "you will"), ("we'll", "we will"), ("we’ll", "we will"))
JOINED_MOST = 2


def is_supported(text: str, spans: Sequence[Span], *, language: str, own: Contacts) -> bool:
    """Say whether every sentence of a whole text is one of the spans'."""
    if not text.strip() or len(text) > TEXT_CHARS_MOST:
        return False
    checker = Supported(spans, language=language, own=own)
    return all(checker.allows(one) for one in sentences_of(text))


class Supported:
    """The spans, ready to check composed sentences one by one as they come."""

    def __init__(self, spans: Sequence[Span], *, language: str, own: Contacts) -> None:
        self._language, self._own = language, own
        self._allowed: set[tuple[str, ...]] = set()
        for span in spans:
            told = [content_of(one, language) for one in sentences_of(span.text)]
            for first in range(len(told)):
                for last in range(first, min(len(told), first + JOINED_MOST)):
                    self._allowed.add(tuple(word for one in told[first : last + 1] for word in one))
        self._allowed.discard(())

    def allows(self, sentence: str) -> bool:
        """Say whether a sentence is one of the spans', or two of them joined."""
        if _MARKUP.search(sentence) or not is_safe_to_show(sentence, self._own):
            return False
        opener = _OPENERS.get(self._language)
        bare = opener.sub("", sentence.strip(), count=1) if opener else sentence
        if not bare.strip():
            return True  # nothing but an opener
        return content_of(bare, self._language) in self._allowed

    def says(self, sentence: str) -> bool:
        """Say whether an allowed sentence says something of the spans, and is no mere opener."""
        opener = _OPENERS.get(self._language)
        return bool((opener.sub("", sentence.strip(), count=1) if opener else sentence).strip())


def sentences_of(text: str) -> list[str]:
    r"""Return a text's sentences.

    >>> sentences_of("It is free. Up to 1.500 EUR!\nAsk us")
    ['It is free.', 'Up to 1.500 EUR!', 'Ask us']
    """
    found: list[str] = []
    for part in _SENTENCE.split(text):
        if found and _ABBREVIATION.search(found[-1]):
            found[-1] = f"{found[-1]} {part}"
        elif part.strip():
            found.append(part.strip())
    return found


@lru_cache(maxsize=4_096)
def content_of(sentence: str, language: str) -> tuple[str, ...]:
    """Return the words that carry a sentence's meaning, as stems, in their order.

    >>> content_of("You don't pay for it.", "en") == content_of("You do not pay for this.", "en")
    True
    """
    text = sentence.lower()
    for short, long in (*_IRREGULAR, *_SOFT):
        text = text.replace(short, long)
    text = _SPLIT_UP.sub(r"\1 not", text)
    light = _LIGHT.get(language, frozenset())
    words = [plain(word) for word in _TOKEN.findall(text)]
    return tuple(_form_of(word, language) for word in words if word not in light)


def _form_of(word: str, language: str) -> str:
    return term_of(word, language) if word[:1].isalpha() else word
