"""Support: what a model may say of the spans, and what it may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.domain.answers import Citation, Span
from knowledge.composing import whole_sentences
from knowledge.contacts import Contacts
from knowledge.support import is_supported, sentences_of
from tests.knowledge.lies import KINDS, lies_about

TIMES = (
    "A transfer to another bank takes until the next working day. "
    "An instant transfer arrives within 10 seconds, also at night."
)
TEXTS = (
    TIMES,
    "You can return a direct debit within 8 weeks. Without a mandate you have 13 months.",
    "We never ask for your code by phone. Do not open the link, and call the bank before you pay.",
    "Deposits are protected up to 100,000 EUR for each customer if the bank fails.",
    "Card payments abroad cost 1.5 % after 3 free ones. Payments in euro are free of charge.",
    "The limit is 5,000 EUR a day and 2,500 EUR for new payees until 24 hours after adding them.",
)
SPANISH = "Una transferencia normal tarda 1 día laborable. Nunca pedimos su código por teléfono."


def spans_of(*texts: str) -> list[Span]:
    citation = Citation("a", 1, "Title", "Heading", "heading")
    return [Span(text, citation, 0.9) for text in texts]


def supported(text: str, *sources: str, language: str = "en") -> bool:
    return is_supported(text, spans_of(*sources), language=language, own=Contacts())


@pytest.mark.parametrize(
    "text",
    [
        TEXTS[0],
        "In short: an instant transfer arrives within 10 seconds, also at night.",
        TEXTS[0].replace(". An", ", and an"),
        "Transfers to another bank take until the next working day.",
    ],
)
def test_given_the_spans_own_words_when_dressed_a_little_then_they_are_supported(text: str):
    assert supported(text, TEXTS[0])


def test_given_spanish_when_checked_then_the_same_rule_holds():
    assert supported(f"En resumen: {SPANISH}", SPANISH, language="es")
    assert not supported(SPANISH.replace("Nunca p", "P"), SPANISH, language="es")
    assert not supported(SPANISH.replace("1 día", "3 días"), SPANISH, language="es")


def test_given_a_contraction_when_checked_then_it_is_the_long_form():
    assert supported("Don't open the link.", "Do not open the link.")
    assert not supported("Open the link.", "Do not open the link.")


@pytest.mark.parametrize("text", TEXTS)
def test_given_lies_of_every_kind_when_checked_then_none_is_supported(text: str):
    lies = lies_about(text, count=60, seed=1)

    assert len(lies) >= 30
    assert [(kind, lie) for kind, lie in lies if supported(lie, text)] == []


def test_the_lies_are_of_every_kind():
    assert {kind for text in TEXTS for kind, _ in lies_about(text, count=60, seed=1)} == set(KINDS)


def test_given_figures_of_two_sentences_when_they_change_places_then_it_is_not_supported():
    both = "A normal transfer takes 1 day. A transfer abroad takes 4 days."

    assert supported("A transfer abroad takes 4 days. A normal transfer takes 1 day.", both)
    assert not supported("A normal transfer takes 4 days.", both)
    assert not supported("A transfer abroad takes 1 day.", both)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "<b>Deposits</b>",
        "**Do** not",
        "[a](b)",
        "x" * 2_000,
        "Do not open the link.\u202e",
    ],
)
def test_given_nothing_or_markup_when_checked_then_it_is_not_supported(text: str):
    assert not supported(text, "Do not open the link.")


@given(st.lists(st.sampled_from(TEXTS), min_size=1), st.data())
def test_given_a_stream_cut_anywhere_when_read_then_its_sentences_are_the_texts(
    texts: list[str], data: st.DataObject
):
    whole, chunks = " ".join(texts), []
    rest = whole
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        chunks.append(rest[:size])
        rest = rest[size:]

    assert list(whole_sentences(iter(chunks))) == sentences_of(whole)


@given(st.text(max_size=200))
def test_given_any_text_when_checked_then_nothing_new_is_supported(text: str):
    if supported(text, TEXTS[0]):
        assert all(word in TEXTS[0].lower() + " in short:" for word in text.lower().split())
