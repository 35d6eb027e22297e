"""The corpus: lines the project wrote, in families; a family is one story told by one voice.

    @ safe_account, urgency | bank-fraud-team | en      kinds, family, language of what follows
    (he|she) says I have to move it (now|today)         (a|b) is one or the other
    @ - | safety-questions | en                         "-": nothing to notice, a near miss

A written line stands for a few lines: each choice is taken at least once, never every product of
them. Families, not lines, are what a model is tested on: lines of one family are alike.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics.errors import CannotLearn
from analytics.suspicion.kinds import KINDS
from analytics.suspicion.reading import read
from bank.yaml_text import read_yaml

FOLDER = Path(__file__).parent / "corpus"
#: A written line gives at most so many.
VARIANTS_MOST = 6
_CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")
#: Sentences of the assistant's that tell of what a kind is about; they are no ordinary lines.
_NOT_ORDINARY = re.compile(
    r"scam|fraud|hack|stol|steal|thie|died|dead|death|passed away|inherit|stupid|idiot|kill|"
    r"stranger|prompt|instructions|estaf|fraude|muri|fallec|hered|tont|robad|robar|ill\b|sick|"
    r"hospital|enferm|pin is|code is|password is|clave es|compromis|phish",
    re.IGNORECASE,
)
_OTHER_INTENTS = frozenset({"insult", "gibberish", "dispute_transaction", "explain_dispute"})


@dataclass(frozen=True, slots=True)
class Example:
    """A line, what is to be noticed in it, and the family it belongs to.

    written: the written line it is a variant of; variants stay on one side of a split.
    """

    text: str
    kinds: frozenset[str]
    family: str
    language: str
    written: str


def load(folder: Path = FOLDER) -> list[Example]:
    """Return all lines below a folder, variants written out, each text once. Raises CannotLearn."""
    found: dict[str, Example] = {}
    for path in sorted(folder.rglob("*.txt")):
        for example in _examples(path):
            found.setdefault(read(example.text).text, example)
    if not found:
        raise CannotLearn(f"There are no lines in {folder.name}.")
    return list(found.values())


def written_count(folder: Path = FOLDER) -> int:
    """Return how many lines were written by hand, variants not counted."""
    return sum(
        1
        for path in folder.rglob("*.txt")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip() and line[0] not in "#@"
    )


def _examples(path: Path) -> Iterator[Example]:
    kinds: frozenset[str] = frozenset()
    family = language = ""
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("# "):
            continue
        if line.startswith("@ "):
            told, family, language = (part.strip() for part in line[2:].split("|"))
            kinds = frozenset(one.strip() for one in told.split(",")) - {"-"}
            if strange := kinds - set(KINDS):
                raise CannotLearn(f"{path.name}:{number}: there is no kind {min(strange)!r}.")
            continue
        for text in variants(line):
            yield Example(text, kinds, f"{language}/{family}", language, f"{path.stem}:{number}")


def variants(line: str) -> list[str]:
    """Return the lines a written line stands for.

    >>> variants("(he|she) told me (now|at once|)")
    ['he told me now', 'she told me at once', 'he told me']
    """
    choices = [found.split("|") for found in _CHOICE.findall(line)]
    if not choices:
        return [line]
    longest = max(len(each) for each in choices)
    product = math.prod(len(each) for each in choices)
    texts = []
    for turn in range(min(product, max(longest, VARIANTS_MOST))):
        # Later rounds shift the choices against each other, so that pairs differ.
        picks = iter(
            each[(turn + place * (turn // longest)) % len(each)]
            for place, each in enumerate(choices)
        )
        text = _CHOICE.sub(lambda _, picks=picks: next(picks), line)  # type: ignore[misc]
        texts.append(" ".join(text.split()))
    return list(dict.fromkeys(texts))


def ordinary(folder: Path, *, languages: Sequence[str] = ("en", "es")) -> list[Example]:
    """Return the assistant's own training sentences: what customers ordinarily say.

    folder: nlu_data/nlu. Sentences that tell of what a kind is about are left out. The family is
    the intent. No folder: no lines.
    """
    found: dict[str, Example] = {}
    for path in sorted(folder.rglob("*.yml")):
        language = path.parent.name if path.parent != folder else "en"
        if language not in languages:
            continue
        for block in read_yaml(path.read_text(encoding="utf-8")).get("nlu", ()):
            intent = block.get("intent")
            if not intent or intent in _OTHER_INTENTS:
                continue
            for line in block["examples"].splitlines():
                text = re.sub(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})", r"\1", line.strip()[2:])
                if text and not _NOT_ORDINARY.search(text):
                    family = f"{language}/intent-{intent}"
                    found.setdefault(text, Example(text, frozenset(), family, language, text))
    return list(found.values())
