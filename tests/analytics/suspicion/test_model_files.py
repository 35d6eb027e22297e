"""The model as files: the same after loading, and refused where anything is not as saved."""

import json
import logging

import numpy as np
import pytest

from analytics.errors import BrokenModel, CannotLearn
from analytics.suspicion import Detector
from analytics.suspicion.corpus import load, variants
from analytics.suspicion.encoder import find_encoder
from analytics.suspicion.heads import ARRAYS, NAME, TERMS
from analytics.suspicion.learning import best_threshold
from analytics.suspicion.pieces import WordPieces
from tests.analytics.suspicion.builders import ROOT, heads_of_words, small_heads


def test_given_a_saved_model_when_loaded_then_it_says_the_same(tmp_path):
    small_heads().save(tmp_path / "suspicion")

    loaded = Detector.load(tmp_path / "suspicion")

    line = "they said pay within the hour and tell nobody"
    assert loaded.look(line, everything=True) == Detector(small_heads(), None).look(
        line, everything=True
    )


@pytest.mark.parametrize("name", [NAME, ARRAYS, TERMS])
def test_given_a_file_missing_or_changed_when_loaded_then_it_is_refused(tmp_path, name):
    heads_of_words(secrecy="whisper").save(tmp_path)
    raw = (tmp_path / name).read_bytes()

    (tmp_path / name).write_bytes(raw[:-1] + b"#")
    with pytest.raises(BrokenModel):
        Detector.load(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(BrokenModel):
        Detector.load(tmp_path)


@pytest.mark.parametrize(
    "change", [{"kinds": ["x"]}, {"format": 9}, {"alone": {}}, {"share_of_words": {}}, {"facts": 3}]
)
def test_given_a_card_that_is_not_ours_when_loaded_then_it_is_refused(tmp_path, change):
    heads_of_words(secrecy="whisper").save(tmp_path)
    card = json.loads((tmp_path / NAME).read_text())

    (tmp_path / NAME).write_text(json.dumps(card | change))

    with pytest.raises(BrokenModel):
        Detector.load(tmp_path)


def test_given_no_encoder_when_loaded_then_words_alone_serve_and_one_line_says_so(tmp_path, caplog):
    heads_of_words(secrecy="whisper").save(tmp_path / "suspicion")

    with caplog.at_level(logging.WARNING):
        first = Detector.load(tmp_path / "suspicion")
        Detector.load(tmp_path / "suspicion")

    assert not first.has_encoder
    assert first.look("whisper")
    assert sum("no sentence encoder" in one.message for one in caplog.records) == 1


def test_given_a_written_line_when_its_variants_are_made_then_each_choice_is_taken():
    found = variants("(he|she) told me (now|later|)")

    assert found[:3] == ["he told me now", "she told me later", "he told me"]
    assert len(found) == len(set(found)) <= 6


def test_given_a_kind_nobody_knows_in_a_corpus_when_loaded_then_its_place_is_named(tmp_path):
    (tmp_path / "a.txt").write_text("@ theft | x | en\nline\n")

    with pytest.raises(CannotLearn, match=r"a\.txt:1"):
        load(tmp_path)


def test_given_ordinary_lines_with_high_probability_when_a_threshold_is_sought_then_it_is_above():
    probabilities = np.array([0.9, 0.8, 0.7, 0.75, 0.1, 0.1])
    labels = np.array([1, 1, 1, 0, 0, 0])

    found = best_threshold(probabilities, labels, np.array([False, False, False, True, True, True]))

    assert found == 0.8


@pytest.mark.skipif(
    find_encoder(ROOT / "models" / "encoder") is None, reason="the encoder was not built"
)
def test_word_pieces_are_those_of_the_published_tokenizer():
    """Numbers written down from the tokenizers package for the same tokenizer.json."""
    pieces = WordPieces(ROOT / "models" / "encoder" / "tokenizer.json")

    for text, ids in json.loads((ROOT / "tests/analytics/suspicion/pieces.json").read_text()):
        assert pieces.ids(text) == ids
