"""The tables of this package, read once."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def load_table(name: str = "policy") -> dict[str, Any]:
    """Return `authenticity/<name>.toml`."""
    text = resources.files("identity.authenticity").joinpath(f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)
