"""The bank's own articles: each can be loaded, is about the right length, and leads nowhere out.

The sets of questions beside them are looked at too: what they are measured with must not be the
articles' own words.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bank.domain.answers import Audience
from bank.policies.tables import load_table
from knowledge.article import Article, valid_on
from knowledge.contacts import own_contacts
from knowledge.evaluating import READERS
from knowledge.loading import SHIPPED, Loaded, load_folder
from knowledge.safety import contact_fault

HERE = Path(__file__).parent
HELD_OUT = HERE / "heldout"
LOADED: Loaded = load_folder()
#: A day on which all but the coming and the bygone hold.
DAY = date(2026, 12, 1)
ARTICLES: dict[str, Article] = {one.id: one for one in valid_on(LOADED.articles, DAY)}
WORDS_LEAST, WORDS_MOST = 250, 600


def rows(name: str) -> list[dict[str, Any]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def folded(text: str) -> str:
    """Letters and digits alone, in small letters: what two sentences are compared by."""
    return " ".join(re.findall(r"\w+", text.lower()))


def sentences() -> set[str]:
    texts = [section.text for one in LOADED.articles for section in one.sections]
    texts += [section.heading for one in LOADED.articles for section in one.sections]
    return {folded(part) for text in texts for part in re.split(r"(?<=[.!?])\s+|\n", text)}


def test_given_the_shipped_articles_when_loaded_then_none_is_refused():
    assert LOADED.refused == ()


def test_given_the_shipped_articles_when_counted_then_there_are_enough_for_everybody():
    counted = Counter((one.language, one.audience) for one in ARTICLES.values())

    assert sum(count for (language, _), count in counted.items() if language == "en") >= 64
    assert sum(count for (language, _), count in counted.items() if language == "es") >= 20
    assert counted["en", Audience.STAFF] >= 5
    assert all(counted["en", audience] for audience in Audience)


def test_given_an_article_in_spanish_when_looked_for_then_it_has_a_sister_of_the_same_readers():
    for one in ARTICLES.values():
        if one.language == "es":
            sister = ARTICLES[one.id.removesuffix("-es")]
            assert one.id.endswith("-es")
            assert (sister.audience, sister.topic) == (one.audience, one.topic), one.id


@pytest.mark.parametrize("article", ARTICLES.values(), ids=lambda one: one.id)
def test_given_an_article_when_read_then_it_is_of_a_length_with_several_short_sections(
    article: Article,
):
    words = sum(len(f"{one.heading} {one.text}".split()) for one in article.sections)

    assert WORDS_LEAST <= words <= WORDS_MOST, words
    assert len(article.sections) >= 4
    for section in article.sections:
        assert 2 <= len(re.findall(r"[.!?](?:\s|$)", section.text)) <= 8, section.heading


@pytest.mark.parametrize("article", LOADED.articles, ids=lambda one: f"{one.id}-{one.version}")
def test_given_an_article_when_looked_through_then_it_names_no_foreign_contact(article: Article):
    for section in article.sections:
        text = f"{section.heading}\n{section.text}"
        assert contact_fault(text, own_contacts()) is None, section.heading
        assert not re.search(r"https?:|www\.|\]\(|@", text), section.heading


def test_given_the_banks_contacts_when_compared_then_they_are_the_branches():
    table = tomllib.loads((SHIPPED / "contacts.toml").read_text(encoding="utf-8"))
    branches = {
        one["code"]: {"address": one["address"], "phone": one["phone"]}
        for one in load_table("products")["branches"]
    }

    assert table["branches"] == branches


def test_given_rates_of_two_years_when_a_day_comes_then_only_its_own_hold():
    def rates(day: date) -> str:
        found = {one.id: one for one in valid_on(LOADED.articles, day)}
        return found["savings-rates"].sections[0].text

    assert "2.00 %" in rates(date(2026, 10, 31))
    assert "1.75 %" in rates(date(2026, 11, 1))
    assert "request-to-pay" not in ARTICLES
    assert "request-to-pay" in {one.id for one in valid_on(LOADED.articles, date(2027, 6, 1))}


def test_given_the_held_out_questions_when_counted_then_they_are_as_many_as_promised():
    asked, off = rows("heldout/questions.jsonl"), rows("heldout/off_corpus.jsonl")

    assert len({one["question"] for one in asked}) == 300
    assert sum(one["language"] == "es" for one in asked) >= 40
    assert len({one["question"] for one in off}) == 200
    assert {tuple(sorted(one)) for one in off} == {("language", "question")}


def test_given_a_held_out_question_when_its_answers_are_looked_up_then_its_reader_may_read_them():
    for one in rows("heldout/questions.jsonl") + rows("journey.jsonl"):
        readable = READERS[one["audience"]]
        for article_id in one["ids"]:
            article = ARTICLES[article_id]
            assert article.language == one["language"], one
            assert article.audience in readable, one
        assert one.get("topic", "") in {"", *ARTICLES}


def test_given_the_journey_when_counted_then_fifteen_have_an_answer_and_five_have_none():
    assert Counter(bool(one["ids"]) for one in rows("journey.jsonl")) == {True: 15, False: 5}


def test_given_held_out_questions_when_compared_then_none_is_the_articles_or_the_dev_sets_own():
    names = ("heldout/questions.jsonl", "heldout/off_corpus.jsonl", "journey.jsonl")
    asked = [folded(one["question"]) for name in names for one in rows(name)]
    known = sentences()
    for name in ("dev/questions.jsonl", "dev/off_corpus.jsonl"):
        if (HERE / name).is_file():
            known |= {folded(one["question"]) for one in rows(name)}

    assert len(asked) == len(set(asked))
    assert not set(asked) & known
