"""Word lists from nlu_data/vocabulary: value → the words customers use for it.

    vocabulary/categories.yml         groceries: [groceries, supermarket, …]
    vocabulary/es/categories.yml      groceries: [supermercado, comida, …]

A list of another language has the same keys in the folder of its language; none is needed.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import ruamel.yaml

from bot.components.lexicon import fold

FOLDER = Path(__file__).resolve().parents[2] / "nlu_data" / "vocabulary"
LANGUAGES = ("en", "es")


@cache
def load_vocabulary(name: str, language: str = "en") -> dict[str, list[str]]:
    """Return value → words (folded: lower case, no accents); {} where a language has no list.

    Raises FileNotFoundError where there is no English list.
    """
    path = FOLDER / f"{name}.yml" if language == "en" else FOLDER / language / f"{name}.yml"
    if language != "en" and not path.exists():
        return {}
    raw = ruamel.yaml.YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    return {str(value): [fold(str(word)) for word in words] for value, words in raw.items()}


def fingerprint() -> str:
    """Return a digest of all lists, so that Rasa retrains when one changes."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.rglob("*.yml")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
