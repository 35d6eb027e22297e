"""Small libraries: articles in a line, and an encoder that knows words but no meanings."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bank.domain.answers import Audience, LibraryQuestion
from knowledge.answering import Library
from knowledge.article import Article, Section, anchor_of
from knowledge.contacts import Contacts
from knowledge.index import make_index
from knowledge.ranking import SIGNS
from knowledge.sureness import SURE_SIGNS
from knowledge.vectors import Vectors
from knowledge.weights import SETS, Logistic, Weights
from knowledge.words import words_of

TODAY = date(2026, 11, 29)
CUSTOMER = frozenset({Audience.PUBLIC, Audience.CUSTOMER})


class WordEncoder:
    """A vector is the sum of its words' random ones: alike where words are shared."""

    digest = "words"

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += texts
        rows = np.array([self._row(text) for text in texts])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    @staticmethod
    def _row(text: str) -> NDArray[np.float64]:
        total = np.full(48, 0.01)
        for word in words_of(text):
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
            total += np.random.default_rng(seed).normal(size=48)
        return total


def an_article(article_id: str = "card-lost", **changes: Any) -> Article:
    """An article; `text` is its one section, or `sections` a list of heading and text."""
    sections = changes.pop("sections", [("What to do", changes.pop("text", "Freeze the card."))])
    made: list[Section] = []
    for heading, text in sections:
        made.append(Section(heading, anchor_of(heading, {one.anchor for one in made}), text))
    values: dict[str, Any] = {
        "version": 1, "title": "A lost card", "audience": Audience.PUBLIC, "language": "en",
        "valid_from": date(2026, 1, 1), "valid_until": None, "owner": "cards", "topic": "cards",
        "sections": tuple(made),
    }  # fmt: skip
    return Article(id=article_id, **(values | changes))


def plain_weights() -> Weights:
    """Weights that anybody can follow: how much of the question is covered, and said by whom."""
    fit = {"words": 2.0, "grams": 1.0, "covered": 4.0, "for_business": 0.5, "asked_words": 4.0}
    of_fit = Logistic(SIGNS, tuple(fit.get(name, 0.0) for name in SIGNS), -3.0)
    of_sure = Logistic(
        SURE_SIGNS, tuple(6.0 * (name == "covered_by_article") for name in SURE_SIGNS), -3.0
    )
    return Weights(
        dict.fromkeys(SETS, of_fit), dict.fromkeys(SETS, of_sure), dict.fromkeys(SETS, 0.5)
    )


def a_library(*articles: Article, encoder: WordEncoder | None = None) -> Library:
    vectors = Vectors(encoder) if encoder else None
    own = Contacts(phones=frozenset({"49301234567"}))
    return Library(make_index(articles, vectors), weights=plain_weights(), own=own)


def a_question(text: str, **changes: Any) -> LibraryQuestion:
    values: dict[str, Any] = {
        "text": text, "language": "en", "audiences": CUSTOMER, "on": TODAY, "topic": "",
    }  # fmt: skip
    return LibraryQuestion(**(values | changes))


LOST = an_article(
    text="Freeze a lost card in the chat at once. You can unfreeze it when it turns up. "
    "A new card costs nothing and comes by post within five days.",
)
FEES = an_article(
    "fees-abroad",
    title="Fees for payments abroad",
    topic="fees",
    sections=[
        ("Paying in another currency", "A payment in another currency costs 1 % of the amount."),
        (
            "Cash abroad",
            "Cash from a machine abroad costs 4 EUR each time. The machine may ask more.",
        ),
    ],
)
BUSINESS_FEES = an_article(
    "fees-abroad-business",
    title="Fees for payments abroad by business accounts",
    topic="fees",
    audience=Audience.BUSINESS,
    text="A business pays 0.5 % for a payment in another currency.",
)
STAFF_ONLY = an_article(
    "verify-caller",
    title="Verifying a caller",
    audience=Audience.STAFF,
    text="Ask the caller for two answers before speaking about a lost card.",
)
SPANISH = an_article(
    "card-lost-es",
    title="Tarjeta perdida",
    language="es",
    text="Bloquee la tarjeta perdida en el chat. La tarjeta nueva llega en cinco días.",
)
ALL = (LOST, FEES, BUSINESS_FEES, STAFF_ONLY, SPANISH)
