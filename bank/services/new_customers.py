"""New customers: an approved application becomes a customer with an account, in one write.

    approved ─▶ customer (a name nobody knows yet) ─▶ current account ─▶ set_credentials later
"""

from __future__ import annotations

import secrets

from bank.domain.accounts import Account, AccountKind, AccountStatus
from bank.domain.actors import SYSTEM
from bank.domain.applications import Application
from bank.domain.customers import Customer
from bank.domain.ibans import make_own_iban
from bank.domain.ids import AccountId, CustomerId, make_id
from bank.ports import Auditor, Clock, UnitOfWork

_ACCOUNT_NO_MAX = 8_999_999_999
CURRENCY = "EUR"


class NewCustomers:
    """Opens the books for somebody."""

    def __init__(self, *, clock: Clock, audit: Auditor) -> None:
        self._clock = clock
        self._audit = audit

    def open_in(
        self, uow: UnitOfWork, application: Application, details: dict[str, str], *, kyc_tier: int
    ) -> Customer:
        """Add customer and account. The login name is provisional until they choose one."""
        now_utc = self._clock()
        customer_id = CustomerId(make_id("cu"))
        customer = Customer(
            id=customer_id,
            login_name=f"new.{customer_id.removeprefix('cu_')}",
            full_name=f"{details['given_names']} {details['surname']}",
            given_name=details["given_names"].split()[0],
            email=details["email"],
            phone=details.get("phone", ""),
            kyc_tier=kyc_tier,
            created_at_utc=now_utc,
            country=details["country"],
            birth_date=details["birth_date"],
        )
        account = Account(
            id=AccountId(make_id("ac")),
            customer_id=customer_id,
            kind=AccountKind.CURRENT,
            name="Current account",
            iban=make_own_iban(secrets.randbelow(_ACCOUNT_NO_MAX)),
            currency=CURRENCY,
            status=AccountStatus.ACTIVE,
            opened_at_utc=now_utc,
        )
        uow.customers.add(customer)
        uow.accounts.add(account)
        for action, resource in (("customer.create", customer.id), ("account.open", account.id)):
            self._audit.append_in(
                uow, SYSTEM, action, resource, "done", "onboarding",
                {"application": application.id},
            )  # fmt: skip
        return customer
