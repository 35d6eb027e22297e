"""Learning from labels: a challenger is trained, compared, and promoted only if it is better.

    lessons ─▶ train a challenger ─▶ both models read the hold-outs ─▶ judge ─┬ better: it serves
                  │ fails: nothing has changed                                └ else: refused
                  └ these lessons were judged before: the same word again, nothing is trained

The steps of `florin nlu learn` without the terminal: what trains and reads is an `Assistant`, so
that a test can stand in for Rasa. What it costs: one training, and each model loaded once.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from bank.cli import model
from bank.cli.lessons import Lessons, Table, as_training_data, learnt_in
from bank.cli.model_versions import ARCHIVE, LEARNT, Fate, ModelCard, ModelVersions
from bank.cli.places import BOT_PYTHON, ROOT
from bank.domain.challengers import Answer, Duel, Judgement, joined, judge, mcnemar_p
from bank.policies.readings import LearningRule
from bank.whole_files import sha256_of
from bank.whole_files import write_whole as write

OWN, SHIPPED = "own hold-out", "shipped hold-outs"


class Outcome(StrEnum):
    PROMOTED = "promoted"
    REFUSED = "refused"
    NOTHING_TO_LEARN = "nothing_to_learn"
    LEARNT_ALREADY = "learnt_already"
    ROLLED_BACK_BEFORE = "rolled_back_before"


@dataclass(frozen=True, slots=True)
class Learning:
    """What came of it. `judgement` and `duels` are empty where no models were compared."""

    outcome: Outcome
    lessons: Lessons
    judgement: Judgement | None = None
    duels: tuple[Duel, ...] = ()
    card: ModelCard | None = None


class Assistant(Protocol):
    """Trains and reads: Rasa in its own Python, or a stand-in."""

    def is_current(self) -> bool:
        """Return whether the model that serves was made from today's sources."""

    def train(self, folder: Path) -> None:
        """Make FOLDER/florin.tar.gz and .sources from FOLDER/learnt.yml. Raises RuntimeError."""

    def read(self, archive: Path, sentences: Sequence[str]) -> list[Answer]:
        """Return a model's answers, in order. Raises RuntimeError."""


@dataclass
class Learner:
    """One run of `florin nlu learn`."""

    versions: ModelVersions
    assistant: Assistant
    rule: LearningRule
    now_utc: datetime
    progress: Callable[[str], None] = field(default=lambda _: None)

    def learn(self, lessons: Lessons, tables: Sequence[Table], *, again: bool = False) -> Learning:
        """Train, compare, decide. The model that serves is replaced only at the very end.

        `again`: also when these lessons were judged before. Raises RuntimeError.
        """
        known = self._known(lessons)
        if not lessons.learnt:
            return Learning(Outcome.NOTHING_TO_LEARN, lessons)
        if known is not None and (known.outcome is Outcome.LEARNT_ALREADY or not again):
            return known
        if len(lessons.held_out) < self.rule.own_min:
            return Learning(Outcome.REFUSED, lessons, Judgement.TOO_FEW_HELD_OUT)
        version, folder = self.versions.new_version(self.now_utc)
        try:
            write(folder / LEARNT, as_training_data(lessons.learnt))
            self.progress("training the challenger")
            self.assistant.train(folder)
            duels = self._duel(folder / ARCHIVE, lessons, tables)
        except BaseException:
            self.versions.discard(version)
            raise
        return self._decide(version, folder, lessons, duels)

    def _known(self, lessons: Lessons) -> Learning | None:
        """Return what is known about these very lessons; a refusal is about one champion."""
        if set(learnt_in(self.versions.learnt)) == set(lessons.learnt):
            return Learning(Outcome.LEARNT_ALREADY, lessons, card=self.versions.live_card())
        champion = sha256_of(self.versions.live)
        for card in reversed(self.versions.cards()):
            if card.lessons_digest != lessons.digest:
                continue
            if card.fate is Fate.ROLLED_BACK:
                return Learning(Outcome.ROLLED_BACK_BEFORE, lessons, card=card)
            if card.fate is Fate.REFUSED and card.champion_sha256 == champion:
                judgement = Judgement(card.figures["judgement"])
                return Learning(Outcome.REFUSED, lessons, judgement, card=card)
        return None

    def _duel(
        self, challenger: Path, lessons: Lessons, tables: Sequence[Table]
    ) -> tuple[Duel, ...]:
        own = Table(OWN, tuple((one.text, one.intent) for one in lessons.held_out))
        asked = [own, *tables]
        sentences = [text for table in asked for text, _ in table.rows]
        self.progress("the champion reads the hold-outs")
        champion = iter(self.assistant.read(self.versions.live, sentences))
        self.progress("the challenger reads the hold-outs")
        other = iter(self.assistant.read(challenger, sentences))
        return tuple(
            Duel(
                table.name,
                tuple(intent for _, intent in table.rows),
                tuple(next(champion) for _ in table.rows),
                tuple(next(other) for _ in table.rows),
            )
            for table in asked
        )

    def _decide(
        self, version: str, folder: Path, lessons: Lessons, duels: tuple[Duel, ...]
    ) -> Learning:
        judgement = judge(
            duels[0], joined(duels[1:], SHIPPED),
            own_min=self.rule.own_min, loss_max_permille=self.rule.loss_max_permille,
        )  # fmt: skip
        figures = {"judgement": str(judgement), "duels": [figures_of(duel) for duel in duels]}
        card = ModelCard(
            version, f"{self.now_utc:%Y-%m-%dT%H:%M:%SZ}", Fate.REFUSED, len(lessons.learnt),
            lessons.digest, sha256_of(folder / ARCHIVE), sha256_of(self.versions.live), figures,
        )  # fmt: skip
        if judgement is not Judgement.BETTER:
            self.versions.write_card(card)
            self.versions.drop_archive(version)
            return Learning(Outcome.REFUSED, lessons, judgement, duels, card)
        before = self.versions.keep_live(
            learnt_count=len(learnt_in(self.versions.learnt)),
            figures={"duels": figures["duels"]},
        )  # fmt: skip
        card = replace(card, fate=Fate.SERVED, before=before.version)
        self.versions.write_card(card)
        self.versions.serve(version)
        self.versions.prune(keep_count=self.rule.versions_max)
        return Learning(Outcome.PROMOTED, lessons, judgement, duels, card)


