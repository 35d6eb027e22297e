"""What moved which way: direction, measure, two figures, expectation, concession."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.news.features import COUNTS, read_headline
from analytics.news.marks import Part, marks_of
from analytics.news.moves import Source, read_moves


def goods(text: str, source: Source) -> list[int]:
    return [one.good for one in read_moves(text).moves if one.source is source]


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Quillgate net loss narrowed", 1),
        ("Quillgate margin narrowed", -1),
        ("Quillgate net loss widened", -1),
        ("Operating costs fell at Quillgate", 1),
        ("Higher costs at Quillgate", -1),
        ("A fall in sales at Quillgate", -1),
        ("Quillgate sales did not fall", 1),
        ("Quillgate slipped to a net loss", -1),
    ],
)
def test_given_a_direction_and_a_measure_then_both_decide(text, good):
    assert goods(text, Source.WORD) == [good]


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Profit was EUR 5.4 mn, compared to EUR 4.2 mn a year earlier", 1),
        ("Profit was EUR 4.2 mn, compared to EUR 5.4 mn a year earlier", -1),
        ("Costs went from EUR 5.4 mn to EUR 4.2 mn", 1),
        ("Profit of EUR 900 thousand against EUR 1.1 mn", -1),
        ("Loss of EUR 5 mn compared to a profit of EUR 3 mn", -1),
        ("Profit of EUR 3 mn compared to a loss of EUR 5 mn", 1),
        ("A 1.5 million loss in the quarter compared with a 1.7 million profit", -1),
        ("Cash flow was EUR 0.4 mn, compared to a negative EUR 15 mn", 1),
        ("Sales 1,200 against 1,100 a year ago", 1),
        ("Operating margin 4.1 per cent versus 5 per cent", -1),
        ("Net sales rose to EUR 2 .5 mn from EUR 2 .1 mn", 1),
    ],
)
def test_given_two_figures_then_their_order_and_the_measure_decide(text, good):
    assert goods(text, Source.FIGURES) == [good]


@pytest.mark.parametrize(
    "text",
    [
        "Founded in 1998, it has 200 employees",
        "Profit 5.5 million euros (7.2 million dollars)",
        "Meeting on 20 November 2026 at 10",
        "Sales grew 4 % to EUR 20 mn",
    ],
)
def test_given_figures_that_are_no_pair_then_there_is_no_move_by_figures(text):
    assert goods(text, Source.FIGURES) == []


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Quillgate profit above forecasts", 1),
        ("Quillgate costs above forecasts", -1),
        ("Quillgate debt below plan", 1),
        ("Quillgate loss smaller than feared", 1),
        ("Quillgate profit up, but less than hoped", -1),
    ],
)
def test_given_what_was_expected_then_it_is_told_apart_by_the_measure(text, good):
    assert goods(text, Source.EXPECTED) == [good]


def test_given_a_concession_then_its_move_is_the_lesser():
    moves = read_moves("Despite higher costs, profit rose").moves

    assert [(one.metric, one.is_lesser) for one in moves] == [("costs", True), ("profit", False)]


def test_given_a_year_then_it_is_no_figure():
    parts = [one.part for one in marks_of("In 2025 profit was 12")]

    assert parts.count(Part.FIGURE) == 1


@given(st.text(max_size=400))
def test_any_text_can_be_read(text):
    read = read_headline(text)

    assert read.counts.shape == (len(COUNTS),)
    for one in read_moves(text).moves:
        assert 0 <= one.start < one.end <= len(text)


@given(now=st.integers(1, 10**6), then=st.integers(1, 10**6))
def test_of_two_profits_the_larger_now_is_good(now, then):
    found = goods(f"Profit EUR {now} mn compared to EUR {then} mn", Source.FIGURES)

    assert found == ([] if now == then else [1 if now > then else -1])
