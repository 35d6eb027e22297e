"""Accounts: opened and closed by the bank, seen by their owner and by staff.

A balance is one read: see `bank.domain.accounts`. Holds of proposals nobody confirmed are
released here when somebody looks, so the available balance is never too low for longer than
that.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime

from bank.domain import accounts as rules
from bank.domain.accounts import Account, AccountKind, AccountStatus
from bank.domain.actors import Actor
from bank.domain.cards import CardStatus
from bank.domain.errors import NotFound
from bank.domain.ibans import compact, make_own_iban
from bank.domain.ids import AccountId, CustomerId, make_id
from bank.domain.money import digits_of
from bank.domain.payees import fold, parse_name
from bank.domain.standing_orders import StandingOrderStatus
from bank.domain.transfers import TransferStatus
from bank.policies import access
from bank.ports import Auditor, Clock, Store, UnitOfWork
from bank.services.names import best_names
from bank.services.proposals import release_overdue

#: Customers' accounts are numbered below the bank's own (see ledger.py).
_ACCOUNT_NO_MAX = 8_999_999_999
#: What a number must have to be taken for the end of an IBAN.
_IBAN_DIGITS_MIN = 3


class Accounts:
    """Places for money."""

    def __init__(self, store: Store, *, clock: Clock, audit: Auditor) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit

    def open(
        self,
        actor: Actor,
        *,
        customer_id: CustomerId | str,
        kind: AccountKind | str,
        name: str,
        currency: str,
        iban: str | None = None,
        opened_at_utc: datetime | None = None,
    ) -> Account:
        """Open an empty account. Raises NotPermitted, UnknownCurrency, AlreadyExists (the IBAN)."""
        reason = access.require(actor, "accounts.open")
        digits_of(currency)
        owner_id = CustomerId(customer_id)
        account = Account(
            id=AccountId(make_id("ac")),
            customer_id=owner_id,
            kind=AccountKind(kind),
            name=parse_name(name),
            iban=compact(iban) if iban else make_own_iban(secrets.randbelow(_ACCOUNT_NO_MAX)),
            currency=currency,
            status=AccountStatus.ACTIVE,
            opened_at_utc=opened_at_utc or self._clock(),
        )

        def work(uow: UnitOfWork) -> None:
            uow.customers.get(owner_id)
            uow.accounts.add(account)
            self._audit.append_in(
                uow, actor, "account.open", account.id, "done", reason, {"kind": account.kind}
            )

        self._store.write(work)
        return account

    def close(self, actor: Actor, account_id: AccountId | str) -> Account:
        """Close an empty account for good, its cards and standing orders with it.

        Raises NotPermitted, NotFound, AccountNotActive (closed already), Conflict (money is on it
        or reserved).
        """
        reason = access.require(actor, "accounts.close")

        def work(uow: UnitOfWork) -> Account:
            account: Account = uow.accounts.get(account_id, lock=True)
            if account.customer_id is None:
                raise NotFound(table="accounts")
            closed = rules.close(account, now_utc=self._clock())
            uow.accounts.save(closed)
            for card in uow.cards.list(account_id=account.id, customer_id=account.customer_id):
                if card.status in (CardStatus.ACTIVE, CardStatus.FROZEN):
                    uow.cards.save(replace(card, status=CardStatus.CLOSED))
            for order in uow.standing_orders.list(
                from_account_id=account.id, status=StandingOrderStatus.ACTIVE
            ):
                uow.standing_orders.save(replace(order, status=StandingOrderStatus.CANCELLED))
            self._audit.append_in(uow, actor, "account.close", account.id, "done", reason, {})
            return closed

        return self._store.write(work)

    def get(self, actor: Actor, account_id: AccountId | str) -> Account:
        """Return one account. Raises NotFound, also for somebody else's."""
        access.require(actor, "accounts.get")
        account: Account = self._store.read(lambda uow: uow.accounts.get(account_id))
        access.require(actor, "accounts.get", owner_id=account.customer_id)
        return self._fresh([account])[0]

    def find(self, actor: Actor, text: str) -> list[Account]:
        """Return the accounts the words may mean: a kind, a name, the last digits of an IBAN.

        Nothing found is an empty list; several close ones are all returned, best first.
        """
        accounts = self.list(actor)
        words = fold(text)
        digits = "".join(char for char in words if char.isdigit())
        if len(digits) >= _IBAN_DIGITS_MIN:
            return [account for account in accounts if account.iban.endswith(digits)]
        of_kind = [account for account in accounts if account.kind.value in words.split()]
        if of_kind:
            return of_kind
        of_currency = [account for account in accounts if account.currency.casefold() == words]
        if of_currency:
            return of_currency
        names = [name for name, _ in best_names(text, {account.name for account in accounts})]
        return sorted(
            (account for account in accounts if account.name in names),
            key=lambda account: names.index(account.name),
        )

    def _fresh(self, accounts: list[Account]) -> list[Account]:
        """Return the accounts without overdue holds, writing only when there are some."""
        now_utc = self._clock()
        holding = tuple(account.id for account in accounts if account.held_minor)
        if not holding:
            return accounts
        overdue = self._store.read(
            lambda uow: uow.transfers.first(
                from_account_id=holding,
                status=TransferStatus.PROPOSED,
                expires_at_utc__lte=now_utc,
            )
        )
        if overdue is None:
            return accounts

        def work(uow: UnitOfWork) -> dict[str, Account]:
            locked = (uow.accounts.get(account_id, lock=True) for account_id in sorted(holding))
            return {one.id: release_overdue(uow, one, now_utc=now_utc) for one in locked}

        released = self._store.write(work)
        return [released.get(account.id, account) for account in accounts]

    def list(self, actor: Actor, customer_id: CustomerId | str | None = None) -> list[Account]:
        """Return the customer's open accounts: current, savings, loans; oldest first in each.

        Staff name the customer; a customer sees their own.
        """
        owner_id = customer_id or actor.require_customer()
        access.require(actor, "accounts.list", owner_id=owner_id)
        held: list[Account] = self._store.read(lambda uow: uow.accounts.list(customer_id=owner_id))
        fresh = self._fresh([one for one in held if one.status is not AccountStatus.CLOSED])
        order = list(AccountKind)
        return sorted(fresh, key=lambda account: order.index(account.kind))
