"""Headlines are followed: new files are heard, broken ones cost nothing, a bad run warns."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.news.serving import FOLDER, FollowedNews
from bank.bootstrap import Bank, make_bank
from bank.domain.actors import SYSTEM
from bank.domain.instruments import InstrumentKind
from bank.storage.memory import MemoryStore
from tests.bank.advice.market import instrument

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
QUAY = replace(instrument("quay", InstrumentKind.SHARE, 5), name="Quillgate Foods", ticker="QGFOOD")


@pytest.fixture
def bank() -> Iterator[Bank]:
    made = make_bank(MemoryStore(), clock=lambda: NOW)
    made.investing.take_market(SYSTEM, instruments=[QUAY])
    yield made
    made.store.close()


def followed(bank: Bank, home: Path) -> FollowedNews:
    (home / FOLDER).mkdir(parents=True, exist_ok=True)
    return FollowedNews(bank, models_dir=home / "models", home_dir=home)


def write(home: Path, name: str, *texts: str, hours_ago: int = 2) -> None:
    lines = [
        json.dumps({"text": text, "source": f"Paper {count % 3}",
                    "published_at_utc": (NOW - timedelta(hours=hours_ago + count)).isoformat()})
        for count, text in enumerate(texts)
    ]  # fmt: skip
    path = home / FOLDER / name
    path.write_text("\n".join(lines), encoding="utf-8")
    os.utime(path, (1, len(texts) + hours_ago))


def test_given_nothing_read_then_there_is_no_mood(bank: Bank, tmp_path: Path) -> None:
    assert followed(bank, tmp_path).moods([QUAY.id], now_utc=NOW) == {}


def test_given_a_file_when_looked_then_its_headlines_are_moods_with_sources(
    bank: Bank, tmp_path: Path
) -> None:
    news = followed(bank, tmp_path)
    write(tmp_path, "a.jsonl", "Quillgate Foods profit rose", "The weather stays fine")
    assert news.look() == 1
    assert news.look() == 0
    mood = news.moods([QUAY.id], now_utc=NOW)[QUAY.id]
    assert (mood.count, mood.newest[0].title) == (1, "Quillgate Foods profit rose")
    assert mood.newest[0].source == "Paper 0"
    bank.investing.use(news)
    assert [one.instrument_id for one in bank.investing.moods([QUAY.id])] == [QUAY.id]


def test_given_a_broken_file_beside_a_good_one_then_the_good_one_is_heard(
    bank: Bank, tmp_path: Path
) -> None:
    news = followed(bank, tmp_path)
    (tmp_path / FOLDER / "a.jsonl").write_bytes(b"\x00\xff no headline")
    write(tmp_path, "b.jsonl", "Quillgate Foods profit rose")
    assert news.look() == 1


def test_given_a_file_that_grew_then_only_what_is_new_counts(bank: Bank, tmp_path: Path) -> None:
    news = followed(bank, tmp_path)
    write(tmp_path, "a.jsonl", "Quillgate Foods profit rose")
    news.look()
    write(tmp_path, "a.jsonl", "Quillgate Foods profit rose", "Quillgate Foods sales fell")
    assert news.look() == 1


def test_given_a_run_of_bad_headlines_of_several_papers_then_the_mood_has_turned(
    bank: Bank, tmp_path: Path
) -> None:
    news = followed(bank, tmp_path)
    write(
        tmp_path, "a.jsonl",
        *(f"Terrible losses and fraud: Quillgate Foods fails horribly, day {day}"
          for day in range(9)),
    )  # fmt: skip
    news.look()
    mood = news.moods([QUAY.id], now_utc=NOW)[QUAY.id]
    assert mood.has_turned
    bank.investing.use(news)
    assert [one.instrument_id for one in bank.investing.warnings([QUAY.id])] == [QUAY.id]
