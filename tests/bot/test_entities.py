"""What the extractor finds: the tables in cases/*.csv, read on Friday 20 November 2026.

Accuracy is data: the eight tables have tiers and a frozen run (`freeze.py`), words.csv is for the
small entities that need no tiers, and laws stand below.
"""

from __future__ import annotations

import csv
import re
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.components.entities import find_entities
from bot.components.lexer import read
from tests.bot import freeze
from tests.bot.freeze import TABLES, TODAY, load_cases, shares


@pytest.fixture(scope="module")
def run():
    return freeze.run_all()


def values(text, entity, language=None):
    return [one.value for one in find_entities(text, TODAY, language) if one.entity == entity]


def test_given_the_strong_rows_when_read_then_all_are_right(run):
    wrong = [row for row in run if row["tier"] == "strong" and row["right"] == "0"]

    assert wrong == []


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("language", ["all", "es"])
def test_given_the_medium_rows_when_read_then_nine_of_ten_are_right(run, table, language):
    right, count = shares(run)[table, "medium", language]

    assert right / count >= 0.9


def test_given_the_frozen_run_when_the_rows_are_read_again_then_none_changed_its_mind(run):
    with freeze.RUN.open(encoding="utf-8", newline="") as file:
        frozen = list(csv.DictReader(file, delimiter="|"))

    assert run == frozen, "read and freeze: bot/.venv/bin/python -m tests.bot.freeze"


@pytest.mark.parametrize("table", TABLES)
def test_given_a_table_when_counted_then_it_is_long_in_both_languages_and_has_hard_negatives(table):
    rows = load_cases(table)

    assert len(rows) >= 150
    assert len({row["text"] for row in rows}) == len(rows)
    assert {row["tier"] for row in rows} == set(freeze.TIERS)
    assert 0.15 <= sum(row["language"] == "es" for row in rows) / len(rows) <= 0.3
    assert sum(row[TABLES[table][1]] in ("", "-") for row in rows) >= 15


@pytest.mark.parametrize("row", [pytest.param(row, id=row["text"]) for row in load_cases("words")])
def test_words(row):
    found = [str(value) for value in values(row["text"], row["entity"])]

    assert found == ([] if row["value"] == "-" else [row["value"]])


@pytest.mark.parametrize(
    ("text", "language", "payees"),
    [("a ana", "es", ["ana"]), ("a ana", "en", []), ("send 20 to ana", "es", ["ana"])],
)
def test_given_the_language_of_the_conversation_when_a_text_does_not_tell_then_it_decides(
    text, language, payees
):
    assert values(text, "payee_name", language) == payees


@pytest.mark.parametrize(
    ("text", "entity", "found"),
    [
        ("send ５０ euros", "amount", "50"),
        ("send ٥٠ euros", "amount", "50"),
        ("\u200fsend 50 euros\u200e to Ana", "amount", "50"),
        ("send 50\u00a0€", "amount", "50"),
    ],
)
def test_given_digits_and_marks_of_other_scripts_when_read_then_the_sum_is_found(
    text, entity, found
):
    assert [value["amount"] for value in values(text, entity)] == [found]


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t", "😀😀👍🏽", "\u200b\u200e\u200f", "…", "¿?", "½"]
)
def test_given_a_text_without_words_when_read_then_nothing_is_found(text):
    assert find_entities(text, TODAY) == []


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_back_whole_and_never_breaks_the_extractor(text):
    assert read(text).text == text
    for one in find_entities(text, TODAY):
        assert text[one.start : one.end].strip() != ""


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789.,'k €£-", min_size=1, max_size=400))
def test_any_heap_of_digits_is_some_amounts_or_none(text):
    find_entities(text, TODAY)


#: Words of our patterns, in any order: what breaks a reader is what nearly fits.
_WORDS = re.findall(
    r"\S+",
    "from between to until the el la of de del last next past 3 31 2026 30 february march mayo "
    "week month year ago hace in en 5th nth first euros € con and y half a couple of hundred mil "
    "cincuenta twenty card ending 4242 xxxx not but DE89 Ana & at on 05/03/2026 / - . % year",
)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(_WORDS), max_size=14), st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_any_heap_of_our_own_words_on_any_day_is_read_without_an_error(words, today):
    for one in find_entities(" ".join(words), today):
        if one.entity == "period":
            assert one.value["from"] is None or one.value["from"] < one.value["to"]


@pytest.mark.parametrize(
    "piece",
    ["send 50 euros to Ana on 5 May at lidl, ", "1", "a ", "😀", "1.", "DE89 ", "five ", "ana-",
     "D E 8 9 ", "from 3 to ", "x", "card ", "no "],
)  # fmt: skip
def test_given_ten_times_the_length_when_read_then_the_time_grows_about_as_much(piece):
    def cost_s(length):
        text = (piece * length)[:length]
        began_s = time.process_time()
        find_entities(text, TODAY)
        return time.process_time() - began_s

    cost_s(1_000)
    short_s = max(min(cost_s(1_000) for _ in range(3)), 0.002)

    assert cost_s(10_000) <= 40 * short_s  # 10 is linear, 100 is quadratic
