"""Proposals: what is checked before money is promised, and the holds that keep the promise.

Refusals, in this order:

    InvalidAmount, InvalidText, InvalidInput      the words themselves
    IdempotencyMismatch                           the key was used for something else
    NotFound                                      account or payee is not there, or not theirs
    SameAccount                                   from and to are one account
    AccountNotActive                              the debit account first
    CurrencyMismatch                              all three currencies are one
    LimitExceeded                                 each transfer, then the day
    PayeeCoolingOff                               a payee's first day
    InsufficientFunds                             last: the others do not change by waiting

Everything here runs inside a unit of work of the caller's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bank.domain.accounts import Account, AccountKind, AccountStatus, check_active
from bank.domain.bills import Bill, BillStatus
from bank.domain.errors import (
    Conflict,
    CurrencyMismatch,
    IdempotencyMismatch,
    InvalidInput,
    NotFound,
    SameAccount,
)
from bank.domain.ids import (
    AccountId,
    BillId,
    CustomerId,
    PayeeId,
    StandingOrderId,
    TransferId,
    make_id,
)
from bank.domain.money import Money
from bank.domain.payees import Payee, PayeeStatus
from bank.domain.transfers import (
    Transfer,
    TransferStatus,
    check_funds,
    expires_at,
    fingerprint,
    parse_amount,
    parse_key,
    parse_reference,
)
from bank.policies import fx
from bank.ports import UnitOfWork
from bank.services import proposal_rules


@dataclass(frozen=True, slots=True)
class Biller:
    """The other side of a bill: not on the customer's list of payees."""

    name: str
    iban: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What the customer asked for. Exactly one of payee, own account, biller is the other side."""

    amount: Money
    payee_id: PayeeId | str | None
    to_account_id: AccountId | str | None
    from_account_id: AccountId | str | None
    reference: str
    idempotency_key: str
    biller: Biller | None = None
    bill_id: BillId | None = None
    standing_order_id: StandingOrderId | None = None

    def checked(self) -> Wish:
        """Return the wish in normal form. Raises InvalidAmount, InvalidText, InvalidInput."""
        sides = (self.payee_id, self.to_account_id, self.biller)
        if sum(side is not None for side in sides) != 1:
            raise InvalidInput(field="to", allowed="payee_id or to_account_id")
        return replace(
            self,
            amount=parse_amount(self.amount),
            reference=parse_reference(self.reference),
            idempotency_key=parse_key(self.idempotency_key),
        )

    def fingerprint(self) -> str:
        return fingerprint(
            amount_minor=self.amount.amount_minor,
            currency=self.amount.currency,
            payee_id=self.payee_id,
            to_account_id=self.to_account_id,
            from_account_id=self.from_account_id,
            reference=self.reference,
            bill_id=self.bill_id,
            standing_order_id=self.standing_order_id,
        )


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the money goes. `account` is None for an account at another bank."""

    name: str
    iban: str
    account: Account | None
    payee: Payee | None
    is_own: bool


def find_known(uow: UnitOfWork, wish: Wish, *, customer_id: CustomerId) -> Transfer | None:
    """Return what this key has made before; keys of other customers are never looked at.

    Raises IdempotencyMismatch.
    """
    known: Transfer | None = uow.transfers.first(
        customer_id=customer_id, idempotency_key=wish.idempotency_key
    )
    if known is not None and known.fingerprint != wish.fingerprint():
        raise IdempotencyMismatch(idempotency_key=wish.idempotency_key)
    return known


def make_proposal(
    uow: UnitOfWork, wish: Wish, *, customer_id: CustomerId, now_utc: datetime
) -> Transfer:
    """Store the proposal and its hold. Raises what the head of this module lists."""
    debit = release_overdue(uow, find_debit(uow, wish, customer_id), now_utc=now_utc)
    to = _find_destination(uow, wish, customer_id)
    _check_sides(debit, to, wish.amount)
    amount_eur_minor = fx.in_eur_minor(wish.amount)
    if not to.is_own:
        proposal_rules.check_limits(
            uow,
            payee=to.payee,
            to_iban=to.iban,
            amount_eur_minor=amount_eur_minor,
            customer_id=customer_id,
            now_utc=now_utc,
        )
    check_funds(debit, wish.amount)
    transfer = Transfer(
        id=TransferId(make_id("tr")),
        customer_id=customer_id,
        from_account_id=debit.id,
        to_account_id=to.account.id if to.account else None,
        payee_id=to.payee.id if to.payee else None,
        payee_name=to.name,
        to_iban=to.iban,
        amount_minor=wish.amount.amount_minor,
        currency=wish.amount.currency,
        amount_eur_minor=amount_eur_minor,
        reference=wish.reference,
        status=TransferStatus.PROPOSED,
        proposed_at_utc=now_utc,
        expires_at_utc=expires_at(now_utc),
        idempotency_key=wish.idempotency_key,
        fingerprint=wish.fingerprint(),
        needs_step_up=False,
        is_own=to.is_own,
        bill_id=wish.bill_id,
        standing_order_id=wish.standing_order_id,
    )
    asks = proposal_rules.needs_step_up(uow, transfer, payee=to.payee, now_utc=now_utc)
    transfer = replace(transfer, needs_step_up=asks)
    uow.transfers.add(transfer)
    uow.accounts.save(replace(debit, held_minor=debit.held_minor + transfer.amount_minor))
    return transfer


