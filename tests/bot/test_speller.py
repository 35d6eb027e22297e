"""Spelling: unknown words become the bank's own, known and rare words and names stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import noise
from bot.components.speller import Speller

SENTENCES = [
    "what is my balance", "show the balance of my account", "check my balance please",
    "send money to my sister", "send some money now", "can you send money",
    "freeze my credit card", "my credit card is lost", "a new credit card please",
    "what is new", "convert to euros", "how many euros",
]  # fmt: skip


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller.fit(SENTENCES, language="en")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("what is my balnce", "what is my balance"),  # left out
        ("waht is my balamce", "what is my balance"),  # swapped; a neighbour
        ("ballance", "balance"),  # doubled
        ("blnce", "balance"),  # the consonants
        ("snd mny", "send money"),
        ("checkmybalance", "check my balance"),  # run together
        ("SEND MONYE NOW", "SEND money NOW"),
    ],
)
def test_given_a_slip_when_corrected_then_it_is_the_banks_own_word(speller, typed, meant):
    assert speller.correct(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "what is my balance",
        "send 20 euros to Morney",  # a name inside a sentence
        "Monye Carb",  # two capitals in a row: a name
        "how much is 5 USD",  # an acronym
        "what is a mortgage bond",  # right words nobody taught
        "don't send it",
        "12.50",
        "余额",
        "",
    ],
)
def test_given_right_words_and_names_when_corrected_then_they_stay(speller, typed):
    assert speller.correct(typed) == typed


@given(st.text(max_size=200))
def test_any_text_is_corrected_without_a_fault_and_keeps_what_is_no_word(text):
    corrected = Speller.fit(SENTENCES, language="es").correct(text)

    assert [c for c in corrected if c.isdigit()] == [c for c in text if c.isdigit()]


@given(st.text(max_size=200), st.sampled_from(noise.KINDS))
def test_the_same_noise_spoils_the_same_text_in_the_same_way(text, kind):
    assert noise.spoil(text, kind) == noise.spoil(text, kind)


@pytest.mark.parametrize("kind", noise.KINDS)
def test_given_noise_when_a_long_sentence_is_spoilt_then_it_differs_and_figures_stay(kind):
    sentence = "please transfer 250 euros from my savings account to my brother before tomorrow"

    spoilt = noise.spoil(sentence, kind)

    assert spoilt != sentence
    assert "250" in spoilt
