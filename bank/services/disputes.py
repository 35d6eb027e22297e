"""Disputes: the customer objects to a posting; staff get a case and decide.

Refusals, in this order: NotFound · InvalidText · InvalidInput (the reason) · IdempotencyMismatch ·
InvalidInput (money that came in, a reason that does not fit) · DisputeTooLate · DisputeAlreadyOpen
"""

from __future__ import annotations

from bank.domain.accounts import Account
from bank.domain.actors import Actor
from bank.domain.cases import CaseKind
from bank.domain.disputes import Dispute, DisputeReason, DisputeStatus, check_disputable
from bank.domain.errors import DisputeAlreadyOpen, IdempotencyMismatch, InvalidText
from bank.domain.ids import CustomerId, DisputeId, PostingId, make_id
from bank.domain.ledger import Posting
from bank.domain.transfers import fingerprint, parse_key
from bank.policies import access, escalation
from bank.policies import disputes as policy
from bank.ports import Auditor, CaseOpener, Clock, Store, UnitOfWork

NOTE_MAX_CHARS = 1_000


class Disputes:
    """Objections to postings."""

    def __init__(self, store: Store, *, clock: Clock, cases: CaseOpener, audit: Auditor) -> None:
        self._store = store
        self._clock = clock
        self._cases = cases
        self._audit = audit

    def reasons(self) -> list[DisputeReason]:
        """Return the reasons one may give, in the order they are offered."""
        return policy.list_reasons()

    def open(
        self,
        actor: Actor,
        posting_id: PostingId | str,
        *,
        reason: str,
        note: str = "",
        idempotency_key: str,
    ) -> Dispute:
        """Object to a posting; opens a case in the same transaction.

        The same key and body return the same dispute. Raises what the head of this module lists.
        """
        access.require(actor, "disputes.open")
        customer_id, key = actor.require_customer(), parse_key(idempotency_key)
        if len(note) > NOTE_MAX_CHARS:
            raise InvalidText(field="note", max_chars=NOTE_MAX_CHARS)
        why = policy.get_reason(reason)
        body = fingerprint(posting_id=posting_id, reason=reason, note=note)

        def work(uow: UnitOfWork) -> Dispute:
            known: Dispute | None = uow.disputes.first(customer_id=customer_id, idempotency_key=key)
            if known is not None:
                if known.fingerprint != body:
                    raise IdempotencyMismatch(idempotency_key=key)
                return known
            posting: Posting = uow.postings.get(posting_id)
            account: Account = uow.accounts.get(posting.account_id)
            access.require(actor, "disputes.open", owner_id=account.customer_id)
            check_disputable(posting, why, now_utc=self._clock())
            held: Dispute | None = uow.disputes.first(
                posting_id=posting.id, status=DisputeStatus.OPEN
            )
            if held is not None:
                raise DisputeAlreadyOpen(dispute_id=held.id)
            return self._open_in(uow, actor, posting, why, note=note, key=key, body=body)

        return self._store.write(work)

    def _open_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        posting: Posting,
        reason: DisputeReason,
        *,
        note: str,
        key: str,
        body: str,
    ) -> Dispute:
        customer_id: CustomerId = actor.require_customer()
        now_utc, dispute_id = self._clock(), DisputeId(make_id("di"))
        case = self._cases.open_in(
            uow,
            kind=CaseKind.DISPUTE,
            queue=escalation.queue_of(CaseKind.DISPUTE),
            subject=f"{posting.merchant or posting.description}, {-posting.amount}",
            reason_code=reason.code,
            why=note or reason.code,
            customer_id=customer_id,
            conversation_id=actor.conversation_id,
            priority=policy.priority_of(reason.code),
            idempotency_key=f"dispute:{dispute_id}",
        )
        dispute = Dispute(
            id=dispute_id,
            customer_id=customer_id,
            account_id=posting.account_id,
            posting_id=posting.id,
            merchant=posting.merchant,
            amount_minor=-posting.amount_minor,
            currency=posting.currency,
            reason=reason.code,
            note=note,
            status=DisputeStatus.OPEN,
            case_id=case.id,
            opened_at_utc=now_utc,
            answer_by_utc=policy.answer_by(now_utc),
            idempotency_key=key,
            fingerprint=body,
        )
        uow.disputes.add(dispute)
        self._audit.append_in(
            uow, actor, "dispute.open", dispute.id, "done", reason.code, {"posting": posting.id}
        )
        return dispute

    def list(self, actor: Actor) -> list[Dispute]:
        """Return the customer's disputes, newest first."""
        access.require(actor, "disputes.list")
        customer_id = actor.require_customer()
        found: list[Dispute] = self._store.read(
            lambda uow: uow.disputes.list(
                customer_id=customer_id, order_by="opened_at_utc", descending=True
            )
        )
        return found
