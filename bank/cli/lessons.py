"""What there is to learn: labelled sentences, without those that would teach or judge wrongly.

    examples ─▶ unknown intent · in nlu_data already · there under another intent · in a hold-out
             └▶ the rest ─┬ a fixed fifth ─▶ own hold-out
                          └ lessons        ─▶ learnt.yml

Files only; the assistant's own sentences are read as they stand in nlu_data.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bank.domain.challengers import is_held_out
from bank.domain.readings import Example, plain
from bank.whole_files import write_whole
from bank.yaml_text import read_yaml

SOURCE_LANGUAGE = "en"
_HEADER = "# Written by `florin nlu learn` from sentences staff have labelled; not to be edited.\n"
#: "[20 euros](amount)", "[Ana]{"entity": …}": the words without the mark.
_MARKED = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")


@dataclass(frozen=True, slots=True)
class Table:
    """A hold-out table: sentences and their intents, in order."""

    name: str
    rows: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Lessons:
    """Sorted examples. Left out: how many, by reason; `contradictions` to be looked at."""

    learnt: list[Example] = field(default_factory=list)
    held_out: list[Example] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    contradictions: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """Return what is learnt and judged by, as one number: the same lessons, the same digest."""
        lines = [
            f"{side}\0{one.text}\0{one.intent}\0{one.language}"
            for side, examples in (("learnt", self.learnt), ("held_out", self.held_out))
            for one in examples
        ]
        return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def read_tables(paths: Iterable[Path]) -> list[Table]:
    """Return hold-out tables. Raises ValueError: not the columns text and category, or no row."""
    tables = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if not {"text", "category"} <= set(reader.fieldnames or ()):
                raise ValueError(f"{path} needs the columns text and category.")
            rows = tuple((row["text"], row["category"]) for row in reader if row["text"].strip())
        if not rows:
            raise ValueError(f"{path} has no rows.")
        tables.append(Table(path.stem, rows))
    return tables


def own_sentences(folder: Path) -> dict[str, str]:
    """Return {plain words: intent} of the assistant's own sentences, nlu_data/nlu."""
    known: dict[str, str] = {}
    for path in sorted(folder.rglob("*.yml")):
        for one in _examples_of(path):
            known.setdefault(plain(one.text), one.intent)
    return known


def sort_out(
    examples: Sequence[Example], *, known: dict[str, str], tables: Sequence[Table]
) -> Lessons:
    """Return what of the examples is learnt, and what they are judged by."""
    lessons, counts = Lessons(), defaultdict[str, int](int)
    intents = set(known.values())
    judged = {plain(text) for table in tables for text, _ in table.rows}
    for one in examples:
        words = plain(one.text)
        if one.intent not in intents:
            counts["unknown_intent"] += 1
        elif words in judged:
            counts["in_a_holdout_table"] += 1
        elif known.get(words) == one.intent:
            counts["known_already"] += 1
        elif words in known:
            counts["known_otherwise"] += 1
            lessons.contradictions.append((one.text, one.intent, known[words]))
        else:
            (lessons.held_out if is_held_out(one.text) else lessons.learnt).append(one)
    lessons.left_out = dict(counts)
    return lessons


def as_training_data(examples: Sequence[Example]) -> str:
    """Return the sentences as Rasa reads them; another language than English says so."""
    blocks = defaultdict[tuple[str, str], list[str]](list)
    for one in examples:
        blocks[one.intent, one.language].append(one.text)
    lines = [_HEADER, 'version: "3.1"\n', "nlu:\n" if blocks else "nlu: []\n"]
    for (intent, language), texts in sorted(blocks.items()):
        lines.append(f"- intent: {intent}\n")
        if language != SOURCE_LANGUAGE:
            lines.append(f"  metadata: {{language: {language}}}\n")
        lines.append("  examples: |\n")
        lines += [f"    - {text}\n" for text in sorted(texts)]
    return "".join(lines)


def learnt_in(path: Path) -> list[Example]:
    """Return the sentences of a file of `as_training_data`; none when there is no file."""
    return list(_examples_of(path)) if path.exists() else []


def without_withdrawn(path: Path, examples: Sequence[Example]) -> int:
    """Take sentences out of a learnt file that the bank no longer has; return how many.

    A conversation was erased, or a label taken back. The model made from them is stale then.
    """
    still = {plain(one.text) for one in examples}
    held = learnt_in(path)
    kept = [one for one in held if plain(one.text) in still]
    if len(kept) < len(held):
        write_whole(path, as_training_data(kept))
    return len(held) - len(kept)


def _examples_of(path: Path) -> Iterator[Example]:
    document = read_yaml(path.read_text(encoding="utf-8")) or {}
    for block in document.get("nlu") or []:
        if "intent" not in block:
            continue
        language = (block.get("metadata") or {}).get("language", SOURCE_LANGUAGE)
        for line in str(block.get("examples") or "").splitlines():
            text = _MARKED.sub(r"\1", line.strip().removeprefix("-").strip())
            if text:
                yield Example(text, block["intent"], language)
