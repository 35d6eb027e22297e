"""What the portfolio room refuses.

    AnalyticsError
    ├── BadMarket       a market file that cannot be used: which column, which row
    ├── NoPrices        instruments without the closes that a figure needs
    └── CannotAllocate  no weights keep to all limits

Messages name instruments and rows, never a customer.
"""

from __future__ import annotations

from collections.abc import Iterable

from analytics.errors import AnalyticsError, BadTable
from bank.domain.instruments import InstrumentId


class BadMarket(BadTable):
    """The closes cannot be used; `problems` says where."""

    code = "bad_market"


class NoPrices(AnalyticsError):
    """Too few closes, or none lately, of these instruments."""

    code = "no_prices"

    def __init__(self, instrument_ids: Iterable[InstrumentId], needed_days: int) -> None:
        self.instrument_ids = tuple(instrument_ids)
        names = ", ".join(self.instrument_ids) or "nothing at all"
        super().__init__(
            f"No figure without prices: {names}. Each needs {needed_days} daily closes or more, "
            "the last of them recent."
        )


class CannotAllocate(AnalyticsError):
    """No weights keep to all limits. `why`: "nothing", "limits" or "risk"."""

    code = "cannot_allocate"

    def __init__(self, why: str, sentence: str) -> None:
        super().__init__(sentence)
        self.why = why