def end_proposal(
    uow: UnitOfWork, transfer: Transfer, status: TransferStatus, *, debit: Account | None = None
) -> tuple[Transfer, Account]:
    """Store the proposal as over, without money, and release its hold."""
    debit = debit or uow.accounts.get(transfer.from_account_id, lock=True)
    debit = replace(debit, held_minor=debit.held_minor - transfer.amount_minor)
    assert debit.held_minor >= 0, debit
    ended = replace(transfer, status=status)
    uow.transfers.save(ended)
    uow.accounts.save(debit)
    return ended, debit


def release_overdue(uow: UnitOfWork, account: Account, *, now_utc: datetime) -> Account:
    """Return the account without the holds of proposals nobody confirmed in time."""
    if account.held_minor == 0:
        return account
    overdue: list[Transfer] = uow.transfers.list(
        from_account_id=account.id, status=TransferStatus.PROPOSED, expires_at_utc__lte=now_utc
    )
    for transfer in overdue:
        _, account = end_proposal(uow, transfer, TransferStatus.EXPIRED, debit=account)
    return account


def find_debit(uow: UnitOfWork, wish: Wish, customer_id: CustomerId) -> Account:
    """Return the account named, else the first active current account in that currency."""
    account_id = wish.from_account_id
    if account_id is None:
        current: list[Account] = uow.accounts.list(
            customer_id=customer_id, kind=AccountKind.CURRENT
        )
        if not current:
            raise NotFound(field="from_account")
        usable = [
            account
            for account in current
            if account.currency == wish.amount.currency and account.status is AccountStatus.ACTIVE
        ]
        account_id = (usable or current)[0].id
    account: Account = uow.accounts.get(account_id, lock=True)
    if account.customer_id != customer_id:
        raise NotFound(field="from_account")
    if account.kind is AccountKind.LOAN:
        raise InvalidInput(field="from_account", allowed="current, savings")
    return account


def _find_destination(uow: UnitOfWork, wish: Wish, customer_id: CustomerId) -> Destination:
    if wish.to_account_id is not None:
        own: Account = uow.accounts.get(wish.to_account_id)
        if own.customer_id != customer_id:
            raise NotFound(field="to_account")
        return Destination(own.name, own.iban, own, None, is_own=True)
    payee: Payee | None = None
    if wish.payee_id is not None:
        payee = uow.payees.get(wish.payee_id)
        if payee.customer_id != customer_id or payee.status is not PayeeStatus.ACTIVE:
            raise NotFound(field="payee")
    name, iban = (payee.name, payee.iban) if payee else _of_biller(wish)
    account: Account | None = uow.accounts.first(iban=iban)
    is_own = account is not None and account.customer_id == customer_id
    return Destination(name, iban, account, payee, is_own=is_own)


def _of_biller(wish: Wish) -> tuple[str, str]:
    assert wish.biller is not None, wish
    return wish.biller.name, wish.biller.iban


def _check_sides(debit: Account, to: Destination, amount: Money) -> None:
    if to.account is not None and to.account.id == debit.id:
        raise SameAccount(account_id=debit.id)
    check_active(debit)
    if to.account is not None:
        check_active(to.account)
    check_currency(debit, amount)
    if to.account is not None:
        check_currency(to.account, amount)


def check_currency(account: Account, amount: Money) -> None:
    """Raise CurrencyMismatch: the bank changes money only where the customer sees the rate."""
    if account.currency != amount.currency:
        raise CurrencyMismatch(expected=account.currency, got=amount.currency)


def lock_sides(uow: UnitOfWork, transfer: Transfer) -> tuple[Account, Account | None]:
    """Return both accounts, locked in the order of their ids: opposite transfers never deadlock."""
    ids = {transfer.from_account_id, transfer.to_account_id} - {None}
    locked: dict[str, Account] = {
        str(account_id): uow.accounts.get(account_id, lock=True)
        for account_id in sorted(map(str, ids))
    }
    credit = locked[transfer.to_account_id] if transfer.to_account_id else None
    return locked[transfer.from_account_id], credit


def check_confirmable(transfer: Transfer, debit: Account, credit: Account | None) -> None:
    """Refuse what became impossible meanwhile. Raises AccountNotActive, InsufficientFunds."""
    check_active(debit)
    if credit is not None:
        check_active(credit)
    check_funds(debit, transfer.amount, own_hold_minor=transfer.amount_minor)


def settle_bill(uow: UnitOfWork, posted: Transfer) -> None:
    """Mark the bill a posted transfer was for, where it was for one, as paid. Raises Conflict."""
    if posted.bill_id is not None:
        uow.bills.save(paid(uow.bills.get(posted.bill_id), posted))


def stepped_up(transfer: Transfer) -> Transfer:
    """Return the transfer as one that was confirmed with a step-up."""
    return replace(transfer, needs_step_up=True)


def paid(bill: Bill, transfer: Transfer) -> Bill:
    """Return the bill as paid. Raises Conflict when another transfer was quicker."""
    if bill.status is BillStatus.PAID:
        raise Conflict(bill_id=bill.id, status=bill.status)
    return replace(bill, status=BillStatus.PAID, transfer_id=transfer.id)
