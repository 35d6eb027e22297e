"""Fraud findings: staff decide whether a posting was fraud; files of others bring many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bank.domain.accounts import Account
from bank.domain.actors import Actor
from bank.domain.errors import NotFound
from bank.domain.fraud_findings import FindingSource, FraudFinding
from bank.domain.ids import CaseId, CustomerId, PostingId, make_id
from bank.domain.ledger import Posting
from bank.policies import access
from bank.ports import Auditor, Clock, Store, UnitOfWork


class FraudFindings:
    """Staff's word on postings."""

    def __init__(self, store: Store, *, clock: Clock, audit: Auditor) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit

    def note(
        self,
        actor: Actor,
        posting_id: PostingId | str,
        *,
        is_fraud: bool,
        source: FindingSource | str = FindingSource.REPORT,
        case_id: CaseId | str | None = None,
    ) -> FraudFinding:
        """Store a decision on a customer's posting. Raises NotPermitted, NotFound."""
        reason = access.require(actor, "fraud_findings.note")

        def work(uow: UnitOfWork) -> FraudFinding:
            posting: Posting = uow.postings.get(posting_id)
            account: Account = uow.accounts.get(posting.account_id)
            if account.customer_id is None:
                raise NotFound(table="postings")
            finding = find_in(
                uow, posting.id, account.customer_id, is_fraud=is_fraud, source=source,
                found_by=actor.id, now_utc=self._clock(), case_id=case_id,
            )  # fmt: skip
            verdict = "fraud" if is_fraud else "genuine"
            self._audit.append_in(
                uow, actor, "fraud_finding.note", posting.id, "done", reason, {"finding": verdict}
            )
            return finding

        return self._store.write(work)

    def take_file(self, actor: Actor, findings: Sequence[FraudFinding]) -> int:
        """Store many decisions made elsewhere, all or none; returns how many.

        Every posting must be a customer's. Raises NotPermitted, AlreadyExists.
        """
        reason = access.require(actor, "fraud_findings.take_file")

        def work(uow: UnitOfWork) -> int:
            uow.fraud_findings.add_many(list(findings))
            self._audit.append_in(
                uow, actor, "fraud_finding.take_file", "fraud_findings", "done", reason,
                {"count": str(len(findings))},
            )  # fmt: skip
            return len(findings)

        return self._store.write(work)


def find_in(
    uow: UnitOfWork, posting_id: PostingId, customer_id: CustomerId, *, is_fraud: bool,
    source: FindingSource | str, found_by: str, now_utc: datetime,
    case_id: CaseId | str | None = None,
) -> FraudFinding:  # fmt: skip
    """Store a decision in the caller's transaction, which has checked who decides."""
    finding = FraudFinding(
        id=make_id("fi"),
        posting_id=posting_id,
        customer_id=customer_id,
        is_fraud=is_fraud,
        source=FindingSource(source),
        found_at_utc=now_utc,
        found_by=found_by,
        case_id=CaseId(case_id) if case_id else None,
    )
    uow.fraud_findings.add(finding)
    return finding
