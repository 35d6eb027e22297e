"""Standing orders: made once with a step-up, run by the bank on their dates.

    run_due ──▶ posted, or missed with the refusal's code; one transaction per order and date

The key of a run is the order and its date: a run repeated after a crash pays nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bank.domain.actors import SYSTEM, Actor
from bank.domain.challenges import StepUpProof
from bank.domain.errors import BankError, IdempotencyMismatch, InvalidInput, NotFound, Unavailable
from bank.domain.ids import AccountId, PayeeId, StandingOrderId, make_id
from bank.domain.money import Money
from bank.domain.payees import Payee, PayeeStatus
from bank.domain.periods import Cadence
from bank.domain.risk import PaymentAsked
from bank.domain.standing_orders import (
    POSTED,
    StandingOrder,
    StandingOrderStatus,
    after_run,
)
from bank.domain.transfers import TransferStatus, fingerprint, parse_amount, parse_key
from bank.domain.transfers import parse_reference as parse_text
from bank.policies import access, fx
from bank.ports import Auditor, Clock, Store, UnitOfWork
from bank.services import proposals
from bank.services.proposals import Wish
from bank.services.protection import Protection
from bank.services.stepped_up import SteppedUp
from bank.services.transfer_posting import post_transfer

PURPOSE = "standing_order"
#: How far ahead the first date may lie.
AHEAD_DAYS_MAX = 366
_RUN_CHUNK = 500


class StandingOrders:
    """Payments on a cadence."""

    def __init__(
        self, store: Store, *, clock: Clock, stepped_up: SteppedUp, audit: Auditor,
        protection: Protection,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._stepped_up = stepped_up
        self._audit = audit
        self._protection = protection

    def create(
        self,
        actor: Actor,
        *,
        payee_id: PayeeId | str,
        amount: Money,
        cadence: Cadence | str,
        first_date: date,
        reference: str = "",
        idempotency_key: str,
        from_account_id: AccountId | str | None = None,
        proof: StepUpProof | None = None,
        customer_id: str | None = None,
    ) -> StandingOrder:
        """Make an order; the same key and body return the same order.

        The system names the customer, and needs no step-up.

        Raises InvalidAmount, InvalidText, InvalidInput (cadence, first_date), NotFound,
        IdempotencyMismatch, CurrencyMismatch, StepUpRequired, …
        """
        access.require(actor, "standing_orders.create", owner_id=customer_id)
        owner_id = customer_id or actor.require_customer()
        order = self._checked(
            amount, cadence, first_date, reference, idempotency_key, owner_id=owner_id
        )

        def prepare(uow: UnitOfWork) -> tuple[StandingOrder, bool]:
            payee: Payee = uow.payees.get(payee_id)
            if payee.customer_id != owner_id or payee.status is not PayeeStatus.ACTIVE:
                raise NotFound(field="payee")
            wish = Wish(amount, payee.id, None, from_account_id, order.reference, "prepare")
            debit = proposals.find_debit(uow, wish, order.customer_id)
            proposals.check_currency(debit, amount)
            print_of = fingerprint(
                payee_id=payee.id,
                amount=str(amount),
                cadence=order.cadence,
                first_date=order.first_date.isoformat(),
                reference=order.reference,
                from_account_id=debit.id,
            )
            known: StandingOrder | None = uow.standing_orders.first(
                customer_id=owner_id, idempotency_key=order.idempotency_key
            )
            if known is not None:
                if known.fingerprint != print_of:
                    raise IdempotencyMismatch(idempotency_key=order.idempotency_key)
                return known, True
            made = replace(
                order,
                payee_id=payee.id,
                payee_name=payee.name,
                from_account_id=debit.id,
                fingerprint=print_of,
            )
            return made, False

        def act(uow: UnitOfWork) -> StandingOrder:
            made, is_known = prepare(uow)
            if not is_known:
                uow.standing_orders.add(made)
                self._note(uow, actor, "standing_order.create", made, "step_up")
            return made

        if actor.kind is SYSTEM.kind:
            return self._store.write(act)
        wanted, is_known = self._store.read(prepare)
        if is_known:
            return wanted
        iban = self._store.read(lambda uow: uow.payees.get(payee_id)).iban
        if proof is None:
            self._protection.check_order(actor, _asked(wanted, iban, now_utc=self._clock()))
        return self._stepped_up.run(
            actor, purpose=PURPOSE, binding=_binding(wanted, iban), proof=proof, act=act
        )

    def cancel(self, actor: Actor, order_id: StandingOrderId | str) -> StandingOrder:
        """End an order; twice is once. Raises NotFound."""
        access.require(actor, "standing_orders.cancel")

        def work(uow: UnitOfWork) -> StandingOrder:
            order: StandingOrder = uow.standing_orders.get(order_id, lock=True)
            access.require(actor, "standing_orders.cancel", owner_id=order.customer_id)
            if order.status is StandingOrderStatus.CANCELLED:
                return order
            cancelled = replace(order, status=StandingOrderStatus.CANCELLED)
            uow.standing_orders.save(cancelled)
            self._note(uow, actor, "standing_order.cancel", order, "owner")
            return cancelled

        return self._store.write(work)

    def run_due(self, actor: Actor = SYSTEM) -> int:
        """Run every order whose date has come, one write each; return how many were posted."""
        access.require(actor, "standing_orders.run")
        posted = 0
        while due := self._due():
            for order in due:
                posted += self._run_one(actor, order.id)
        return posted

    def list(self, actor: Actor) -> list[StandingOrder]:
        """Return the customer's running orders, the next first."""
        access.require(actor, "standing_orders.list")
        customer_id = actor.require_customer()
        found: list[StandingOrder] = self._store.read(
            lambda uow: uow.standing_orders.list(
                customer_id=customer_id, status=StandingOrderStatus.ACTIVE, order_by="next_date"
            )
        )
        return found

    def _checked(
        self,
        amount: Money,
        cadence: Cadence | str,
        first_date: date,
        reference: str,
        key: str,
        *,
        owner_id: Any,
    ) -> StandingOrder:
        """Return the order without its payee and account. Raises InvalidInput."""
        parse_amount(amount)
        if cadence not in (Cadence.WEEKLY, Cadence.MONTHLY):
            raise InvalidInput(field="cadence", allowed="weekly, monthly")
        now_utc = self._clock()
        if not 0 <= (first_date - now_utc.date()).days <= AHEAD_DAYS_MAX:
            raise InvalidInput(field="first_date", days_max=AHEAD_DAYS_MAX)
        return StandingOrder(
            id=StandingOrderId(make_id("so")),
            customer_id=owner_id,
            from_account_id=AccountId(""),
            payee_id=PayeeId(""),
            payee_name="",
            amount_minor=amount.amount_minor,
            currency=amount.currency,
            cadence=Cadence(cadence),
            first_date=first_date,
            next_date=first_date,
            reference=parse_text(reference),
            status=StandingOrderStatus.ACTIVE,
            created_at_utc=now_utc,
            idempotency_key=parse_key(key),
            fingerprint="",
        )

    def _due(self) -> Sequence[StandingOrder]:
        due: Sequence[StandingOrder] = self._store.read(
            lambda uow: uow.standing_orders.list(
                status=StandingOrderStatus.ACTIVE,
                next_date__lte=self._clock().date(),
                limit=_RUN_CHUNK,
            )
        )
        return due

    def _run_one(self, actor: Actor, order_id: StandingOrderId) -> bool:
        """Post one run; a refusal is noted on the order, in a write of its own."""
        try:
            return self._store.write(lambda uow: self._post_in(uow, actor, order_id))
        except Unavailable:
            raise
        except BankError as refusal:
            code = refusal.code
            self._store.write(lambda uow: self._miss_in(uow, actor, order_id, code))
            return False

    def _post_in(self, uow: UnitOfWork, actor: Actor, order_id: StandingOrderId) -> bool:
        order: StandingOrder = uow.standing_orders.get(order_id, lock=True)
        now_utc = self._clock()
        if order.status is not StandingOrderStatus.ACTIVE or order.next_date > now_utc.date():
            return False
        wish = Wish(
            amount=order.amount,
            payee_id=order.payee_id,
            to_account_id=None,
            from_account_id=order.from_account_id,
            reference=order.reference,
            idempotency_key=f"{order.id}:{order.next_date.isoformat()}",
            standing_order_id=order.id,
        )
        known = proposals.find_known(uow, wish, customer_id=order.customer_id)
        if known is None or known.status is not TransferStatus.POSTED:
            transfer = proposals.make_proposal(
                uow, wish, customer_id=order.customer_id, now_utc=now_utc
            )
            debit, credit = proposals.lock_sides(uow, transfer)
            post_transfer(uow, transfer, debit=debit, credit=credit, now_utc=now_utc)
        uow.standing_orders.save(after_run(order, outcome=POSTED))
        self._note(uow, actor, "standing_order.run", order, POSTED)
        return True

    def _miss_in(self, uow: UnitOfWork, actor: Actor, order_id: StandingOrderId, code: str) -> None:
        order: StandingOrder = uow.standing_orders.get(order_id, lock=True)
        if order.status is StandingOrderStatus.ACTIVE:
            uow.standing_orders.save(after_run(order, outcome=code))
            self._note(uow, actor, "standing_order.run", order, code)

    def _note(
        self, uow: UnitOfWork, actor: Actor, action: str, order: StandingOrder, why: str
    ) -> None:
        details = {"amount_minor": order.amount_minor, "currency": order.currency}
        self._audit.append_in(uow, actor, action, order.id, "done", why, details)


def _asked(order: StandingOrder, payee_iban: str, *, now_utc: datetime) -> PaymentAsked:
    return PaymentAsked(
        transfer_id=order.id,
        customer_id=order.customer_id,
        payee_name=order.payee_name,
        to_iban=payee_iban,
        amount_minor=order.amount_minor,
        currency=order.currency,
        amount_eur_minor=fx.in_eur_minor(order.amount),
        at_utc=now_utc,
    )


def _binding(order: StandingOrder, payee_iban: str) -> dict[str, Any]:
    return {
        "payee_id": order.payee_id,
        "payee_name": order.payee_name,
        "payee_iban": payee_iban,
        "amount_minor": order.amount_minor,
        "currency": order.currency,
        "cadence": order.cadence.value,
        "first_date": order.first_date.isoformat(),
        "reference": order.reference,
        "from_account_id": order.from_account_id,
        "idempotency_key": order.idempotency_key,
    }
