"""The domain as validating forms need it: which slots and forms there are.

Rasa would send its whole domain, every sentence in it, with every call (some 100 kB). It is told
not to (endpoints.yml: enable_selective_domain), and the same files are read here once.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent


def load_domain(root: Path = ROOT) -> dict[str, Any]:
    """Return {"slots": …, "forms": …, "intents": []} of domain.yml and bot/domain/*.yml."""
    domain: dict[str, Any] = {"slots": {}, "forms": {}, "intents": [], "responses": {}}
    for path in [root / "domain.yml", *sorted((root / "bot" / "domain").glob("*.yml"))]:
        part = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        domain["slots"].update(part.get("slots") or {})
        domain["forms"].update(part.get("forms") or {})
    return domain


@cache
def response_names(root: Path = ROOT) -> frozenset[str]:
    """Return the names of all responses: a sentence made for one code is found by it."""
    names: set[str] = set()
    for path in sorted((root / "bot" / "domain").glob("*.yml")):
        part = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        names |= set(part.get("responses") or {})
    return frozenset(names)
