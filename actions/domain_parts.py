"""The domain as actions need it: slots and forms for the forms, and some words of the responses.

Rasa would send its whole domain, every sentence in it, with every call (some 100 kB). It is told
not to (endpoints.yml: enable_selective_domain), and the same files are read here once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from bank.yaml_text import read_yaml

ROOT = Path(__file__).resolve().parent.parent
#: What bot/domain/*.yml is written in; every other language translates it.
SOURCE_LANGUAGE = "en"
_PARTS = Path("bot") / "domain"
_LANGUAGE_FOLDERS = "[a-z][a-z]"


def load_domain(root: Path = ROOT) -> dict[str, Any]:
    """Return {"slots": …, "forms": …, "intents": []} of domain.yml and bot/domain/*.yml."""
    domain: dict[str, Any] = {"slots": {}, "forms": {}, "intents": [], "responses": {}}
    for path in [root / "domain.yml", *sorted((root / _PARTS).glob("*.yml"))]:
        part = read_yaml(path.read_text(encoding="utf-8")) or {}
        domain["slots"].update(part.get("slots") or {})
        domain["forms"].update(part.get("forms") or {})
    return domain


@cache
def languages(root: Path = ROOT) -> frozenset[str]:
    """Return the languages with responses, the one they are written in among them."""
    folders = {path.name for path in (root / _PARTS).glob(_LANGUAGE_FOLDERS) if path.is_dir()}
    return frozenset({SOURCE_LANGUAGE, *folders})


@cache
def texts(language: str, root: Path = ROOT) -> Mapping[str, str]:
    """Return the first text of every response, in English where the language has none."""
    found: dict[str, str] = {}
    folder = root / _PARTS
    for paths in (folder.glob("*.yml"), (folder / language).glob("*.yml")):
        for path in sorted(paths):
            part = read_yaml(path.read_text(encoding="utf-8")) or {}
            for name, variations in (part.get("responses") or {}).items():
                found[name] = str(variations[0].get("text", ""))
    return found


@cache
def response_names(root: Path = ROOT) -> frozenset[str]:
    """Return the names of all responses: a sentence made for one code is found by it."""
    return frozenset(texts(SOURCE_LANGUAGE, root))
