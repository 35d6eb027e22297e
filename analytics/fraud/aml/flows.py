"""Structuring: a sum cut into several transfers alike. Pass-through: in, and soon out again.

a ═▶ b    a ═▶ b    a ═▶ b         structuring: alike, one pair, within days
a ──▶ x ──▶ b                      pass-through: what came in leaves almost whole, soon
"""

from __future__ import annotations

from analytics.fraud.aml.transfers import DAY_S, Alert, Memory, Transfer, are_alike, units


class Structuring:
    """Strength: how many transfers alike one account sent to another within the window."""

    pattern = "structuring"

    def __init__(
        self, *, transfers_least: int = 3, window_days: int = 3, band: float = 0.2,
        limit_minor: int | None = None,
    ) -> None:  # fmt: skip
        """limit_minor: a report limit; then only sums above it, cut into parts below, count."""
        self._transfers_least = transfers_least
        self._window_days = window_days
        self._band = band
        self._limit_minor = limit_minor
        self._memory = Memory(window_s=window_days * DAY_S)

    def see(self, transfer: Transfer) -> Alert | None:
        self._memory.keep(transfer.source, transfer)
        alike = [
            one.amount_minor
            for one in self._memory.of(transfer.source, transfer.at_s)
            if one.target == transfer.target
            and are_alike(one.amount_minor, transfer.amount_minor, band=self._band)
        ]
        if len(alike) < self._transfers_least:
            return None
        if self._limit_minor is not None and not max(alike) < self._limit_minor <= sum(alike):
            return None
        return Alert(
            self.pattern, (transfer.source, transfer.target), transfer.at_s, float(len(alike)),
            f"{units(sum(alike))} went to one account in {len(alike)} transfers alike "
            f"within {self._window_days} days.",
        )  # fmt: skip


class PassThrough:
    """Strength: the share of what came in that has left again, to others than it came from."""

    pattern = "pass_through"

    def __init__(
        self, *, share_least: float = 0.9, share_most: float = 1.05, window_days: int = 3,
        incoming_least: int = 1, amount_least_minor: int = 0,
    ) -> None:  # fmt: skip
        self._share_least = share_least
        self._share_most = share_most
        self._window_days = window_days
        self._incoming_least = incoming_least
        self._amount_least_minor = amount_least_minor
        self._incoming = Memory(window_s=window_days * DAY_S)
        self._outgoing = Memory(window_s=window_days * DAY_S)

    def see(self, transfer: Transfer) -> Alert | None:
        account = transfer.source
        self._incoming.keep(transfer.target, transfer)
        self._outgoing.keep(account, transfer)
        came = self._incoming.of(account, transfer.at_s)
        if len(came) < self._incoming_least:
            return None
        came_in = sum(one.amount_minor for one in came)
        first_s = came[0].at_s
        payers = {one.source for one in came}
        left = sum(
            one.amount_minor
            for one in self._outgoing.of(account, transfer.at_s)
            if one.at_s >= first_s and one.target not in payers
        )
        if came_in < max(1, self._amount_least_minor):
            return None
        share = left / came_in
        if not self._share_least <= share <= self._share_most:
            return None
        return Alert(
            self.pattern, (account, transfer.target, *sorted(payers)), transfer.at_s, share,
            f"{share:.0%} of {units(came_in)} left again within {self._window_days} days.",
        )  # fmt: skip
