"""All patterns over one stream, each account told once per pattern until it has been quiet.

Defaults are for a bank's own stream: days and weeks, amounts alike within a fifth. What they are
worth depends on the town, so a bank chooses its own on an earlier part of its stream, the way
`python -m benchmarks.aml` does on public graphs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from analytics.fraud.aml.cycles import Cycle
from analytics.fraud.aml.fans import Fan
from analytics.fraud.aml.flows import PassThrough, Structuring
from analytics.fraud.aml.transfers import DAY_S, Alert, Transfer

#: The same account and pattern again within this time is the same story.
_QUIET_S = 30 * DAY_S


class Watch(Protocol):
    """One pattern."""

    def see(self, transfer: Transfer) -> Alert | None:
        """Take in the next transfer in order of time; return what it completes."""


def watches() -> tuple[Watch, ...]:
    """Return every pattern with its default thresholds."""
    return (Fan(is_in=True), Fan(is_in=False), Cycle(), Structuring(), PassThrough())


def watch(
    transfers: Iterable[Transfer], patterns: Sequence[Watch] | None = None
) -> Iterator[Alert]:
    """Return alerts in order of time. transfers: in order of time."""
    patterns = watches() if patterns is None else patterns
    told: dict[tuple[str, str], int] = {}
    for transfer in transfers:
        for pattern in patterns:
            alert = pattern.see(transfer)
            if alert is None:
                continue
            key = (alert.pattern, alert.accounts[0])
            if transfer.at_s - told.get(key, -_QUIET_S) >= _QUIET_S:
                told[key] = transfer.at_s
                yield alert
