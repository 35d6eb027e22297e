"""Pictures: their owner gets them back, nobody else learns that they exist."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bank.domain.actors import VISITOR, a_customer
from bank.domain.errors import InvalidInput, NotAuthenticated, NotFound
from bank.domain.pictures import KEPT_COUNT
from bank.services.pictures import Pictures
from bank.storage.memory import MemoryStore

PNG = b"\x89PNG\r\n\x1a\n rest"
AMAL, MALLORY = a_customer("cu_amal"), a_customer("cu_mallory")


@pytest.fixture
def pictures() -> Pictures:
    return Pictures(MemoryStore(), clock=lambda: datetime(2026, 11, 20, tzinfo=UTC))


def test_given_a_stored_picture_when_its_owner_asks_then_it_comes_back(pictures: Pictures) -> None:
    picture_id = pictures.store(AMAL, PNG)

    assert pictures.get(AMAL, picture_id) == PNG


def test_given_somebody_elses_picture_when_asked_for_then_it_does_not_exist(
    pictures: Pictures,
) -> None:
    picture_id = pictures.store(AMAL, PNG)

    with pytest.raises(NotFound):
        pictures.get(MALLORY, picture_id)
    with pytest.raises(NotAuthenticated):
        pictures.get(VISITOR, picture_id)


def test_given_no_png_when_stored_then_it_is_refused(pictures: Pictures) -> None:
    with pytest.raises(InvalidInput):
        pictures.store(AMAL, b"<html>")


def test_given_too_many_pictures_when_one_more_is_stored_then_the_oldest_goes(
    pictures: Pictures,
) -> None:
    ids = [pictures.store(AMAL, PNG) for _ in range(KEPT_COUNT + 1)]

    remaining = pictures._store.read(lambda uow: {one.id for one in uow.pictures.list()})
    assert len(remaining) == KEPT_COUNT
    assert ids[-1] in remaining
