"""What the console's campaign doors take and give. Times are UTC, money is minor units of EUR."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from bank.domain.audience_rules import FEATURES, OPS, RULES_MAX_COUNT
from bank.domain.campaigns import Campaign, CampaignWish, MessageClass
from bank.domain.consents import IN_TALK, Channel, Purpose
from bank.domain.experiments import Arm, Uplift
from bank.services.campaign_reach import Reach
from bank.services.campaign_results import CampaignResults
from bank.services.campaigns import Preview
from web.guard import Answer, Body

Word = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Minute = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$")]
BUDGET_MOST_MINOR = 10**11


class AudienceFields(Body):
    """Segments of one version, any of them; rules, all of them.

    A rule is {"feature", "op", "value"}, or {"any": [rule, …]}, {"all": [rule, …]}, {"not": rule};
    closed lists are in `GET /api/campaigns`, the check is the bank's (domain/audience_rules.py).
    """

    segments: Annotated[list[Word], Field(max_length=50)] = Field(default_factory=list)
    segment_version: Annotated[str, StringConstraints(max_length=40)] = ""
    rules: Annotated[list[dict[str, Any]], Field(max_length=RULES_MAX_COUNT)] = Field(
        default_factory=list
    )


class VariantFields(Body):
    code: Word
    share_bp: Annotated[int, Field(ge=1, le=10_000)]
    texts: dict[Word, Word]


class MakeCampaign(Body):
    """A campaign as the form gives it. `message_class` has no default: somebody says it."""

    name: Word
    message_class: MessageClass = Field(strict=False)
    purpose: Purpose = Field(strict=False)
    channels: Annotated[list[Word], Field(min_length=1, max_length=len(Channel))]
    audience: AudienceFields
    variants: Annotated[list[VariantFields], Field(min_length=1, max_length=8)]
    starts_at: Minute
    ends_at: Minute
    budget_minor: Annotated[int, Field(ge=0, le=BUDGET_MOST_MINOR)]


class AskSize(Body):
    """base_percent: how many are expected to respond without the campaign."""

    audience: AudienceFields
    shares_bp: Annotated[list[Annotated[int, Field(ge=1, le=10_000)]], Field(max_length=8)] = Field(
        default_factory=lambda: [10_000], min_length=1
    )
    base_percent: Annotated[float, Field(gt=0, lt=100, strict=False)] = 5.0


class AskPreview(Body):
    login_name: Annotated[str, StringConstraints(min_length=1, max_length=60)]


class SizeView(Answer):
    """Lifts in percentage points; None: no difference at all could be shown with so few.

    variants: people of each, by its share. against_first_points: of each variant behind the first.
    """

    count: int
    held_out_count: int
    against_held_out_points: float | None
    variants: list[int]
    against_first_points: list[float | None]


class ReachView(Answer):
    """How many of the audience (count) could not be written to, by channel and reason.

    looked_at_count: of these, everybody or an even sample.
    """

    count: int
    looked_at_count: int
    reasons: dict[str, dict[str, int]]


class CampaignHead(Answer):
    id: str
    name: str
    message_class: str
    purpose: str
    channels: list[str]
    state: str
    starts_at: datetime
    ends_at: datetime
    spent_minor: int
    budget_minor: int
    made_by: str
    made_at: datetime


class FeatureView(Answer):
    """kind: int, str, bool or set. choices: all its values; none: any."""

    kind: str
    choices: list[str]


class FormFacts(Answer):
    """What a campaign may be made of: closed lists. ops: the kinds each may ask."""

    classes: list[str]
    purposes: list[str]
    features: dict[str, FeatureView]
    ops: dict[str, list[str]]
    texts: dict[str, list[str]]


class CampaignList(Answer):
    campaigns: list[CampaignHead]
    form: FormFacts
    may_make: bool


class ArmView(Answer):
    code: str
    count: int
    hits: int
    share: float


class UpliftView(Answer):
    difference: float
    low: float
    high: float
    is_clear: bool


class ResultsView(Answer):
    """uplift, always_valid_p: None where there is nothing to compare yet."""

    states: dict[str, int]
    reasons: dict[str, int]
    arms: list[ArmView]
    assigned: ArmView
    held_out: ArmView
    uplift: UpliftView | None
    always_valid_p: float | None
    against_first: dict[str, UpliftView]


class CampaignView(Answer):
    head: CampaignHead
    audience: dict[str, Any]
    fits_count: int | None
    variants: list[dict[str, Any]]
    approved_by: str | None
    approved_at: datetime | None
    ended_at: datetime | None
    results: ResultsView
    may_approve: bool
    may_stop: bool
    may_preview: bool


class PreviewLineView(Answer):
    channel: str
    reasons: list[str]
    text_id: str
    subject: str | None
    body: str | None


class PreviewView(Answer):
    customer_name: str
    is_member: bool
    is_held_out: bool
    variant: str
    lines: list[PreviewLineView]


def to_wish(fields: MakeCampaign) -> CampaignWish:
    """Return the wish of a form. Raises ValueError: a day that no calendar has."""
    return CampaignWish(
        name=fields.name,
        message_class=fields.message_class,
        purpose=fields.purpose,
        channels=fields.channels,
        variants=[one.model_dump() for one in fields.variants],
        starts_at_utc=_utc(fields.starts_at),
        ends_at_utc=_utc(fields.ends_at),
        budget_minor=fields.budget_minor,
        audience=fields.audience.model_dump(),
    )


def show_head(one: Campaign, names: Mapping[str, str]) -> CampaignHead:
    return CampaignHead(
        id=one.id, name=one.name, message_class=one.message_class, purpose=one.purpose,
        channels=list(one.channels), state=one.state, starts_at=one.starts_at_utc,
        ends_at=one.ends_at_utc, spent_minor=one.spent_minor, budget_minor=one.budget_minor,
        made_by=names.get(one.made_by, one.made_by), made_at=one.made_at_utc,
    )  # fmt: skip


def show_results(found: CampaignResults) -> ResultsView:
    return ResultsView(
        states=dict(found.states),
        reasons=dict(found.reasons),
        arms=[_arm(code, one) for code, one in found.arms.items()],
        assigned=_arm("assigned", found.assigned),
        held_out=_arm("held_out", found.held_out),
        uplift=_uplift(found.uplift) if found.uplift else None,
        always_valid_p=found.always_valid_p,
        against_first={code: _uplift(one) for code, one in found.against_first.items()},
    )


def show_preview(found: Preview, customer_name: str) -> PreviewView:
    return PreviewView(
        customer_name=customer_name,
        is_member=found.is_member,
        is_held_out=found.is_held_out,
        variant=found.variant,
        lines=[
            PreviewLineView(
                channel=one.channel,
                reasons=[str(reason) for reason in one.reasons],
                text_id=one.text_id,
                subject=one.words.subject if one.words else None,
                body=one.words.body if one.words else None,
            )
            for one in found.lines
        ],
    )


def show_reach(found: Reach) -> ReachView:
    return ReachView(
        count=found.count,
        looked_at_count=found.looked_at_count,
        reasons={
            str(channel): {str(reason): count for reason, count in reasons.items()}
            for channel, reasons in found.reasons.items()
        },
    )


def form_facts(letters: list[str], talks: list[str]) -> FormFacts:
    """Return the closed lists; letters, talks: ids of texts of letters and of conversations."""
    return FormFacts(
        classes=[str(one) for one in MessageClass],
        purposes=[str(one) for one in Purpose],
        features={
            name: FeatureView(kind=one.kind, choices=list(one.choices))
            for name, one in FEATURES.items()
        },
        ops={op: sorted(kinds) for op, kinds in OPS.items()},
        texts={str(one): talks if one in IN_TALK else letters for one in Channel},
    )


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _arm(code: str, one: Arm) -> ArmView:
    return ArmView(code=code, count=one.count, hits=one.hits, share=one.share)


def _uplift(one: Uplift) -> UpliftView:
    return UpliftView(difference=one.difference, low=one.low, high=one.high, is_clear=one.is_clear)
