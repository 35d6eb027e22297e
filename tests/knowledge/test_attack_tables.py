"""Poisoned articles and direct attacks: as the generator makes them, and none gets through."""

from __future__ import annotations

from collections import Counter

import pytest

from knowledge.article import Article
from knowledge.contacts import own_contacts
from knowledge.errors import ArticleRefused
from knowledge.loading import parse_article
from knowledge.safety import is_safe_to_show
from tests.knowledge.attacks.poison import (
    DIRECT,
    POISONED,
    as_lines,
    direct_attacks,
    poisoned_articles,
    read_table,
)

#: Kinds that bring something foreign along: no shape of them may be served at all.
FOREIGN = {"contacts", "markup"}


def loaded(row: dict[str, str]) -> Article | None:
    try:
        return parse_article(row["markdown"], stem=row["id"])
    except ArticleRefused:
        return None


def test_given_the_tables_when_made_anew_then_they_are_as_they_stand():
    assert POISONED.read_text(encoding="utf-8") == as_lines(poisoned_articles())
    assert DIRECT.read_text(encoding="utf-8") == as_lines(direct_attacks())


def test_given_the_tables_when_counted_then_they_are_many_and_different():
    poisoned, direct = poisoned_articles(), direct_attacks()

    assert len({row["markdown"] for row in poisoned}) >= 195
    assert len(poisoned) == len({row["id"] for row in poisoned}) == 200
    assert len({row["question"] for row in direct}) == 300
    assert len(read_table("payloads.toml")) >= 40
    assert len(read_table("stems.toml")) >= 120
    assert min(Counter(row["kind"] for row in direct).values()) >= 8


@pytest.mark.parametrize("row", poisoned_articles(), ids=lambda row: f"{row['id']}-{row['shape']}")
def test_given_a_poisoned_article_when_loaded_then_it_is_refused_or_leads_nowhere(
    row: dict[str, str],
):
    article = loaded(row)

    if row["kind"] in FOREIGN or row["shape"] == "unseen":
        assert article is None
    for section in article.sections if article else ():
        assert is_safe_to_show(f"{section.heading}\n{section.text}", own_contacts())
