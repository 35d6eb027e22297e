"""Transfers: propose, change, confirm, cancel. How a proposal is checked: `proposals.py`.

    propose ──▶ a hold on the account, nothing posted
    confirm ──▶ step-up where the policy asks for one, then postings; all in one transaction
    amend   ──▶ the old proposal voided and a new one made, or neither

Confirmations and cancellations are audited; a proposal is its own record and moves nothing.
A confirmation repeated after a lost reply returns the posted transfer and moves nothing.
"""

from __future__ import annotations

from contextlib import suppress

from bank.domain import transfers as rules
from bank.domain.accounts import Account
from bank.domain.actors import Actor
from bank.domain.challenges import StepUpProof
from bank.domain.errors import BankError, Conflict, ProposalExpired, StepUpRequired
from bank.domain.ids import AccountId, PayeeId, TransferId
from bank.domain.money import Money
from bank.domain.payees import Payee
from bank.domain.transfers import Transfer, TransferStatus
from bank.policies import access
from bank.ports import Auditor, Clock, StepUpGate, Store, UnitOfWork
from bank.services import proposal_rules, proposals
from bank.services.proposals import Wish
from bank.services.stepped_up import ask_in
from bank.services.transfer_posting import audited, binding_of, post_transfer

PURPOSE = "transfer"
_LIST_MAX = 200
_EXPIRE_CHUNK = 500


class Transfers:
    """Money from one account to another."""

    def __init__(self, store: Store, *, clock: Clock, step_up: StepUpGate, audit: Auditor) -> None:
        self._store = store
        self._clock = clock
        self._step_up = step_up
        self._audit = audit

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
            old = self._own(uow, actor, transfer_id, "transfers.propose")
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
        """Post a proposal. Confirming a posted one returns it unchanged.

        Raises ProposalVoided, ProposalExpired, AccountNotActive, InsufficientFunds, StepUpRequired
        (a code is on its way), WrongCode, CodeExpired, TooManyTries, NotFound.
        """
        access.require(actor, "transfers.confirm")
        if proof is not None:
            self._verify(actor, transfer_id, proof)

        # A refusal is returned, not raised, where what was written must stay.
        outcome = self._store.write(lambda uow: self._confirm_in(uow, actor, transfer_id, proof))
        if isinstance(outcome, BankError):
            raise outcome
        return outcome

    def void(self, actor: Actor, transfer_id: TransferId | str) -> Transfer:
        """Cancel a proposal; cancelling one that is over already changes nothing.

        Raises Conflict (posted), NotFound.
        """

        def work(uow: UnitOfWork) -> Transfer:
            transfer = self._own(uow, actor, transfer_id, "transfers.void", lock=True)
            if transfer.status is TransferStatus.POSTED:
                raise Conflict(transfer_id=transfer.id, status=transfer.status)
            if transfer.status is not TransferStatus.PROPOSED:
                return transfer
            ended, _ = proposals.end_proposal(uow, transfer, TransferStatus.VOIDED)
            self._audit.append_in(
                uow, actor, "transfer.void", transfer.id, "done", "owner", audited(transfer)
            )
            return ended

        return self._store.write(work)

    def get(self, actor: Actor, transfer_id: TransferId | str) -> Transfer:
        """Return one transfer as it stands now. Raises NotFound."""
        transfer = self._store.read(
            lambda uow: self._own(uow, actor, transfer_id, "transfers.read")
        )
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

    def _verify(self, actor: Actor, transfer_id: TransferId | str, proof: StepUpProof) -> None:
        transfer = self._store.read(
            lambda uow: self._own(uow, actor, transfer_id, "transfers.confirm")
        )
        if transfer.status is TransferStatus.PROPOSED and not rules.is_overdue(
            transfer, now_utc=self._clock()
        ):
            # Nothing was asked for: whether something must be, the confirmation decides.
            with suppress(StepUpRequired):
                self._step_up.verify(
                    actor, purpose=PURPOSE, binding=binding_of(transfer), proof=proof
                )

    def _confirm_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        transfer_id: TransferId | str,
        proof: StepUpProof | None,
    ) -> Transfer | BankError:
        now_utc = self._clock()
        transfer = self._own(uow, actor, transfer_id, "transfers.confirm", lock=True)
        if transfer.status is TransferStatus.POSTED:
            return transfer
        if rules.is_overdue(transfer, now_utc=now_utc):
            proposals.end_proposal(uow, transfer, TransferStatus.EXPIRED)
            return ProposalExpired(transfer_id=transfer.id)
        rules.check_open(transfer, now_utc=now_utc)
        debit, credit = proposals.lock_sides(uow, transfer)
        proposals.check_confirmable(transfer, debit, credit)
        if self._needs_step_up(uow, transfer):
            transfer = proposals.stepped_up(transfer)
            refusal = self._consume_in(uow, actor, transfer, proof)
            if refusal is not None:
                uow.transfers.save(transfer)
                return refusal
        posted = self._post(uow, transfer, debit, credit)
        why = "step_up" if transfer.needs_step_up else "own" if transfer.is_own else "small"
        self._audit.append_in(
            uow, actor, "transfer.post", transfer.id, "done", why, audited(transfer)
        )
        return posted

    def _consume_in(
        self, uow: UnitOfWork, actor: Actor, transfer: Transfer, proof: StepUpProof | None
    ) -> StepUpRequired | None:
        """Use up the proof; without one, or when nothing was asked yet, ask and say so."""
        binding = binding_of(transfer)
        if proof is not None:
            try:
                self._step_up.consume_in(uow, actor, purpose=PURPOSE, binding=binding, proof=proof)
            except StepUpRequired:
                pass
            else:
                return None
        return ask_in(self._step_up, uow, actor, purpose=PURPOSE, binding=binding)

    def _post(
        self, uow: UnitOfWork, transfer: Transfer, debit: Account, credit: Account | None
    ) -> Transfer:
        posted = post_transfer(uow, transfer, debit=debit, credit=credit, now_utc=self._clock())
        if posted.bill_id is not None:
            bill = uow.bills.get(posted.bill_id)
            uow.bills.save(proposals.paid(bill, posted))
        return posted

    def _needs_step_up(self, uow: UnitOfWork, transfer: Transfer) -> bool:
        """Ask the policy again: other small transfers may have gone out since the proposal."""
        if transfer.needs_step_up or transfer.is_own:
            return transfer.needs_step_up
        payee: Payee | None = uow.payees.find(transfer.payee_id) if transfer.payee_id else None
        return proposal_rules.needs_step_up(uow, transfer, payee=payee, now_utc=self._clock())

    def _own(
        self,
        uow: UnitOfWork,
        actor: Actor,
        transfer_id: TransferId | str,
        action: str,
        *,
        lock: bool = False,
    ) -> Transfer:
        access.require(actor, action)
        transfer: Transfer = uow.transfers.get(transfer_id, lock=lock)
        access.require(actor, action, owner_id=transfer.customer_id)
        return transfer

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
