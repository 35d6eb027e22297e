"""A transfer, an alert, and the bounded memory all watches share.

    account ──▶ its latest transfers, oldest first, at most `kept_max`, none older than the window

So a watch costs at most `kept_max` steps a transfer, however busy an account is: O(transfers).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money from one account to another. at_s: Unix seconds, UTC."""

    source: str
    target: str
    amount_minor: int
    at_s: int


@dataclass(frozen=True, slots=True)
class Alert:
    """A pattern somebody should look at.

    accounts: those in it, the one it turns on first. strength: what the pattern's threshold is
    compared with (see each watch). sentence: for staff.
    """

    pattern: str
    accounts: tuple[str, ...]
    at_s: int
    strength: float
    sentence: str


class Memory:
    """The latest transfers by account."""

    def __init__(self, *, window_s: int, kept_max: int = 64) -> None:
        self.window_s = window_s
        self.kept_max = kept_max
        self._kept: dict[str, deque[Transfer]] = {}

    def of(self, account: str, now_s: int) -> deque[Transfer]:
        """Return the account's transfers within the window, oldest first."""
        kept = self._kept.get(account)
        if kept is None:
            return deque()
        while kept and kept[0].at_s < now_s - self.window_s:
            kept.popleft()
        return kept

    def keep(self, account: str, transfer: Transfer) -> None:
        kept = self._kept.get(account)
        if kept is None:
            kept = self._kept[account] = deque(maxlen=self.kept_max)
        kept.append(transfer)


def are_alike(one_minor: int, other_minor: int, *, band: float) -> bool:
    """Tell whether two amounts differ by at most `band` of the larger.

    >>> are_alike(95, 100, band=0.05), are_alike(94, 100, band=0.05)
    (True, False)
    """
    larger = max(one_minor, other_minor)
    return abs(one_minor - other_minor) <= band * larger


def units(amount_minor: int) -> str:
    """Return an amount for a sentence; transfers of a graph carry no currency."""
    return f"{amount_minor / 100:,.2f}"
