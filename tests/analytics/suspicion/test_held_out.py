"""Held-out lines are held out: neither they nor their near copies are learnt from."""

import csv

from analytics.suspicion.corpus import FOLDER, load, ordinary
from analytics.suspicion.kinds import NAMES
from analytics.suspicion.reading import read
from tests.analytics.suspicion.builders import HELD_OUT, ROOT

#: Two lines are near copies when they share so many of their groups of four letters (Jaccard).
NEAR = 0.6


def groups(text):
    seen = read(text).text
    return frozenset(seen[place : place + 4] for place in range(max(1, len(seen) - 3)))


def nearness(one, other):
    return len(one & other) / len(one | other)


def test_no_held_out_line_nor_a_near_copy_is_in_the_corpus_or_the_sentences():
    learnt = [(groups(one.text), one.text) for one in (*load(), *ordinary(ROOT / "nlu_data/nlu"))]

    near = [
        (held.text, text)
        for held in load(HELD_OUT)
        for mine in [groups(held.text)]
        for theirs, text in learnt
        # A necessary condition first: it is a hundred times as quick.
        if NEAR * len(theirs) <= len(mine) <= len(theirs) / NEAR and nearness(mine, theirs) >= NEAR
    ]

    assert near == []


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
