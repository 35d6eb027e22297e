"""Posting a transfer: the hold goes, the money moves, the transfer says so; nothing else.

To a customer of this bank the money goes straight to their account, to another bank through
`clearing`. The sender reads the payee's name on the line, the receiver the sender's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bank.domain import transfers as rules
from bank.domain.accounts import Account, InternalRole
from bank.domain.bills import Bill
from bank.domain.customers import Customer
from bank.domain.ids import TransactionId, make_id
from bank.domain.ledger import (
    Category,
    Posting,
    Transaction,
    TransactionKind,
    make_postings,
    two_legs,
)
from bank.domain.transfers import Transfer
from bank.ports import UnitOfWork
from bank.services.ledger import internal_account_in, post_in


def post_transfer(
    uow: UnitOfWork,
    transfer: Transfer,
    *,
    debit: Account,
    credit: Account | None,
    now_utc: datetime,
) -> Transfer:
    """Store the posted transfer and its postings; `debit` still has the hold of this transfer.

    Raises InsufficientFunds, ProposalVoided, ProposalExpired.
    """
    transaction = _transaction(uow, transfer, now_utc=now_utc)
    posted = rules.confirm(transfer, account=debit, transaction_id=transaction.id, now_utc=now_utc)
    if credit is None:
        credit = internal_account_in(
            uow, InternalRole.CLEARING, transfer.currency, now_utc=now_utc, lock=True
        )
    debit = replace(debit, held_minor=debit.held_minor - transfer.amount_minor)
    legs = two_legs(debit_id=debit.id, credit_id=credit.id, amount=transfer.amount)
    out, into = make_postings(transaction, legs)
    into = _as_received(uow, transfer, into, credit)
    post_in(uow, transaction, [out, into], accounts={debit.id: debit, credit.id: credit})
    uow.transfers.save(posted)
    return posted


def binding_of(transfer: Transfer) -> dict[str, str | int]:
    """Return what a step-up for this transfer is bound to: amount, currency and payee."""
    return {
        "transfer_id": transfer.id,
        "amount_minor": transfer.amount_minor,
        "currency": transfer.currency,
        "payee_iban": transfer.to_iban,
        "payee_name": transfer.payee_name,
    }


def audited(transfer: Transfer) -> dict[str, str | int]:
    """Return what the audit record says of a transfer: amounts and ids, no names."""
    return {
        "amount_minor": transfer.amount_minor,
        "currency": transfer.currency,
        "from_account_id": transfer.from_account_id,
        "to": transfer.to_account_id or transfer.to_iban_masked,
    }


def _transaction(uow: UnitOfWork, transfer: Transfer, *, now_utc: datetime) -> Transaction:
    kind, category = TransactionKind.TRANSFER, Category.TRANSFERS
    if transfer.standing_order_id is not None:
        kind = TransactionKind.STANDING_ORDER
    if transfer.bill_id is not None:
        bill: Bill = uow.bills.get(transfer.bill_id)
        kind, category = TransactionKind.BILL, bill.category
    return Transaction(
        id=TransactionId(make_id("tx")),
        booked_at_utc=now_utc,
        kind=kind,
        merchant=None if transfer.is_own else transfer.payee_name,
        category=category,
        description=_description(transfer.payee_name, transfer.reference),
        reference=transfer.reference or None,
        transfer_id=transfer.id,
        idempotency_key=transfer.idempotency_key,
    )


def _as_received(uow: UnitOfWork, transfer: Transfer, posting: Posting, credit: Account) -> Posting:
    """Return the credit posting as its owner reads it: with the sender's name."""
    if credit.is_internal or transfer.is_own:
        return posting
    sender: Customer = uow.customers.get(transfer.customer_id)
    return replace(
        posting,
        merchant=sender.full_name,
        category=Category.TRANSFERS,
        description=_description(sender.full_name, transfer.reference),
    )


def _description(name: str, reference: str) -> str:
    return f"{name} · {reference}" if reference else name
