"""Exchange: quotes at the bank's rate of the day. Rule of rounding: `bank.domain.fx`."""

from __future__ import annotations

from bank.domain import fx as rules
from bank.domain.fx import FxQuote
from bank.domain.money import Money
from bank.domain.transfers import parse_amount
from bank.policies import fx as policy


class Fx:
    """What an amount is in another currency."""

    def convert(self, money: Money, to: str) -> FxQuote:
        """Return the quote. Raises UnknownCurrency, InvalidAmount."""
        return rules.convert(parse_amount(money), to, table=policy.rate_table())
