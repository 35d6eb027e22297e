"""Cards: whole on the way to disk and back; the digest is of all but the fate."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.registry import Card, Fate, Figure, SliceFigures, Window
from analytics.tables.columns import Column, Kind, Schema
from tests.analytics.registry.logistic import a_card

words = st.text(max_size=12)
numbers = st.floats(allow_nan=False, allow_infinity=False)
figures = st.builds(Figure, words, numbers, st.none() | numbers, st.none() | numbers)
schemas = st.lists(
    st.builds(Column, words, st.sampled_from(Kind), words, levels=st.tuples(words)), max_size=3
).map(lambda columns: Schema(tuple(columns)))
cards = st.builds(
    Card,
    name=words,
    recipe=words,
    schema=schemas,
    window=st.builds(Window, st.integers(0), st.integers(0), words, words, numbers, words),
    seed=st.integers(),
    figures=st.lists(figures, max_size=3).map(tuple),
    slices=st.lists(
        st.builds(SliceFigures, words, words, st.integers(0), st.tuples(figures)), max_size=2
    ).map(tuple),
    threshold=st.dictionaries(words, numbers, max_size=2),
    limits=st.lists(words, max_size=2).map(tuple),
    parent=st.none() | words,
    fate=st.sampled_from(Fate),
)


@given(cards)
def test_a_card_comes_back_equal(card):
    assert Card.from_json(json.loads(card.as_text())) == card


@given(cards, st.sampled_from(Fate))
def test_the_fate_does_not_change_what_was_approved(card, fate):
    assert replace(card, fate=fate, fate_reasons=("x",)).digest == card.digest


@pytest.mark.parametrize(
    "change",
    [
        {"files": {"model.json": "00"}},
        {"figures": (Figure("roc_auc", 0.9),)},
        {"schema": Schema(a_card().schema.columns[::-1])},
        {"threshold": {"value": 0.4}},
        {"seed": 8},
    ],
)
def test_given_another_content_then_another_digest(change):
    assert replace(a_card(), **change).digest != a_card().digest


def test_given_a_card_of_another_format_when_read_then_it_is_refused():
    with pytest.raises(ValueError, match="format"):
        Card.from_json({**a_card().as_json(), "format": 99})


def test_given_a_number_json_lacks_when_written_then_it_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        a_card(figures=(Figure("roc_auc", float("nan")),)).as_text()
