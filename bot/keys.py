"""Keys of the bot: from the environment, else from <home>/keys/<name>, which the bank makes.

    turn_key    FLORIN_TURN_KEY    verifies signed turns
    master_key  FLORIN_MASTER_KEY  wraps the key of every conversation

The bot never makes a key: two processes that each invent one would not understand each other.
"""

from __future__ import annotations

import os
from pathlib import Path


class KeyMissing(RuntimeError):
    """Neither the variable nor the file is there."""


def home_dir() -> Path:
    """Return the folder of keys and databases (FLORIN_HOME_DIR, default ./var)."""
    return Path(os.environ.get("FLORIN_HOME_DIR", "var"))


def load_key(name: str) -> str:
    """Return the key's text. Raises KeyMissing with a sentence that says what to do."""
    variable = f"FLORIN_{name.upper()}"
    if os.environ.get(variable):
        return os.environ[variable].strip()
    path = home_dir() / "keys" / name
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError:
        text = ""
    if not text:
        raise KeyMissing(f"{variable} is not set and {path} is missing or empty: run `florin up`.")
    return text
