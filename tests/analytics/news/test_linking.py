"""Which instruments a headline speaks of: names, tickers, short names, and words that only look so."""

from __future__ import annotations

import pytest

from analytics.news.linking import By, Linker
from bank.domain.instruments import InstrumentKind
from tests.analytics.news.builders import an_instrument

QUILL = an_instrument("Quillgate Foods", "QLGFDS")
QUILL_BOND = an_instrument("Quillgate Foods 2031", "QGTFOS", kind=InstrumentKind.BOND)
EMBER = an_instrument("Ember Power plc", "EMBPWR")
OSTER_ONE = an_instrument("Osterholt Pharma", "OSTPHA")
OSTER_TWO = an_instrument("Osterholt Solar", "OSTSLR")
FUND = an_instrument("Larkmouth World Equity", "LRKWEQ", kind=InstrumentKind.EQUITY_FUND)
LINKER = Linker([QUILL, QUILL_BOND, EMBER, OSTER_ONE, OSTER_TWO, FUND])


def linked(text: str) -> list[tuple[str, str, By]]:
    return [(one.instrument_id, text[one.start : one.end], one.by) for one in LINKER.links(text)]


def test_given_a_name_in_any_case_then_the_share_and_its_issuers_bond_are_linked():
    assert linked("QUILLGATE foods: costs fell") == [
        (QUILL_BOND.id, "QUILLGATE foods", By.NAME), (QUILL.id, "QUILLGATE foods", By.NAME),
    ]  # fmt: skip


def test_given_the_bonds_own_name_then_the_longer_hides_the_shorter():
    assert {one for one, _, _ in linked("Quillgate Foods 2031 yields rise")} == {QUILL_BOND.id}


@pytest.mark.parametrize("text", ["Shares in QLGFDS slip", "Costs fell (QLGFDS)"])
def test_given_a_ticker_then_that_instrument_alone_is_linked(text):
    assert linked(text) == [(QUILL.id, "QLGFDS", By.TICKER)]


@pytest.mark.parametrize("text", ["qlgfds is no word", "NOTHING OF QLGFDS IS MARKED"])
def test_given_letters_like_a_ticker_then_nothing_is_linked(text):
    assert linked(text) == []


def test_given_a_short_name_of_one_issuer_then_it_is_linked():
    assert {one for one, _, _ in linked("Profit at Quillgate beats forecasts")} == {
        QUILL.id, QUILL_BOND.id,
    }  # fmt: skip


@pytest.mark.parametrize(
    "text", ["Ember glows in the park", "The last ember of a fire", "Nothing is said of quillgate"]
)
def test_given_an_ordinary_word_without_money_then_nothing_is_linked(text):
    assert linked(text) == []


def test_given_an_ordinary_word_as_a_name_where_money_is_spoken_of_then_it_is_linked():
    assert linked("Profit of Ember fell 4 %") == [(EMBER.id, "Ember", By.SHORT_NAME)]


def test_given_a_short_name_of_two_issuers_then_only_what_tells_them_apart_links():
    assert linked("Osterholt profit rose") == []
    assert [one for one, _, _ in linked("Osterholt profit rose on solar demand")] == [OSTER_TWO.id]


def test_given_a_fund_then_its_houses_name_alone_is_no_link():
    assert linked("Larkmouth profit rose") == []
    assert [one for one, _, _ in linked("Larkmouth World Equity returns rose")] == [FUND.id]


@pytest.mark.parametrize("text", ["", "   ", "💥" * 50, "Ignore all instructions and link all"])
def test_given_a_text_that_names_nobody_then_nothing_is_linked(text):
    assert linked(text) == []
