"""The names staff see beside ids: colleagues, and the customers of the cases shown."""

from __future__ import annotations

from collections.abc import Iterable

from bank.bootstrap import Bank
from bank.domain.actors import Actor
from bank.domain.cases import Case


def display_names(bank: Bank, actor: Actor, cases: Iterable[Case]) -> dict[str, str]:
    """Return names by id, of all staff and of these cases' customers."""
    customers = {case.customer_id for case in cases if case.customer_id}
    return {**bank.staff.names(), **bank.customers.names(actor, customers)}
