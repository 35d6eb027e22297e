"""Phrasings: how customers ask for a section, in other words than the bank's. Read, never shown.

    front matter            asked:
                              choosing-a-pin:                    the heading's anchor
                                - can i pick my own number       at most PHRASINGS_MOST a section

A phrasing is looked at before it is taken in (safety.py). One for a section that is not there is
refused: it would lead nowhere, and nobody would know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import yaml

from bank.yaml_text import read_yaml
from knowledge.article import Article, Section
from knowledge.errors import ArticleRefused

PHRASINGS_MOST, PHRASING_CHARS_MOST = 12, 200
_FRONT = re.compile(r"\A---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)


def with_phrasings(sections: Sequence[Section], asked: object) -> tuple[Section, ...]:
    """Return the sections with what front matter says of them; None says nothing.

    Raises ArticleRefused: asked (no list of phrasings, too many, too long), asked_nowhere.
    """
    if asked is None:
        return tuple(sections)
    if not isinstance(asked, Mapping):
        raise ArticleRefused("asked", "Write its phrasings as a list under each heading's anchor.")
    known = {one.anchor for one in sections}
    for anchor in asked:
        if anchor not in known:
            raise ArticleRefused(
                "asked_nowhere",
                f"It has phrasings for {str(anchor)[:60]!r}, which none of its headings is.",
            )
    return tuple(replace(one, asked=_phrasings(asked.get(one.anchor))) for one in sections)


def split_front(body: str) -> tuple[Any, str]:
    r"""Return the phrasings that open a body by staff, and the rest. Raises ArticleRefused.

    >>> split_front("---\nasked:\n  costs:\n  - is it dear\n---\n## Costs\nNothing.")
    ({'costs': ['is it dear']}, '## Costs\nNothing.')
    >>> split_front("## Costs\nNothing.")
    (None, '## Costs\nNothing.')
    """
    found = _FRONT.match(body)
    if found is None:
        return None, body
    try:
        front = read_yaml(found[1])
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        raise ArticleRefused("front_matter", "Its front matter is no YAML.") from fault
    if not isinstance(front, dict) or set(front) != {"asked"}:
        raise ArticleRefused("front_matter", "Only asked: may stand between --- in a text.")
    return front["asked"], body[found.end() :]


def with_front(body: str, article: Article) -> str:
    """Return a body opened by the article's phrasings, so that staff see and edit them."""
    asked = {one.anchor: list(one.asked) for one in article.sections if one.asked}
    if not asked:
        return body
    block = yaml.safe_dump({"asked": asked}, allow_unicode=True, sort_keys=False, width=1_000)
    return f"---\n{block}---\n{body}"


def _phrasings(told: object) -> tuple[str, ...]:
    if told is None:
        return ()
    if not isinstance(told, list) or not all(isinstance(one, str) for one in told):
        raise ArticleRefused("asked", "A phrasing is a line of text; put quotes around it.")
    lines = tuple(_each_once(" ".join(one.split()) for one in told))
    if len(lines) > PHRASINGS_MOST or any(len(one) > PHRASING_CHARS_MOST for one in lines):
        raise ArticleRefused(
            "asked",
            f"A section has at most {PHRASINGS_MOST} phrasings of {PHRASING_CHARS_MOST} letters.",
        )
    return lines


def _each_once(lines: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(line for line in lines if line)
