"""Questions for elsewhere: near to what the bank writes about, and answered by no article.

    "do you rent out safes" · "how far away is the moon" ─▶ the table of phrasings, as nobody's

A list that only knows what is ours takes its neighbours for ours too. The list is the dev questions
that none answers; `florin knowledge learn` writes it with the weights that were learnt beside it.
A bank that begins to sell what is named there strikes it from the list.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources

from knowledge.article import LANGUAGES
from knowledge.evaluating import Case
from knowledge.phrasings import Elsewhere

FILE = "elsewhere.json"


@lru_cache(maxsize=1)
def shipped_elsewhere() -> Elsewhere:
    """Return the repository's questions for elsewhere, by language."""
    read = json.loads((resources.files("knowledge") / FILE).read_text(encoding="utf-8"))
    return {language: tuple(read[language]) for language in LANGUAGES}


def elsewhere_of(off: Iterable[Case]) -> Elsewhere:
    """Return questions that no article answers, by language."""
    found: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for case in off:
        found[case.question.language].append(case.question.text)
    return found


def print_elsewhere(elsewhere: Elsewhere) -> str:
    """Return the file's text, a question a line."""
    return json.dumps(elsewhere, ensure_ascii=False, indent=1) + "\n"
