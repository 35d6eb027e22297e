"""Texts of SMS and mails, from `texts.toml`: by code and locale, facts filled in.

A locale without a text falls back to English, a code without a text to its family:
`step_up_card_unfreeze` to `step_up`.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib import resources
from string import Formatter

from bank.ports import RenderedText

DEFAULT_LOCALE = "en"
_FAMILIES = ("step_up",)


class TomlTexts:
    """See ports.Texts."""

    def render(self, code: str, *, locale: str, facts: Mapping[str, str]) -> RenderedText:
        found = _find(code, locale)
        # A fact nobody gave shows as a dash rather than stopping a security message.
        filled = defaultdict(lambda: "-", facts)
        return RenderedText(
            subject=found["subject"].format_map(filled),
            body=found["body"].strip().format_map(filled),
        )

    def needs(self, code: str, *, locale: str) -> frozenset[str]:
        """Return the names of the facts a text is filled with. Raises KeyError."""
        found = _find(code, locale)
        parts = Formatter().parse(f"{found['subject']}{found['body']}")
        return frozenset(name for _, name, _, _ in parts if name)


def campaign_texts() -> tuple[str, ...]:
    """Return the ids of what campaigns may write, in the order of the file."""
    return tuple(code for code in _texts()[DEFAULT_LOCALE] if code.startswith("campaign_"))


def _find(code: str, locale: str) -> dict[str, str]:
    language = locale.partition("-")[0].partition("_")[0]
    for texts in (_texts().get(language, {}), _texts()[DEFAULT_LOCALE]):
        if code in texts:
            return texts[code]
    family = next((name for name in _FAMILIES if code.startswith(name)), None)
    if family is None or family == code:
        raise KeyError(code)
    return _find(family, locale)


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    text = resources.files("bank.delivery").joinpath("texts.toml").read_text("utf-8")
    return tomllib.loads(text)
