"""The language an action speaks: the conversation's, which the slot `language` remembers.

    BankAction.run ─▶ speaking(slot) ─▶ current() ─▶ days and sums (facts) · labels · wishes

The responses follow the slot by themselves (bot/importer.py); what is put into them follows here.
A context variable, because every action runs in a context of its own (`asyncio.to_thread` copies
it): two conversations never mix. Outside of an action it is English.

A language is known when it has a folder of responses, bot/domain/<two letters>.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal

from babel.numbers import get_decimal_symbol, get_group_symbol
from rasa_sdk import Tracker

from actions.domain_parts import SOURCE_LANGUAGE, languages
from bank.domain.money import Money

SLOT = "language"

#: The locale of a language where it is not the language's own name.
_LOCALES = {"en": "en_GB"}

_current: ContextVar[str] = ContextVar("language", default=SOURCE_LANGUAGE)


def current() -> str:
    """Return the language to speak, as two letters."""
    return _current.get()


def locale(language: str | None = None) -> str:
    """Return the name Babel knows the language's days, numbers and countries by."""
    spoken = language or current()
    return _LOCALES.get(spoken, spoken)


def language_of(tracker: Tracker) -> str:
    """Return the conversation's language; English while it is unknown or not ours."""
    remembered = tracker.get_slot(SLOT)
    return remembered if remembered in languages() else SOURCE_LANGUAGE


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak `language` until the block ends."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def number(value: Decimal, language: str | None = None) -> str:
    """Return a number grouped and pointed as people of the language write it, every digit kept.

    >>> number(Decimal("1234.50")), number(Decimal("1234.50"), "es")
    ('1,234.50', '1.234,50')
    """
    name = locale(language)
    marks = {",": get_group_symbol(name), ".": get_decimal_symbol(name)}
    return "".join(marks.get(sign, sign) for sign in f"{value:,f}")


def money(amount: Money, language: str | None = None) -> str:
    """Return a sum with its currency's code.

    >>> money(Money(-123450, "EUR")), money(Money(-123450, "EUR"), "es")
    ('-1,234.50 EUR', '-1.234,50 EUR')
    """
    return f"{number(amount.as_decimal(), language)} {amount.currency}"
