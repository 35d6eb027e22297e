"""Blocks: how long, and how many an hour without a person. Table: blocks.toml. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bank.domain.blocks import BlockKind
from bank.domain.errors import InvalidInput
from bank.policies.tables import load_table


@dataclass(frozen=True, slots=True)
class BlockRule:
    """The bounds of one kind."""

    per_hour: int
    default_s: int
    automatic_s: int
    by_hand_s: int


def rule_of(kind: BlockKind) -> BlockRule:
    """Return the bounds of a kind."""
    return BlockRule(**load_table("blocks")[kind.value])


def lasting(kind: BlockKind, lasts_s: int | None, *, is_automatic: bool) -> timedelta:
    """Return how long a block lasts; what a program asks for is cut to its bound.

    >>> lasting(BlockKind.IP, 86_400, is_automatic=True)
    datetime.timedelta(seconds=3600)

    Raises InvalidInput: no time at all, or a person asks for more than a person may.
    """
    rule = rule_of(kind)
    asked_s = rule.default_s if lasts_s is None else lasts_s
    if asked_s < 1 or (asked_s > rule.by_hand_s and not is_automatic):
        raise InvalidInput(field="lasts_s", allowed=f"1 to {rule.by_hand_s}")
    return timedelta(seconds=min(asked_s, rule.automatic_s) if is_automatic else asked_s)


def slow_rate() -> str:
    """Return what an address under `rate_limit` may do, in the words of the `limits` library."""
    return str(load_table("blocks")["slow"]["rate"])
