"""What a customer meant to type: a text without what cannot be seen or only looks alike.

    "bal·ance"       ─▶ balance      zero-width and direction marks are dropped (category Cf)
    "ｂａｌａｎｃｅ"  ─▶ balance      NFKC: full-width, circled and mathematical letters
    "bаlаnce"        ─▶ balance      Cyrillic or Greek letters inside a Latin word (UTS 39, 5.1)
    "pleeeease"      ─▶ pleease      a letter more than three times; a word more than three times
    "👍"             ─▶ yes          a message of nothing but a gesture everybody knows

A word wholly in another script stays: that is another language, not a trick. Only reading uses
this; what was typed is kept as it was typed. Cut at TEXT_MOST letters: nobody wishes longer.
"""

from __future__ import annotations

import re
import unicodedata

#: What is read of a message; the rest of a pasted contract says nothing about the wish.
TEXT_MOST = 2_000

#: Letters of other scripts that look like Latin ones: the single-letter lines of Unicode's
#: confusables.txt between Cyrillic, Greek and Latin, lower case.
_LOOKALIKES = str.maketrans(
    "аеорсухіјѕԁԛԝһӏвнкмтгпαορνιτκυχωηεβ",
    "aeopcyxijsdqwhlbhkmtrnaopvitkuxwneb",
)
#: What a lone gesture says; read as English, which no conversation is led away by.
_GESTURES = {
    "👍": "yes", "👌": "ok", "✅": "yes", "👎": "no", "❌": "no", "🙏": "thanks", "👋": "hello",
}  # fmt: skip
_SKIN_AND_STYLE = re.compile("[\U0001f3fb-\U0001f3ff\ufe0f]")
_LETTER_RUN = re.compile(r"([^\W\d_])\1{3,}")
_WORD_RUN = re.compile(r"\b([^\W\d_]+)(?:\s+\1\b){3,}", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_BEYOND_LATIN = re.compile(r"[\u0370-\u03ff\u0400-\u052f]")


def clean_text(text: str) -> str:
    r"""Return the text as it looks to a reader.

    >>> clean_text("b\u200balаnce\u202e")  # a zero-width space, a Cyrillic а, an override
    'balance'
    >>> clean_text("привет")
    'привет'
    """
    text = _WORD_RUN.sub(r"\1", _LETTER_RUN.sub(r"\1\1", text[:TEXT_MOST]))
    if text.isascii():
        return text
    gesture = _GESTURES.get(_SKIN_AND_STYLE.sub("", text).strip()[:1])
    if gesture and not has_words(text):
        return gesture
    seen = "".join(c for c in text if unicodedata.category(c) != "Cf")
    plain = unicodedata.normalize("NFKC", seen)[:TEXT_MOST]
    return _WORD.sub(_without_lookalikes, plain)


def _without_lookalikes(found: re.Match[str]) -> str:
    word = found.group()
    if _LATIN.search(word) and _BEYOND_LATIN.search(word):
        return word.lower().translate(_LOOKALIKES)
    return word


def has_words(text: str) -> bool:
    """Say whether anything in a cleaned text can be read: a letter or a figure.

    >>> has_words("🤷 …"), has_words("20")
    (False, True)
    """
    return any(c.isalnum() for c in text)
