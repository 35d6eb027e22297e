"""Segments handed on by webhook: in pages, whole, and only to the address of the settings."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from analytics.segments import features, handing, storing
from analytics.segments.learning import Segmentation, learn
from analytics.segments.words import names_of
from bank.bootstrap import open_bank
from bank.cli import app
from bank.domain.outbox import OutboxKind
from bank.settings import load_settings
from tests.analytics.segments.groups import NOON, customers

TO = "https://hooks.bank.example/segments"


@pytest.fixture(scope="module")
def found() -> Segmentation:
    return learn(customers()[0], as_of_utc=NOON, numbers=(3,))


def test_given_more_than_a_page_then_pages_together_are_everybody_once_and_tell_no_more(
    found: Segmentation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing, "PAGE_ROWS", 100)
    segments = found.assign(customers()[0])
    names = names_of(found.profiles)

    pages = [json.loads(one) for one in handing.pages_of(segments, found, names, as_of_utc="now")]

    assert [(one["page"], one["pages"]) for one in pages] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    told = {who: segment for one in pages for who, segment in one["customers"].items()}
    assert told == segments.to_dict()
    assert set(pages[0]) == {
        "event", "version", "as_of_utc", "page", "pages", "segments", "customers"
    }  # fmt: skip


def test_given_nobody_then_there_is_no_page(found: Segmentation) -> None:
    assert handing.pages_of(pd.Series(dtype="str"), found, {}, as_of_utc="now") == []


def test_given_an_address_when_handed_then_pages_wait_in_the_outbox_and_without_one_it_is_refused(
    found: Segmentation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLORIN_HOME_DIR", str(tmp_path))
    monkeypatch.setenv("FLORIN_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setattr(features, "segments_table", lambda store, at: customers()[0])
    storing.keep(found, load_settings().segments_dir)

    without = CliRunner().invoke(app, ["analytics", "segments", "--hand"])
    monkeypatch.setenv("FLORIN_SEGMENTS_WEBHOOK", TO)
    monkeypatch.setenv("FLORIN_WEBHOOK_SECRET", "s" * 32)
    handed = CliRunner().invoke(app, ["analytics", "segments", "--hand"])

    assert without.exit_code != 0
    assert handed.exit_code == 0, handed.output
    bank = open_bank(load_settings())
    waits = bank.store.read(lambda uow: uow.outbox.list())
    bank.store.close()
    assert [(one.kind, one.to, one.subject) for one in waits] == [
        (OutboxKind.WEBHOOK, TO, handing.EVENT)
    ]
    assert load_settings().webhooks_to_call == (TO,)
