"""What campaigns need from outside: who is in which segment, and words that say what they need.

Parts of the ports, apart for size. Segments are implemented by analytics, where a process serves;
without them an audience goes by rules alone. Another wording is a language model's (knowledge/),
where the bank wants one; without it a letter is its template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from bank.ports import RenderedText


class Segments(Protocol):
    """Who is in which segment."""

    def codes(self, customer_ids: Sequence[str], *, version: str) -> Mapping[str, str]:
        """Return the segment of those that have one, by this version and no other.

        Raises NotFound: the version is gone.
        """


class OfferScores(Protocol):
    """How likely somebody wants an offer. Implemented by counts (services/offer_rates.py)."""

    def chances(self, codes: Sequence[str], *, segment: str) -> Mapping[str, float]:
        """Return a chance in [0, 1] for each offer, among people of this segment."""


class CampaignTexts(Protocol):
    """Texts of campaigns, by id and locale (delivery/texts.toml)."""

    def needs(self, code: str, *, locale: str) -> frozenset[str]:
        """Return the names of the facts a text is filled with. Raises KeyError: no such text."""

    def render(self, code: str, *, locale: str, facts: Mapping[str, str]) -> RenderedText: ...


class Wording(Protocol):
    """Says a letter in other words. Nothing it returns is believed (policies/wordings.py)."""

    def word(self, letter: RenderedText, *, language: str, about: str) -> RenderedText | None:
        """Return a letter in other words, or None: none could be made in time.

        letter: unfilled, so that nobody's name is told to anybody; its {facts} stay in place.
        about: what the person keeps with the bank, in a word. Takes seconds; never asked inside a
        transaction. Never raises.
        """


class NoWording:
    """The template is what is said."""

    def word(self, letter: RenderedText, *, language: str, about: str) -> RenderedText | None:
        del letter, language, about
        return None
