"""Rate rules of everything that can be guessed: how many failures, in how long.

The numbers are in `attempts.toml`, each with its reason.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from bank.domain.attempts import RateRule


def rate_rule(name: str) -> RateRule:
    """Return the rule of a scope, such as `login_name`. KeyError is a bug in the caller."""
    return _rules()[name]


@cache
def _rules() -> dict[str, RateRule]:
    text = resources.files("bank.policies").joinpath("attempts.toml").read_text("utf-8")
    return {name: RateRule(**rule) for name, rule in tomllib.loads(text).items()}
