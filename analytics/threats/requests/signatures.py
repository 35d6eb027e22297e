"""Signatures: patterns that name the attack, its technique and the part that shows it.

    signatures.toml   name → kind, technique, reason, pattern
    normalised target ──▶ Hit("sql_tautology", "sql_injection", "T1190", reason, span), …

Patterns are looked for in normalise()'s text, so they know one spelling only. None of them may take
more than linear time: repeats are bounded and not nested (a test feeds them what would hurt).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DEFAULT_FILE = Path(__file__).with_name("signatures.toml")
_EXCERPT_MOST = 60


@dataclass(frozen=True, slots=True)
class Signature:
    """One pattern. `in_agent`: looked for in the User-Agent, not in the target."""

    name: str
    kind: str
    technique: str
    reason: str
    pattern: re.Pattern[str]
    in_agent: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern found. span: where, in the normalised text; excerpt: at most 60 of it."""

    name: str
    kind: str
    technique: str
    reason: str
    span: tuple[int, int]
    excerpt: str


@cache
def load_signatures(file: Path = DEFAULT_FILE) -> tuple[Signature, ...]:
    """Read the signatures. Raises ValueError, KeyError, re.error: our own file is broken."""
    read = tomllib.loads(file.read_text(encoding="utf-8"))
    return tuple(
        Signature(
            name, one["kind"], one["technique"], one["reason"], re.compile(one["pattern"]),
            one.get("in_agent", False),
        )
        for name, one in read.items()
    )  # fmt: skip


def find_hits(text: str, agent: str = "") -> list[Hit]:
    """Return what a normalised target, and a User-Agent, hold; one hit per signature at most."""
    found = []
    for one in load_signatures():
        where = agent if one.in_agent else text
        match = one.pattern.search(where) if where else None
        if match is not None:
            excerpt = match[0][:_EXCERPT_MOST]
            found.append(Hit(one.name, one.kind, one.technique, one.reason, match.span(), excerpt))
    return found
