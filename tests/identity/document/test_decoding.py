"""From probabilities to a zone: alphabets, names, codes, and when a character may be mended."""

from __future__ import annotations

import numpy as np
import pytest

from identity.document.blocks import Block
from identity.document.decoding import best_name, decode
from identity.document.mrz import ALPHABET
from identity.document.reading import MrzFormat
from identity.document.rows import Row

TD3 = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)
NOBODY = np.zeros((2, 44, 37), np.float32)


def test_given_clear_cells_when_decoded_then_the_zone_is_what_stands_there():
    found = decode(a_block(TD3))

    assert found is not None
    assert found.mrz.lines == TD3
    assert found.mrz.is_valid
    assert found.mrz.repaired == ()
    assert found.shape == 1.0


def test_given_letters_where_digits_belong_when_decoded_then_the_position_decides():
    read = (TD3[0], TD3[1].replace("7408122", "74O8I22"))

    found = decode(a_block(read, doubts={(1, 15): "0", (1, 17): "1"}))

    assert found is not None
    assert found.mrz.lines == TD3


def test_given_fillers_read_as_k_behind_the_names_when_decoded_then_they_are_fillers():
    read = (TD3[0][:30] + "K" + TD3[0][31:40] + "KK" + TD3[0][42:], TD3[1])

    found = decode(a_block(read, doubts={(0, 30): "<", (0, 40): "<", (0, 41): "<"}))

    assert found is not None
    assert found.mrz.lines == TD3


def test_given_one_doubtful_cell_when_mending_makes_every_check_hold_then_it_is_mended():
    read = (TD3[0], TD3[1].replace("L898902C3", "LB98902C3"))

    found = decode(a_block(read, doubts={(1, 1): "8"}), votes=NOBODY)

    assert found is not None
    assert found.mrz.lines == TD3
    assert found.mrz.repaired == ((1, 1, "B", "8"),)


def test_given_no_other_reader_was_asked_when_a_check_fails_then_nothing_is_mended():
    read = (TD3[0], TD3[1].replace("L898902C3", "LB98902C3"))

    found = decode(a_block(read, doubts={(1, 1): "8"}))

    assert found is not None
    assert found.mrz.lines == read
    assert found.mrz.checks["number"] is False


def test_given_a_digit_printed_wrong_and_clear_when_decoded_then_it_stays_wrong():
    read = (TD3[0], TD3[1].replace("7408122", "7408123"))

    found = decode(a_block(read), votes=NOBODY)

    assert found is not None
    assert found.mrz.lines == read
    assert [name for name, holds in found.mrz.checks.items() if not holds] == [
        "birth_date", "composite",
    ]  # fmt: skip


def test_given_two_equally_good_ways_to_mend_when_decoded_then_neither_is_taken():
    # Both cells have weight 7: a change by the same amount in either makes the sum right.
    read = (TD3[0], TD3[1].replace("L898902C3", "L898906C3"))
    assert read != TD3
    doubts = {(1, 6): "2", (1, 3): "4"}

    found = decode(a_block(read, doubts=doubts), votes=NOBODY)

    assert found is not None
    assert found.mrz.repaired == ()


def test_given_everybody_reads_the_wrong_digit_when_decoded_then_a_doubt_is_no_licence():
    read = (TD3[0], TD3[1].replace("L898902C3", "LB98902C3"))
    votes = NOBODY.copy()
    votes[1, 1, ALPHABET.index("B")] = 2.4

    found = decode(a_block(read, doubts={(1, 1): "8"}), votes=votes)

    assert found is not None
    assert found.mrz.lines == read


@pytest.mark.parametrize(
    "name",
    [
        "ERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
        "KOWALSKA<KWIATKOWSKA<<JOANNA<<<<<<<<<<<",
        "MAUS<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
        "UNITED<KINGDOM<TWENTY<SIX<<JODIE<PIPPAX",
    ],
)
def test_given_a_name_when_decoded_then_its_clear_letters_are_kept(name):
    assert best_name(a_row(name, {}).log_p) == name


def test_given_a_shape_of_no_format_when_decoded_then_there_is_no_zone():
    assert decode(Block((a_row("A" * 30, {}), a_row("A" * 30, {})))) is None


def test_given_two_lines_of_a_visa_when_decoded_then_the_first_letter_names_the_format():
    lines = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "L8988901C4XXX4009078F9612109<<<<<<<<")

    found = decode(a_block(lines))

    assert found is not None
    assert found.mrz.format is MrzFormat.MRVB


def a_block(lines, *, doubts=None):
    """A block that reads as `lines`; at (line, column) of doubts the other letter is near."""
    return Block(
        tuple(
            a_row(line, {at: other for (row, at), other in (doubts or {}).items() if row == number})
            for number, line in enumerate(lines)
        )
    )


def a_row(line, doubts):
    log_p = np.full((len(line), len(ALPHABET)), -7.0, np.float32)
    for at, letter in enumerate(line):
        log_p[at, ALPHABET.index(letter)] = -0.05
        if at in doubts:
            log_p[at, ALPHABET.index(doubts[at])] = -1.5
    places = np.stack([np.arange(len(line)) * 10.0, np.zeros(len(line))], axis=1)
    return Row(places, 10.0, log_p, -0.05, -0.05)
