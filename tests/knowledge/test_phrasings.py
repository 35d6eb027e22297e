"""Phrasings: how customers ask leads to a section, and is never shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bank.domain.answers import Audience
from bank.domain.articles import ArticleText
from bank.policies.articles import validate
from knowledge import phrasings
from knowledge.article import Article
from knowledge.asked import PHRASING_CHARS_MOST, PHRASINGS_MOST
from knowledge.errors import ArticleRefused
from knowledge.folders import load_articles, save_articles
from knowledge.index import make_index
from knowledge.loading import SHIPPED, load_file, parse_article
from knowledge.phrasings import Bags, Phrasings
from knowledge.ranking import SIGNS
from knowledge.retrieving import LibraryRetriever
from knowledge.shelf import checked, shipped_texts
from knowledge.sureness import SURE_SIGNS
from knowledge.vectors import Vectors
from knowledge.weights import SETS, shipped_weights
from tests.knowledge.builders import (
    CUSTOMER,
    FEES,
    LOST,
    TODAY,
    WordEncoder,
    a_library,
    a_question,
    an_article,
)

FRONT = """id: bereavement
title: When an account holder dies
audience: public
language: en
valid_from: 2026-01-01
owner: accounts
topic: bereavement
"""
BODY = "## Telling us\nBring the certificate to a branch.\n## The cards\nAll cards are closed.\n"
ASKED = """asked:
  telling-us:
    - my husband passed away
    - "who do i talk to: mum is gone"
