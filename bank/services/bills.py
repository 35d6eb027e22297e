"""Bills: received from billers, paid by a transfer that is confirmed like any other."""

from __future__ import annotations

from datetime import date

from bank.domain.actors import Actor
from bank.domain.bills import Bill, BillStatus
from bank.domain.errors import Conflict, NotFound
from bank.domain.ibans import validate_iban
from bank.domain.ids import AccountId, BillId, CustomerId, make_id
from bank.domain.ledger import Category
from bank.domain.money import Money
from bank.domain.payees import parse_name
from bank.domain.transfers import Transfer, parse_amount, parse_reference
from bank.policies import access
from bank.ports import Auditor, Clock, Store, UnitOfWork
from bank.services.proposals import Biller, Wish
from bank.services.transfers import Transfers


class Bills:
    """What billers ask for."""

    def __init__(self, store: Store, *, clock: Clock, transfers: Transfers, audit: Auditor) -> None:
        self._store = store
        self._clock = clock
        self._transfers = transfers
        self._audit = audit

    def receive(
        self,
        actor: Actor,
        *,
        customer_id: CustomerId | str,
        biller: str,
        iban: str,
        amount: Money,
        due_date: date,
        reference: str,
        category: Category | str = Category.UTILITIES,
    ) -> Bill:
        """Put a biller's bill before the customer.

        Raises NotPermitted, InvalidIban, InvalidText.
        """
        reason = access.require(actor, "bills.receive")
        parse_amount(amount)
        bill = Bill(
            id=BillId(make_id("bi")),
            customer_id=CustomerId(customer_id),
            biller=parse_name(biller),
            iban=validate_iban(iban),
            amount_minor=amount.amount_minor,
            currency=amount.currency,
            due_date=due_date,
            reference=parse_reference(reference),
            category=Category(category),
            status=BillStatus.OPEN,
            received_at_utc=self._clock(),
        )

        def work(uow: UnitOfWork) -> None:
            uow.customers.get(bill.customer_id)
            uow.bills.add(bill)
            self._audit.append_in(uow, actor, "bill.receive", bill.id, "done", reason, {})

        self._store.write(work)
        return bill

    def get(self, actor: Actor, bill_id: BillId | str) -> Bill:
        """Return one bill. Raises NotFound."""
        access.require(actor, "bills.list")
        bill: Bill = self._store.read(lambda uow: uow.bills.get(bill_id))
        access.require(actor, "bills.list", owner_id=bill.customer_id)
        return bill

    def pay(
        self,
        actor: Actor,
        bill_id: BillId | str,
        *,
        idempotency_key: str,
        from_account_id: AccountId | str | None = None,
    ) -> Transfer:
        """Propose the transfer that pays a bill; `transfers.confirm` posts it and settles the bill.

        Raises NotFound, Conflict (paid already), and what `transfers.propose` raises.
        """
        access.require(actor, "bills.pay")
        bill: Bill = self._store.read(lambda uow: uow.bills.get(bill_id))
        access.require(actor, "bills.pay", owner_id=bill.customer_id)
        wish = Wish(
            amount=bill.amount,
            payee_id=None,
            to_account_id=None,
            from_account_id=from_account_id,
            reference=bill.reference,
            idempotency_key=idempotency_key,
            biller=Biller(bill.biller, bill.iban),
            bill_id=bill.id,
        )
        if bill.status is BillStatus.PAID and not self._is_replay(bill, idempotency_key):
            raise Conflict(bill_id=bill.id, status=bill.status)
        return self._transfers.propose_wish(actor, wish)

    def list(self, actor: Actor) -> list[Bill]:
        """Return the customer's open bills, the next due first."""
        access.require(actor, "bills.list")
        customer_id = actor.require_customer()
        found: list[Bill] = self._store.read(
            lambda uow: uow.bills.list(
                customer_id=customer_id, status=BillStatus.OPEN, order_by="due_date"
            )
        )
        return found

    def _is_replay(self, bill: Bill, key: str) -> bool:
        def work(uow: UnitOfWork) -> bool:
            if bill.transfer_id is None:
                raise NotFound(table="transfers")
            paid_by: Transfer = uow.transfers.get(bill.transfer_id)
            return paid_by.idempotency_key == key

        return self._store.read(work)
