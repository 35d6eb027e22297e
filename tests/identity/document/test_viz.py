"""The visual zone: which line is which field, in many languages and layouts."""

from __future__ import annotations

from datetime import date

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.document.viz import fields_of, read_visual
from identity.document.viz_dates import find_dates, month_of
from identity.document.viz_labels import find_labels
from identity.document.viz_values import read_name, read_nationality, read_number, read_sex
from identity.document.words import Word, fold
from identity.specimens import make_specimen

TODAY = date(2026, 11, 1)


def words(*rows):
    """Words from (text, left, top[, height]); a letter is 0.6 heights wide."""
    return [
        Word(text, (left, top, left + len(text) * 0.6 * (height or [20])[0], top + (height or [20])[0]), 0.99)
        for text, left, top, *height in rows
    ]  # fmt: skip


def fields(*rows, issuer=""):
    return fields_of(words(*rows), today=TODAY, issuer=issuer)


def test_given_labels_above_values_in_two_languages_when_read_then_each_field_is_its_own():
    assert fields(
        ("PASSPORT", 10, 0), ("Passport No./Nr paszportu", 500, 0), ("ZS 0000177", 500, 26),
        ("Nazwisko/Surname/Nom", 200, 60), ("KOWALSKA", 200, 86),
        ("Imiona / Given names", 200, 120), ("ANNA MARIA", 200, 146),
        ("Obywatelstwo/Nationality", 200, 180), ("POLSKIE/POLISH", 200, 206),
        ("Data urodzenia/Date of birth", 200, 240), ("30 MAR/MAR 1972", 200, 266),
        ("Płeć/Sex", 200, 300), ("K/F", 200, 326),
        ("Miejsce urodzenia/Place of birth", 300, 300), ("SZCZECIN", 300, 326),
        ("Data wydania/Date of issue", 200, 360), ("13 LIP/JUL 2016", 200, 386),
        ("Data ważności/Date of expiry", 200, 420), ("13 LIP/JUL 2026", 200, 446),
    ) == {
        "surname": "KOWALSKA", "given_names": "ANNA MARIA", "number": "ZS0000177",
        "nationality": "POL", "birth_date": "1972-03-30", "sex": "F", "issue_date": "2016-07-13",
        "expiry_date": "2026-07-13",
    }  # fmt: skip


def test_given_labels_left_of_values_when_read_then_the_line_tells():
    read = fields(
        ("Apellidos:", 10, 0), ("GARCIA LOPEZ", 150, 0), ("Nombre:", 10, 40), ("MARTA", 150, 40),
        ("Sexo: F", 10, 80), ("Fecha de nacimiento:", 10, 120), ("01 02 1990", 300, 120),
        ("Válido hasta: 03-04-2031", 10, 160),
    )  # fmt: skip

    assert read == {
        "surname": "GARCIA LOPEZ", "given_names": "MARTA", "sex": "F", "birth_date": "1990-02-01",
        "expiry_date": "2031-04-03",
    }  # fmt: skip


def test_given_a_european_driving_licence_when_read_then_its_numbers_are_labels():
    read = fields(
        ("1. MUSTERMANN", 200, 0), ("2. ERIKA", 200, 30), ("3. 12.08.64 BERLIN", 200, 60),
        ("4a. 01.02.2020", 200, 90), ("4b. 31.01.2035", 400, 90), ("4c. STADT KOLN", 200, 120),
        ("5. B072RRE2I55", 200, 150),
    )  # fmt: skip

    assert read == {
        "surname": "MUSTERMANN", "given_names": "ERIKA", "birth_date": "1964-08-12",
        "issue_date": "2020-02-01", "expiry_date": "2035-01-31", "number": "B072RRE2I55",
    }  # fmt: skip


def test_given_an_american_document_when_read_then_the_month_is_first():
    rows = [("DOB 08/11/1977", 10, 0), ("EXP 02/03/2031", 10, 40)]

    assert fields(*rows, issuer="USA")["birth_date"] == "1977-08-11"
    assert fields(*rows)["birth_date"] == "1977-11-08"


def test_given_labels_of_two_columns_seen_as_one_line_when_read_then_both_are_labels():
    read = fields(
        ("Data wydania/Fecha de expedición Data ważności/Fecha de caducidad", 10, 0),
        ("16 SEP 2019", 10, 30), ("16 SEP 2029", 430, 30),
    )  # fmt: skip

    assert read == {"issue_date": "2019-09-16", "expiry_date": "2029-09-16"}


def test_given_a_label_of_what_is_not_read_when_read_then_its_value_is_nobody_elses():
    read = fields(
        ("Surname", 10, 0), ("Place of birth", 10, 60), ("LONDON", 10, 86),
        ("Authority", 10, 120), ("HMPO", 10, 146),
    )  # fmt: skip

    assert read == {}


def test_given_a_long_name_on_two_lines_when_read_then_both_belong_to_it():
    read = fields(("Given names", 10, 0, 12), ("ANNA MARIA", 10, 18), ("LUISE", 10, 42))

    assert read["given_names"] == "ANNA MARIA LUISE"


def test_given_three_dates_without_labels_when_read_then_their_order_tells():
    assert fields(("12.01.1985", 10, 0), ("03.04.2031", 10, 60), ("04.04.2021", 10, 30)) == {
        "birth_date": "1985-01-12", "issue_date": "2021-04-04", "expiry_date": "2031-04-03",
    }  # fmt: skip
    assert fields(("12.01.1985", 10, 0)) == {}