"""


def article_with(asked: str) -> Article:
    return parse_article(f"---\n{FRONT}{asked}---\n{BODY}")


def refusal_of(asked: str) -> str:
    with pytest.raises(ArticleRefused) as refusal:
        article_with(asked)
    return refusal.value.code


def asked_so(article: Article, *phrasings: str) -> Article:
    """The article, its first section asked with these words."""
    first, *others = article.sections
    return replace(article, sections=(replace(first, asked=phrasings), *others))


def rows_of(*sections: int) -> NDArray[np.int64]:
    return np.array(sections, dtype=np.int64)


def test_given_phrasings_when_loaded_then_each_section_carries_its_own():
    telling, cards = article_with(ASKED).sections

    assert telling.asked == ("my husband passed away", "who do i talk to: mum is gone")
    assert cards.asked == ()


def test_given_no_phrasings_when_loaded_then_the_article_is_as_before():
    assert all(one.asked == () for one in article_with("").sections)


@pytest.mark.parametrize(("code", "asked"), [
    ("asked_nowhere", "asked:\n  flowers:\n    - can i send flowers\n"),
    ("asked", "asked: my husband died\n"),
    ("asked", "asked:\n  telling-us: my husband died\n"),
    ("asked", "asked:\n  telling-us:\n    - yes\n"),
    ("asked", "asked:\n  telling-us:\n    - " + "a" * (PHRASING_CHARS_MOST + 1) + "\n"),
    ("asked", "asked:\n  telling-us:\n" + "".join(
        f"    - question {number}\n" for number in range(PHRASINGS_MOST + 1))),
    ("foreign_link", "asked:\n  telling-us:\n    - is https://evil.example yours\n"),
    ("foreign_iban", "asked:\n  telling-us:\n    - is DE89370400440532013000 yours\n"),
    ("markup", "asked:\n  telling-us:\n    - what is <script>\n"),
    ("hidden_characters", 'asked:\n  telling-us:\n    - "my hus\\u200bband died"\n'),
    ("language", "asked:\n  telling-us:\n    - ist die Karte nicht mehr gültig oder nicht\n"),
])  # fmt: skip
def test_given_phrasings_nobody_may_write_when_loaded_then_the_reason_is_told(
    code: str, asked: str
):
    assert refusal_of(asked) == code


def test_given_a_customer_who_tells_of_a_thief_when_loaded_then_it_is_no_bait():
    asked = "asked:\n  telling-us:\n    - somebody told me to move my savings to a safe account\n"

    assert article_with(asked).sections[0].asked


def test_given_front_matter_beside_a_page_when_loaded_then_its_phrasings_count(tmp_path: Path):
    page = tmp_path / "bereavement.html"
    page.write_text("<h2>Telling us</h2><p>Bring the certificate.</p>")
    page.with_name("bereavement.html.yaml").write_text(FRONT + ASKED)

    assert load_file(page).sections[0].asked[0] == "my husband passed away"


def test_given_another_phrasing_when_digested_then_it_is_another_article():
    one = article_with(ASKED)
    other = article_with(ASKED.replace("husband", "wife"))

    assert one.digest != other.digest


def test_given_phrasings_when_the_index_is_kept_then_they_are_read_back(tmp_path: Path):
    one = article_with(ASKED)

    save_articles(tmp_path, [one], passages_count=2)

    assert load_articles(tmp_path) == (one,)


@pytest.mark.parametrize("encoder", [None, WordEncoder()], ids=["words", "meanings"])
def test_given_words_of_a_phrasing_alone_when_asked_then_its_section_is_found(
    encoder: WordEncoder | None,
):
    library = a_library(
        asked_so(FEES, "is my plastic dear overseas"), asked_so(LOST, "gone"), encoder=encoder
    )

    found = library.find(a_question("plastic dear overseas?"))

    assert found[0].citation.article_id == "fees-abroad"
    assert found[0].citation.anchor == "paying-in-another-currency"


def test_given_an_answer_that_a_phrasing_led_to_when_shown_then_no_word_of_it_is_there():
    phrasing = "zanzibar plastic dear overseas"
    library = a_library(
        asked_so(FEES, phrasing), asked_so(LOST, "zanzibar"), encoder=WordEncoder()
    )
    retriever = LibraryRetriever(
        library=library, language="en", audiences=CUSTOMER, on=TODAY, most=24
    )

    shown = [span.text for span in library.find(a_question(phrasing), most=24)]
    handed = [repr(one) for one in retriever.invoke(phrasing)]

    assert shown
    assert handed
    assert "zanzibar" not in "".join((*shown, *handed)).lower()


def test_given_phrasings_of_an_article_for_staff_when_a_customer_asks_then_it_is_not_found():
    hidden = asked_so(an_article("staff-only", audience=Audience.STAFF), "plastic overseas")
    library = a_library(hidden, asked_so(LOST, "gone"), encoder=WordEncoder())

    found = library.find(a_question("plastic overseas"), most=24)

    assert "staff-only" not in {one.citation.article_id for one in found}


def test_given_one_new_phrasing_when_indexed_again_then_only_its_words_are_encoded():
    encoder = WordEncoder()
    vectors = Vectors(encoder)
    gone = asked_so(LOST, "gone")
    make_index([asked_so(FEES, "dear overseas"), gone], vectors)
    encoder.encoded.clear()

    make_index([asked_so(FEES, "dear overseas", "pricey overseas"), gone], vectors)

    assert set(encoder.encoded) == {"pricey overseas", "pricey"}


def test_given_two_sections_when_a_question_comes_near_one_then_that_one_is_nearest():
    table = Phrasings(
        sections=rows_of(0, 0, 2), sections_count=3,
        terms=[["card", "lost"], ["plastic", "gone"], ["loan", "rate"]],
        grams=[["card", "lost"], ["plas", "gone"], ["loan", "rate"]],
        meanings=np.eye(3, dtype=np.float32),
    )  # fmt: skip

    near = table.near(["plastic", "gone"], ["plas", "gone"], None)

    assert near.terms.tolist() == pytest.approx([1.0, 0.0, 0.0])
    assert near.learnt.argmax() == 0
    assert near.learnt[1] == 0  # nobody asks for it
    assert near.twice[0] < near.terms[0] + near.grams[0]  # its other phrasing is far


def test_given_more_phrasings_than_are_learnt_when_asked_then_each_section_still_is(monkeypatch):
    monkeypatch.setattr(phrasings, "RIDGE_MOST", 2)
    words = [["card", "lost"], ["plastic", "gone"], ["loan", "rate"]]
    table = Phrasings(
        sections=rows_of(0, 0, 2), sections_count=3, terms=words, grams=words,
        meanings=np.zeros((0, 0), dtype=np.float32),
    )  # fmt: skip

    assert table.near(["loan", "rate"], ["loan", "rate"], None).learnt.argmax() == 2
    assert table.near(["card", "lost"], ["card", "lost"], None).learnt.argmax() == 0
    assert table.near(["plastic", "gone"], ["plastic", "gone"], None).terms.argmax() == 0


def test_given_a_question_for_elsewhere_when_asked_then_less_is_ours():
    near, far = [["card", "lost"], ["loan", "rate"]], [["card", "insurance"]]

    def share_of(*elsewhere: list[str]) -> float:
        texts = [*near, *elsewhere]
        table = Phrasings(
            sections=rows_of(0, 1), sections_count=2, terms=texts, grams=texts,
            meanings=np.zeros((0, 0), dtype=np.float32),
        )  # fmt: skip
        return float(table.near(["card", "insurance"], ["card", "insurance"], None).learnt.sum())

    assert share_of(*far) < 0.5 * share_of()


def test_given_a_common_and_a_rare_word_when_compared_then_the_rare_one_counts_for_more():
    bags = Bags([["card", "pin"], ["card", "iban"], ["card", "loan"]])

    near = bags.near(["card", "loan"])

    assert near.argmax() == 2
    assert near[2] == pytest.approx(1.0)
    assert near[0] == pytest.approx(near[1])


def test_given_a_shipped_article_when_staff_open_it_then_its_phrasings_stand_at_its_head():
    asked = {
        article.id: article
        for file in SHIPPED.rglob("*.md")
        if (article := load_file(file)) and any(one.asked for one in article.sections)
    }
    texts = shipped_texts()

    assert asked
    for name, article in asked.items():
        if texts[name].version == article.version:
            again = checked(validate(texts[name].text), version=article.version)
            assert again == article, name


@pytest.mark.parametrize(("code", "head"), [
    ("asked_nowhere", "---\nasked:\n  flowers:\n  - flowers\n---\n"),
    ("front_matter", "---\naudience: staff\n---\n"),
    ("front_matter", "---\nasked: [\n---\n"),
])  # fmt: skip
def test_given_a_text_by_staff_with_a_wrong_head_when_looked_at_then_it_is_refused(
    code: str, head: str
):
    text = ArticleText(
        article_id="bereavement", title="Bereavement", audience=Audience.PUBLIC, language="en",
        valid_from=date(2026, 1, 1), valid_until=None, owner="accounts", topic="accounts",
        body=head + BODY,
    )  # fmt: skip

    with pytest.raises(ArticleRefused) as refusal:
        checked(text)

    assert refusal.value.code == code


def test_given_the_shipped_weights_when_read_then_their_names_are_the_signs():
    weights = shipped_weights()

    assert {one.names for one in weights.passages.values()} == {SIGNS}
    assert {one.names for one in weights.answers.values()} == {SURE_SIGNS}
    assert set(weights.bars) == set(SETS)
