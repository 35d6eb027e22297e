"""The library among all skills: which of its questions does it get to answer in the chat?

    question ─▶ the trained assistant's reading ─▶ actions/answers_first.py ─▶ the library, or a skill
    wishes of tests/nlu/holdout_*.csv ─▶ the same ─▶ taken from a skill?

Each is a first message: no task is open, nothing was told before. "Alone" is the library without
any skill beside it, as `florin knowledge evaluate` measures it. A question that a skill takes may be
well answered there: what a card costs, the fees say as well.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from actions.answers_first import sure_least_asked, sure_least_of
from actions.readings import FALLBACK
from actions.wishes import find_action
from bank.cli.assistant import read_sentences
from bank.domain.answers import LibraryQuestion
from bank.settings import load_settings
from knowledge.answering import Library
from knowledge.evaluating import READERS, Case, read_cases
from knowledge.making import bring_up_to_date
from tests.actions.running import a_tracker

ROOT = Path(__file__).parents[1]
HELD_OUT = ROOT / "tests" / "knowledge" / "heldout"
#: The bot leaves these to the fallback where no question is open (bot/components/open_tasks.py).
VALUES = frozenset({"nlu_fallback", "inform", "correct", "tell_details", "gibberish"})
LIBRARY = "action_answer_question"


@dataclass(frozen=True, slots=True)
class Told:
    """What the library said: alone, and in the chat; None: nothing. Article ids."""

    alone: str | None
    in_chat: str | None


def tell(library: Library, question: LibraryQuestion, reading: dict[str, Any]) -> Told:
    """Return which article answers a first message, read so."""
    answer = library.answer(question)
    alone = answer.topic if answer else None
    looked = library.look(question)
    sure_least = _sure_least(question.text, reading)
    is_told = looked is not None and sure_least is not None and looked.sure >= sure_least
    return Told(alone, alone if is_told else None)


def _sure_least(text: str, reading: dict[str, Any]) -> float | None:
    intent = reading["intent"]
    tracker = a_tracker(intent=intent, text=text, entities=reading["entities"])
    tracker.latest_message["intent"]["confidence"] = reading["confidence"]
    tracker.events = [{"event": "user", "text": text}]
    action = FALLBACK if intent in VALUES else find_action(intent)
    if action == LIBRARY:
        return sure_least_asked(tracker)
    # What the rules answer by a response alone passes no action of ours.
    return sure_least_of(tracker, action) if action and action.startswith("action_") else None


def read_wishes() -> list[Case]:
    """Return the held-out sentences that no article is asked for."""
    on, found = datetime.now(UTC).date(), []
    for path in sorted((ROOT / "tests" / "nlu").glob("holdout_*.csv")):
        language = "es" if path.stem.endswith("_es") else "en"
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                question = LibraryQuestion(
                    text=row["text"], language=language, audiences=READERS["customer"], on=on,
                )  # fmt: skip
                if find_action(row["category"]) != LIBRARY:
                    found.append(Case(question, ()))
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, default=HELD_OUT / "questions.jsonl")
    parser.add_argument("--off", type=Path, default=HELD_OUT / "off_corpus.jsonl")
    args = parser.parse_args(arguments)
    on = datetime.now(UTC).date()
    settings = load_settings()
    library = Library(
        bring_up_to_date(settings.home_dir, encoder_folder=settings.models_dir / "encoder").index
    )
    cases = read_cases(args.questions, on=on)
    groups = {
        "questions": [one for one in cases if one.ids],
        "nobody's questions": read_cases(args.off, on=on),
        "wishes": read_wishes(),
    }
    texts = [" ".join(one.question.text.split()) for group in groups.values() for one in group]
    readings = dict(zip(texts, read_sentences(texts), strict=True))
    print("| First messages | | Alone: right | wrong | In the chat: right | wrong |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, group in groups.items():
        told = [
            (tell(library, one.question, readings[" ".join(one.question.text.split())]), one.ids)
            for one in group
        ]
        shares = [
            _share([said in ids for said, ids in pairs if said] , len(group), is_right=is_right)
            for pairs in (
                [(one.alone, ids) for one, ids in told], [(one.in_chat, ids) for one, ids in told],
            )
            for is_right in (True, False)
        ]  # fmt: skip
        print(f"| {name} | {len(group)} | " + " | ".join(shares) + " |")


def _share(right: Sequence[bool], count: int, *, is_right: bool) -> str:
    return f"{sum(one is is_right for one in right) / count:.3f}" if count else "–"


if __name__ == "__main__":
    main()
