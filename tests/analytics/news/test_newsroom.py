"""The newsroom: headlines in, moods and warnings out; the model's files; learning."""

from __future__ import annotations

import json
from datetime import timedelta

import numpy as np
import pytest

from analytics.errors import BrokenModel, CannotLearn
from analytics.news.evaluating import cross_validated, figures_of, read_phrases
from analytics.news.learning import fit, invented
from analytics.news.linking import Linker
from analytics.news.newsroom import Newsroom
from analytics.news.reading import BrokenFeed
from analytics.news.sentiment import ARRAYS, NAME, SentimentModel, Tone, vader
from tests.analytics.news.builders import NOON, a_headline, a_model, an_instrument

QUILL = an_instrument("Quillgate Foods", "QLGFDS")
OTHER = an_instrument("Marrowmere Tools", "MRWTLS")
BAD = ("Quillgate Foods issues profit warning", "Quillgate Foods net loss widened",
       "Rating of Quillgate Foods downgraded", "Quillgate Foods costs rose 9 %",
       "Quillgate Foods sales fell 12 %", "Quillgate Foods suspends its dividend")  # fmt: skip


def a_newsroom(model: SentimentModel | None = None) -> Newsroom:
    return Newsroom(Linker([QUILL, OTHER]), model or a_model())


def test_given_bad_news_of_two_papers_then_the_mood_falls_and_one_warning_stands():
    room = a_newsroom()

    heard = room.hear(a_headline(one, source=f"P{place % 2}") for place, one in enumerate(BAD))
    moods = room.mood_of([QUILL.id, OTHER.id], now_utc=NOON)

    assert heard == len(BAD)
    assert moods[QUILL.id].score < -0.35
    assert moods[OTHER.id].score == 0
    assert [one.instrument_id for one in room.warnings(now_utc=NOON).raised] == [QUILL.id]
    assert room.warnings(now_utc=NOON).raised == ()


def test_given_months_without_news_then_the_warning_ends():
    room = a_newsroom()
    room.hear(a_headline(one, source=f"P{place % 2}") for place, one in enumerate(BAD))
    room.warnings(now_utc=NOON)

    assert room.warnings(now_utc=NOON + timedelta(days=80)).ended == (QUILL.id,)


def test_given_the_same_text_again_then_it_counts_once():
    room = a_newsroom()
    room.hear([a_headline(BAD[0])])

    assert room.hear([a_headline(BAD[0].upper(), source="Another")]) == 0
    assert room.mood_of([QUILL.id], now_utc=NOON)[QUILL.id].headlines_count == 1


def test_given_headlines_about_nobody_here_then_they_are_not_held():
    assert a_newsroom().hear([a_headline("Weather will be fine")]) == 0


def test_given_no_model_then_words_alone_serve_and_it_is_said(tmp_path, caplog):
    room = Newsroom.open([QUILL], model_folder=tmp_path, encoder_folder=tmp_path)

    (said,) = room.judge(["A great success"])

    assert said.tone is Tone.GOOD
    assert "VADER" in caplog.text


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("Quillgate Foods net loss narrowed to EUR 1.2 mn from EUR 4.5 mn", Tone.GOOD),
        ("Quillgate Foods costs fell 4 %", Tone.GOOD),
        ("Quillgate Foods profit down less than feared", Tone.GOOD),
        ("Quillgate Foods profit up, but less than hoped", Tone.BAD),
        ("Quillgate Foods names Ida Marlowe as chief executive", Tone.NEUTRAL),
    ],
)
def test_given_a_trap_then_it_is_read_as_an_owner_reads_it(text, tone):
    assert a_model().look([text])[0].tone is tone


def test_given_held_out_templates_then_the_model_is_far_better_than_words_alone():
    made = invented(count=400, seed=5, held_out=True)
    tones = np.array([one.sentiment for one in made])

    said = np.array([int(one.tone) for one in a_model().look([one.text for one in made])])
    by_words = np.array([int(vader(one.text).tone) for one in made])

    assert figures_of(tones, said).accuracy > figures_of(tones, by_words).accuracy + 0.2


def test_given_a_model_when_saved_and_loaded_then_it_says_the_same(tmp_path):
    a_model().save(tmp_path)

    again = SentimentModel.load(tmp_path)

    assert np.allclose(again.told(BAD), a_model().told(BAD), atol=1e-4)


@pytest.mark.parametrize("name", ["words.txt", ARRAYS])
def test_given_a_file_that_was_changed_then_the_model_is_refused(tmp_path, name):
    a_model().save(tmp_path)
    with (tmp_path / name).open("ab") as file:
        file.write(b"x")

    with pytest.raises(BrokenModel, match=name):
        SentimentModel.load(tmp_path)


@pytest.mark.parametrize("written", ["", "[]", '{"format": 99}', '{"format": 1, "counts": []}'])
def test_given_a_card_that_is_not_ours_then_the_model_is_refused(tmp_path, written):
    a_model().save(tmp_path)
    (tmp_path / NAME).write_text(written)

    with pytest.raises(BrokenModel):
        SentimentModel.load(tmp_path)


def test_given_weights_of_another_model_then_it_is_refused(tmp_path):
    a_model().save(tmp_path)
    other = fit(*few())
    other.save(tmp_path / "other")
    card = json.loads((tmp_path / NAME).read_text())
    (tmp_path / ARRAYS).write_bytes((tmp_path / "other" / ARRAYS).read_bytes())
    card["sha256"][ARRAYS] = json.loads((tmp_path / "other" / NAME).read_text())["sha256"][ARRAYS]
    (tmp_path / NAME).write_text(json.dumps(card))

    with pytest.raises(BrokenModel):
        SentimentModel.load(tmp_path)


def few() -> tuple[list[str], np.ndarray]:
    made = invented(count=120, seed=1)
    return [one.text for one in made], np.array([one.sentiment for one in made])


def test_given_one_tone_only_then_nothing_can_be_learnt():
    with pytest.raises(CannotLearn):
        fit(["Costs fell", "Sales rose"], np.array([1, 1]))


def test_given_labelled_phrases_then_every_contender_is_asked_of_each_once(tmp_path):
    texts, tones = few()
    words = {-1: "negative", 0: "neutral", 1: "positive"}
    lines = [f"{text}@{words[int(tone)]}" for text, tone in zip(texts, tones, strict=True)]
    path = tmp_path / "phrases.txt"
    path.write_text("\n".join([*lines, lines[0]]), encoding="latin-1")

    read, told = read_phrases(path)
    found = cross_validated(read, told, None, folds=3)

    assert read == texts
    assert {name: one[0].rows_count for name, one in found.items()} == {
        "VADER": 120, "TF-IDF + LR": 120, "Florin without encoder": 120,
    }  # fmt: skip


@pytest.mark.parametrize("raw", ["", "no tone here", "Costs fell@happy"])
def test_given_a_file_of_another_form_then_a_sentence_says_so(tmp_path, raw):
    path = tmp_path / "phrases.txt"
    path.write_text(raw)

    with pytest.raises(BrokenFeed):
        read_phrases(path)
