"""Training sentences in other languages: nlu_data/nlu/<language>, one file per skill.

    nlu_data/nlu/cards.yml      intent: freeze_card                            English, no metadata
    nlu_data/nlu/es/cards.yml   intent: freeze_card   metadata: language: es   the folder's language

That no sentence is held out or belongs to two intents is checked in test_repository.py, over all
languages at once.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from bank.yaml_text import read_yaml

ROOT = Path(__file__).parents[2]
SENTENCES = ROOT / "nlu_data" / "nlu"
LANGUAGES = sorted(path.name for path in SENTENCES.glob("[a-z][a-z]"))
#: With fewer sentences an intent is a guess.
EXAMPLES_LEAST = 20
#: Sentences of languages the assistant must tell apart, and of two at once.
LABELS_LEAST = {"en": 60, "es": 60, "mixed": 25}


def blocks(folder):
    for path in sorted(folder.glob("*.yml")):
        for block in read_yaml(path.read_text(encoding="utf-8"))["nlu"]:
            if "intent" in block:
                yield path.stem, block


def lines(block):
    return [line.removeprefix("- ").strip() for line in block["examples"].splitlines()]


def rows(name):
    with (ROOT / "tests" / "nlu" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_given_the_sentences_then_spanish_is_one_of_their_languages():
    assert "es" in LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_given_an_intent_then_every_language_has_it_in_the_same_file(language):
    ours = {block["intent"]: stem for stem, block in blocks(SENTENCES)}
    theirs = {block["intent"]: stem for stem, block in blocks(SENTENCES / language)}

    assert theirs == ours


@pytest.mark.parametrize("language", LANGUAGES)
def test_given_an_intent_then_every_language_has_enough_sentences_of_it(language):
    counted = {block["intent"]: len(lines(block)) for _, block in blocks(SENTENCES / language)}

    assert {intent: n for intent, n in counted.items() if n < EXAMPLES_LEAST} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_given_a_folder_of_a_language_then_every_block_carries_its_name(language):
    wrong = [
        (stem, block["intent"])
        for stem, block in blocks(SENTENCES / language)
        if block.get("metadata") != {"language": language}
    ]

    assert wrong == []


@pytest.mark.parametrize("folder", [SENTENCES / name for name in LANGUAGES], ids=LANGUAGES)
def test_given_a_language_then_no_sentence_stands_twice(folder):
    counted = Counter(line for _, block in blocks(folder) for line in lines(block))

    assert [line for line, times in counted.items() if times > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_given_the_held_out_sentences_then_every_wish_is_among_them(language):
    intents = {block["intent"] for _, block in blocks(SENTENCES / language)}
    held_out = rows(f"holdout_{language}.csv")

    assert {row["category"] for row in held_out} == intents
    assert len({row["text"] for row in held_out}) == len(held_out) >= 250


def test_given_the_table_of_languages_then_each_is_there_often_enough_to_measure():
    table = rows("languages.csv")

    counted = Counter(row["language"] for row in table)
    assert {name: n for name, n in LABELS_LEAST.items() if counted[name] < n} == {}
    assert len(counted) >= 15
    assert len({row["text"] for row in table}) == len(table) >= 240
