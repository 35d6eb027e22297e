"""A customer's page in JSON: who, what they have, what is open, and what a model expects.

E-mail address, phone and account numbers are masked as everywhere in the console; whoever needs
one in full works in another system.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from bank.domain.customers import mask_address
from bank.domain.ibans import mask as mask_iban
from bank.services.customer_pages import CustomerPage
from web.api.accounts import MoneyView, show_money
from web.guard import Answer

if TYPE_CHECKING:
    from analytics.customer_scores import CustomerScore


class WhoView(Answer):
    id: str
    name: str
    login_name: str
    email_masked: str
    phone_masked: str
    kyc_tier: int
    country: str
    locale: str
    since: datetime
    may_be_offered: bool


class AccountLine(Answer):
    id: str
    kind: str
    name: str
    iban_masked: str
    status: str
    posted: MoneyView
    available: MoneyView


class CardLine(Answer):
    id: str
    kind: str
    pan_masked: str
    status: str


class CaseLine(Answer):
    id: str
    kind: str
    reason_code: str
    subject: str
    state: str
    priority: str
    assignee_name: str | None
    due_at: datetime


class ConversationLine(Answer):
    id: str
    channel: str
    started_at: datetime
    lines_count: int
    speaker: Literal["bot", "staff"]
    erased: bool


class CustomerPageView(Answer):
    """`may_see_churn`: whether the page may ask for the churn probability."""

    customer: WhoView
    accounts: list[AccountLine]
    cards: list[CardLine]
    open_cases: list[CaseLine]
    conversations: list[ConversationLine]
    may_see_churn: bool


class ChurnReason(Answer):
    code: str
    text: str
    raises: bool


class ChurnPoint(Answer):
    at: datetime
    probability: float


class ChurnView(Answer):
    """`state`: scored; no_model, none was trained; no_row, no account is open."""

    state: Literal["scored", "no_model", "no_row"]
    model: str = "churn"
    version: str = ""
    learnt_at: str = ""
    computed_at: datetime | None = None
    horizon_days: int = 0
    probability: float | None = None
    usual: float | None = None
    reasons: list[ChurnReason] = Field(default_factory=list)
    trend: list[ChurnPoint] = Field(default_factory=list)


def show_page(page: CustomerPage, *, names: Mapping[str, str]) -> CustomerPageView:
    """Return the page; `names` are those of colleagues by id."""
    who = page.customer
    return CustomerPageView(
        customer=WhoView(
            id=who.id,
            name=who.full_name,
            login_name=who.login_name,
            email_masked=mask_address(who.email) if who.email else "",
            phone_masked=mask_address(who.phone) if who.phone else "",
            kyc_tier=who.kyc_tier,
            country=who.country,
            locale=who.locale,
            since=who.created_at_utc,
            may_be_offered=who.marketing_consent,
        ),
        accounts=[
            AccountLine(
                id=one.id, kind=one.kind.value, name=one.name, iban_masked=mask_iban(one.iban),
                status=one.status.value, posted=show_money(one.posted),
                available=show_money(one.available),
            )
            for one in page.accounts
        ],
        cards=[
            CardLine(
                id=one.id, kind=one.kind.value, pan_masked=one.pan_masked, status=one.status.value
            )
            for one in page.cards
        ],
        open_cases=[
            CaseLine(
                id=one.id, kind=one.kind, reason_code=one.reason_code, subject=one.subject,
                state=one.state, priority=one.priority, due_at=one.due_at_utc,
                assignee_name=names.get(one.assignee) if one.assignee else None,
            )
            for one in page.open_cases
        ],
        conversations=[
            ConversationLine(
                id=one.id, channel=one.channel, started_at=one.created_at_utc,
                lines_count=one.last_seq, speaker=one.speaker.value,
                erased=one.erased_at_utc is not None,
            )
            for one in page.conversations
        ],
        may_see_churn=page.may_see_churn,
    )  # fmt: skip


def show_churn(score: CustomerScore) -> ChurnView:
    return ChurnView(
        state="scored",
        model=score.model,
        version=score.version,
        learnt_at=score.learnt_at_utc,
        computed_at=score.as_of_utc,
        horizon_days=score.horizon_days,
        probability=score.probability,
        usual=score.usual,
        reasons=[
            ChurnReason(code=one.code, text=one.text, raises=one.adds > 0)
            for one in score.reasons
        ],
        trend=[ChurnPoint(at=one.as_of_utc, probability=one.probability) for one in score.trend],
    )
