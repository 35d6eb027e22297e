"""Verdict runs: one person finds alert after alert genuine, and somebody else has a look.

    decide ─▶ how many in a row? ─▶ far more than the others would have ─▶ a case, once a day

In the write of the decision that makes the run. The case waits where supervisors see it, and is
never given to whom it is about. Nothing is undone: what was let go is gone, and its labels are
bounded in any case (policies/feedback.py).
"""

from __future__ import annotations

from datetime import datetime

from bank.domain.actors import Actor
from bank.domain.cases import VERDICT_RUN, CaseKind, Priority, about_key
from bank.domain.risk import Assessment, RiskOutcome
from bank.policies import feedback
from bank.policies.escalation import OVERSIGHT
from bank.ports import CaseOpener, UnitOfWork


def watch_in(uow: UnitOfWork, cases: CaseOpener, actor: Actor, *, now_utc: datetime) -> None:
    """Open a case when the actor's verdict, which is stored already, makes a run too long."""
    own: list[Assessment] = uow.assessments.list(
        outcome_by=actor.id, outcome_at_utc__gt=feedback.run_since(now_utc)
    )
    found = {one.outcome: one.outcome_at_utc for one in sorted(own, key=_when)}
    last_fraud = found.get(RiskOutcome.FRAUD)
    in_row = {
        one.case_id
        for one in own
        if one.outcome is RiskOutcome.GENUINE and (last_fraud is None or _when(one) > last_fraud)
    }
    if not feedback.may_be_run(len(in_row)):
        return
    genuine, count = _others(uow, actor, now_utc=now_utc)
    if not feedback.is_run(len(in_row), others_genuine=genuine, others_count=count):
        return
    cases.open_in(
        uow,
        kind=CaseKind.ALERT,
        queue=OVERSIGHT,
        subject=f"{len(in_row)} alerts in a row were found genuine by one person",
        reason_code=VERDICT_RUN,
        why=f"{actor.id} has found {len(in_row)} alerts genuine, one after the other. The others "
        f"found {genuine} of {count} acts genuine in the days before. Please look at some again.",
        customer_id=None,
        conversation_id=None,
        priority=Priority.HIGH,
        idempotency_key=about_key(VERDICT_RUN, actor.id, day=now_utc.date()),
    )


def _others(uow: UnitOfWork, actor: Actor, *, now_utc: datetime) -> tuple[int, int]:
    """Return how many acts the others found genuine lately, and how many they decided."""
    counted = []
    for outcomes in ((RiskOutcome.GENUINE,), tuple(RiskOutcome)):
        lately = {"outcome": outcomes, "outcome_at_utc__gt": feedback.others_since(now_utc)}
        own = uow.assessments.count(outcome_by=actor.id, **lately)
        counted.append(uow.assessments.count(**lately) - own)
    return counted[0], counted[1]


def _when(seen: Assessment) -> datetime:
    assert seen.outcome_at_utc is not None, seen.id
    return seen.outcome_at_utc
