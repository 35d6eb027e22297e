"""Serving: the next answer uses what staff published; a source that fails silences nobody."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knowledge.article import Article
from knowledge.errors import NoLibrary
from knowledge.folders import load_articles, save_articles
from knowledge.making import bring_up_to_date, together
from knowledge.serving import LateLibrarian
from knowledge.vectors import Vectors
from tests.knowledge.builders import ALL, FEES, LOST, WordEncoder, a_question, an_article


class Published:
    """What staff published, as a bank would tell it."""

    def __init__(self, *articles: Article) -> None:
        self.revision, self.articles, self.asked = 1, list(articles), 0
        self.fault: Exception | None = None

    def __call__(self) -> tuple[int, list[Article]]:
        self.asked += 1
        if self.fault:
            raise self.fault
        return self.revision, self.articles

    def publish(self, article: Article) -> None:
        self.articles.append(article)
        self.revision += 1


def a_librarian(tmp_path: Path, source: Callable[[], Any], **changes: Any) -> LateLibrarian:
    shipped = tmp_path / "shipped"
    shipped.mkdir(exist_ok=True)
    return LateLibrarian(
        home_dir=tmp_path / "home", source=source, articles_folder=shipped,
        encoder_folder=tmp_path / "no-encoder", **changes,
    )  # fmt: skip


def titles(librarian: LateLibrarian, text: str) -> list[str]:
    return [span.citation.title for span in librarian.find(a_question(text))]


def until(met: Callable[[], bool]) -> bool:
    end_s = time.monotonic() + 20
    while not met() and time.monotonic() < end_s:
        time.sleep(0.01)
    return met()


def test_given_a_new_article_when_refreshed_then_the_next_answer_uses_it(tmp_path: Path):
    published = Published(LOST)
    librarian = a_librarian(tmp_path, published)
    assert titles(librarian, "cash abroad") == []

    published.publish(FEES)
    librarian.refresh()

    assert titles(librarian, "cash abroad")[0] == FEES.title


def test_given_a_new_article_when_nobody_refreshes_then_asking_brings_it_soon(tmp_path: Path):
    published = Published(LOST)
    librarian = a_librarian(tmp_path, published, poll_s=0)
    titles(librarian, "cash abroad")

    published.publish(FEES)

    assert until(lambda: titles(librarian, "cash abroad")[:1] == [FEES.title])


def test_given_no_new_revision_when_looked_then_the_library_stays_as_it_is(tmp_path: Path):
    published = Published(LOST)
    librarian = a_librarian(tmp_path, published)
    titles(librarian, "card")
    before = librarian._library

    librarian.refresh()

    assert published.asked == 2
    assert librarian._library is before


def test_given_a_source_that_fails_later_when_asked_then_the_old_articles_answer(tmp_path: Path):
    published = Published(LOST)
    librarian = a_librarian(tmp_path, published, poll_s=0)
    assert titles(librarian, "lost card") == [LOST.title]

    published.fault = OSError("the database is away")

    assert until(lambda: titles(librarian, "lost card") == [LOST.title] and published.asked > 2)


def test_given_many_first_questions_at_once_then_one_index_is_made(tmp_path: Path):
    published = Published(LOST)
    librarian = a_librarian(tmp_path, published)
    threads = [threading.Thread(target=titles, args=(librarian, "card")) for _ in range(8)]

    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert published.asked == 1


def test_given_a_shipped_id_when_staff_publish_it_then_theirs_alone_is_served():
    theirs = an_article(version=7, text="All new.")

    assert together([LOST, FEES], [theirs]) == [FEES, theirs]


def test_given_an_index_when_saved_then_it_is_read_back_the_same(tmp_path: Path):
    save_articles(tmp_path, ALL, passages_count=6)

    assert load_articles(tmp_path) == ALL


@pytest.mark.parametrize("harm", ["[]", "{", '[{"id": 1}]'])
def test_given_a_harmed_index_when_read_then_there_is_none(tmp_path: Path, harm: str):
    save_articles(tmp_path, ALL, passages_count=6)
    (tmp_path / "articles.json").write_text(harm, encoding="utf-8")

    with pytest.raises(NoLibrary):
        load_articles(tmp_path)


def test_given_another_form_of_index_when_read_then_there_is_none(tmp_path: Path):
    save_articles(tmp_path, ALL, passages_count=6)
    card = json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))
    (tmp_path / "card.json").write_text(json.dumps(card | {"form": 99}), encoding="utf-8")

    with pytest.raises(NoLibrary):
        load_articles(tmp_path)


def test_given_kept_vectors_when_read_back_then_nothing_is_encoded_again(tmp_path: Path):
    texts = ["A lost card.", "A new card."]
    kept = Vectors(WordEncoder())
    kept.learn(texts)
    kept.save(tmp_path / "vectors.npz")
    again = Vectors(WordEncoder())

    again.load(tmp_path / "vectors.npz")

    assert again.learn(texts) == 0
    assert np.array_equal(again.of(texts), kept.of(texts))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"\x80\x04N."])
def test_given_harmed_vectors_when_read_then_all_is_encoded_again(tmp_path: Path, content: bytes):
    (tmp_path / "vectors.npz").write_bytes(content)
    vectors = Vectors(WordEncoder())

    vectors.load(tmp_path / "vectors.npz")

    assert vectors.learn(["A lost card."]) == 1


def test_given_vectors_of_another_encoder_when_read_then_all_is_encoded_again(tmp_path: Path):
    other = WordEncoder()
    other.digest = "another"
    kept = Vectors(other)
    kept.learn(["A lost card."])
    kept.save(tmp_path / "vectors.npz")
    vectors = Vectors(WordEncoder())

    vectors.load(tmp_path / "vectors.npz")

    assert vectors.learn(["A lost card."]) == 1


def test_given_a_pickle_in_the_vectors_when_read_then_it_is_not_run(tmp_path: Path):
    np.savez(tmp_path / "vectors.npz", encoder=np.array("words"),
             keys=np.array([{"a": 1}], dtype=object), rows=np.zeros((1, 4)))  # fmt: skip
    vectors = Vectors(WordEncoder())

    vectors.load(tmp_path / "vectors.npz")

    assert vectors.learn(["A lost card."]) == 1


def test_given_a_home_when_brought_up_to_date_twice_then_nothing_has_changed(tmp_path: Path):
    places = {"articles_folder": tmp_path / "none", "encoder_folder": tmp_path / "none"}
    first = bring_up_to_date(tmp_path, [LOST, FEES], **places)
    again = bring_up_to_date(tmp_path, [LOST, FEES], **places)
    changed = bring_up_to_date(tmp_path, [LOST], **places)

    assert first.changed == (LOST.id, FEES.id)
    assert again.changed == ()
    assert changed.changed == (FEES.id,)