def roll_back(versions: ModelVersions, *, to: str | None = None) -> ModelCard | None:
    """Let the model before the one that serves serve again, or the one named.

    Returns its card, or None: there is none, or it is not here any more.
    """
    live = versions.live_card()
    wanted = to or (live.before if live else None)
    card = next((one for one in versions.cards() if one.version == wanted), None)
    if card is None or not versions.can_serve(card.version):
        return None
    versions.serve(card.version)
    if live is not None and live.version != card.version:
        versions.write_card(replace(live, fate=Fate.ROLLED_BACK))
    if card.fate is not Fate.SERVED:
        card = replace(card, fate=Fate.SERVED)
        versions.write_card(card)
    return card


def figures_of(duel: Duel) -> dict[str, Any]:
    """Return a table's figures: counts, shares in [0, 1], mean confidences, McNemar's p."""
    count = max(1, len(duel.intents))
    return {
        "table": duel.name,
        "sentences": len(duel.intents),
        "champion_accuracy": round(duel.champion_right / count, 4),
        "challenger_accuracy": round(duel.challenger_right / count, 4),
        "champion_confidence": _mean(duel.champion),
        "challenger_confidence": _mean(duel.challenger),
        "gained": duel.gained,
        "lost": duel.lost,
        "mcnemar_p": round(mcnemar_p(gained=duel.gained, lost=duel.lost), 4),
    }


def _mean(answers: Sequence[Answer]) -> float:
    return round(sum(one.confidence for one in answers) / max(1, len(answers)), 4)


class BotAssistant:
    """Rasa, run in the bot's own Python (bot/learn.py)."""

    def is_current(self) -> bool:
        return model.is_current()

    def train(self, folder: Path) -> None:
        self._run("train", folder)

    def read(self, archive: Path, sentences: Sequence[str]) -> list[Answer]:
        told = self._run("read", archive, json.dumps(list(sentences)))
        answers = json.loads(told[told.rindex("[[") :]) if sentences else []
        return [Answer(str(intent), float(share)) for intent, share in answers]

    def _run(self, act: str, path: Path, told: str = "") -> str:
        command = [str(BOT_PYTHON), "-W", "ignore", "-m", "bot.learn", act, str(path)]
        done = subprocess.run(
            command, cwd=ROOT, input=told, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError("\n".join(done.stderr.strip().splitlines()[-15:]))
        return done.stdout
