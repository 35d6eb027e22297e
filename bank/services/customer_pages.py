"""Customer pages: one customer as a whole, for the staff who look after them.

    customer · accounts · cards · open cases of the viewer's queues · newest conversations

Every look is in the audit record, with who looked and by which right. Cases of other queues stay
hidden here as everywhere. What a model expects is no part of it: that is asked for beside, by
whoever may (`customers.view_churn`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bank.domain.accounts import Account, AccountStatus
from bank.domain.actors import Actor
from bank.domain.cards import Card, CardStatus
from bank.domain.cases import UNRESOLVED, Case
from bank.domain.conversations import Conversation
from bank.domain.customers import Customer
from bank.policies import access
from bank.ports import Auditor, Store, UnitOfWork
from bank.services.case_book import queues_of

CASES_MAX = 20
CONVERSATIONS_MAX = 5


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """What staff see of one customer. `may_see_churn`: whether this viewer may ask the model."""

    customer: Customer
    accounts: Sequence[Account]
    cards: Sequence[Card]
    open_cases: Sequence[Case]
    conversations: Sequence[Conversation]
    may_see_churn: bool


class CustomerPages:
    """One page a customer."""

    def __init__(self, store: Store, *, audit: Auditor) -> None:
        self._store = store
        self._audit = audit

    def open(self, actor: Actor, customer_id: str) -> CustomerPage:
        """Return the page, and write down that it was looked at. Raises NotPermitted, NotFound."""
        reason = access.require(actor, "customers.view")
        queues = queues_of(actor)
        may_see_churn = access.decide(actor, "customers.view_churn").allowed

        def work(uow: UnitOfWork) -> CustomerPage:
            customer: Customer = uow.customers.get(customer_id)
            accounts = uow.accounts.list(customer_id=customer.id)
            cards = uow.cards.list(customer_id=customer.id, order_by="issued_at_utc")
            page = CustomerPage(
                customer=customer,
                accounts=[one for one in accounts if one.status is not AccountStatus.CLOSED],
                cards=[
                    one for one in cards if one.status in (CardStatus.ACTIVE, CardStatus.FROZEN)
                ],
                open_cases=uow.cases.list(
                    customer_id=customer.id, queue=queues, state=UNRESOLVED,
                    order_by="due_at_utc", limit=CASES_MAX,
                )
                if queues
                else [],
                conversations=uow.conversations.list(
                    customer_id=customer.id, order_by="created_at_utc", descending=True,
                    limit=CONVERSATIONS_MAX,
                ),
                may_see_churn=may_see_churn,
            )  # fmt: skip
            self._audit.append_in(uow, actor, "customer.view", customer.id, "done", reason, {})
            return page

        return self._store.write(work)

    def note_churn_look(self, actor: Actor, customer_id: str, *, version: str) -> None:
        """Write down that somebody is about to see what a model expects of a customer.

        version: that of the model; empty when there is none. Raises NotPermitted, NotFound.
        """
        reason = access.require(actor, "customers.view_churn")

        def work(uow: UnitOfWork) -> None:
            customer: Customer = uow.customers.get(customer_id)
            self._audit.append_in(
                uow, actor, "customer.view_churn", customer.id, "done", reason,
                {"version": version},
            )  # fmt: skip

        self._store.write(work)
