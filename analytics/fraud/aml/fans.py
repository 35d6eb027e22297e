"""Fan-in: many accounts pay one, all about the same. Fan-out: one pays many, all about the same.

    a ─╮
    b ─┼─▶ x      within the window, amounts within `band` of the newest
    c ─╯

A shop is paid by many too: its amounts differ. So what counts is how many distinct partners paid
alike, the share they have of all partners of the window, and, where sums are cut as well, that
each paid alike at least `repeats_least` times.
"""

from __future__ import annotations

from analytics.fraud.aml.transfers import DAY_S, Alert, Memory, Transfer, are_alike, units


class Fan:
    """Strength: distinct partners with amounts alike, where they are `share_least` of all."""

    def __init__(
        self, *, is_in: bool, partners_least: int = 4, window_days: int = 30, band: float = 0.2,
        share_least: float = 0.5, repeats_least: int = 1,
    ) -> None:  # fmt: skip
        self.pattern = "fan_in" if is_in else "fan_out"
        self.partners_least = partners_least
        self._is_in = is_in
        self._band = band
        self._share_least = share_least
        self._repeats_least = repeats_least
        self._window_days = window_days
        self._memory = Memory(window_s=window_days * DAY_S)

    def see(self, transfer: Transfer) -> Alert | None:
        centre = transfer.target if self._is_in else transfer.source
        self._memory.keep(centre, transfer)
        kept = self._memory.of(centre, transfer.at_s)
        if len(kept) < self.partners_least:
            return None
        everyone: set[str] = set()
        alike: dict[str, list[int]] = {}
        for one in kept:
            partner = one.source if self._is_in else one.target
            everyone.add(partner)
            if are_alike(one.amount_minor, transfer.amount_minor, band=self._band):
                alike.setdefault(partner, []).append(one.amount_minor)
        if self._repeats_least > 1:
            alike = {who: each for who, each in alike.items() if len(each) >= self._repeats_least}
        if len(alike) < self.partners_least or len(alike) < self._share_least * len(everyone):
            return None
        way = "paid one account" if self._is_in else "were paid by one account"
        return Alert(
            self.pattern, (centre, *alike), transfer.at_s, float(len(alike)),
            f"{len(alike)} of {len(everyone)} accounts {way} about "
            f"{units(transfer.amount_minor)} each within {self._window_days} days, "
            f"{units(sum(map(sum, alike.values())))} together.",
        )  # fmt: skip
