"""Barcodes of driving licences: what AAMVA's ten versions say, read from bytes and from pictures."""

from __future__ import annotations

from datetime import date

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.document.aamva import compose_aamva, parse_aamva, parse_date
from identity.document.barcodes import draw_barcode, read_barcode

FIELDS = {
    "surname": "MEIER-LEE", "given_names": "ANNA MARIA", "number": "D1234567",
    "birth_date": "1985-12-24", "expiry_date": "2030-01-02", "issue_date": "2022-03-04", "sex": "F",
    "street": "12 OAK ST", "city": "SACRAMENTO", "postcode": "958140000",
}  # fmt: skip

#: As a card of version 8 has it, with a header whose offsets are wrong and a second subfile.
CARD = (
    b"@\n\x1e\rANSI 636014080002DL00410278ZC03190008DLDCALIC CLASS C\nDCBNONE\nDCDNONE\n"
    b"DBA08312029\nDCSO'NEIL\nDDEN\nDACJOHN\nDDFN\nDADNONE\nDDGN\nDBD09012024\nDBB08311977\n"
    b"DBC1\nDAYBRO\nDAU069 in\nDAG2570 24TH STREET\nDAIANYTOWN\nDAJCA\nDAK958180000  \n"
    b"DAQI8882468\nDCF08/31/2013NNNAN/ANFD/18\nDCGUSA\nDDAF\nDDB04162010\r"
    b"ZCZCABRN\nZCBBRN\rZZZ\r"
)


def photographed(barcode, *, width=1200, turn=0, seed=1):
    """The barcode on a card, the card on a table, seen a little from the side."""
    rng = np.random.default_rng(seed)
    height = width * 3 // 4
    card_w, card_h = int(width * 0.8), int(width * 0.8 / 1.586)
    card = np.full((card_h, card_w), 235, np.uint8)
    bar_w = int(card_w * 0.88)
    bar_h = bar_w * barcode.shape[0] // barcode.shape[1]
    bar = cv2.resize(barcode, (bar_w, bar_h), interpolation=cv2.INTER_AREA)
    card[card_h // 9 : card_h // 9 + bar_h, card_w // 16 : card_w // 16 + bar_w] = bar
    corners = np.array([[0, 0], [card_w, 0], [card_w, card_h], [0, card_h]], np.float32)
    seen = corners + np.array([width * 0.1, height * 0.1]) + rng.normal(0, width * 0.012, (4, 2))
    view = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    table = np.full((height, width), 120, np.uint8)
    picture = cv2.warpPerspective(
        card, view, (width, height), dst=table, borderMode=cv2.BORDER_TRANSPARENT
    )
    picture = cv2.GaussianBlur(picture, (0, 0), width / 2000) * 0.8 + rng.normal(0, 5, table.shape)
    grey = np.rot90(picture.clip(0, 255).astype(np.uint8), turn)
    return np.ascontiguousarray(np.repeat(grey[..., None], 3, axis=2))


def test_given_a_card_of_version_8_when_parsed_then_the_fields_are():
    assert parse_aamva(CARD) == {
        "document_code": "DL", "issuer": "USA", "issuing_region": "CA", "version": "8",
        "surname": "O'NEIL", "given_names": "JOHN", "number": "I8882468",
        "birth_date": "1977-08-31", "expiry_date": "2029-08-31", "issue_date": "2024-09-01",
        "sex": "M", "region": "CA", "address": "2570 24TH STREET, ANYTOWN, CA 95818",
    }  # fmt: skip


@pytest.mark.parametrize("region", ["CA", "NY", "ON", "QC"])
@pytest.mark.parametrize("version", range(1, 11))
def test_given_any_version_and_country_when_composed_and_parsed_then_nothing_is_lost(
    version, region
):
    read = parse_aamva(compose_aamva(FIELDS, region=region, version=version))

    names = ("surname", "given_names", "number", "birth_date", "expiry_date", "issue_date", "sex")
    assert {name: read[name] for name in names} == {name: FIELDS[name] for name in names}
    assert read["issuer"] == ("USA" if region in {"CA", "NY"} else "CAN")
    assert (read["region"], read["issuing_region"], read["version"]) == (
        region,
        region,
        str(version),
    )


@pytest.mark.parametrize(
    ("names", "surname", "given_names"),
    [
        ("DAADOE,JANE,MARIE", "DOE", "JANE MARIE"),
        ("DAADOE@JANE@MARIE", "DOE", "JANE MARIE"),
        ("DABDOE\nDACJANE\nDADMARIE", "DOE", "JANE MARIE"),
        ("DCSDE LA CRUZ\nDCTJANE,MARIE", "DE LA CRUZ", "JANE MARIE"),
        ("DCSDOE\nDCTJANE MARIE", "DOE", "JANE MARIE"),
        ("DCSDOE\nDACJANE\nDADNONE", "DOE", "JANE"),
        ("DCSDOE\nDACunavl\nDADnone", "DOE", None),
    ],
)
def test_given_a_way_of_writing_names_when_parsed_then_surname_and_given_names(
    names, surname, given_names
):
    read = parse_aamva(f"@\n\x1e\rANSI 636001030001DL00310100DL{names}\nDAQ123\r")

    assert (read.get("surname"), read.get("given_names")) == (surname, given_names)


def test_given_a_name_that_is_not_split_when_parsed_then_it_is_not_guessed():
    read = parse_aamva("@\n\x1e\rANSI 636001010001DL00310100DLDAAJANE MARIE DOE\nDAQ123\r")

    assert read["full_name"] == "JANE MARIE DOE"
    assert "surname" not in read


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("12241985", "1985-12-24"), ("19851224", "1985-12-24"), ("12/24/1985", "1985-12-24"),
        ("02292024", "2024-02-29"), ("02292023", ""), ("13241985", ""), ("1224198", ""), ("", ""),
    ],
)  # fmt: skip
def test_given_a_date_when_parsed_then_iso_or_nothing(written, iso):
    assert parse_date(written) == iso


@pytest.mark.parametrize("data", [b"", b"hello", b"ANSI", b"@\n\x1e\rANSI 636014", b"\xff\xfe\x00"])
def test_given_another_barcode_when_parsed_then_none(data):
    assert parse_aamva(data) is None


@given(st.binary(max_size=120), st.integers(0, len(CARD)))
def test_parsing_never_raises(junk, at):
    for data in (junk, CARD[:at] + junk, CARD[:at] + junk + CARD[at + len(junk) :], CARD[at:]):
        read = parse_aamva(data)
        assert read is None or all(isinstance(value, str) and value for value in read.values())


@settings(max_examples=60)
@given(
    born=st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    american=st.booleans(),
)
def test_no_date_can_be_read_two_ways(born, american):
    assert parse_date(born.strftime("%m%d%Y" if american else "%Y%m%d")) == born.isoformat()


@pytest.mark.parametrize(("width", "turn"), [(900, 0), (1200, 1), (1600, 2), (2400, 3), (4000, 0)])
def test_given_a_photo_of_a_licence_when_read_then_its_fields(width, turn):
    content = compose_aamva(FIELDS, region="CA", version=9)

    read = read_barcode(photographed(draw_barcode(content), width=width, turn=turn))

    assert read is not None
    assert read["number"] == "D1234567"
    assert read["birth_date"] == "1985-12-24"


def test_given_another_pdf417_or_none_when_read_then_none():
    other = draw_barcode(b"a boarding pass")

    assert read_barcode(photographed(other)) is None
    assert read_barcode(np.full((300, 400, 3), 128, np.uint8)) is None
    assert read_barcode(np.zeros((1, 1, 3), np.uint8)) is None
