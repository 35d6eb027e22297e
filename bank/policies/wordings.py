"""Wordings: whether another wording of a letter may be sent in its place. All faults, or none.

    template   ─▶ sentences ─┬─ figure, {fact}, condition, cost, risk ─▶ stays word for word
                             ├─ any other ─▶ may be left out, moved, or joined to the next
                             └─ the last paragraph (how to end all this) ─▶ stays, and stays last
    other words ─▶ sentences of the template, or greetings and thanks of a closed list; nothing else

A model words it, so nothing in it is believed: the check is exact instead of likely. Every
sentence must be one that two people approved, up to its articles, or be made of words that claim
nothing. Both texts are unfilled ({given_name} stands in them), so one look is right for everybody.

The word lists are `wordings.toml`. Pure.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache

from bank.domain.folding import folded
from bank.policies.promises import promises_in
from bank.policies.tables import load_table

JOINED_MAX_COUNT = 2
LANGUAGES = ("en", "es")
_LONG_CHARS = 7
_PERCENT = 100
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_PARAGRAPH = re.compile(r"\n\s*\n")
_TOKEN = re.compile(r"\{\w+\}|\d+(?:[.,:/\-]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)?|[%€$£+<>=§]")
_FIGURE = re.compile(r"[\d%€$£§]")
_FACT = re.compile(r"\{(\w+)\}")
_LINK = re.compile(r"\S*(?:://|www\.|@)\S*|\b[\w-]+\.[a-z]{2,}\b\S*", re.IGNORECASE)
_LIST = re.compile(r"^\s*(?:[-–]|\d+[.)])\s", re.MULTILINE)
#: What a plain letter is made of, beside letters, digits and what its template has.
_SIGNS = frozenset(" \n.,;:!?¿¡'’\"“”«»()-–—…")


class Fault(StrEnum):
    """What is wrong. In the order they are told."""

    EMPTY = "empty"
    MARKUP = "markup"
    LINK = "link"
    FACT = "fact"
    FIGURE = "figure"
    PROMISE = "promise"
    URGENCY = "urgency"
    NEW_WORDS = "new_words"
    LEFT_OUT = "left_out"
    CLOSING = "closing"
    LENGTH = "length"
    HARD = "hard"


def faults_in(
    text: str, *, template: str, language: str, about: str = "none", is_subject: bool = False
) -> tuple[Fault, ...]:
    r"""Return what keeps `text` from being sent for `template`; () nothing does.

    Both unfilled. about: what the person keeps with the bank, one of `abouts()`.

    >>> letter = "Hello {name},\n\na savings account pays interest.\n\nTo end it, write: stop."
    >>> faults_in(letter.replace("interest.", "double."), template=letter, language="en")
    (<Fault.FIGURE: 'figure'>, <Fault.NEW_WORDS: 'new_words'>)
    """
    if not text.strip():
        return (Fault.EMPTY,)
    checker = _Checker(template, language=language, about=about)
    found = checker.subject_faults(text) if is_subject else checker.body_faults(text)
    return tuple(one for one in Fault if one in found)


def lix(text: str) -> float:
    """Return how hard a text is to read (LIX); 0 of none.

    >>> lix("You keep your money. It stays yours."), lix("")
    (3.5, 0.0)
    """
    words = re.findall(r"[^\W\d_]+", text)
    sentences = max(1, len([one for one in _SENTENCE.split(text) if one.strip()]))
    if not words:
        return 0.0
    long_count = sum(len(one) >= _LONG_CHARS for one in words)
    return len(words) / sentences + _PERCENT * long_count / len(words)


def lix_max(language: str) -> int:
    """Return how hard a letter in a language may be to read."""
    return int(load_table("wordings")["lix_max"][language])


def abouts() -> tuple[str, ...]:
    """Return what may be said of a person, in a word each."""
    return tuple(load_table("wordings")["about"]["en"])


def language_of(locale: str) -> str | None:
    """Return the language whose lists a locale goes by; None: there are none.

    >>> language_of("es-MX"), language_of("en"), language_of("de")
    ('es', 'en', None)
    """
    found = re.split(r"[-_]", locale)[0].lower()
    return found if found in LANGUAGES else None


class _Checker:
    """One template, taken apart."""

    def __init__(self, template: str, *, language: str, about: str) -> None:
        self._template, self._language = template.strip(), language
        self._light = frozenset(load_table("wordings")["light"][language])
        self._framing = framing_words(language, about) | self._light
        self._sentences = sentences_of(self._template)
        contents = [self._content(one) for one in self._sentences]
        self._allowed = {
            tuple(word for one in contents[first:last] for word in one)
            for first in range(len(contents))
            for last in range(first + 1, min(len(contents), first + JOINED_MAX_COUNT) + 1)
        } - {()}
        self._closing = _PARAGRAPH.split(self._template)[-1].strip()

    def subject_faults(self, text: str) -> set[Fault]:
        """Return the faults of a mail's head; one that binds is said as it is."""
        found = self._faults_of_words(text)
        if self._binds(self._template) and _plain(text) != _plain(self._template):
            found.add(Fault.LEFT_OUT)
        most = int(load_table("wordings")["length"]["subject_chars_max"])
        if len(text) > most or "\n" in text or "\r" in text:
            found.add(Fault.LENGTH)
        return found

    def body_faults(self, text: str) -> set[Fault]:
        """Return the faults of a letter's body."""
        table = load_table("wordings")
        found = self._faults_of_words(text)
        said = {_plain(one) for one in sentences_of(text)}
        if any(self._binds(one) and _plain(one) not in said for one in self._sentences):
            found.add(Fault.LEFT_OUT)
        if _PARAGRAPH.split(text.strip())[-1].strip() != self._closing:
            found.add(Fault.CLOSING)
        times = len(text.strip()) / len(self._template)
        if not float(table["length"]["times_min"]) <= times <= float(table["length"]["times_max"]):
            found.add(Fault.LENGTH)
        if lix(text) > max(lix(self._template), lix_max(self._language)):
            found.add(Fault.HARD)
        return found

    def _faults_of_words(self, text: str) -> set[Fault]:
        found: set[Fault] = set()
        bare = _FACT.sub("", text)
        known = _SIGNS | set(_FACT.sub("", self._template))
        if _LIST.search(bare) or not all(one.isalnum() or one in known for one in bare):
            found.add(Fault.MARKUP)
        if not set(_LINK.findall(text)) <= set(_LINK.findall(self._template)):
            found.add(Fault.LINK)
        if not _facts(text) <= _facts(self._template) or "{" in bare or "}" in bare:
            found.add(Fault.FACT)
        for sentence in sentences_of(text):
            if not self._is_of_template(sentence):
                found |= self._faults_of_own(sentence)
        return found

    def _is_of_template(self, sentence: str) -> bool:
        """Whether a sentence says what one of the template does, or two in a row; or nothing.

        Words that claim nothing may stand before and behind: "Hello, did you know: …".
        """
        words = self._content(sentence)
        if all(one in self._framing or one.startswith("{") for one in words):
            return True
        return any(
            words[start : start + len(allowed)] == allowed
            and all(
                one in self._framing for one in (*words[:start], *words[start + len(allowed) :])
            )
            for allowed in self._allowed
            for start in range(len(words) - len(allowed) + 1)
        )

    def _faults_of_own(self, sentence: str) -> set[Fault]:
        found = {Fault.NEW_WORDS}
        if _FIGURE.search(sentence) or _pattern("figures", self._language).search(folded(sentence)):
            found.add(Fault.FIGURE)
        if promises_in(sentence):
            found.add(Fault.PROMISE)
        if _pattern("urgent", self._language).search(folded(sentence)):
            found.add(Fault.URGENCY)
        return found

    def _binds(self, sentence: str) -> bool:
        binding = _pattern("binding", self._language)
        figures = _pattern("figures", self._language)
        text = folded(sentence)
        return bool(
            _FIGURE.search(text) or "{" in text or binding.search(text) or figures.search(text)
        )

    def _content(self, sentence: str) -> tuple[str, ...]:
        return tuple(one for one in _TOKEN.findall(folded(sentence)) if one not in self._light)


def sentences_of(text: str) -> list[str]:
    r"""Return a text's sentences; a line is one too.

    >>> sentences_of("Hello {name},\n\nit is free. Ask: savings.")
    ['Hello {name},', 'it is free.', 'Ask: savings.']
    """
    return [one.strip() for one in _SENTENCE.split(text) if one and one.strip()]


def framing_words(language: str, about: str) -> frozenset[str]:
    """Return the words that a sentence which claims nothing of the bank may be made of."""
    table = load_table("wordings")
    return frozenset([*table["framing"][language], *table["about"][language][about]])


@cache
def _pattern(name: str, language: str) -> re.Pattern[str]:
    words = sorted((folded(one) for one in load_table("wordings")[name][language]), key=len)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, reversed(words)))})(?!\w)")


def _facts(text: str) -> set[str]:
    return set(_FACT.findall(text))


def _plain(sentence: str) -> str:
    """Return a sentence without what typing changes: gaps, case, the stop at its end."""
    return " ".join(folded(sentence).split()).rstrip(".,!: ")
