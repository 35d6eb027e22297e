"""The machine-readable zone: shapes, fields, check digits, and the way back."""

from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.document.mrz import (
    ALPHABET,
    LAYOUTS,
    check_digit,
    compose,
    parse_lines,
    transliterate,
)
from identity.document.reading import FIELDS, MrzFormat

TODAY = date(2026, 11, 20)

#: The examples printed in Doc 9303 itself.
TD3 = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)
TD1 = (
    "I<UTOD231458907<<<<<<<<<<<<<<<",
    "7408122F1204159UTO<<<<<<<<<<<6",
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
)
TD2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
MRVA = (
    "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L8988901C4XXX4009078F96121096ZE184226B<<<<<<",
)


def test_given_the_passport_of_the_standard_when_parsed_then_every_field_is_read():
    mrz = parse_lines(TD3, today=TODAY)

    assert mrz is not None
    assert mrz.format is MrzFormat.TD3
    assert mrz.is_valid
    assert set(mrz.checks) == {"number", "birth_date", "expiry_date", "optional", "composite"}
    assert dict(mrz.fields) == {
        "document_code": "P", "issuer": "UTO", "surname": "ERIKSSON", "given_names": "ANNA MARIA",
        "number": "L898902C3", "nationality": "UTO", "birth_date": "1974-08-12", "sex": "F",
        "expiry_date": "2012-04-15", "optional_1": "ZE184226B", "optional_2": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "expected"),
    [(TD1, MrzFormat.TD1), (TD2, MrzFormat.TD2), (TD3, MrzFormat.TD3), (MRVA, MrzFormat.MRVA)],
)
def test_given_an_example_of_the_standard_when_parsed_then_its_shape_names_the_format(
    lines, expected
):
    mrz = parse_lines(lines, today=TODAY)

    assert mrz is not None
    assert mrz.format is expected
    assert mrz.fields["surname"] == "ERIKSSON"


def test_given_a_number_of_more_than_nine_characters_when_parsed_then_it_is_joined():
    lines = compose(MrzFormat.TD1, _fields(number="D23145890734", optional_1="AB"))

    mrz = parse_lines(lines, today=TODAY)

    assert lines[0] == "I<UTOD23145890<7349<AB<<<<<<<<"
    assert mrz is not None
    assert mrz.is_valid
    assert (mrz.fields["number"], mrz.fields["optional_1"]) == ("D23145890734", "AB")


def test_given_a_wrong_check_digit_when_parsed_then_it_is_reported_and_nothing_is_changed():
    lines = (TD3[0], TD3[1].replace("7408122F", "7408123F"))

    mrz = parse_lines(lines, today=TODAY)

    assert mrz is not None
    assert mrz.lines == lines
    assert [name for name, holds in mrz.checks.items() if not holds] == ["birth_date", "composite"]
    assert not mrz.is_valid


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("",),
        TD3[:1],
        (*TD3, TD3[1]),
        (TD3[0], TD3[1][:-1]),
        (TD3[0], "é" + TD3[1][1:]),
        TD1[:2],
    ],
)
def test_given_lines_of_no_known_shape_when_parsed_then_there_is_no_zone(lines):
    assert parse_lines(lines, today=TODAY) is None


@pytest.mark.parametrize(
    ("yymmdd", "birth", "expiry"),
    [
        ("261120", "2026-11-20", "2026-11-20"),
        ("261121", "1926-11-21", "2026-11-21"),
        ("310501", "1931-05-01", "2031-05-01"),
        ("770101", "1977-01-01", "1977-01-01"),
        ("741301", "", ""),
    ],
)
def test_given_two_digits_of_a_year_when_parsed_then_nobody_is_born_tomorrow(yymmdd, birth, expiry):
    line = f"L898902C36UTO{yymmdd}0F{yymmdd}0<<<<<<<<<<<<<<00"

    mrz = parse_lines((TD3[0], line), today=TODAY)

    assert mrz is not None
    assert (mrz.fields["birth_date"], mrz.fields["expiry_date"]) == (birth, expiry)


