"""What the console's identity doors take and give: one application, for the person who decides it.

A verdict is the identity checks' own JSON, kept sealed with the application; it is read here with
care, because one that was kept by an older version may lack what a newer one says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from bank.domain.applications import Path
from bank.domain.evidence import Evidence, EvidenceKind
from bank.services.kyc_desk import DecisionView, KycView
from web.guard import Answer, Body

CodeName = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[a-z_]+$")]


class Decide(Body):
    outcome: Literal["approve", "reject", "ask_again"]
    reason_code: CodeName
    note: Annotated[str, StringConstraints(max_length=4000)] = ""


class ApplicationFacts(Answer):
    id: str
    state: str
    biometrics: bool
    document_type: str
    risk: str
    attempts_count: int
    started_at: datetime


class DetailView(Answer):
    name: str
    value: str


class EvidenceView(Answer):
    """One picture; `is_current` is false for those that were replaced by a later one."""

    id: str
    kind: str
    width: int
    height: int
    kept_at: datetime
    erased: bool
    is_current: bool


class ComparedField(Answer):
    """One field by each voice; `agree` is null where fewer than two speak."""

    field: str
    mrz: str = ""
    visual: str = ""
    barcode: str = ""
    told: str = ""
    agree: bool | None = None


class FindingView(Answer):
    code: str
    breakdown: str
    weight: str
    text: str
    score: float | None = None
    about: str = ""


class ScoreView(Answer):
    name: str
    value: float
    threshold: float


class CodedReason(Answer):
    code: str = ""
    text: str = ""
    score: float | None = None


class ScreeningHit(Answer):
    name: str
    source: str = ""
    entry_id: str = ""
    score: float
    reasons: list[CodedReason] = Field(default_factory=list)
    born_dates: list[str] = Field(default_factory=list)
    countries: list[str] = Field(default_factory=list)
    programs: list[str] = Field(default_factory=list)


class ScreeningView(Answer):
    list_version: str = ""
    hits: list[ScreeningHit] = Field(default_factory=list)


class StaffDecision(Answer):
    """`proposed` waits for a second person; `void` was about evidence that has changed since."""

    at: datetime
    staff_id: str
    staff_name: str
    outcome: str
    reason_code: str
    note: str
    state: Literal["final", "proposed", "void"]


class FourEyes(Answer):
    """Whether two people must approve, who has, and whether the viewer may."""

    required: bool
    proposed_by: str | None
    proposed_by_name: str | None
    viewer_may_approve: bool


class KycCase(Answer):
    application: ApplicationFacts
    details: list[DetailView]
    evidence: list[EvidenceView]
    reasons_found: list[CodedReason]
    comparison: list[ComparedField]
    findings: list[FindingView]
    scores: list[ScoreView]
    screening: ScreeningView | None
    decisions: list[StaffDecision]
    four_eyes: FourEyes
    reasons: dict[str, list[str]]
    waits_for_decision: bool


def show_kyc(view: KycView, *, names: Mapping[str, str]) -> KycCase:
    """Return the application as the page draws it; `names` are staff's by id."""
    application, verdict = view.application, view.verdict
    screening = verdict.get("screening")
    return KycCase(
        application=ApplicationFacts(
            id=application.id,
            state=application.state.value,
            biometrics=application.path != Path.PERSON,
            document_type=application.document_type,
            risk=application.risk,
            attempts_count=application.attempts_count,
            started_at=application.started_at_utc,
        ),
        details=[DetailView(name=name, value=value) for name, value in view.details.items()],
        evidence=[_evidence(one, view) for one in view.evidence],
        reasons_found=[CodedReason.model_validate(one) for one in verdict.get("reasons", [])],
        comparison=[_compared(row) for row in verdict.get("comparison", [])],
        findings=[FindingView.model_validate(one) for one in verdict.get("findings", [])],
        scores=[
            ScoreView(name=name, value=score["value"], threshold=score["threshold"])
            for name, score in verdict.get("scores", {}).items()
        ],
        screening=ScreeningView.model_validate(screening) if screening else None,
        decisions=[_decision(one, names) for one in view.decisions],
        four_eyes=_four_eyes(view, names),
        reasons={outcome: list(codes) for outcome, codes in view.reasons.items()},
        waits_for_decision=application.state.value == "in_review",
    )


def _evidence(one: Evidence, view: KycView) -> EvidenceView:
    current = set(view.application.pictures.values())
    if one.kind is EvidenceKind.PORTRAIT:
        current = {max((p for p in view.evidence if p.kind is one.kind), key=_kept_at).id}
    return EvidenceView(
        id=one.id,
        kind=one.kind.value,
        width=one.width,
        height=one.height,
        kept_at=one.kept_at_utc,
        erased=one.erased_at_utc is not None,
        is_current=one.id in current,
    )


def _kept_at(one: Evidence) -> datetime:
    return one.kept_at_utc


def _compared(row: Mapping[str, Any]) -> ComparedField:
    return ComparedField(
        field=row["field"],
        mrz=row.get("mrz", ""),
        visual=row.get("visual", ""),
        barcode=row.get("barcode", ""),
        told=row.get("claim", ""),
        agree=row.get("agree"),
    )


def _decision(one: DecisionView, names: Mapping[str, str]) -> StaffDecision:
    state: Literal["final", "proposed", "void"] = "final"
    if not one.is_final:
        state = "proposed" if one.is_valid else "void"
    return StaffDecision(
        at=one.at_utc,
        staff_id=one.staff_id,
        staff_name=names.get(one.staff_id, one.staff_id),
        outcome=one.outcome,
        reason_code=one.reason_code,
        note=one.note,
        state=state,
    )


def _four_eyes(view: KycView, names: Mapping[str, str]) -> FourEyes:
    standing = [one for one in view.decisions if one.is_valid and not one.is_final]
    by = standing[-1].staff_id if standing and view.waits_for_second else None
    return FourEyes(
        required=view.needs_second,
        proposed_by=by,
        proposed_by_name=names.get(by, by) if by else None,
        viewer_may_approve=view.viewer_may_approve,
    )
