"""Text at the wall: nothing in it commands Rasa, and no secret is left in it."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.domain.redaction import is_luhn, mask, normalise

CARDS = ("4242424242424242", "5555555555554444", "378282246310005", "6011111111111117",
         "30569309025904", "4000056655665556", "6304000000000000")  # fmt: skip
SEPARATORS = ("", " ", "-", ".", "\u00a0", "\u2009", "\u2011", "\u2013", "/", "_", " - ", "·", "|")
ARABIC, DEVANAGARI = "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९"


def in_script(digits: str, script: str) -> str:
    return "".join(script[int(digit)] for digit in digits)


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("card", CARDS)
def test_given_a_card_number_however_written_when_masked_then_four_digits_are_left(card, separator):
    grouped = separator.join(card[i : i + 4] for i in range(0, len(card), 4))
    spelt = (separator or " ").join(card)

    for written in (grouped, spelt):
        masked = mask(f"my card is {written} ok")
        assert masked.text == f"my card is •••• {card[-4:]} ok"
        assert [finding.kind for finding in masked.findings] == ["pan"]


@pytest.mark.parametrize("script", [ARABIC, DEVANAGARI])
def test_given_a_card_number_in_another_script_when_masked_then_it_is_found(script):
    assert "•••• 4242" in mask(f"card {in_script(CARDS[0], script)}").text


def test_given_full_width_digits_when_normalised_and_masked_then_they_are_found():
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in CARDS[0])

    assert mask(normalise(wide)).text == "•••• 4242"


def test_twenty_thousand_variants_leave_no_card_number():
    dice = random.Random(7)
    for _ in range(20_000):
        card = dice.choice(CARDS)
        written = "".join(
            digit + (dice.choice(SEPARATORS) if dice.random() < 0.3 else "") for digit in card
        )
        text = f"{dice.choice(['', 'card ', 'n° ', 'it is: '])}{written}{dice.choice(['', '.', ' x'])}"
        left = "".join(c for c in mask(normalise(text)).text if c.isdigit())
        assert len(left) <= 4, text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("cvv 123", "cvv •••"),
        ("the CVC is 1 2 3", "the CVC is •••"),
        ("security code: 1234", "security code: •••"),
        ("my pin is 4821", "my pin is ••••••"),
        ("change my PIN to 1 2 3 4", "change my PIN to ••••••"),
        ("the code is 123456", "the code is ••••••"),
        ("OTP 123 456", "OTP ••••••"),
        ("one-time code 482913 please", "one-time code •••••• please"),
        ("my password is hunter2", "my password is ••••••"),
        ("password: correct horse battery", "password: ••••••"),
    ],
)
def test_given_a_secret_in_words_when_masked_then_it_is_gone(text, masked):
    assert mask(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "send 1250.00 EUR to Ana", "my IBAN is DE89 3704 0044 0532 0130 00",
        "to GB29NWBK60161331926819 please", "transactions since 2026-11-01 over 100",
        "call me at +49 151 2345 6789", "my password is not working", "I forgot my password",
        "sort code 20-00-00", "post code 10115", "I pinned 4 things", "card ending 4242",
        "what does code 1 mean", "pay 1,234,567.89 yen", "between 01/11/2026 and 20/11/2026",
    ],
)  # fmt: skip
def test_given_an_ordinary_sentence_when_masked_then_it_is_untouched(text):
    assert mask(text).text == text


@given(st.text(max_size=200))
def test_normalising_twice_changes_nothing_more(text):
    once = normalise(text)

    assert normalise(once) == once


@given(st.text(max_size=50), st.sampled_from(["/", "\uff0f", " /", "\u200b/", "//", "\x00/"]))
def test_nothing_normalised_is_an_intent_to_rasa(text, prefix):
    assert not normalise(prefix + text).strip().startswith("/")


@given(st.text(max_size=300))
def test_masking_twice_changes_nothing_more(text):
    once = mask(text).text

    assert mask(once).text == once


def test_luhn_knows_a_wrong_digit():
    assert all(is_luhn(card) for card in CARDS)
    assert not is_luhn("4242424242424241")
