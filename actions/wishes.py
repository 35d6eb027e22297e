"""What an intent is called on a button: responses `utter_wish_<intent>` of bot/domain.

An intent without such a response is never offered ("did you mean nlu_fallback?").
"""

from __future__ import annotations

from functools import lru_cache

import yaml

from actions.domain_parts import ROOT

PREFIX = "utter_wish_"


def find_title(intent: str) -> str | None:
    """Return the title of an intent, or None when it is not to be offered."""
    return _titles().get(intent)


@lru_cache(maxsize=1)
def _titles() -> dict[str, str]:
    titles: dict[str, str] = {}
    for path in sorted((ROOT / "bot" / "domain").glob("*.yml")):
        responses = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("responses") or {}
        for name, variants in responses.items():
            if name.startswith(PREFIX):
                titles[name.removeprefix(PREFIX)] = variants[0]["text"]
    return titles
