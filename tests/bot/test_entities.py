"""What the extractor finds: the tables in cases/*.csv, read on Friday 20 November 2026."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.components.entities import find_entities
from bot.components.lexer import read

TODAY = date(2026, 11, 20)


def cases(name):
    with (Path(__file__).parent / "cases" / f"{name}.csv").open(encoding="utf-8") as file:
        return [pytest.param(row, id=row["text"]) for row in csv.DictReader(file, delimiter="|")]


def values(text, entity):
    return [one.value for one in find_entities(text, TODAY) if one.entity == entity]


@pytest.mark.parametrize("row", cases("amounts"))
def test_amounts(row):
    found = [f"{v['amount']} {v['currency'] or '-'}" for v in values(row["text"], "amount")]

    assert ";".join(found) == row["amounts"]


@pytest.mark.parametrize("row", cases("periods"))
def test_periods(row):
    found = values(row["text"], "period")

    told = [
        f"{v['from'] or ''}..{v['to']}" + (f" {v['since']}" if "since" in v else "") for v in found
    ]
    assert (told[0] if told else "-") == row["period"]
    if row["date"]:
        assert values(row["text"], "date") == [row["date"]]


@pytest.mark.parametrize("row", cases("names"))
def test_names(row):
    found = [str(v) for v in values(row["text"], row["entity"])]

    assert found == ([] if row["value"] == "-" else [row["value"]])


@pytest.mark.parametrize("row", cases("ibans"))
def test_ibans(row):
    assert values(row["text"], "iban") == ([row["iban"]] if row["iban"] else [])


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
