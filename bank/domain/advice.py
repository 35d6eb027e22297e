"""Advice: what was wished, what was proposed, and what was shown, kept as it was given.

    AdviceWish ──ports.Adviser──▶ Proposal ──suitability once more──▶ Advice ──▶ the words shown

A wish names the only instruments a proposal may come from: who proposes never sees the others.
Nothing here trades.

Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bank.domain.ids import CaseId, ConversationId, CustomerId
from bank.domain.instruments import Instrument, InstrumentId
from bank.domain.investors import InvestorProfile


@dataclass(frozen=True, slots=True)
class AdviceLine:
    """One instrument of a recommendation: how much of the money, and why, as codes with facts.

    neighbour_share: of the people most alike, how many hold it; 0 to 1.
    reasons: codes with what belongs into their sentence.
    """

    instrument_id: InstrumentId
    amount_minor: int
    weight_bp: int
    neighbour_share: float
    reasons: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class AdviceWish:
    """What an adviser is asked.

    allowed: what may be proposed. room_minor: how much of the amount may go into each of them,
    beside what is held already. others: the rest of the market, among it what may be held.
    held_minor: what the customer's holdings are worth. risk_class_max: of the whole.
    """

    customer_id: CustomerId
    profile: InvestorProfile
    amount_minor: int
    currency: str
    horizon_years: int
    risk_class_max: int
    allowed: tuple[Instrument, ...]
    room_minor: Mapping[InstrumentId, int]
    others: tuple[Instrument, ...] = ()
    held_minor: Mapping[InstrumentId, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an adviser answers.

    lines: their amounts sum to the wish's. first_otherwise: what would have come first among all
    instruments, best first, allowed or not. risk: figures and pictures' points, JSON; amounts in
    minor units (analytics/advice says which).
    """

    lines: tuple[AdviceLine, ...]
    risk: dict[str, Any]
    model_version: str
    first_otherwise: tuple[InstrumentId, ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """One recommendation as it was given: what it was made from, by what, and the words shown.

    lines: as `AdviceLine`, in order. refused: instrument id to the codes that ruled it out, of
    what would have come first otherwise. inputs: amount, horizon, holdings and the market's day.
    text: what the customer read. case_id: the person asked for, if any.
    """

    id: str
    customer_id: CustomerId
    conversation_id: ConversationId | None
    profile_id: str
    amount_minor: int
    currency: str
    lines: tuple[dict[str, Any], ...]
    refused: dict[str, Any]
    inputs: dict[str, Any]
    risk: dict[str, Any]
    model_version: str
    text: str
    locale: str
    given_at_utc: datetime
    case_id: CaseId | None = None
