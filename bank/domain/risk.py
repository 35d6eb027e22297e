"""Risk: what speaks for and against an act, as shares of one sum, and what follows from it.

    prior + Σ shares (log-odds) ─▶ probability ─▶ allow │ step-up │ pause │ hold
             │
             ├ payment model, rules      the payment against its customer's and payee's past
             ├ conversation              what was said: a scammer's script, coercion
             ├ login                     a new place, failed codes, a new passkey
             ├ identity                  who has been a customer for days only
             └ network                   attacks on this customer's login, a payee others lost to

A share is what staff see: how much this signal alone added. Only the payment model may speak
against a risk; every other share is at least zero, so one more signal never makes an act safer.
Nothing of a view is ever shown to the customer but the warning of its story.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bank.domain.ids import CaseId, ConversationId, CustomerId


class RiskSource(StrEnum):
    MODEL = "model"
    RULE = "rule"
    CONVERSATION = "conversation"
    LOGIN = "login"
    IDENTITY = "identity"
    NETWORK = "network"


class RiskDecision(StrEnum):
    """What happens to the act; the later, the stricter."""

    ALLOW = "allow"
    STEP_UP = "step_up"
    PAUSE = "pause"
    HOLD = "hold"

    @property
    def rank(self) -> int:
        return list(RiskDecision).index(self)


class Story(StrEnum):
    """The kind of scam a warning speaks of; one text each, and one for all others."""

    SAFE_ACCOUNT = "safe_account"
    REMOTE_ACCESS = "remote_access"
    ROMANCE = "romance"
    INVESTMENT = "investment"
    INVOICE_CHANGE = "invoice_change"
    MULE = "mule_recruiting"
    PRESSURE = "pressure"
    UNKNOWN = "unknown"


class RiskAct(StrEnum):
    """What is looked at before it happens."""

    TRANSFER = "transfer"
    STANDING_ORDER = "standing_order"
    PAYEE = "payee"
    CARD = "card"
    PROFILE = "profile"
    LOGIN = "login"
    CARD_PAYMENT = "card_payment"


class RiskOutcome(StrEnum):
    """What a person found later. It becomes a label."""

    FRAUD = "fraud"
    GENUINE = "genuine"


@dataclass(frozen=True, slots=True)
class RiskSignal:
    """One thing that speaks. share: log-odds added. sentence: for staff, in English."""

    source: RiskSource
    code: str
    share: float
    sentence: str


@dataclass(frozen=True, slots=True)
class RiskView:
    """All that speaks about one act, and the decision. probability in [0, 1]."""

    probability: float
    decision: RiskDecision
    signals: tuple[RiskSignal, ...]
    story: Story = Story.UNKNOWN
    model_version: str = ""

    @property
    def by_share(self) -> list[RiskSignal]:
        """The signals, the strongest first."""
        return sorted(self.signals, key=lambda one: -one.share)

    def signals_as_json(self) -> list[dict[str, Any]]:
        """Return the signals, the strongest first, as an assessment keeps them."""
        return [
            {
                "source": one.source.value, "code": one.code,
                "share": round(one.share, 3), "sentence": one.sentence,
            }
            for one in self.by_share
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class PaymentAsked:
    """A payment before it moves, as whoever scores it sees it. amount in minor units."""

    transfer_id: str
    customer_id: CustomerId
    payee_name: str
    to_iban: str
    amount_minor: int
    currency: str
    amount_eur_minor: int
    at_utc: datetime


@dataclass(frozen=True, slots=True)
class RiskNote:
    """A signal that was noticed before any act, and counts until it is forgotten.

    strength: in (0, 1], how clear it was. evidence: ids, numbers and places in a text; never the
    text itself.
    """

    id: str
    customer_id: CustomerId
    conversation_id: ConversationId | None
    source: RiskSource
    code: str
    strength: float
    evidence: dict[str, Any]
    at_utc: datetime
    expires_at_utc: datetime

    @property
    def sentence(self) -> str:
        """What was noticed, for staff; the words of the code where nothing else was kept."""
        return str(self.evidence.get("sentence") or self.code.replace("_", " "))


@dataclass(frozen=True, slots=True)
class Assessment:
    """What was seen of an act and decided, kept for staff, for audits and for learning.

    signals: {"signals": [RiskView.signals_as_json]}. outcome: set by a person.
    """

    id: str
    act: RiskAct
    subject_id: str
    customer_id: CustomerId
    conversation_id: ConversationId | None
    to_iban: str
    amount_eur_minor: int
    probability: float
    decision: RiskDecision
    story: Story
    signals: dict[str, Any]
    model_version: str
    at_utc: datetime
    case_id: CaseId | None = None
    outcome: RiskOutcome | None = None
    outcome_by: str = ""
    outcome_at_utc: datetime | None = None


@dataclass(frozen=True, slots=True)
class PaymentPause:
    """Until when a customer's payments to one account wait, and the warning that was given."""

    id: str
    customer_id: CustomerId
    to_iban: str
    story: Story
    made_at_utc: datetime
    until_utc: datetime


@dataclass(frozen=True, slots=True)
class PaymentScore:
    """A scorer's answer: its signals, and which version of the model gave them."""

    signals: tuple[RiskSignal, ...] = field(default_factory=tuple)
    model_version: str = ""
