"""Learning: no question teaches the index it is asked of, and an article lies in one fold."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from knowledge.answering import Library
from knowledge.article import Article
from knowledge.elsewhere import elsewhere_of, print_elsewhere, shipped_elsewhere
from knowledge.evaluating import Case
from knowledge.index import make_index
from knowledge.learning import FOLDS, learn
from knowledge.lessons import Book, asked_lessons, bare_lessons
from knowledge.vectors import Vectors
from knowledge.weights import parse_weights, print_weights
from tests.knowledge.builders import (
    FEES,
    LOST,
    WordEncoder,
    a_question,
    an_article,
    plain_weights,
)

WORDS = "amber birch cedar dune ember fjord grove heath inlet jetty knoll lagoon".split()


def an_asked(article: Article, *phrasings: str) -> Article:
    first, *others = article.sections
    return replace(article, sections=(replace(first, asked=phrasings), *others))


#: Twelve articles, each about a word of its own, and asked with it.
ARTICLES = [
    an_asked(
        an_article(word, title=f"The {word}", text=f"A {word} costs {at} EUR."),
        *(f"{verb} {word}" for verb in ("find", "buy", "sell", "keep")),
    )
    for at, word in enumerate(WORDS)
]
CASES = [
    Case(a_question(f"{how} {word}"), (word,)) for word in WORDS for how in ("is there", "rent a")
]
CHEESES = "goat blue old soft hard".split()
OFF = [Case(a_question(f"do you sell {name} cheese"), ()) for name in CHEESES]
BOOK = Book(ARTICLES, CASES, OFF)


def test_given_a_book_when_lessons_are_made_then_each_question_is_asked_once():
    lessons = asked_lessons(BOOK, None)

    asked = [case.question.text for lesson in lessons for case in lesson.cases]

    assert sorted(asked) == sorted(case.question.text for case in [*CASES, *OFF])


def test_given_a_book_when_lessons_are_made_then_an_article_and_its_sister_lie_in_one_fold():
    sisters = [Case(a_question("abc", language="es"), (f"{word}-es",)) for word in WORDS]
    lessons = asked_lessons(Book(ARTICLES, [*CASES, *sisters], OFF), None)

    folds = {
        (case.ids[0].removesuffix("-es"), lesson.fold)
        for lesson in lessons
        for case in lesson.cases
        if case.ids
    }

    assert len(folds) == len(WORDS)


def test_given_a_question_for_elsewhere_when_it_is_asked_then_the_index_was_not_told_it():
    for lesson in asked_lessons(BOOK, None):
        told = set(lesson.index.parts["en"].phrasings.elsewhere)
        asked = {case.question.text for case in lesson.cases if not case.ids}

        assert told | asked == {case.question.text for case in OFF}
        assert not told & asked


def test_given_books_without_phrasings_when_lessons_are_made_then_no_phrasing_is_in_them():
    for lesson in bare_lessons([BOOK], None):
        assert not lesson.index.parts["en"].is_asked


@pytest.mark.parametrize("name", ["words_asked", "words"])
def test_given_lessons_when_learnt_then_the_weights_find_articles_and_are_read_back(name: str):
    make = asked_lessons(BOOK, None) if name == "words_asked" else bare_lessons([BOOK], None)

    weights, told = learn(make, plain_weights(), key=name)

    assert told["hit_1"] == 1.0
    assert told["questions"] == len(CASES)
    assert told["off_corpus"] == len(OFF)
    assert set(parse_weights(print_weights(weights)).bars) == set(weights.bars)
    assert len(make) == FOLDS


def test_given_an_article_nobody_says_how_to_ask_for_when_others_are_then_it_is_still_found():
    articles = [an_asked(FEES, "dear overseas", "pricey", "cost", "abroad"), LOST,
                an_asked(an_article("pin", text="A PIN is free."), "pin", "code", "digits", "4")]
    library = Library(make_index(articles, None), weights=plain_weights())

    assert library.index.parts["en"].is_asked
    found = library.find(a_question("new card by post within five days"))
    assert found[0].citation.article_id == "card-lost"


def test_given_an_article_on_what_was_for_elsewhere_when_indexed_then_it_is_so_no_more():
    cheese = an_article("cheese", title="Goat cheese we sell", text="It is old.")
    told = elsewhere_of(OFF)

    before = make_index(ARTICLES, None, elsewhere=told).parts["en"].phrasings
    after = make_index([*ARTICLES, cheese], None, elsewhere=told).parts["en"].phrasings

    assert set(before.elsewhere) - set(after.elsewhere) == {"do you sell goat cheese"}


def test_given_questions_for_elsewhere_when_an_index_is_made_then_they_are_encoded_once():
    encoder = WordEncoder()
    vectors = Vectors(encoder)
    make_index(ARTICLES, vectors, elsewhere=elsewhere_of(OFF))
    encoder.encoded.clear()

    make_index(ARTICLES, vectors, elsewhere=elsewhere_of(OFF))

    assert encoder.encoded == []


def test_given_the_shipped_questions_for_elsewhere_when_printed_then_both_languages_are_there():
    shipped = shipped_elsewhere()

    assert all(len(shipped[language]) >= 50 for language in ("en", "es"))
    assert json.loads(print_elsewhere(shipped)) == {key: list(one) for key, one in shipped.items()}
