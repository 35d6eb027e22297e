"""Builders of the article tests: staff, and a text that may stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from bank.domain.actors import Actor, ActorKind
from bank.domain.answers import Audience
from bank.domain.articles import ArticleRevision, ArticleText
from bank.domain.staff import Role
from tests.bank.builders import NOON, World

TODAY = NOON.date()


def somebody(name: str, *roles: Role) -> Actor:
    return Actor(ActorKind.STAFF, f"st_{name}", roles=frozenset(roles))


MILA = somebody("mila", Role.AGENT)
NOOR = somebody("noor", Role.AGENT)
SUSI = somebody("susi", Role.SUPERVISOR)


def a_text(**changes: Any) -> ArticleText:
    text = ArticleText(
        article_id="card-fees",
        title="What a card costs",
        audience=Audience.PUBLIC,
        language="en",
        valid_from=date(2026, 1, 1),
        valid_until=None,
        owner="Cards",
        topic="cards",
        body="## New card\n\nA new card costs **5 EUR**.\n",
    )
    return replace(text, **changes)


def in_review(world: World, **changes: Any) -> ArticleRevision:
    """A text of Mila's that waits for a second person."""
    articles = world.bank.articles
    text = a_text(**changes)
    held = [one for one in articles.history(SUSI, text.article_id) if one.state == "published"]
    made = articles.begin(MILA, text, base_version=held[0].version if held else 0)
    return articles.submit(MILA, made.id, edit=made.edit)


def published(world: World, **changes: Any) -> ArticleRevision:
    waiting = in_review(world, **changes)
    return world.bank.articles.publish(SUSI, waiting.id, edit=waiting.edit)
