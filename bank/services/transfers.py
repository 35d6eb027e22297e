"""Transfers: propose, change, confirm, cancel. How a proposal is checked: `proposals.py`.

    propose ──▶ a hold on the account, nothing posted
    confirm ──▶ looked at, step-up where asked for, then postings or held: `confirmations.py`
    amend   ──▶ the old proposal voided and a new one made, or neither

Confirmations and cancellations are audited; a proposal is its own record and moves nothing.
A confirmation repeated after a lost reply returns the posted transfer and moves nothing.
"""

from __future__ import annotations

from bank.domain import transfers as rules
from bank.domain.actors import Actor
from bank.domain.challenges import StepUpProof
from bank.domain.errors import Conflict
from bank.domain.ids import AccountId, PayeeId, TransferId
from bank.domain.money import Money
from bank.domain.transfers import Transfer, TransferStatus
from bank.policies import access
from bank.ports import Auditor, Clock, StepUpGate, Store, UnitOfWork
from bank.services import proposals
from bank.services.confirmations import Confirmations, own_in
from bank.services.proposals import Wish
from bank.services.protection import Protection
from bank.services.transfer_posting import audited

_LIST_MAX = 200
_EXPIRE_CHUNK = 500


class Transfers:
    """Money from one account to another."""

    def __init__(
        self, store: Store, *, clock: Clock, step_up: StepUpGate, audit: Auditor,
        protection: Protection,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._audit = audit
        self._confirmations = Confirmations(
            store, clock=clock, step_up=step_up, audit=audit, protection=protection
        )

    def propose(
        self,
        actor: Actor,
        *,
        amount: Money,
        payee_id: PayeeId | str | None = None,
        to_account_id: AccountId | str | None = None,
        from_account_id: AccountId | str | None = None,
        reference: str = "",
        idempotency_key: str,
    ) -> Transfer:
        """Promise money and hold it; the same key and body return the same transfer.

        Without `from_account_id` the first active current account in that currency pays.
        Raises what `proposals.py` lists, in its order.
        """
        wish = Wish(amount, payee_id, to_account_id, from_account_id, reference, idempotency_key)
        return self.propose_wish(actor, wish)

    def propose_wish(self, actor: Actor, wish: Wish) -> Transfer:
        """Propose what another room asks for: a bill, say."""
        access.require(actor, "transfers.propose")
        customer_id, wish = actor.require_customer(), wish.checked()

        def work(uow: UnitOfWork) -> Transfer:
            now_utc = self._clock()
            known = proposals.find_known(uow, wish, customer_id=customer_id)
            if known is not None:
                return rules.as_of(known, now_utc=now_utc)
            return proposals.make_proposal(uow, wish, customer_id=customer_id, now_utc=now_utc)

        return self._store.write(work)

    def amend(
        self,
        actor: Actor,
        transfer_id: TransferId | str,
        *,
        amount: Money | None = None,
        payee_id: PayeeId | str | None = None,
        to_account_id: AccountId | str | None = None,
        from_account_id: AccountId | str | None = None,
        reference: str | None = None,
        idempotency_key: str,
    ) -> Transfer:
        """Replace an open proposal by one that differs in what is given.

        When the new one is refused, the old one stays as it was.
        Raises ProposalVoided, ProposalExpired, Conflict (posted), and what `propose` raises.
        """
        access.require(actor, "transfers.propose")
        customer_id = actor.require_customer()

        def work(uow: UnitOfWork) -> Transfer:
            now_utc = self._clock()
            old = own_in(uow, actor, transfer_id, "transfers.propose")
            if old.bill_id is not None:
                raise Conflict(transfer_id=old.id, bill_id=old.bill_id)
            # An own account is the other side when that is all there is; a new side replaces it.
            is_new_side = payee_id is not None or to_account_id is not None
            wish = Wish(
                amount=amount or old.amount,
                payee_id=payee_id if is_new_side else old.payee_id,
                to_account_id=to_account_id
                if is_new_side
                else (None if old.payee_id else old.to_account_id),
                from_account_id=from_account_id or old.from_account_id,
                reference=old.reference if reference is None else reference,
                idempotency_key=idempotency_key,
            ).checked()
            known = proposals.find_known(uow, wish, customer_id=customer_id)
            if known is not None:
                return rules.as_of(known, now_utc=now_utc)
            rules.check_open(old, now_utc=now_utc)
            proposals.end_proposal(uow, old, TransferStatus.VOIDED)
            return proposals.make_proposal(uow, wish, customer_id=customer_id, now_utc=now_utc)

        return self._store.write(work)

    def confirm(
        self,
        actor: Actor,
        transfer_id: TransferId | str,
        *,
        proof: StepUpProof | None = None,
    ) -> Transfer:
        """Post a proposal, or hold it. Confirming one that is posted or held returns it unchanged.

        Raises ProposalVoided, ProposalExpired, AccountNotActive, InsufficientFunds, PaymentPaused,
        StepUpRequired (a code is on its way), WrongCode, CodeExpired, TooManyTries, NotFound.
        """
        access.require(actor, "transfers.confirm")
        return self._confirmations.confirm(actor, transfer_id, proof)

    def void(self, actor: Actor, transfer_id: TransferId | str) -> Transfer:
        """Cancel a proposal; cancelling one that is over already changes nothing.

        Raises Conflict (posted), NotFound.
        """

        def work(uow: UnitOfWork) -> Transfer:
            transfer = own_in(uow, actor, transfer_id, "transfers.void", lock=True)
            if transfer.status is TransferStatus.POSTED:
                raise Conflict(transfer_id=transfer.id, status=transfer.status)
            if transfer.status not in (TransferStatus.PROPOSED, TransferStatus.HELD):
                return transfer
            ended, _ = proposals.end_proposal(uow, transfer, TransferStatus.VOIDED)
            self._audit.append_in(
                uow, actor, "transfer.void", transfer.id, "done", "owner", audited(transfer)
            )
            return ended

        return self._store.write(work)

    def get(self, actor: Actor, transfer_id: TransferId | str) -> Transfer:
        """Return one transfer as it stands now. Raises NotFound."""
        transfer = self._store.read(lambda uow: own_in(uow, actor, transfer_id, "transfers.read"))
        return rules.as_of(transfer, now_utc=self._clock())

    def expire_due(self) -> int:
        """Release the holds of all proposals whose time is over; return how many."""

        def work(uow: UnitOfWork) -> int:
            due: list[Transfer] = uow.transfers.list(
                status=TransferStatus.PROPOSED,
                expires_at_utc__lte=self._clock(),
                limit=_EXPIRE_CHUNK,
            )
            for transfer in due:
                proposals.end_proposal(uow, transfer, TransferStatus.EXPIRED)
            return len(due)

        released = 0
        while count := self._store.write(work):
            released += count
        return released

    def list(self, actor: Actor, limit: int = 20) -> list[Transfer]:
        """Return the customer's newest transfers, newest first."""
        access.require(actor, "transfers.read")
        customer_id, now_utc = actor.require_customer(), self._clock()
        found: list[Transfer] = self._store.read(
            lambda uow: uow.transfers.list(
                customer_id=customer_id,
                order_by="proposed_at_utc",
                descending=True,
                limit=max(1, min(limit, _LIST_MAX)),
            )
        )
        return [rules.as_of(transfer, now_utc=now_utc) for transfer in found]
