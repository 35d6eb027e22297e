"""Reading a line: what hides a word, and where its letters stood."""

from hypothesis import given
from hypothesis import strategies as st

from analytics.suspicion.reading import CHARS_MOST, read


def test_given_words_in_disguise_when_read_then_they_are_the_plain_words():
    plain = "move it to the safe account"

    for disguise in (
        "m0ve it to the s4fe acc0unt",
        "MOVE IT TO THE SAFE ACCOUNT",
        "mo\u200bve it to the sa\u00adfe account",
        "mоvе it to the sаfe аccount",  # Cyrillic о, е, а
        "ｍｏｖｅ it to the ｓａｆｅ account",
        "move it to the s.a.f.e account",
        "móve it to the sàfe account",
        "move  it\nto\tthe safe account",
    ):
        assert read(disguise).text == plain


def test_given_numbers_and_ids_when_read_then_they_stay():
    for text in ("send 2000 to ac_42", "cu_4821", "iban de89370400440532013000", "at 17:30"):
        assert read(text).text == text


def test_given_another_script_when_read_then_it_is_written_in_latin_letters_not_in_lookalikes():
    assert read("привет").text == "privet"


def test_given_a_number_when_figures_are_hidden_then_the_places_stay():
    assert read("pay 1234 now").figureless == "pay 0000 now"


@given(st.text(max_size=300))
def test_every_letter_read_stood_somewhere_in_the_line_in_order(line):
    reading = read(line)

    assert len(reading.offsets) == len(reading.text)
    assert list(reading.offsets) == sorted(reading.offsets)
    assert all(0 <= place < len(line) for place in reading.offsets)


_LOOKALIKE = {"a": "а", "e": "е", "o": "о", "c": "с", "p": "р", "i": "і", "s": "ѕ"}


@given(
    st.lists(st.sampled_from("safe account please move pension".split()), min_size=1, max_size=6),
    st.randoms(use_true_random=False),
)
def test_a_disguise_of_any_letters_reads_as_the_plain_words(words, dice):
    plain = " ".join(words)

    hidden = "".join(
        dice.choice(("", "\u200b", "\u2060", "\u00ad"))
        + (dice.choice((one, _LOOKALIKE.get(one, one), one.upper())))
        for one in plain
    )

    assert read(hidden).text == plain


def test_given_a_line_of_a_million_letters_when_read_then_it_is_cut():
    assert len(read("ab " * 400_000).text) <= CHARS_MOST
