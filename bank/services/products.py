"""Products: what anybody may ask about, logged in or not. The figures are the policy's."""

from __future__ import annotations

from bank.domain.errors import InvalidInput, NotFound
from bank.domain.money import Money
from bank.domain.products import Branch, Fee, Loan, LoanQuote, OpeningHours, Rate
from bank.policies import products as policy


class Products:
    """The price list, and what stands beside it."""

    def fees(self, topic: str | None = None) -> list[Fee]:
        """Return the fees of a topic (account, card, cash, transfer), or all."""
        return [fee for fee in policy.list_fees() if topic in (None, fee.topic, fee.code)]

    def rates(self, kind: str | None = None) -> list[Rate]:
        """Return the yearly rates of a kind (savings, overdraft, mortgage, loan), or all."""
        return [rate for rate in policy.list_rates() if kind in (None, rate.kind)]

    def branches(self) -> list[Branch]:
        """Return all branches."""
        return list(policy.list_branches())

    def hours(self, branch: str | None = None) -> list[OpeningHours]:
        """Return one branch's week; without a name, the main branch's. Raises NotFound."""
        for one in policy.list_branches():
            if branch is None or branch.casefold() in (one.code, one.name.casefold()):
                return list(one.hours)
        raise NotFound(field="branch")

    def loans(self) -> list[Loan]:
        """Return the loans one may ask for, with their representative APR."""
        return list(policy.list_loans())

    def loan_quote(self, amount: Money, months: int, *, purpose: str | None = None) -> LoanQuote:
        """Return what the amount costs: of a purpose, or of the first loan that offers it.

        Raises InvalidInput, InvalidAmount (no loan offers this amount for this long).
        """
        loans = [loan for loan in policy.list_loans() if purpose in (None, loan.purpose, loan.code)]
        refusal: InvalidInput = InvalidInput(field="purpose")
        for loan in loans:
            try:
                return policy.quote(loan, amount, months)
            except InvalidInput as refused:
                refusal = refused
        raise refusal

    def bic(self) -> str:
        """Return the bank's BIC."""
        return policy.bic()
