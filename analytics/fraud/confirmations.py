"""What became known of the payments at one payee, of one customer or on one device, and when.

    learn(label) ──▶ waiting ──(label's payment is `delay` old)──▶ known: windows, run, last seen

A label is usable from the later of its arrival and its payment's time plus the delay. The delay
is what the bank counts on: a model trained where labels come at once would expect at night what
only the next week knows.

    known labels   . . F . F F F F     run: F F F F since the last confirmed own payment;
                           └─────┘     at a terminal where everything is fraud it only grows
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any, Self

from analytics.fraud.events import DAY_S, HOUR_S
from analytics.fraud.windows import HourWindows

SPANS_DAYS = (1, 3, 7, 14, 30, 60)
_SPANS_HOURS = tuple(24 * days for days in SPANS_DAYS)
#: How fast the share of recent fraud forgets: each label counts 0.3, the ones before 0.7.
_FORGET = 0.7
#: Customers defrauded at a payee are remembered this long.
_CUSTOMERS_KEPT_S = 30 * DAY_S


class Confirmations:
    """Labels of one entity. In the windows: labels, frauds, frauds of an ordinary amount.

    An ordinary amount is one that the customer's own habit does not make suspicious: such a fraud
    speaks of the payee, an extraordinary one of the customer.
    """

    __slots__ = (
        "_defrauded", "_waiting", "first_fraud_s", "last_fraud_s", "last_own_s", "recent_share",
        "run_began_s", "run_length", "windows",
    )  # fmt: skip

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, int, str]] = []
        self._defrauded: dict[str, int] = {}
        self.windows = HourWindows(_SPANS_HOURS)
        self.first_fraud_s = self.last_fraud_s = self.last_own_s = self.run_began_s = -1
        self.run_length = 0
        self.recent_share = 0.0

    def learn(self, usable_s: int, *, is_fraud: bool, is_ordinary: bool, customer: str) -> None:
        """Keep a label until it may be used."""
        heappush(self._waiting, (usable_s, int(is_fraud), int(is_ordinary), customer))

    def settle(self, now_s: int) -> list[list[int]]:
        """Take in what is usable by now; return the windows' totals."""
        waiting = self._waiting
        while waiting and waiting[0][0] <= now_s:
            usable_s, is_fraud, is_ordinary, customer = heappop(waiting)
            self.windows.add(usable_s // HOUR_S, is_fraud, is_fraud & is_ordinary)
            self.recent_share = _FORGET * self.recent_share + (1 - _FORGET) * is_fraud
            if not is_fraud:
                self.last_own_s, self.run_length = usable_s, 0
                continue
            if self.first_fraud_s < 0:
                self.first_fraud_s = usable_s
            if self.run_length == 0:
                self.run_began_s = usable_s
            self.run_length += 1
            self.last_fraud_s = usable_s
            self._defrauded[customer] = usable_s
        return self.windows.roll(now_s // HOUR_S)

    def defrauded_count(self, now_s: int) -> int:
        """Return how many customers were defrauded here in 30 days, as far as is known."""
        if not self._defrauded:
            return 0
        oldest_s = now_s - _CUSTOMERS_KEPT_S
        if min(self._defrauded.values()) <= oldest_s:
            self._defrauded = {
                customer: at_s for customer, at_s in self._defrauded.items() if at_s > oldest_s
            }
        return len(self._defrauded)

    def as_json(self) -> list[Any]:
        return [
            self.windows.as_json(), self._waiting, self._defrauded, self.first_fraud_s,
            self.last_fraud_s, self.last_own_s, self.run_began_s, self.run_length,
            self.recent_share,
        ]  # fmt: skip

    @classmethod
    def from_json(cls, written: list[Any]) -> Self:
        made = cls()
        made.windows = HourWindows.from_json(_SPANS_HOURS, written[0])
        made._waiting = [tuple(each) for each in written[1]]
        (
            made._defrauded, made.first_fraud_s, made.last_fraud_s, made.last_own_s,
            made.run_began_s, made.run_length, made.recent_share,
        ) = written[2:]  # fmt: skip
        return made
