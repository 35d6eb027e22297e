"""Confirmations: the one step that moves money.

    checked, looked at (protection.py)   before the write: a score must not hold the writer
    write   still possible? ─▶ paused with a warning │ a step-up asked for, or its proof spent
                            ─▶ posted │ held for a person's look

Confirmations are audited; one repeated after a lost reply returns the posted (or held) transfer
and moves nothing.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from bank.domain import transfers as rules
from bank.domain.actors import Actor
from bank.domain.challenges import StepUpProof
from bank.domain.errors import BankError, ProposalExpired, StepUpRequired
from bank.domain.ids import TransferId
from bank.domain.payees import Payee
from bank.domain.transfers import Transfer, TransferStatus
from bank.policies import access
from bank.ports import Auditor, Clock, StepUpGate, Store, UnitOfWork
from bank.services import proposal_rules, proposals
from bank.services.protection import Looked, Protection
from bank.services.stepped_up import ask_in
from bank.services.transfer_posting import audited, binding_of, post_transfer

PURPOSE = "transfer"


def own_in(
    uow: UnitOfWork, actor: Actor, transfer_id: TransferId | str, action: str, *, lock: bool = False
) -> Transfer:
    """Return a transfer of the actor's own. Raises NotAuthenticated, NotPermitted, NotFound."""
    access.require(actor, action)
    transfer: Transfer = uow.transfers.get(transfer_id, lock=lock)
    access.require(actor, action, owner_id=transfer.customer_id)
    return transfer


class Confirmations:
    """Posts what was proposed, or holds it."""

    def __init__(
        self, store: Store, *, clock: Clock, step_up: StepUpGate, audit: Auditor,
        protection: Protection,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._step_up = step_up
        self._audit = audit
        self._protection = protection

    def confirm(
        self, actor: Actor, transfer_id: TransferId | str, proof: StepUpProof | None
    ) -> Transfer:
        """Confirm; see `Transfers.confirm`."""
        looked = self._look(actor, transfer_id, proof)

        # A refusal is returned, not raised, where what was written must stay.
        outcome = self._store.write(
            lambda uow: self._confirm_in(uow, actor, transfer_id, proof, looked)
        )
        if isinstance(outcome, BankError):
            raise outcome
        return outcome

    def _look(
        self, actor: Actor, transfer_id: TransferId | str, proof: StepUpProof | None
    ) -> Looked | None:
        """Check the proof, then look at the payment; both before the write that moves money."""
        transfer = self._store.read(
            lambda uow: own_in(uow, actor, transfer_id, "transfers.confirm")
        )
        if transfer.status is not TransferStatus.PROPOSED or rules.is_overdue(
            transfer, now_utc=self._clock()
        ):
            return None
        if proof is not None:
            # Nothing was asked for: whether something must be, the confirmation decides.
            with suppress(StepUpRequired):
                self._step_up.verify(
                    actor, purpose=PURPOSE, binding=binding_of(transfer), proof=proof
                )
        return self._protection.check(transfer)

    def _confirm_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        transfer_id: TransferId | str,
        proof: StepUpProof | None,
        looked: Looked | None,
    ) -> Transfer | BankError:
        now_utc = self._clock()
        transfer = own_in(uow, actor, transfer_id, "transfers.confirm", lock=True)
        if transfer.status in (TransferStatus.POSTED, TransferStatus.HELD):
            return transfer
        if rules.is_overdue(transfer, now_utc=now_utc):
            proposals.end_proposal(uow, transfer, TransferStatus.EXPIRED)
            return ProposalExpired(transfer_id=transfer.id)
        rules.check_open(transfer, now_utc=now_utc)
        debit, credit = proposals.lock_sides(uow, transfer)
        proposals.check_confirmable(transfer, debit, credit)
        if looked is not None:
            paused = self._protection.refuse_in(uow, actor, looked)
            if paused is not None:
                proposals.end_proposal(uow, transfer, TransferStatus.VOIDED, debit=debit)
                return paused
        if self._needs_step_up(uow, transfer, looked):
            transfer = proposals.stepped_up(transfer)
            refusal = self._consume_in(uow, actor, transfer, proof)
            if refusal is not None:
                uow.transfers.save(transfer)
                return refusal
        if looked is not None and looked.is_held:
            return self._hold_in(uow, actor, transfer, looked)
        if looked is not None:
            self._protection.keep_in(uow, actor, looked)
        posted = post_transfer(uow, transfer, debit=debit, credit=credit, now_utc=now_utc)
        proposals.settle_bill(uow, posted)
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

    def _hold_in(
        self, uow: UnitOfWork, actor: Actor, transfer: Transfer, looked: Looked
    ) -> Transfer:
        """Keep the money reserved, without an end in time, until a person has decided."""
        held = replace(transfer, status=TransferStatus.HELD)
        uow.transfers.save(held)
        self._protection.hold_in(uow, actor, looked)
        self._audit.append_in(
            uow, actor, "transfer.hold", transfer.id, "done", "risk", audited(transfer)
        )
        return held

    def _needs_step_up(self, uow: UnitOfWork, transfer: Transfer, looked: Looked | None) -> bool:
        """Ask the policy again: other small transfers may have gone out since the proposal."""
        if looked is not None and looked.needs_step_up:
            return True
        if transfer.needs_step_up or transfer.is_own:
            return transfer.needs_step_up
        payee: Payee | None = uow.payees.find(transfer.payee_id) if transfer.payee_id else None
        return proposal_rules.needs_step_up(uow, transfer, payee=payee, now_utc=self._clock())
