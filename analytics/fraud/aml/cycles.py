"""A cycle: money comes back to where it left, almost whole at every step.

    a ─t1▶ b ─t2▶ c ─t3▶ a      within the window, at most `length_most` steps, each amount
                                within `band` of the next; in order: t1 ≤ t2 ≤ t3

Launderers who have money of their own need not wait for it to arrive, so a cycle may also be
closed out of order (`in_order=False`): more is found, and amounts must be closer to mean anything.

Searched backwards from the transfer that would close it, so that each cycle is found at the
moment it closes. The search is bounded: only amounts alike are followed, at most `branches_most`
of an account's latest, at most `steps_most` in all.
"""

from __future__ import annotations

from analytics.fraud.aml.transfers import DAY_S, Alert, Memory, Transfer, are_alike, units


class Cycle:
    """Strength: the number of accounts in the cycle."""

    pattern = "cycle"

    def __init__(
        self, *, length_least: int = 3, length_most: int = 8, window_days: int = 30,
        band: float = 0.05, in_order: bool = True, branches_most: int = 8, steps_most: int = 200,
    ) -> None:  # fmt: skip
        self._length_least = length_least
        self._length_most = length_most
        self._band = band
        self._in_order = in_order
        self._branches_most = branches_most
        self._steps_most = steps_most
        self._incoming = Memory(window_s=window_days * DAY_S)

    def see(self, transfer: Transfer) -> Alert | None:
        path = self._path_back(transfer)
        self._incoming.keep(transfer.target, transfer)
        if path is None:
            return None
        days = (transfer.at_s - min(one.at_s for one in path)) / DAY_S
        return Alert(
            self.pattern, tuple(one.source for one in reversed(path)), transfer.at_s,
            float(len(path)),
            f"About {units(transfer.amount_minor)} came back through {len(path)} accounts "
            f"within {days:.0f} days.",
        )  # fmt: skip

    def _path_back(self, closing: Transfer) -> list[Transfer] | None:
        """Return the cycle's transfers, newest first, or None."""
        if closing.source == closing.target:
            return None
        steps_left = self._steps_most
        waiting: list[list[Transfer]] = [[closing]]
        while waiting and steps_left > 0:
            path = waiting.pop()
            newest_first = self._before(path[-1], closing.at_s)
            for earlier in newest_first:
                steps_left -= 1
                if earlier.source == closing.target:
                    if len(path) + 1 >= self._length_least:
                        return [*path, earlier]
                    continue
                seen = any(earlier.source == one.source for one in path)
                if not seen and len(path) + 1 < self._length_most:
                    waiting.append([*path, earlier])
        return None

    def _before(self, transfer: Transfer, now_s: int) -> list[Transfer]:
        """Return transfers that may have fed this one, one of each source, newest first."""
        found: dict[str, Transfer] = {}
        for one in reversed(self._incoming.of(transfer.source, now_s)):
            if len(found) == self._branches_most:
                break
            if self._in_order and one.at_s > transfer.at_s:
                continue
            if are_alike(one.amount_minor, transfer.amount_minor, band=self._band):
                found.setdefault(one.source, one)
        return list(found.values())
