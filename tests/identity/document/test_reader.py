"""A whole document: kind, fields, page and what reading noticed."""

from __future__ import annotations

import numpy as np
import pytest

from identity.document.mrz import parse_lines
from identity.document.reader import best_fields, read_document
from identity.document.reading import FIELDS, DocumentType
from tests.identity.document.test_zones import TD1, TD3, a_page, needs_font


@needs_font
def test_given_a_passport_when_read_then_kind_fields_and_page_are_there():
    reading = read_document(a_page(TD3))

    assert reading.document_type is DocumentType.PASSPORT
    assert reading.fields["surname"] == "ERIKSSON"
    assert set(FIELDS) <= set(reading.fields)
    assert reading.page is not None
    height, width = reading.page.shape[:2]
    assert 1.2 < width / height < 1.9


@needs_font
def test_given_a_card_with_its_zone_on_the_back_when_read_then_the_back_is_asked():
    front = np.full((300, 480, 3), 210, np.uint8)

    reading = read_document(front, a_page(TD1))

    assert reading.document_type is DocumentType.ID_CARD
    assert reading.mrz is not None
    assert reading.mrz.lines == TD1


@needs_font
def test_given_a_mirror_image_when_read_then_the_reading_says_so():
    reading = read_document(np.ascontiguousarray(a_page(TD3)[:, ::-1]))

    assert reading.fields["number"] == "L898902C3"
    assert "picture_mirrored" in [finding.code for finding in reading.findings]


@pytest.mark.parametrize("shape", [(1, 1, 3), (40, 400, 3), (500, 500)])
def test_given_an_odd_picture_when_read_then_it_is_of_no_kind_and_no_error(shape):
    reading = read_document(np.full(shape, 128, np.uint8))

    assert reading.document_type is DocumentType.OTHER
    assert reading.mrz is None
    assert "page_not_found" in [finding.code for finding in reading.findings]


def test_given_several_sources_when_fields_are_chosen_then_zone_barcode_visual_is_the_order():
    mrz = parse_lines(TD3)

    fields = best_fields(mrz, {"number": "B", "address": "1 ROAD"}, {"sex": "M", "optional_2": "V"})

    assert (fields["number"], fields["sex"]) == ("L898902C3", "F")
    assert (fields["address"], fields["optional_2"]) == ("1 ROAD", "V")
