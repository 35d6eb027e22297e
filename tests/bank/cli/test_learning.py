"""`florin nlu learn`: what is learnt, who is promoted, what is kept. Rasa is played by a dictionary."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bank.cli.learning import Learner, Outcome, roll_back
from bank.cli.lessons import (
    Table,
    as_training_data,
    learnt_in,
    own_sentences,
    read_tables,
    sort_out,
    without_withdrawn,
)
from bank.cli.model_versions import ARCHIVE, LEARNT, MARK, Fate, ModelVersions
from bank.domain.challengers import Answer, Judgement, is_held_out
from bank.domain.readings import Example
from bank.policies.readings import LearningRule
from bank.yaml_text import read_yaml

NOON = datetime(2126, 3, 2, 12, tzinfo=UTC)  # later than any file of these tests
RULE = LearningRule(own_min=2, loss_max_permille=5, versions_max=3)
KNOWN = {"what is my balance": "check_balance", "my cards": "list_cards"}
SHIPPED = Table("holdout_a", tuple((f"shipped {n}", "check_balance") for n in range(10)))


def sentences(count: int, *, held_out: bool, about: str = "the money thing") -> list[Example]:
    """So many sentences of one side of the split."""
    made = (Example(f"{about} {number}", "check_balance", "en") for number in range(1_000))
    return [one for one in made if is_held_out(one.text) is held_out][:count]


@dataclass
class PlayedRasa:
    """A model is the number of sentences it learnt, and has as many of the own hold-out right."""

    own: int | None = None  # a challenger has so many right instead
    shipped: int = 10
    current: bool = True
    fails: bool = False
    trained: list[int] = field(default_factory=list)

    def is_current(self) -> bool:
        return self.current

    def train(self, folder: Path) -> None:
        if self.fails:
            raise RuntimeError("no memory")
        learnt = len(learnt_in(folder / LEARNT))
        self.trained.append(learnt)
        (folder / ARCHIVE).write_text(f"challenger {learnt}")
        (folder / MARK).write_text(f"mark {learnt}")

    def read(self, archive: Path, texts: Sequence[str]) -> list[Answer]:
        kind, _, learnt = archive.read_text().partition(" ")
        is_challenger = kind == "challenger"
        own = [text for text in texts if not text.startswith("shipped")]
        right_count = int(learnt) if self.own is None and is_challenger else self.own or 1
        right = set(own[: right_count if is_challenger else 1])
        right |= {f"shipped {n}" for n in range(self.shipped if is_challenger else 10)}
        return [Answer("check_balance" if text in right else "greet", 0.8) for text in texts]


@pytest.fixture
def versions(tmp_path: Path) -> ModelVersions:
    (tmp_path / ARCHIVE).write_text("shipped model")
    (tmp_path / MARK).write_text("shipped mark")
    return ModelVersions(tmp_path)


def some_lessons(count: int = 8, held_out: int = 3):
    examples = [*sentences(count, held_out=False), *sentences(held_out, held_out=True)]
    return sort_out(examples, known=KNOWN, tables=[SHIPPED])


def learn(versions, rasa, lessons=None, *, hours=0, **how):
    learner = Learner(versions, rasa, RULE, NOON + timedelta(hours=hours))
    return learner.learn(lessons or some_lessons(), [SHIPPED], **how)


def served(versions: ModelVersions) -> tuple[str, str, int]:
    mark = (versions.folder / MARK).read_text()
    return versions.live.read_text(), mark, len(learnt_in(versions.learnt))


def test_given_a_better_challenger_when_learnt_then_it_serves_with_its_sentences(versions):
    learning = learn(versions, PlayedRasa())

    assert (learning.outcome, learning.judgement) == (Outcome.PROMOTED, Judgement.BETTER)
    assert served(versions) == ("challenger 8", "mark 8", 8)
    [before, now] = versions.cards()
    assert versions.live_card() == now
    assert (now.before, now.fate, before.fate) == (before.version, Fate.SERVED, Fate.SERVED)
    assert now.figures["duels"][0]["challenger_accuracy"] == 1.0


@pytest.mark.parametrize(
    ("rasa", "judgement"),
    [
        (PlayedRasa(own=1), Judgement.NOT_BETTER),
        (PlayedRasa(shipped=9), Judgement.WORSE_ON_SHIPPED),
    ],
)
def test_given_a_challenger_that_is_not_better_when_learnt_then_nothing_that_serves_changes(
    versions, rasa, judgement
):
    learning = learn(versions, rasa)

    assert (learning.outcome, learning.judgement) == (Outcome.REFUSED, judgement)
    assert served(versions) == ("shipped model", "shipped mark", 0)
    [card] = versions.cards()
    assert card.fate is Fate.REFUSED
    assert not versions.can_serve(card.version)


def test_given_the_same_lessons_when_learnt_again_then_the_same_word_and_no_training(versions):
    promoted, refused = PlayedRasa(), PlayedRasa(own=1)
    first = learn(versions, refused)

    assert learn(versions, refused).judgement is first.judgement
    assert len(refused.trained) == 1
    learn(versions, promoted, again=True)
    assert learn(versions, promoted).outcome is Outcome.LEARNT_ALREADY
    assert learn(versions, promoted, again=True).outcome is Outcome.LEARNT_ALREADY
    assert len(promoted.trained) == 1


def test_given_another_champion_when_the_lessons_were_refused_then_they_are_judged_anew(versions):
    rasa = PlayedRasa(own=1)
    learn(versions, rasa)
    versions.live.write_text("a model of newer sources")

    learn(versions, rasa)

    assert len(rasa.trained) == 2


def test_given_a_training_that_fails_then_nothing_is_lost_and_nothing_left_behind(versions):
    with pytest.raises(RuntimeError, match="no memory"):
        learn(versions, PlayedRasa(fails=True))

    assert served(versions) == ("shipped model", "shipped mark", 0)
    assert list((versions.folder / "versions").iterdir()) == []


def test_given_too_few_held_out_when_learnt_then_refused_before_any_training(versions):
    rasa = PlayedRasa()

    learning = learn(versions, rasa, some_lessons(held_out=1))

    assert learning.judgement is Judgement.TOO_FEW_HELD_OUT
    assert rasa.trained == []


def test_given_no_labels_when_learnt_then_there_is_nothing_to_learn(versions):
    lessons = sort_out([], known=KNOWN, tables=[])

    assert learn(versions, PlayedRasa(), lessons).outcome is Outcome.NOTHING_TO_LEARN


def test_given_a_promotion_when_rolled_back_then_the_model_before_serves_whole(versions):
    learn(versions, PlayedRasa())

    card = roll_back(versions)

    assert card is not None
    assert served(versions) == ("shipped model", "shipped mark", 0)
    assert versions.live_card() == card
    assert not versions.learnt.exists()
    rasa = PlayedRasa()
    assert learn(versions, rasa).outcome is Outcome.ROLLED_BACK_BEFORE
    assert learn(versions, rasa, again=True).outcome is Outcome.PROMOTED


def test_given_a_rolled_back_version_when_named_then_it_serves_again(versions):
    promoted = learn(versions, PlayedRasa()).card
    assert promoted is not None
    roll_back(versions)

    card = roll_back(versions, to=promoted.version)

    assert served(versions)[0] == "challenger 8"
    assert card is not None
    assert card.fate is Fate.SERVED


def test_given_nothing_before_when_rolled_back_then_there_is_none(versions):
    assert roll_back(versions) is None
    assert served(versions)[0] == "shipped model"


def test_given_many_promotions_then_only_the_newest_models_are_kept_and_all_cards(versions):
    for count in range(2, 8):
        learn(versions, PlayedRasa(), some_lessons(count, 9), hours=count)

    cards = versions.cards()
    here = [card.version for card in cards if versions.can_serve(card.version)]
    assert len(cards) == 7
    assert here == [card.version for card in cards][-3:]
    assert versions.live_card() == cards[-1]


def test_given_a_crash_between_the_files_then_the_model_counts_as_stale(versions, monkeypatch):
    learn(versions, PlayedRasa(), some_lessons(6, 9))
    real = Path.replace

    def cut_off(self: Path, target: Path) -> Path:
        if Path(target).name == MARK:
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "replace", cut_off)
    with pytest.raises(KeyboardInterrupt):
        learn(versions, PlayedRasa(), some_lessons(7, 9), hours=1)

    # The new sentences are there and the mark does not fit them: `florin up` trains with them.
    assert len(learnt_in(versions.learnt)) == 7
    assert (versions.folder / MARK).read_text() == "mark 6"


# --- what is learnt ---


def test_given_examples_when_sorted_then_what_would_teach_or_judge_wrongly_is_left_out():
    table = Table("t", (("a shipped sentence", "check_balance"),))
    examples = [
        Example("The money thing 1", "check_balance", "en"),
        Example("A shipped sentence.", "check_balance", "en"),
        Example("What is my balance?", "check_balance", "en"),
        Example("my cards", "check_balance", "en"),
        Example("hello there", "rob_the_bank", "en"),
    ]

    lessons = sort_out(examples, known=KNOWN, tables=[table])

    assert [one.text for one in [*lessons.learnt, *lessons.held_out]] == ["The money thing 1"]
    assert lessons.left_out == {
        "in_a_holdout_table": 1, "known_already": 1, "known_otherwise": 1, "unknown_intent": 1,
    }  # fmt: skip
    assert lessons.contradictions == [("my cards", "check_balance", "list_cards")]


def test_given_sentences_when_written_for_rasa_then_they_come_back_with_their_language(tmp_path):
    examples = [
        Example("- a dash: and a colon", "check_balance", "en"),
        Example("¿cuánta plata me queda?", "check_balance", "es"),
        Example("# no comment", "list_cards", "en"),
    ]
    path = tmp_path / LEARNT
    path.write_text(as_training_data(examples), encoding="utf-8")

    blocks = read_yaml(path.read_text(encoding="utf-8"))["nlu"]

    assert {(b["intent"], (b.get("metadata") or {}).get("language")) for b in blocks} == {
        ("check_balance", None), ("check_balance", "es"), ("list_cards", None),
    }  # fmt: skip
    assert sorted(learnt_in(path), key=str) == sorted(examples, key=str)


def test_given_withdrawn_sentences_then_they_leave_the_learnt_file(tmp_path):
    path = tmp_path / LEARNT
    stays, goes = sentences(2, held_out=False)
    path.write_text(as_training_data([stays, goes]), encoding="utf-8")

    assert without_withdrawn(path, [stays]) == 1
    assert learnt_in(path) == [stays]
    assert without_withdrawn(path, [stays]) == 0
    assert without_withdrawn(path, []) == 1
    assert read_yaml(path.read_text(encoding="utf-8"))["nlu"] == []


def test_given_marked_training_sentences_when_read_then_their_words_alone_are_known(tmp_path):
    (tmp_path / "es").mkdir()
    (tmp_path / "a.yml").write_text(
        "nlu:\n- intent: transfer_money\n  examples: |\n    - send [20](amount) to "
        '[Ana]{"entity": "payee_name"}\n'
    )
    (tmp_path / "es" / "a.yml").write_text("nlu:\n- intent: greet\n  examples: |\n    - Hola\n")

    assert own_sentences(tmp_path) == {"send 20 to ana": "transfer_money", "hola": "greet"}


@pytest.mark.parametrize("content", ["sentence,label\nx,y\n", "text,category\n", ""])
def test_given_a_table_that_cannot_judge_when_read_then_it_is_named(tmp_path, content):
    path = tmp_path / "mine.csv"
    path.write_text(content)

    with pytest.raises(ValueError, match=r"mine\.csv"):
        read_tables([path])


def test_given_a_card_when_written_then_it_is_json_people_can_read(versions):
    learn(versions, PlayedRasa())

    [path, *_] = (versions.folder / "versions").glob("*/card.json")

    assert json.loads(path.read_text())["learnt_count"] in (0, 8)
