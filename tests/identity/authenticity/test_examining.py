"""Examining: an honest document is left alone, each tamper is noticed, whoever reads perfectly."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank.domain.findings import Weight
from identity.authenticity import compare_fields, examine
from identity.authenticity.consistency import sees
from identity.authenticity.zone_rules import age_years
from identity.claims import Claims
from identity.decision import Outcome, RiskTier, decide
from identity.document import codes as issuers
from identity.document.mrz import compose, parse_lines
from identity.document.reading import DocumentType, MrzFormat
from identity.specimens import CONTRADICTIONS, KINDS, TODAY, Tamper, make_specimen
from tests.identity.authenticity.readings import COLOURED, a_reading, codes, day, reading_of

SEEDS = st.integers(0, 100_000)
NOTICED = {
    Tamper.CHECK_DIGIT: "check_digit_failed",
    Tamper.NAME: "zones_differ",
    Tamper.BIRTH_DATE: "zones_differ",
    Tamper.NUMBER: "zones_differ",
    Tamper.EXPIRY_DATE: "zones_differ",
    Tamper.OTHER_MRZ: "zones_differ",
    Tamper.EXPIRED: "document_expired",
    Tamper.UNDERAGE: "underage",
    Tamper.IMPOSSIBLE_DATE: "impossible_date",
    Tamper.UNKNOWN_ISSUER: "issuer_unknown",
    Tamper.UTOPIA: "specimen_issuer",
}


@settings(max_examples=10, deadline=None)
@given(SEEDS, st.sampled_from(list(KINDS)))
def test_an_honest_document_is_approved(seed, kind):
    specimen = make_specimen(seed, kind=kind, photographed=False)

    found = examine(reading_of(specimen), front=COLOURED, claims=specimen.claims, today=TODAY)

    assert decide(found, risk=RiskTier.CDD).outcome is Outcome.APPROVED, found


@settings(max_examples=15, deadline=None)
@given(SEEDS, st.sampled_from(list(KINDS)), st.sampled_from(CONTRADICTIONS))
def test_no_contradiction_is_ever_approved(seed, kind, tamper):
    specimen = make_specimen(seed, kind=kind, tamper=tamper, photographed=False)

    found = examine(reading_of(specimen), front=COLOURED, claims=specimen.claims, today=TODAY)

    assert decide(found, risk=RiskTier.CDD).outcome is not Outcome.APPROVED


@pytest.mark.parametrize(("tamper", "code"), NOTICED.items())
def test_given_a_tamper_when_examined_then_its_own_code_says_so(tamper, code):
    assert code in codes(reading_of(make_specimen(4, tamper=tamper, photographed=False)))


def test_given_a_field_nobody_could_read_then_it_accuses_nobody_and_approves_nobody():
    reading = a_reading(visual={}, words=())

    found = examine(reading, front=COLOURED, claims=Claims(), today=TODAY)

    assert {one.code for one in found} == {"visual_zone_unread"}
    assert decide(found, risk=RiskTier.CDD).outcome is Outcome.NEEDS_RETRY


def test_given_a_failing_check_digit_read_unsurely_then_another_picture_is_asked():
    mrz = reading_of(make_specimen(2, tamper=Tamper.CHECK_DIGIT, photographed=False)).mrz

    found = examine(
        a_reading(mrz=replace(mrz, confidence=0.2)), front=COLOURED, claims=Claims(), today=TODAY
    )

    assert {one.weight for one in found if one.code == "check_digit_failed"} == {Weight.RETRY}


@pytest.mark.parametrize(
    ("column", "read", "taken", "noticed"),
    [
        (9, "8", "6", True),
        (9, "O", "0", False),
        (3, "0", "O", True),
        (30, "O", "0", True),
        (14, "S", "5", False),
    ],
)
def test_given_a_repair_that_may_hide_a_wrong_digit_then_another_picture_is_asked(
    column, read, taken, noticed
):
    reading = a_reading()
    mrz = replace(reading.mrz, repaired=((1, column, read, taken),))

    assert ("mrz_repair_doubtful" in codes(replace(reading, mrz=mrz))) is noticed


def test_given_most_check_digits_fail_then_it_was_misread_and_nobody_is_accused():
    reading = a_reading()
    mrz = replace(reading.mrz, checks=dict.fromkeys(reading.mrz.checks, False))

    assert codes(replace(reading, mrz=mrz), claims=Claims("Some", "Body")) == {"mrz_unreliable"}


@pytest.mark.parametrize("word", ["SPECIMEN", "Muster", "WZÓR", "Utopia"])
def test_given_a_word_of_samples_then_refusal_is_proposed(word):
    reading = a_reading()

    assert "specimen_word" in codes(replace(reading, words=(*reading.words, f"~ {word} ~")))
    assert "specimen_word" not in codes(replace(reading, words=(*reading.words, "MUSTERHAUSEN")))


def test_given_a_holder_whose_name_is_such_a_word_then_a_person_looks():
    reading = a_reading()
    mrz = replace(reading.mrz, fields={**reading.mrz.fields, "surname": "MUSTER"})

    found = codes(replace(reading, mrz=mrz, fields=mrz.fields, words=("MUSTER",)))

    assert "specimen_name" in found
    assert "specimen_word" not in found


def test_given_the_icao_example_then_its_number_is_known():
    reading = a_reading()
    fields = {**reading.fields, "issuer": "UTO", "number": "L898902C3"}

    assert "known_forgery" in codes(replace(reading, fields=fields))


@pytest.mark.parametrize(
    ("issued", "code"),
    [
        ("2030-01-01", "impossible_date"),
        ("1900-01-01", "impossible_date"),
        ("1999-01-01", "validity_too_long"),
    ],
)
def test_given_an_issue_date_that_cannot_be_then_it_is_noticed(issued, code):
    reading = a_reading()

    assert code in codes(replace(reading, visual={**reading.visual, "issue_date": issued}))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"surname": "Somebody"}, "name_not_as_told"),
        ({"birth_date": day("1990-01-02")}, "birth_date_not_as_told"),
    ],
)
def test_given_other_claims_then_the_difference_is_noticed(changes, code):
    specimen = make_specimen(1, photographed=False)

    assert code in codes(reading_of(specimen), claims=replace(specimen.claims, **changes))
    assert code not in codes(reading_of(specimen), claims=specimen.claims)


@pytest.mark.parametrize(
    ("given", "surname", "printed"),
    [
        ("Jürgen", "Müllstein", ("JUERGEN KARL", "MUELLSTEIN")),
        ("Jurgen", "Mullstein", ("JUERGEN", "MUELLSTEIN")),
        ("Søren", "O’Brannan", ("SOEREN", "OBRANNAN")),
        ("Søren", "O'Brannan", ("SOREN", "O BRANNAN")),
        ("Ada Maria", "Abara-Adler", ("ADA MARIA", "ABARA ADLER")),
        ("Ada", "Abara", ("ADA MARIA", "ABARA ADLER")),
        ("Abara", "Ada", ("ADA", "ABARA")),
    ],
)
def test_given_one_name_in_two_spellings_then_it_is_the_same(given, surname, printed):
    reading = a_reading()
    fields = {**reading.fields, "given_names": printed[0], "surname": printed[1]}

    assert "name_not_as_told" not in codes(
        replace(reading, fields=fields), claims=Claims(given, surname)
    )


def test_given_names_that_the_zone_has_no_room_for_then_the_rest_is_not_missed():
    lines = compose(
        MrzFormat.TD1,
        {
            **a_reading().fields,
            "document_code": "I",
            "surname": "Maierhöf Ørstedal",
            "given_names": "Bastien Jürgen Zoë",
        },
    )
    mrz = parse_lines(lines, today=TODAY)
    visual = {
        **a_reading().visual,
        "surname": "MAIERHÖF ØRSTEDAL",
        "given_names": "BASTIEN JÜRGEN ZOË",
    }
    reading = a_reading(
        mrz=mrz, fields=mrz.fields, visual=visual, document_type=DocumentType.ID_CARD
    )

    assert codes(reading, claims=Claims("Bastien Jürgen Zoë", "Maierhöf Ørstedal")) == set()
    assert "name_not_as_told" in codes(reading, claims=Claims("Bastien Jürgen Zoë", "Abara"))


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("28/08/201928/08/2029", "2029-08-28"),
        ("03 0CT 1950", "1950-10-03"),
        ("12 N0V/NOV 88", "1988-11-12"),
        ("03052006 F", "2006-05-03"),
        ("05MAR202004MAR2030", "2030-03-04"),
        ("L03/08/2031", "2031-08-03"),
        ("518-09-2036", "2036-09-18"),
    ],
)
def test_given_a_date_read_untidily_then_it_is_still_seen(line, printed):
    assert sees([line], "birth_date", printed)
    assert not sees([line], "birth_date", "1977-07-07")


def test_given_the_zone_read_as_print_then_it_does_not_confirm_itself():
    reading = reading_of(make_specimen(1, tamper=Tamper.NUMBER, photographed=False))
    askew = reading.mrz.lines[1].replace("<", "").replace("M", "0")

    assert "zones_differ" in codes(replace(reading, words=(*reading.words, askew)))


@pytest.mark.parametrize(
    ("line", "seen"),
    [("No. AB 12 34567", True), ("AB1234567", True), ("XAB1234567", False), ("AB12345678", False)],
)
def test_given_a_number_then_it_is_seen_as_a_word_and_never_inside_one(line, seen):
    assert sees([line], "number", "AB1234567") is seen


def test_given_two_voices_when_compared_then_each_row_says_whether_they_agree():
    specimen = make_specimen(1, tamper=Tamper.NUMBER, photographed=False)

    rows = {row["field"]: row for row in compare_fields(reading_of(specimen), specimen.claims)}

    assert rows["number"]["agree"] is False
    assert rows["birth_date"]["agree"] is True
    assert rows["birth_date"]["claim"] == specimen.claims.birth_date.isoformat()
    assert rows["issue_date"]["agree"] is None


@given(st.dates(min_value=day("1900-01-01"), max_value=day("2026-01-01")), st.integers(0, 40_000))
def test_nobody_grows_younger(born, days):
    later = born + timedelta(days=days)

    assert 0 <= age_years(born, later) <= age_years(born, later + timedelta(days=1))


def test_every_code_is_known_in_both_lengths():
    assert issuers.find_alpha2("D") == "DE"
    assert all(
        issuers.is_issuer(issuers.find_alpha3(issuers.find_alpha2(one)))
        for one in issuers.ISO_CODES
    )
    assert not issuers.is_issuer("DEU")
    assert issuers.is_nationality("XXA")
    assert not issuers.is_issuer("XXA")
    assert {"D", "DEU", "XXA", "GBN", "UTO", "YUG"} <= issuers.ICAO_CODES
