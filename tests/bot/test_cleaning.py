"""Cleaning: what cannot be seen does not change a reading, and another script is no trick."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.components.cleaning import TEXT_MOST, clean_text, has_words


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("bal\u200bance", "balance"),  # zero-width space
        ("\u202ebalance\u202c", "balance"),  # right-to-left override
        ("\ufeffbalance", "balance"),  # byte order mark
        ("ｂａｌａｎｃｅ", "balance"),  # full width
        ("𝐛𝐚𝐥𝐚𝐧𝐜𝐞", "balance"),  # mathematical bold
        ("bаlаnce", "balance"),  # Cyrillic а
        ("Βalance", "balance"),  # Greek capital beta
        ("مرحبا", "مرحبا"),
        ("привет", "привет"),
        ("καλημέρα", "καλημέρα"),
        ("José Muñoz", "José Muñoz"),
        ("", ""),
        ("pleeeease", "pleease"),
        ("no no no no no", "no"),
        ("sí sí sí", "sí sí sí"),
        ("👍🏽👍🏽", "yes"),
        ("👎", "no"),
        ("pay Ana 👍", "pay Ana 👍"),
    ],
)
def test_given_what_was_typed_when_cleaned_then_it_is_what_is_seen(typed, seen):
    assert clean_text(typed) == seen


def test_given_a_pasted_contract_when_cleaned_then_only_its_beginning_is_read():
    assert len(clean_text("pay me " * 10_000)) == TEXT_MOST


@given(st.text(max_size=300))
def test_cleaning_twice_changes_nothing(text):
    once = clean_text(text)

    assert clean_text(once) == once


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=300))
def test_plain_letters_keep_their_order_and_lose_only_repeats(text):
    kept = iter(text)

    assert all(letter in kept for letter in clean_text(text))


@pytest.mark.parametrize(("text", "there_are"), [("🤷🤷", False), ("…?!", False), ("", False), ("20", True), ("sí", True), ("余额", True)])
def test_given_a_text_when_asked_then_it_has_words_or_none(text, there_are):
    assert has_words(text) is there_are
