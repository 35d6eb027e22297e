"""Word lists from nlu_data/vocabulary/*.yml: value → the words customers use for it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import ruamel.yaml

FOLDER = Path(__file__).resolve().parents[2] / "nlu_data" / "vocabulary"


@cache
def load_vocabulary(name: str) -> dict[str, list[str]]:
    """Return value → words (lower case). Raises FileNotFoundError."""
    raw = ruamel.yaml.YAML(typ="safe").load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return {str(value): [str(word).lower() for word in words] for value, words in raw.items()}


def fingerprint() -> str:
    """Return a digest of all lists, so that Rasa retrains when one changes."""
    import hashlib

    digest = hashlib.sha256()
    for path in sorted(FOLDER.glob("*.yml")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
