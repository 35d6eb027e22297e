"""Reading a policy's table: the TOML file beside its module, read once."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any


@cache
def load_table(name: str) -> dict[str, Any]:
    """Return `policies/<name>.toml`; its decimal numbers are Decimals, never floats."""
    text = resources.files("bank.policies").joinpath(f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text, parse_float=Decimal)
