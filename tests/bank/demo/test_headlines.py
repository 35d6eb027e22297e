"""Invented headlines: the same seed tells the same, and templates for testing stay apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bank.demo.headlines import headlines, templates_of
from bank.demo.market import instruments
from bank.domain.instruments import InstrumentKind, InstrumentState

UNTIL = datetime(2026, 11, 20, tzinfo=UTC)
MARKET = instruments(7)


def made(**changes):
    return headlines(MARKET, **{"seed": 7, "count": 400, "until_utc": UNTIL, **changes})


def test_given_the_same_seed_then_the_same_headlines():
    assert made() == made()
    assert made() != made(seed=8)


def test_given_headlines_then_all_tones_are_told_and_no_text_twice():
    found = made()

    assert {one.sentiment for one in found} == {-1, 0, 1}
    assert len({one.text for one in found}) == len(found) == 400


def test_given_headlines_then_each_is_whole_in_its_time_and_on_an_invented_host():
    for one in made(days=30):
        assert "{" not in one.text
        assert UNTIL - timedelta(days=30) <= one.published_at_utc <= UNTIL
        assert one.url.partition("//")[2].partition("/")[0].endswith(".example")


def test_given_an_instrument_that_is_gone_then_nothing_is_told_of_it():
    gone = {one.id for one in MARKET if one.state is InstrumentState.DELISTED}

    assert gone
    assert not gone & {one.instrument_id for one in made(count=2_000)}


def test_given_a_fund_then_it_has_no_plant_and_no_orders():
    kinds = {one.id: one.kind for one in MARKET}
    of_funds = [
        one for one in made(count=2_000)
        if kinds[one.instrument_id] not in (InstrumentKind.SHARE, InstrumentKind.BOND)
    ]  # fmt: skip

    assert of_funds
    assert not {one.template.partition(".")[0] for one in of_funds} & {"event", "turned", "trap"}


def test_given_templates_for_testing_then_none_is_learnt_from():
    assert not set(templates_of(held_out=True)) & set(templates_of(held_out=False))
    assert all("held" in one.template for one in made(held_out=True))
    assert not any("held" in one.template for one in made())


@pytest.mark.parametrize(
    ("template", "sentiment"), [("trap.good", 1), ("trap.bad", -1), ("turned.good", 1)]
)
def test_given_a_kind_whose_words_decide_then_the_sentiment_is_that(template, sentiment):
    found = [one for one in made(count=2_000) if one.template.startswith(template)]

    assert found
    assert {one.sentiment for one in found} == {sentiment}


def test_given_no_instruments_then_no_headlines():
    assert headlines([], seed=7, count=5, until_utc=UNTIL) == []
