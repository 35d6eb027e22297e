"""Readings: messages the assistant was not sure of, kept for a person to say what was meant.

    noted ─▶ open ──label──▶ labelled   its sentence is learnt (florin nlu learn)
               ├────dismiss─▶ no_wish   nothing was wished, or it names nobody's wish of ours
               ├────dismiss─▶ skipped   not to be learnt from
               └────(time, or too many)─▶ gone

    why   not_understood   the customer was asked what they meant
          low_confidence   answered, though hardly sure
          corrected        answered, and the customer said that this was not it

A reading belongs to its conversation and goes with it. What is learnt is a `Sentence`: words
without a customer, which staff have read and may have changed.

Pure: no clock, no database. The numbers are in bank/policies/readings.toml.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bank.domain.errors import InvalidInput, InvalidText
from bank.domain.ids import ConversationId, MessageId, ReadingId, SentenceId, StaffId
from bank.domain.redaction import mask, normalise

#: A sentence to learn from is one message; longer ones teach nothing about one intent.
SENTENCE_MAX_CHARS = 300
#: What was clicked instead of every reading that was offered.
NONE_OF_THESE = "none_of_these"

_INTENT = re.compile(r"[a-z][a-z0-9_]{0,59}")
_LANGUAGE = re.compile(r"[a-z]{2}")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_IBAN = re.compile(r"\b[A-Za-z]{2}\d{2}(?:[\s-]?[A-Za-z0-9]){11,30}\b")
#: Six digits or more that belong together: a telephone, an account, a document.
_DIGITS = re.compile(r"\+?\d(?:[\s./()-]{0,2}\d){5,}")
_HIDDEN = "•••"
#: To Rasa these mark an entity, an attribute, a regular expression, a synonym.
_MARKUP = str.maketrans({"[": "(", "]": ")", "{": "(", "}": ")", "|": " ", "`": "'"})


class Why(StrEnum):
    """Why a message was noted; the later one says more."""

    LOW_CONFIDENCE = "low_confidence"
    NOT_UNDERSTOOD = "not_understood"
    CORRECTED = "corrected"


class ReadingState(StrEnum):
    OPEN = "open"
    LABELLED = "labelled"
    NO_WISH = "no_wish"
    SKIPPED = "skipped"


#: What a reading may be dismissed as.
DISMISSALS = (ReadingState.NO_WISH, ReadingState.SKIPPED)
_WEIGHT = {why: place for place, why in enumerate(Why)}


@dataclass(frozen=True, slots=True)
class Reading:
    """One message. `ranking` is {intent: confidence in [0, 1]}; the words are sealed.

    `meant` is what the customer clicked (an intent, or NONE_OF_THESE), `intent` what staff say.
    """

    id: ReadingId
    conversation_id: ConversationId
    message_id: MessageId
    why: Why
    state: ReadingState
    ranking: dict[str, Any]
    language: str
    text_enc: bytes
    noted_at_utc: datetime
    meant: str | None = None
    intent: str | None = None
    sentence_id: SentenceId | None = None
    decided_by: StaffId | None = None
    decided_at_utc: datetime | None = None

    @property
    def readings(self) -> tuple[tuple[str, float], ...]:
        """What it was read as, the likeliest first.

        >>> from datetime import UTC
        >>> Reading("re_1", "cv_1", "m1", Why.CORRECTED, ReadingState.OPEN,
        ...         {"a": 0.2, "b": 0.5}, "en", b"", datetime.now(UTC)).readings
        (('b', 0.5), ('a', 0.2))
        """
        pairs = ((intent, float(share)) for intent, share in self.ranking.items())
        return tuple(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words to learn from, and the intent they show. The id is a digest of the plain words."""

    id: SentenceId
    intent: str
    language: str
    text_enc: bytes
    labelled_by: StaffId
    labelled_at_utc: datetime


@dataclass(frozen=True, slots=True)
class ReadingView:
    """A reading in clear, for the member of staff who labels it. Names no customer."""

    reading: Reading
    text: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled sentence in clear, as `florin nlu learn` takes it."""

    text: str
    intent: str
    language: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many readings there are: by state, and of the open ones by reason."""

    by_state: dict[str, int] = field(default_factory=dict)
    open_by_why: dict[str, int] = field(default_factory=dict)
    sentences_count: int = 0


def discreet(text: str) -> str:
    """Return a message without what points at somebody: addresses, accounts, long numbers.

    >>> discreet("wire 40 to DE89 3704 0044 0532 0130 00, ring +49 30 5550 123")
    'wire 40 to •••, ring •••'
    >>> discreet("from ana@example.org on 2.3. for 12.50")
    'from ••• on 2.3. for 12.50'

    Names stay: to read who was meant is the labelling person's work. Never longer than it was.
    """
    masked = mask(normalise(text)).text
    for pattern in (_MAIL, _IBAN, _DIGITS):
        masked = pattern.sub(_HIDDEN, masked)
    return masked


def validate_sentence(text: str) -> str:
    r"""Return a sentence as it is learnt: one line, discreet, without Rasa's markup.

    >>> validate_sentence("  show me\n[my](kind) money ")
    'show me (my)(kind) money'

    Raises InvalidText (reason empty, too_long).
    """
    clean = " ".join(discreet(text).translate(_MARKUP).split())
    if len(clean) > SENTENCE_MAX_CHARS:
        raise InvalidText(reason="too_long", max_chars=SENTENCE_MAX_CHARS)
    if not any(character.isalnum() for character in clean.replace(_HIDDEN, "")):
        raise InvalidText(reason="empty")
    return clean


def plain(text: str) -> str:
    """Return the words alone, so that one sentence is one whatever its case and its marks.

    >>> plain("What's my  BALANCE?!") == plain("what s my balance")
    True
    """
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def validate_intent(intent: str) -> str:
    """Return the name of an intent. Raises InvalidInput."""
    if not _INTENT.fullmatch(intent):
        raise InvalidInput(field="intent")
    return intent


def validate_language(language: str) -> str:
    """Return the two letters of a language. Raises InvalidInput."""
    if not _LANGUAGE.fullmatch(language):
        raise InvalidInput(field="language")
    return language


def noted_again(reading: Reading, why: Why) -> Reading:
    """Return the reading with the weightier of its two reasons."""
    return replace(reading, why=max(reading.why, why, key=_WEIGHT.__getitem__))


def clicked(reading: Reading, intent: str) -> Reading:
    """Return the reading with what the customer meant; their first word counts."""
    return reading if reading.meant is not None else replace(reading, meant=intent)


def labelled(
    reading: Reading, *, intent: str, language: str, sentence_id: SentenceId, by: StaffId,
    now_utc: datetime,
) -> Reading:  # fmt: skip
    """Return the reading with a person's word on it; a later word takes the earlier one's place."""
    return replace(
        reading,
        state=ReadingState.LABELLED,
        intent=intent,
        language=language,
        sentence_id=sentence_id,
        decided_by=by,
        decided_at_utc=now_utc,
    )


def dismissed(reading: Reading, state: ReadingState, *, by: StaffId, now_utc: datetime) -> Reading:
    """Return the reading put aside: nothing is learnt from it. Raises InvalidInput."""
    if state not in DISMISSALS:
        raise InvalidInput(field="state")
    return replace(
        reading, state=state, intent=None, sentence_id=None, decided_by=by, decided_at_utc=now_utc
    )
