"""What an action puts into a reply follows the conversation's language: days, sums, labels, titles."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa_sdk.executor import CollectingDispatcher

from actions import languages
from actions.base import BankAction
from actions.facts import day, in_words, rows_of, stretch, sums
from actions.labels import label, table
from actions.onboarding_places import country_name
from actions.pictures import draw_spending
from actions.products import hours, price
from actions.wishes import find_title
from bank.domain.errors import InsufficientFunds
from bank.domain.money import CURRENCY_DIGITS, Money
from bank.domain.products import Fee, OpeningHours
from tests.actions.running import TURNS, a_tracker, run

AMOUNTS = st.builds(Money, st.integers(-(10**12), 10**12), st.sampled_from(sorted(CURRENCY_DIGITS)))
SPENT = Money(123_450, "EUR")


class TellTheTime(BankAction):
    """Says one day and one sum, after a moment in which others run."""

    action_name = "action_tell_the_time"

    def perform(self, actor, tracker, say):
        say.utter_message(
            response="utter_x", date=day(date(2026, 3, 3)), spent=languages.money(SPENT)
        )
        return []


class Refuse(BankAction):
    action_name = "action_refuse"

    def perform(self, actor, tracker, say):
        raise InsufficientFunds(available=Money(12_499, "EUR"), needed=SPENT)


async def said_by(action, **slots):
    say = CollectingDispatcher()
    await action.run(say, a_tracker(**slots), {})
    return say.messages


@pytest.mark.parametrize(
    ("remembered", "told_date", "told_sum"),
    [
        (None, "3 March 2026", "1,234.50 EUR"),
        ("en", "3 March 2026", "1,234.50 EUR"),
        ("es", "3 de marzo de 2026", "1.234,50 EUR"),
        ("xx", "3 March 2026", "1,234.50 EUR"),
    ],
)
async def test_given_the_language_of_the_conversation_when_an_action_speaks_then_it_follows(
    remembered, told_date, told_sum
):
    [reply] = await said_by(TellTheTime(None, TURNS), language=remembered)

    assert (reply["date"], reply["spent"]) == (told_date, told_sum)


async def test_given_two_conversations_at_once_when_they_speak_then_their_languages_do_not_mix():
    action = TellTheTime(None, TURNS)

    replies = await asyncio.gather(
        *(said_by(action, language=("en", "es")[turn % 2]) for turn in range(20))
    )

    told = [reply["date"] for [reply] in replies]
    assert told == ["3 March 2026", "3 de marzo de 2026"] * 10


async def test_given_an_action_is_over_then_the_language_is_english_again():
    await run(TellTheTime(None, TURNS), a_tracker(language="es"))

    assert languages.current() == "en"


async def test_given_a_refusal_in_a_spanish_conversation_then_its_sums_are_spanish():
    [reply] = await said_by(Refuse(None, TURNS), language="es")

    assert reply["response"] == "utter_insufficient_funds"
    assert (reply["available"], reply["needed"]) == ("124,99 EUR", "1.234,50 EUR")


def test_given_facts_as_text_when_put_in_words_then_only_sums_codes_and_times_change():
    told = {
        "limit": "-1,000.00 EUR", "period": "transfer", "until_utc": "2026-11-29T10:00+00:00",
        "sent_to": "•••• 678", "payee": "Ana, S.A.", "challenge_id": "ch_1", "tries_left": "2",
    }  # fmt: skip

    with languages.speaking("es"):
        spanish = in_words(told)

    assert spanish == {
        **told, "limit": "-1.000,00 EUR", "period": "por transferencia",
        "until_utc": "29 de noviembre de 2026, 10:00 UTC",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("from_day", "to_day", "told"),
    [
        (date(2026, 3, 1), date(2026, 4, 1), "marzo de 2026"),
        (date(2026, 1, 1), date(2027, 1, 1), "2026"),
        (date(2026, 3, 3), date(2026, 3, 4), "3 de marzo de 2026"),
        (date(2026, 3, 3), date(2026, 3, 5), "3 de marzo de 2026 - 4 de marzo de 2026"),
    ],
)
def test_given_days_when_told_in_spanish_then_a_month_has_its_name(from_day, to_day, told):
    with languages.speaking("es"):
        assert stretch(from_day, to_day) == told


@given(AMOUNTS)
def test_a_sum_in_spanish_is_the_same_sum_with_the_marks_exchanged(amount):
    spanish = languages.money(amount, "es")

    assert spanish.translate(str.maketrans(",.", ".,")) == str(amount)


@given(AMOUNTS, st.sampled_from(["en", "es"]))
def test_a_sum_the_bank_wrote_as_text_is_told_as_the_action_would_tell_it(amount, language):
    with languages.speaking(language):
        assert in_words({"limit": str(amount)}) == {"limit": languages.money(amount)}


def test_given_several_currencies_when_added_up_in_spanish_then_each_is_told():
    with languages.speaking("es"):
        assert sums([SPENT, Money(-700, "USD")]) == "1.234,50 EUR + 7,00 USD"
        assert sums([]) == "0,00 EUR"


def test_given_a_code_without_a_label_when_shown_then_it_is_shown_as_it_reads():
    with languages.speaking("es"):
        assert label("category", "eating_out") == "Restaurantes"
        assert label("product", "wire_recall") == "Wire recall"


def test_given_a_table_in_spanish_then_its_head_and_caption_are_spanish_and_ids_have_none():
    with languages.speaking("es"):
        drawn = table("cards", [{"card_id": "cd_1", "limit_day": "5"}], count=1)

    assert drawn == {
        "kind": "cards",
        "data": {
            "rows": [{"card_id": "cd_1", "limit_day": "5"}],
            "caption": "Tarjetas", "columns": {"limit_day": "Límite diario"}, "count": 1,
        },
    }  # fmt: skip


def test_given_no_postings_when_listed_then_there_is_no_row():
    assert rows_of([]) == []


def test_given_a_wish_when_offered_in_spanish_then_its_title_is_spanish():
    with languages.speaking("es"):
        assert find_title("check_balance") == "Mi saldo"
        assert find_title("nlu_fallback") is None


def test_given_a_picture_when_drawn_in_two_languages_then_each_has_its_own_sums():
    bars = (("Compras", SPENT),)

    english = draw_spending(bars, title="x", total="y")
    spanish = draw_spending(bars, title="x", total="y", language="es")

    assert "1,234.50 EUR" in english.alt
    assert "1.234,50 EUR" in spanish.alt
    assert english.png != spanish.png


def test_given_a_price_when_told_in_spanish_then_rate_sum_and_what_it_is_for_are():
    fee = Fee("transfer_abroad", "transfer", Money(500, "EUR"), Decimal("0.15"), "transfer")

    with languages.speaking("es"):
        assert price(fee) == "5,00 EUR + 0,15 % / transferencia"
    assert price(fee) == "5.00 EUR + 0.15 % / transfer"


def test_given_opening_hours_when_told_in_spanish_then_the_days_are():
    week = [OpeningHours("monday", "09:00", "17:00"), OpeningHours("tuesday", "09:00", "17:00")]

    with languages.speaking("es"):
        assert hours(week) == ["lun-mar 09:00-17:00"]
    assert hours(week) == ["Mon-Tue 09:00-17:00"]


def test_given_a_country_when_named_in_spanish_then_it_is_a_spanish_name():
    with languages.speaking("es"):
        assert country_name("DE") == "Alemania"
    assert country_name("DE") == "Germany"
