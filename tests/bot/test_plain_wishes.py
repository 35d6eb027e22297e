"""No more offers: read by rule, in both languages, and nothing else is taken for it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml
from rasa.shared.nlu.training_data.message import Message

from bot.components.plain_wishes import STOP_OFFERS, PlainWishClassifier, wants_no_offers

ROOT = Path(__file__).parents[2]
with (ROOT / "tests" / "nlu" / "stop_offers.csv").open(encoding="utf-8") as file:
    WISHES = [row["text"] for row in csv.DictReader(file)]


def sentences_of_others():
    for path in sorted((ROOT / "nlu_data" / "nlu").glob("**/*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if block.get("intent") not in (None, STOP_OFFERS):
                yield from (line.removeprefix("- ") for line in block["examples"].splitlines())
    for path in sorted((ROOT / "tests" / "nlu").glob("holdout_*.csv")):
        with path.open(encoding="utf-8") as file:
            yield from (
                row["text"] for row in csv.DictReader(file) if row["category"] != STOP_OFFERS
            )


def test_given_the_table_then_it_is_long_enough_in_both_languages():
    assert len(set(WISHES)) == len(WISHES) >= 40


@pytest.mark.parametrize(
    "text", [*WISHES, "stop offers", "no more marketing", "unsubscribe", "opt-out",
             "no más ofertas", "basta de publicidad", "STOP ADS"],
)  # fmt: skip
def test_given_the_wish_to_be_left_alone_then_it_is_read_whatever_else_it_was_taken_for(text):
    message = Message({"text": text, "intent": {"name": "resume_offers", "confidence": 0.9}})

    PlainWishClassifier().process([message])

    assert message.get("intent")["name"] == STOP_OFFERS


def test_given_every_sentence_of_another_wish_then_none_is_taken_for_it():
    assert [text for text in sentences_of_others() if wants_no_offers(text)] == []


@pytest.mark.parametrize(
    "text",
    ["why do I get no offers?", "I don't want that offer", "turn the offers back on",
     "no me llegan ofertas", "no entiendo vuestras ofertas", "¿por qué no recibo ofertas?",
     "quiero ofertas otra vez", "no quiero esa oferta", "no loan offers found", "cancel", ""],
)  # fmt: skip
def test_given_something_near_it_then_it_is_left_as_it_was_read(text):
    message = Message({"text": text, "intent": {"name": "deny", "confidence": 0.9}})

    PlainWishClassifier().process([message])

    assert message.get("intent")["name"] == "deny"
