"""Held-out lines are held out: neither they nor their near copies are learnt from."""

import csv

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

from analytics.suspicion.corpus import FOLDER, load, ordinary
from analytics.suspicion.kinds import NAMES
from analytics.suspicion.reading import read
from tests.analytics.suspicion.builders import HELD_OUT, ROOT

#: Two lines are near copies when they share so many of their groups of four letters (Jaccard).
NEAR = 0.6


def groups(texts):
    """Which groups of four letters stand in each text: shape (n_texts, n_groups)."""
    seen = [read(text).text for text in texts]
    cut = CountVectorizer(
        binary=True, dtype=np.int32,
        analyzer=lambda text: {text[at : at + 4] for at in range(max(1, len(text) - 3))},
    )  # fmt: skip
    return cut.fit_transform(seen)


def test_no_held_out_line_nor_a_near_copy_is_in_the_corpus_or_the_sentences():
    held = [one.text for one in load(HELD_OUT)]
    learnt = [one.text for one in (*load(), *ordinary(ROOT / "nlu_data/nlu"))]

    table = groups([*held, *learnt])
    sizes = table.sum(axis=1).A1
    shared = (table[: len(held)] @ table[len(held) :].T).tocoo()
    all_of_both = sizes[shared.row] + sizes[len(held) + shared.col] - shared.data
    near = shared.data >= NEAR * all_of_both

    assert [(held[a], learnt[b]) for a, b in zip(shared.row[near], shared.col[near], strict=True)] == []


def test_no_family_is_on_both_sides():
    """Near misses of both sides share their themes, never a line: there are only so many."""
    assert not {one.family for one in load()} & {one.family for one in load(HELD_OUT)}


def test_no_held_out_wish_of_the_assistant_is_in_the_corpus():
    corpus = {read(one.text).text for one in load()}
    held = set()
    for path in (ROOT / "tests" / "nlu").glob("holdout_*.csv"):
        with path.open(encoding="utf-8") as file:
            held |= {read(row["text"]).text for row in csv.DictReader(file)}

    assert len(held) > 500
    assert not {one for one in corpus & held if len(one.split()) > 4}


def test_the_corpus_is_as_large_and_varied_as_it_says():
    lines = load()

    assert len(lines) >= 3_000
    assert len({one.written for one in lines}) >= 2_000
    for name in NAMES:
        those = [one for one in lines if name in one.kinds]
        assert len({one.family for one in those}) >= 4, name
        assert {"en", "es"} <= {one.language for one in those}, name


def test_every_folder_of_the_corpus_is_named_by_its_language():
    for path in FOLDER.rglob("*.txt"):
        heads = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:2] == "@ "]
        assert {line.rpartition("|")[2].strip() for line in heads} == {path.parent.name}
