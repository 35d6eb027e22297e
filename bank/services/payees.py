"""Payees: a customer's own list of whom they may pay.

Adding one needs no step-up: no money can move to it without one, and on its first day only a
little can (`policies/cooling_off.toml`).
"""

from __future__ import annotations

from dataclasses import replace

from bank.domain.actors import Actor
from bank.domain.errors import (
    AlreadyExists,
    IdempotencyMismatch,
    NotFound,
    SameAccount,
)
from bank.domain.ibans import validate_iban
from bank.domain.ids import CustomerId, PayeeId, make_id
from bank.domain.payees import Payee, PayeeMatch, PayeeStatus, parse_name
from bank.domain.risk import RiskAct
from bank.domain.transfers import TransferStatus, parse_key
from bank.policies import access
from bank.ports import Auditor, Clock, Store, UnitOfWork
from bank.services.names import best_names
from bank.services.proposals import end_proposal
from bank.services.protection import Protection

PAYEES_MAX_COUNT = 500


class Payees:
    """Whom a customer may send money to."""

    def __init__(
        self, store: Store, *, clock: Clock, audit: Auditor, protection: Protection
    ) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit
        self._protection = protection

    def add(
        self,
        actor: Actor,
        *,
        name: str,
        iban: str,
        idempotency_key: str,
        customer_id: str | None = None,
    ) -> Payee:
        """Add a payee; the same key returns the same payee. The system names the customer.

        Raises ActPaused, InvalidText, InvalidIban, IdempotencyMismatch, AlreadyExists (the IBAN
        is on the list: details payee_id), SameAccount (the customer's only account).
        """
        reason = access.require(actor, "payees.add", owner_id=customer_id)
        owner_id = CustomerId(customer_id or actor.require_customer())
        name, iban, key = parse_name(name), validate_iban(iban), parse_key(idempotency_key)
        self._protection.check_act(actor, RiskAct.PAYEE, key)

        def work(uow: UnitOfWork) -> Payee:
            known: Payee | None = uow.payees.first(customer_id=owner_id, idempotency_key=key)
            if known is not None:
                if (known.name, known.iban) != (name, iban):
                    raise IdempotencyMismatch(idempotency_key=key)
                return known
            listed = uow.payees.first(customer_id=owner_id, iban=iban, status=PayeeStatus.ACTIVE)
            if listed is not None:
                raise AlreadyExists(payee_id=listed.id)
            if uow.payees.count(customer_id=owner_id) >= PAYEES_MAX_COUNT:
                raise AlreadyExists(max_count=PAYEES_MAX_COUNT)
            if uow.accounts.first(customer_id=owner_id, iban=iban) is not None:
                raise SameAccount(field="iban")
            payee = Payee(
                id=PayeeId(make_id("pa")),
                customer_id=owner_id,
                name=name,
                iban=iban,
                added_at_utc=self._clock(),
                idempotency_key=key,
            )
            uow.payees.add(payee)
            self._audit.append_in(
                uow, actor, "payee.add", payee.id, "done", reason, {"iban": payee.iban_masked}
            )
            return payee

        return self._store.write(work)

    def remove(self, actor: Actor, payee_id: PayeeId | str) -> Payee:
        """Take a payee off the list; its open proposals are voided. Twice is once.

        Raises NotFound.
        """

        def work(uow: UnitOfWork) -> Payee:
            payee = self._own(uow, actor, payee_id, "payees.remove")
            if payee.status is PayeeStatus.REMOVED:
                return payee
            for transfer in uow.transfers.list(
                customer_id=payee.customer_id, payee_id=payee.id, status=TransferStatus.PROPOSED
            ):
                end_proposal(uow, transfer, TransferStatus.VOIDED)
            removed = replace(payee, status=PayeeStatus.REMOVED)
            uow.payees.save(removed)
            self._audit.append_in(uow, actor, "payee.remove", payee.id, "done", "owner", {})
            return removed

        return self._store.write(work)

    def get(self, actor: Actor, payee_id: PayeeId | str) -> Payee:
        """Return one payee on the list. Raises NotFound."""
        payee = self._store.read(lambda uow: self._own(uow, actor, payee_id, "payees.list"))
        if payee.status is PayeeStatus.REMOVED:
            raise NotFound(table="payees")
        return payee

    def find(self, actor: Actor, text: str) -> list[PayeeMatch]:
        """Return the payees the words may mean, best first: several are to choose from."""
        payees = self.list(actor)
        scores = dict(best_names(text, {payee.name for payee in payees}))
        matches = [
            PayeeMatch(payee, scores[payee.name]) for payee in payees if payee.name in scores
        ]
        return sorted(matches, key=lambda match: -match.score)

    def _own(self, uow: UnitOfWork, actor: Actor, payee_id: PayeeId | str, action: str) -> Payee:
        access.require(actor, action)
        payee: Payee = uow.payees.get(payee_id)
        access.require(actor, action, owner_id=payee.customer_id)
        return payee

    def list(self, actor: Actor) -> list[Payee]:
        """Return the customer's payees by name."""
        access.require(actor, "payees.list")
        customer_id = actor.require_customer()
        return self._store.read(lambda uow: _active(uow, customer_id))


def _active(uow: UnitOfWork, customer_id: str) -> list[Payee]:
    found: list[Payee] = uow.payees.list(
        customer_id=customer_id, status=PayeeStatus.ACTIVE, order_by="name"
    )
    return found