def test_given_a_guess_of_the_recogniser_when_read_then_it_is_left_out():
    sure, guessed = words(("Surname", 10, 0), ("KOWALSKA", 10, 26))

    assert fields_of([sure, Word(guessed.text, guessed.box, 0.5)], today=TODAY) == {}


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("Surname/ Nom", "surname"), ("1. Pavarde / Surname / Nom", "surname"),
        ("Nome/lmiona", "given_names"), ("Date of Birth/ Date de naissance", "birth_date"),
        ("Place of birth/Lieu de naissance", "never"), ("Gultig bis/Date d'expiration", "expiry_date"),
        ("Date of issuel Date de delivrance", "issue_date"), ("Geschlecht/Sexo", "sex"),
        ("Documento n./No du document", "number"), ("IDENTITY CARD ESP", "title"),
        ("Staatsangehorigkeit", "nationality"), ("Domiciliu/Adresse/Address", "address"),
    ],
)  # fmt: skip
def test_given_a_label_as_readers_see_it_when_looked_up_then_its_field(text, field):
    assert [label.field for label in find_labels(Word(text, (0, 0, 100, 20), 1.0))] == [field]


@pytest.mark.parametrize("text", ["KOWALSKA", "12.01.1985", "ZS0000177", "WARSZAWA", "M", "BERLIN"])
def test_given_a_value_when_looked_up_then_it_is_no_label(text):
    assert find_labels(Word(text, (0, 0, 100, 20), 1.0)) == []


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("12.01.1985", ["1985-01-12"]), ("12/01/85", ["1985-01-12"]), ("1985-01-12", ["1985-01-12"]),
        ("12 JAN/JAN 85", ["1985-01-12"]), ("12 AUGUST/AOUT 74", ["1974-08-12"]),
        ("13LIP/JUL2006", ["2006-07-13"]), ("05FEB1965", ["1965-02-05"]), ("JAN 12 1985", ["1985-01-12"]),
        ("0602 1971", ["1971-02-06"]), ("O1.0l.2O15", ["2015-01-01"]), ("20 Juin/Jun 1978", ["1978-06-20"]),
        ("17.10.03-09.05.2013", ["2003-10-17", "2013-05-09"]), ("31.02.1985", []), ("12.13.1985", ["1985-12-13"]),
        ("ZS0000177", []), ("", []),
    ],
)  # fmt: skip
def test_given_a_printed_date_when_found_then_the_day(text, days):
    assert [one.day.isoformat() for one in find_dates(text, today=TODAY)] == days


def test_given_a_month_that_means_two_when_asked_then_none():
    assert month_of("LIS") is None
    assert month_of("LIS/NOV") == 11


def test_given_two_figures_of_a_year_when_found_then_births_lie_behind_and_expiry_ahead():
    (born,) = find_dates("01.02.31", today=TODAY)
    (ends,) = find_dates("01.02.31", today=TODAY, ahead=True)

    assert (born.day.year, ends.day.year) == (1931, 2031)


def test_given_lines_when_read_as_values_then_only_what_can_be_one():
    assert read_name("O'BRANNAN-WEISS") == "O'BRANNAN-WEISS"
    assert read_name("REPUBLIC OF POLAND") == ""
    assert read_number("FTH1N1PPK") == "FTH1N1PPK"
    assert read_number("GRAU") == ""
    assert [read_sex(text) for text in ("M", "K/F", "×", "MADRID")] == ["M", "F", "X", ""]
    assert [read_nationality(text) for text in ("D", "Österreich", "BRITISH CITIZEN", "XQ")] == [
        "D", "AUT", "GBR", "",
    ]  # fmt: skip


@given(day=st.dates(date(1920, 1, 1), date(2026, 10, 31)), form=st.sampled_from(
    ["%d.%m.%Y", "%d/%m/%Y", "%d %m %Y", "%Y-%m-%d", "%d %b %Y", "%d%b%Y", "%d-%m-%Y"]))  # fmt: skip
def test_every_day_is_read_back_from_every_way_of_writing_it(day, form):
    assert [one.day for one in find_dates(day.strftime(form).upper(), today=TODAY)] == [day]


@given(
    st.lists(st.tuples(st.text(max_size=30), st.integers(0, 900), st.integers(0, 600)), max_size=8)
)
def test_whatever_words_stand_there_reading_them_never_fails(rows):
    read = fields(*rows)

    assert all(isinstance(value, str) and value for value in read.values())


@given(st.text(max_size=20))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(("seed", "kind"), [(0, "passport"), (2, "id_card_td2"), (3, "visa_a")])
def test_given_a_printed_page_when_read_then_its_fields(seed, kind):
    specimen = make_specimen(seed, kind=kind, photographed=False)
    page = cv2.resize(specimen.front, (1100, 1100 * specimen.front.shape[0] // specimen.front.shape[1]),
                      interpolation=cv2.INTER_AREA)  # fmt: skip

    read, lines = read_visual(page)

    for name in ("birth_date", "issue_date", "expiry_date", "number", "sex"):
        assert read[name] == specimen.visual[name], name
    assert fold(read["surname"]).replace(" ", "") == fold(specimen.visual["surname"]).replace(
        " ", ""
    )
    assert not any("<<" in line for line in lines)


def test_given_a_page_of_nothing_when_read_then_nothing():
    assert read_visual(np.full((300, 400, 3), 200, np.uint8)) == ({}, ())
    assert read_visual(np.zeros((2, 2, 3), np.uint8)) == ({}, ())
