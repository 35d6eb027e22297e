"""Which questions of the articles the assistant learns to take to the library."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from bank.domain.answers import Audience
from bank.policies.questions import may_ask
from knowledge.article import Article
from knowledge.loading import load_folder
from knowledge.teaching import INTENT, PER_SECTION, Reading, chosen, phrasings_of, print_examples
from tests.knowledge.builders import an_article

QUESTION, LOOSE, STORY = "how long is a PIN?", "can my PIN be short", "my PIN was seen by someone"
NLU = Path(__file__).parents[2] / "nlu_data" / "nlu"


def asked_with(texts: list[str], **changes: Any) -> Article:
    """An article whose one section is asked for in these words."""
    article = an_article(**changes)
    return replace(article, sections=(replace(article.sections[0], asked=tuple(texts)),))


def taught(text: str, *, read_as: str, confidence: float = 0.9) -> bool:
    articles = [asked_with([text])]
    known = {one: Reading(read_as, confidence) for one in phrasings_of(articles)}
    return chosen(articles, known) == [text]


@pytest.mark.parametrize(("text", "read_as", "confidence", "is_taught"), [
    (QUESTION, "nlu_fallback", 0.35, True),
    (QUESTION, "out_of_scope", 0.99, True),
    (QUESTION, INTENT, 0.99, True),
    (QUESTION, "order_pin_letter", 0.79, True),
    (QUESTION, "order_pin_letter", 0.8, False),  # the skill's own
    (LOOSE, "order_pin_letter", 0.49, True),
    (LOOSE, "order_pin_letter", 0.5, False),  # it may as well be a wish
    (QUESTION, "inform", 0.4, False),  # it means something only as an answer
    (STORY, "nlu_fallback", 0.35, False),  # what happened to somebody
    ("how " + "very " * 20 + "long is it?", "nlu_fallback", 0.35, False),
])  # fmt: skip
def test_given_a_phrasing_when_no_skill_reads_it_surely_then_it_is_taught(
    text, read_as, confidence, is_taught
):
    assert taught(text, read_as=read_as, confidence=confidence) == is_taught


def test_given_articles_for_staff_when_taught_then_customers_hear_nothing_of_them():
    assert phrasings_of([asked_with([QUESTION], audience=Audience.STAFF)]) == []


def test_given_many_phrasings_when_taught_then_a_few_of_each_section_that_are_not_read_yet():
    texts = [f"what is a PIN number {number}?" for number in range(6)]
    articles = [asked_with(texts)]
    unread = texts[4:]
    known = {one: Reading("nlu_fallback" if one in unread else INTENT, 0.9) for one in texts}

    found = chosen(articles, known)

    assert len(found) == PER_SECTION
    assert set(found) == set(unread)
    assert found == chosen(articles, known)


@pytest.mark.parametrize("language", ["en", "es"])
def test_given_examples_when_printed_then_they_are_read_back_and_hold_no_entity(language):
    block = yaml.safe_load(print_examples(["what is [this](amount)?", "  is: it\ttwo "], language))

    (intent,) = block["nlu"]
    assert intent["intent"] == INTENT
    assert intent.get("metadata", {}).get("language", "en") == language
    assert intent["examples"] == "- what is (this)(amount)?\n- is: it two\n"


@pytest.mark.parametrize(("language", "path"), [("en", "library.yml"), ("es", "es/library.yml")])
def test_given_what_the_assistant_learns_then_the_shipped_articles_say_it(language, path):
    block = yaml.safe_load((NLU / path).read_text(encoding="utf-8"))["nlu"][0]
    learnt = {line.removeprefix("- ") for line in block["examples"].splitlines()}
    shipped = load_folder().articles
    said = phrasings_of(one for one in shipped if one.language == language)

    assert len(learnt) > 300
    assert learnt <= {" ".join(one.split()) for one in said if may_ask(one)}