def test_given_germany_and_no_sex_when_parsed_then_fillers_are_not_part_of_a_code():
    lines = compose(MrzFormat.TD1, _fields(issuer="D", nationality="D", sex="X"))

    mrz = parse_lines(lines, today=TODAY)

    assert mrz is not None
    assert (mrz.fields["issuer"], mrz.fields["nationality"], mrz.fields["sex"]) == ("D", "D", "X")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Müller-Ødegård", "MUELLER<OEDEGAARD"),
        ("O’Connor", "OCONNOR"),
        ("Łukasz  Żółć", "LUKASZ<ZOLC"),
        ("Straße", "STRASSE"),
        ("Ñandú", "NANDU"),
        ("", ""),
    ],
)
def test_given_a_name_of_any_script_when_transliterated_then_only_letters_and_fillers_stay(
    name, expected
):
    assert transliterate(name) == expected


@pytest.mark.parametrize(
    "wrong", [{"number": "1234567890"}, {"issuer": "UTOP"}, {"number": "A/1"}, {"birth_date": "x"}]
)
def test_given_a_field_without_room_when_composed_then_it_is_refused(wrong):
    with pytest.raises(ValueError, match=r"."):
        compose(MrzFormat.TD3, _fields(**wrong))


def test_given_a_character_outside_the_alphabet_when_checked_then_it_is_refused():
    with pytest.raises(ValueError, match="not a character"):
        check_digit("é")


names = st.text(string.ascii_uppercase + " -", max_size=20)
dates = st.dates(date(1927, 1, 1), date(2026, 11, 20)).map(date.isoformat)
texts = st.text(string.ascii_uppercase + string.digits, max_size=7)


@given(
    mrz_format=st.sampled_from(MrzFormat),
    number=st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=9),
    surname=names.filter(lambda text: any(one.isalpha() for one in text)),
    given_names=names,
    birth_date=dates,
    expiry_date=dates,
    sex=st.sampled_from("MFX"),
    optional_1=texts,
)
def test_what_is_composed_is_read_back_and_every_check_digit_holds(mrz_format, **fields):
    code = "V" if mrz_format in {MrzFormat.MRVA, MrzFormat.MRVB} else "P"

    mrz = parse_lines(compose(mrz_format, _fields(document_code=code, **fields)), today=TODAY)

    assert mrz is not None
    assert mrz.format is mrz_format
    assert mrz.is_valid
    assert set(mrz.fields) == set(FIELDS)
    for name in ("number", "birth_date", "expiry_date", "sex", "optional_1"):
        expected = fields[name]
        if name == "expiry_date" and expected < "1977":
            expected = f"20{expected[2:]}"
        assert mrz.fields[name] == expected


@given(text=st.text(ALPHABET, min_size=1, max_size=44), data=st.data())
def test_no_single_digit_changes_without_changing_the_check_digit(text, data):
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(string.digits))
    changed = text[:at] + other + text[at + 1 :]
    values = "0123456789" + string.ascii_uppercase
    value = 0 if text[at] == "<" else values.index(text[at])
    same = (value - int(other)) % 10 == 0

    assert (check_digit(changed) == check_digit(text)) is same


@given(st.lists(st.text(max_size=50), max_size=4))
def test_no_text_makes_parsing_raise(lines):
    mrz = parse_lines(lines, today=TODAY)

    assert mrz is None or LAYOUTS[mrz.format].width == len(mrz.lines[0])


def _fields(**fields: str) -> dict[str, str]:
    return {
        "document_code": "I", "issuer": "UTO", "surname": "Eriksson", "given_names": "Anna Maria",
        "number": "D23145890", "nationality": "UTO", "birth_date": "1974-08-12", "sex": "F",
        "expiry_date": "2012-04-15", **fields,
    }  # fmt: skip
