"""Customers: made by the bank, read by themselves and by staff."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from bank.domain.actors import Actor, ActorKind
from bank.domain.customers import (
    Customer,
    Login,
    parse_login_name,
    parse_person_name,
    validate_password,
)
from bank.domain.errors import InvalidInput, NotFound, NotPermitted
from bank.domain.ids import CustomerId, make_id
from bank.ports import Clock, Passwords, Store, UnitOfWork
from bank.services.audit import Audit

KYC_TIERS = (0, 1, 2)


class Customers:
    """Who they are. How they log in is `logins`."""

    def __init__(self, store: Store, *, clock: Clock, passwords: Passwords, audit: Audit) -> None:
        self._store = store
        self._clock = clock
        self._passwords = passwords
        self._audit = audit

    def create(
        self,
        actor: Actor,
        *,
        login_name: str,
        full_name: str,
        email: str,
        phone: str,
        given_name: str | None = None,
        password: str | None = None,
        password_hash: str | None = None,
        kyc_tier: int = 0,
        locale: str = "en",
        country: str = "DE",
        birth_date: str | None = None,
        marketing_consent: bool = False,
        customer_id: str | None = None,
    ) -> Customer:
        """Make a customer, with a login when `password` or `password_hash` is given.

        `password_hash` is for seeding: argon2 costs ~90 ms a hash on purpose, so 2,000 demo
        customers who share one known password share one hash too. Everybody else gets `password`.

        Raises InvalidInput, InvalidText, AlreadyExists (the login name), NotPermitted.
        """
        _require_bank(actor)
        if kyc_tier not in KYC_TIERS:
            raise InvalidInput(field="kyc_tier", allowed="0, 1, 2")
        name = parse_person_name(full_name)
        customer = Customer(
            id=CustomerId(customer_id or make_id("cu")),
            login_name=parse_login_name(login_name),
            full_name=name,
            given_name=parse_person_name(given_name) if given_name else name.split()[0],
            email=email.strip(),
            phone=phone.strip(),
            kyc_tier=kyc_tier,
            created_at_utc=self._clock(),
            locale=locale,
            country=country,
            birth_date=birth_date,
            marketing_consent=marketing_consent,
        )
        if password is not None:
            password_hash = self._passwords.hash(validate_password(password))

        def work(uow: UnitOfWork) -> Customer:
            uow.customers.add(customer)
            if password_hash is not None:
                uow.logins.add(Login(customer.id, password_hash, customer.created_at_utc))
            self._audit.append_in(uow, actor, "customer.create", customer.id)
            return customer

        return self._store.write(work)

    def get(self, actor: Actor, customer_id: str) -> Customer:
        """Return a customer to themselves, staff or the bank. Raises NotFound."""
        if actor.kind is ActorKind.VISITOR or (
            actor.kind is ActorKind.CUSTOMER and actor.id != customer_id
        ):
            raise NotFound(table="customers")
        found: Customer = self._store.read(lambda uow: uow.customers.get(customer_id))
        return found

    def names(self, actor: Actor, customer_ids: Collection[str]) -> dict[str, str]:
        """Return full names by id, for staff. Ids that are nobody's are left out."""
        actor.require_staff()
        found: list[Customer] = self._store.read(
            lambda uow: uow.customers.list(id=tuple(customer_ids)) if customer_ids else []
        )
        return {customer.id: customer.full_name for customer in found}

    def find_by_login_name(self, actor: Actor, login_name: str) -> Customer | None:
        """Return the customer with this login name. Staff and the bank only."""
        if actor.kind is not ActorKind.SYSTEM:
            actor.require_staff()
        name = parse_login_name(login_name)
        found: Customer | None = self._store.read(lambda uow: uow.customers.first(login_name=name))
        return found

    def page(self, actor: Actor, *, after: str = "", limit: int = 500) -> list[Customer]:
        """Return customers in the order of their ids, those behind `after`. The bank only."""
        _require_bank(actor)
        found: list[Customer] = self._store.read(
            lambda uow: uow.customers.list(order_by="id", id__gt=after, limit=limit)
        )
        return found

    def set_kyc_tier(self, actor: Actor, customer_id: str, kyc_tier: int) -> Customer:
        """Raise or lower what a customer may do. The bank only (a KYC decision calls it)."""
        _require_bank(actor)
        if kyc_tier not in KYC_TIERS:
            raise InvalidInput(field="kyc_tier", allowed="0, 1, 2")

        def work(uow: UnitOfWork) -> Customer:
            held: Customer = uow.customers.get(customer_id, lock=True)
            customer = replace(held, kyc_tier=kyc_tier)
            uow.customers.save(customer)
            self._audit.append_in(
                uow, actor, "customer.kyc_tier", customer_id, details={"kyc_tier": kyc_tier}
            )
            return customer

        return self._store.write(work)


def _require_bank(actor: Actor) -> None:
    if actor.kind is not ActorKind.SYSTEM:
        raise NotPermitted(actor=actor.kind)
