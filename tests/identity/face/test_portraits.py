"""The portrait on a document."""

from __future__ import annotations

import numpy as np

from identity.document.reading import DocumentReading, DocumentType
from identity.face.matching import compare_pictures
from identity.face.portraits import find_portrait, portrait_of
from tests.identity.face.pictures import a_page, a_selfie, landscape


def a_reading(page):
    return DocumentReading(DocumentType.ID_CARD, mrz=None, fields={}, page=page)


def test_given_a_page_with_a_ghost_image_when_looked_for_then_the_portrait_is_the_largest():
    page, (left, top, right, bottom) = a_page()

    found = find_portrait(page)

    x, y = found.face.centre
    assert left < x < right
    assert top < y < bottom
    assert found.box[0] <= found.face.box[0]
    assert found.box[1] <= found.face.box[1]


def test_given_the_crop_when_compared_with_the_holders_selfie_then_they_match():
    page, _ = a_page()

    assert compare_pictures(a_selfie(), find_portrait(page).crop).comparison.same_person


def test_given_a_page_on_its_side_when_looked_for_then_the_crop_stands_upright():
    page, _ = a_page(ghost=False)

    crop = find_portrait(np.ascontiguousarray(np.rot90(page))).crop

    assert find_portrait(crop).face.turned == 0


def test_given_a_page_without_a_face_when_looked_for_then_there_is_none():
    assert find_portrait(landscape()) is None


def test_given_no_page_was_found_when_read_then_the_portrait_comes_from_the_picture_as_sent():
    page, _ = a_page()

    assert portrait_of(a_reading(None), page) is not None
    assert portrait_of(a_reading(landscape()), page) is not None
    assert portrait_of(a_reading(None), landscape()) is None
