"""The showroom: pictures of the version that serves, who moved, and nothing where none is."""

from __future__ import annotations

import pytest

from analytics.segments import showing
from analytics.segments.learning import learn
from analytics.segments.serving import LateShowroom, StoredSegments
from analytics.segments.storing import keep
from bank.domain.errors import NotFound
from bank.storage.memory import MemoryStore
from tests.analytics.segments.groups import NOON, customers


def test_given_no_version_when_shown_then_nothing(tmp_path):
    room = LateShowroom(MemoryStore(), tmp_path, clock=lambda: NOON).room()

    assert room.show() is None
    assert room.csv() is None


def test_given_a_version_when_shown_then_sizes_words_pictures_and_a_file(tmp_path, monkeypatch):
    table, _ = customers()
    monkeypatch.setattr(showing, "segments_table", lambda *_args, **_more: table)
    found = keep(learn(table, as_of_utc=NOON), tmp_path)
    room = LateShowroom(MemoryStore(), tmp_path, clock=lambda: NOON).room()

    shown = room.show()

    assert shown.version == found.version
    assert sum(one.count for one in shown.segments) == len(table)
    assert all(one.name and one.description for one in shown.segments)
    assert len(shown.pictures) == 3
    assert all(one.png.startswith(b"\x89PNG") and one.alt for one in shown.pictures)
    assert shown.stayed_share == 1.0
    assert len(room.csv().splitlines()) == len(table) + 1
    assert room.show() is shown  # drawn once an hour, not for every look


def test_given_a_version_that_is_gone_when_asked_for_codes_then_not_found(tmp_path):
    segments = StoredSegments(MemoryStore(), tmp_path, clock=lambda: NOON)

    with pytest.raises(NotFound):
        segments.codes(["cu_1"], version="20200101-000000")
