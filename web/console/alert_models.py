"""An alert's page in JSON: what was seen of each act, and what a person needs to decide it.

Shares are log-odds: +0.7 doubles the odds, +2.3 makes them ten times as high. Of one source they
are summed and capped (bank/policies/protection.toml), so `adds` may be less than its parts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bank.domain.ibans import mask as mask_iban
from bank.domain.money import Money
from bank.domain.risk import Assessment, RiskSignal, RiskSource
from bank.policies import protection as policy
from bank.services.alert_pages import AlertPage
from bank.services.counterparties import PaymentGraph
from bank.services.sar_drafts import OpenedDraft
from web.api.accounts import MoneyView, show_money
from web.guard import Answer, Body

PartText = Annotated[str, StringConstraints(max_length=20_000)]


class DecideAlert(Body):
    """`genuine`: it was the customer. What was held goes out, or is not carried out."""

    outcome: Literal["genuine", "fraud"]
    note: Annotated[str, StringConstraints(max_length=4000)] = ""


class SignalView(Answer):
    code: str
    sentence: str
    share: float


class SourceView(Answer):
    """Signals of one source, the strongest first; `adds`: what they add together."""

    source: str
    adds: float
    signals: list[SignalView]


class ActView(Answer):
    """One act as it was looked at. `transfer_status`: empty where it is no payment.

    `one_in`: the probability as one in so many; 0 below one in a thousand.
    """

    id: str
    act: str
    amount: MoneyView | None
    payee: str
    iban_masked: str
    transfer_status: str
    probability: float
    one_in: int
    decision: str
    story: str
    model_version: str
    at: datetime
    sources: list[SourceView]
    outcome: str | None
    outcome_by: str | None
    outcome_at: datetime | None


class MarkView(Answer):
    at: datetime
    kind: str
    text: str
    asked: bool


class TimelineView(Answer):
    since: datetime
    until: datetime
    marks: list[MarkView]
    cut: bool


class NodeView(Answer):
    id: str
    kind: str
    label: str
    asked: bool
    lost: int


class EdgeView(Answer):
    """`amount`: in euros, whatever was paid."""

    source: str
    target: str
    amount: MoneyView
    count: int
    asked: bool


class GraphView(Answer):
    nodes: list[NodeView]
    edges: list[EdgeView]
    left_off: int


class FlagView(Answer):
    """What was noticed in a line: `spans` are places in its characters, not in its bytes."""

    seq: int
    code: str
    text: str
    spans: list[tuple[int, int]]


class AlertView(Answer):
    """`held`: money waits for the decision. `may_draft`: whether there is a report to write."""

    acts: list[ActView]
    waits: bool
    held: bool
    may_decide: bool
    may_draft: bool
    timeline: TimelineView | None
    graph: GraphView
    flags: list[FlagView]


class SarParts(Body):
    subject: PartText = ""
    activity: PartText = ""
    grounds: PartText = ""
    chronology: PartText = ""
    narrative: PartText = ""


class WriteSar(Body):
    """`after_version`: the version that was read; 0 for the prefilled one."""

    after_version: Annotated[int, Field(ge=0, le=100_000)]
    parts: SarParts


class SarView(Answer):
    """`version` 0: nobody has written yet, the parts are what the bank knows."""

    case_id: str
    version: int
    parts: dict[str, str]
    written_by: str | None
    written_at: datetime | None


def show_alert(page: AlertPage, *, names: Mapping[str, str]) -> AlertView:
    """Return the page; `names` are those of colleagues by id."""
    acts = [_show_act(one, page, names=names) for one in page.assessments]
    line = page.timeline
    return AlertView(
        acts=acts,
        waits=page.waits,
        held=any(one.transfer_status == "processing" for one in acts if one.outcome is None),
        may_decide=page.may_decide,
        may_draft=page.may_draft,
        timeline=TimelineView(
            since=line.since_utc, until=line.until_utc, cut=line.is_cut,
            marks=[
                MarkView(at=one.at_utc, kind=one.kind, text=one.sentence, asked=one.is_asked)
                for one in line.marks
            ],
        )
        if line
        else None,
        graph=_show_graph(page.graph),
        flags=[
            FlagView(seq=one.seq, code=one.code, text=one.sentence, spans=list(one.spans))
            for one in page.flags
        ],
    )  # fmt: skip


def show_sar(opened: OpenedDraft, *, names: Mapping[str, str]) -> SarView:
    return SarView(
        case_id=opened.case.id,
        version=opened.version,
        parts=dict(opened.parts),
        written_by=names.get(opened.written_by) if opened.written_by else None,
        written_at=opened.written_at_utc,
    )


def _show_act(seen: Assessment, page: AlertPage, *, names: Mapping[str, str]) -> ActView:
    transfer = page.transfers.get(seen.subject_id)
    amount: Money | None = Money(seen.amount_eur_minor, "EUR") if seen.amount_eur_minor else None
    if transfer is not None:
        amount = transfer.amount
    return ActView(
        id=seen.id,
        act=seen.act.value,
        amount=show_money(amount) if amount else None,
        payee=transfer.payee_name if transfer else "",
        iban_masked=mask_iban(seen.to_iban) if seen.to_iban else "",
        transfer_status=transfer.status.value if transfer else "",
        probability=round(seen.probability, 4),
        one_in=round(1 / seen.probability) if seen.probability >= 0.001 else 0,
        decision=seen.decision.value,
        story=seen.story.value,
        model_version=seen.model_version,
        at=seen.at_utc,
        sources=_show_sources(seen),
        outcome=seen.outcome.value if seen.outcome else None,
        outcome_by=names.get(seen.outcome_by) if seen.outcome_by else None,
        outcome_at=seen.outcome_at_utc,
    )


def _show_sources(seen: Assessment) -> list[SourceView]:
    """Return the signals by their source; what matters most comes first."""
    signals = [
        RiskSignal(RiskSource(one["source"]), one["code"], float(one["share"]), one["sentence"])
        for one in seen.signals.get("signals", ())
    ]
    adds = policy.capped(signals)
    grouped: dict[RiskSource, list[RiskSignal]] = defaultdict(list)
    for one in sorted(signals, key=lambda one: -one.share):
        grouped[one.source].append(one)
    return [
        SourceView(
            source=source.value,
            adds=round(adds[source], 3),
            signals=[
                SignalView(code=one.code, sentence=one.sentence, share=round(one.share, 3))
                for one in grouped[source]
            ],
        )
        for source in sorted(grouped, key=lambda source: -adds[source])
    ]


def _show_graph(graph: PaymentGraph) -> GraphView:
    return GraphView(
        nodes=[
            NodeView(
                id=one.id, kind=one.kind, label=one.label, asked=one.is_asked,
                lost=one.lost_count,
            )
            for one in graph.nodes
        ],
        edges=[
            EdgeView(
                source=one.from_id, target=one.to_id, count=one.payments_count,
                amount=show_money(Money(one.amount_eur_minor, "EUR")), asked=one.is_asked,
            )
            for one in graph.edges
        ],
        left_off=graph.left_off_count,
    )  # fmt: skip
