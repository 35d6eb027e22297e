"""What makes the model stale: its sources, and the sentences it learnt from the bank's own chats."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import train


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "config.yml").write_text("recipe: default.v1\n")
    train.MODEL.write_text("a model")
    train.MARK.write_text(train.sources_digest())
    return tmp_path


def test_given_learnt_sentences_when_they_come_change_or_go_then_the_model_is_stale(checkout):
    assert not train.is_stale()

    train.LEARNT.write_text("nlu: []\n")
    assert train.is_stale()
    train.MARK.write_text(train.sources_digest())
    assert not train.is_stale()
    train.LEARNT.write_text("nlu:\n")
    assert train.is_stale()
    train.LEARNT.unlink()

    assert train.is_stale()


def test_given_a_challengers_sentences_then_its_mark_fits_once_they_lie_in_place(checkout):
    folder = checkout / "models" / "versions" / "v1"
    folder.mkdir(parents=True)
    (folder / "learnt.yml").write_text("nlu: []\n")
    mark = train.sources_digest(folder / "learnt.yml")

    (folder / "learnt.yml").rename(train.LEARNT)

    assert train.sources_digest() == mark
