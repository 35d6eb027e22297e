"""Articles: what may stand in one that staff write, before the library's own look at it.

    a title · "## headings" with words below each · plain Markdown; no markup, no script, no
    unseen letters, no address that leads out of the house

What a link, a phone number or an order to a machine is, the library knows better
(knowledge/safety.py); it looks again before anything is served. Pure. Table: articles.toml.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bank.domain.answers import Audience
from bank.domain.articles import ArticleText
from bank.domain.errors import InvalidInput, InvalidText
from bank.policies.tables import load_table

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NAME = re.compile(r"[a-z0-9]+(?:[ -][a-z0-9]+)*", re.IGNORECASE)
#: An anchor may end in "data" and be followed by a colon, at a line's end (knowledge/asked.py).
_TAG = re.compile(r"<[!/?a-z]|&#|javascript:|data:\S|!\[", re.IGNORECASE)
_LINK = re.compile(r"\]\(\s*(?!/library/|#)", re.IGNORECASE)
_HEADING = re.compile(r"^##[ \t]+(.+)$", re.MULTILINE)
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
ID_MAX_CHARS = 80


def validate(text: ArticleText) -> ArticleText:
    """Return the text as it is kept. Raises InvalidInput (which field), InvalidText (why)."""
    rules = load_table("articles")
    if len(text.article_id) > ID_MAX_CHARS or not _ID.fullmatch(text.article_id):
        raise InvalidInput(field="article_id")
    if text.language not in rules["languages"]:
        raise InvalidInput(field="language")
    if text.valid_until is not None and text.valid_until < text.valid_from:
        raise InvalidInput(field="valid_until", allowed="not before valid_from")
    for field in ("owner", "topic"):
        name = getattr(text, field).strip()
        if not _NAME.fullmatch(name) or len(name) > rules["name_max_chars"]:
            raise InvalidInput(field=field)
    title = " ".join(text.title.split())
    if not title or len(title) > rules["title_max_chars"]:
        raise InvalidInput(field="title", max_chars=rules["title_max_chars"])
    body = text.body.replace("\r\n", "\n").strip()
    check_body(body, rules)
    _check_letters(title)
    return replace(
        text, title=title, body=body, owner=text.owner.strip(), topic=text.topic.strip(),
        audience=Audience(text.audience),
    )  # fmt: skip


def check_body(body: str, rules: dict[str, Any] | None = None) -> None:
    """Look at an article's Markdown.

    Raises InvalidText: empty, too_long, no_headings, headings, hidden_characters, markup,
    foreign_link.
    """
    rules = rules or load_table("articles")
    if not body.strip():
        raise InvalidText(reason="empty")
    if len(body) > rules["body_max_chars"]:
        raise InvalidText(reason="too_long", max_chars=rules["body_max_chars"])
    headings = _HEADING.findall(body)
    if not headings:
        raise InvalidText(reason="no_headings")
    if len(headings) > rules["headings_max"] or any(
        len(one) > rules["heading_max_chars"] for one in headings
    ):
        raise InvalidText(reason="headings")
    _check_letters(body)
    if _LINK.search(body):
        raise InvalidText(reason="foreign_link")


def keep_questions_for() -> timedelta:
    """Return how long an unanswered question is kept after it was last asked."""
    return timedelta(days=float(load_table("articles")["questions"]["keep_days"]))


def questions_most() -> int:
    """Return how many unanswered questions are kept."""
    return int(load_table("articles")["questions"]["most"])


def question_max_chars() -> int:
    """Return how long a question may be."""
    return int(load_table("articles")["questions"]["chars_max"])


def _check_letters(text: str) -> None:
    if any(unicodedata.category(one) in _UNSEEN for one in text if one not in "\n\t"):
        raise InvalidText(reason="hidden_characters")
    if _TAG.search(text):
        raise InvalidText(reason="markup")
