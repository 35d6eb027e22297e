"""A customer's investments for staff: the profile, what is held, and every advice with its record.

The record is shown as it was given: inputs, the model's version, the words, and the same pictures
drawn again from its figures. Nothing is recommended here.
"""

from __future__ import annotations

import asyncio
import base64
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bank.domain.advice import Advice
from bank.domain.instruments import Instrument
from bank.domain.investors import InvestorProfile
from bank.domain.money import Money
from bank.services.investing import Held
from web.api.accounts import MoneyView, show_money
from web.guard import Answer, Caller, Door, Knock

if TYPE_CHECKING:
    from analytics.advice.drawing import Picture, Words

NEWEST = 20


class ProfileView(Answer):
    taken_at: datetime
    ability: int
    willingness: int
    tolerance: int
    horizon_years: int
    reserve_months: int
    goal: str
    knowledge: str
    exclusions: list[str]
    interests: list[str]
    wants_esg: bool
    answers: dict[str, Any]


class HoldingLine(Answer):
    name: str
    ticker: str
    risk_class: int
    state: str
    worth: MoneyView | None
    paid: MoneyView


class AdviceHead(Answer):
    id: str
    given_at: datetime
    amount: MoneyView
    horizon_years: int
    lines_count: int
    asked_for_person: bool


class AdvicePart(Answer):
    name: str
    ticker: str
    weight_percent: float
    amount: MoneyView
    neighbour_share: float
    reasons: list[dict[str, Any]]


class RuledOut(Answer):
    name: str
    codes: list[str]


class PictureView(Answer):
    alt: str
    source: str


class AdviceView(Answer):
    """One advice as it was given. `text`: the words the customer read."""

    id: str
    given_at: datetime
    amount: MoneyView
    parts: list[AdvicePart]
    ruled_out: list[RuledOut]
    inputs: dict[str, Any]
    model_version: str
    text: str
    locale: str
    case_id: str | None
    pictures: list[PictureView]


class InvestingView(Answer):
    """`profile` is None where the questions were never answered."""

    profile: ProfileView | None
    holdings: list[HoldingLine]
    advice: list[AdviceHead]


async def investing(knock: Knock) -> InvestingView:
    """What a customer told, holds and was advised."""

    def read() -> InvestingView:
        customer_id, bank = _id(knock, "customer_id"), knock.bank
        profile = bank.investing.profile(knock.actor, customer_id)
        return InvestingView(
            profile=_profile(profile) if profile else None,
            holdings=[_held(one) for one in bank.investing.holdings(knock.actor, customer_id)],
            advice=[
                AdviceHead(
                    id=one.id,
                    given_at=one.given_at_utc,
                    amount=_money(one, one.amount_minor),
                    horizon_years=int(one.inputs["horizon_years"]),
                    lines_count=len(one.lines),
                    asked_for_person=one.case_id is not None,
                )
                for one in bank.advice.given(knock.actor, customer_id, limit=NEWEST)
            ],
        )

    return await asyncio.to_thread(read)


async def one_advice(knock: Knock) -> AdviceView:
    """One advice with its whole record."""
    from analytics.advice.drawing import draw_course, draw_mix, draw_risk  # noqa: PLC0415  slow

    def read() -> AdviceView:
        advice = knock.bank.advice.get(knock.actor, _id(knock, "advice_id"))
        known = {one.id: one for one in knock.bank.investing.instruments()}
        names: dict[str, str] = {one: each.name for one, each in known.items()}
        words = _words(advice)
        drawn = (
            draw_mix(advice, names, words), draw_course(advice, words),
            draw_risk(advice, words),
        )  # fmt: skip
        return AdviceView(
            id=advice.id,
            given_at=advice.given_at_utc,
            amount=_money(advice, advice.amount_minor),
            parts=[_part(advice, one, known[one["instrument_id"]]) for one in advice.lines],
            ruled_out=[
                RuledOut(name=names.get(one, one), codes=list(codes))
                for one, codes in advice.refused.items()
            ],
            inputs=advice.inputs,
            model_version=advice.model_version,
            text=advice.text,
            locale=advice.locale,
            case_id=advice.case_id,
            pictures=[_picture(one) for one in drawn],
        )

    return await asyncio.to_thread(read)


def _profile(one: InvestorProfile) -> ProfileView:
    return ProfileView(
        taken_at=one.taken_at_utc,
        ability=one.ability,
        willingness=one.willingness,
        tolerance=one.tolerance,
        horizon_years=one.horizon_years,
        reserve_months=one.reserve_months,
        goal=one.goal,
        knowledge=one.knowledge,
        exclusions=list(one.exclusions),
        interests=list(one.interests),
        wants_esg=one.wants_esg,
        answers=one.answers,
    )


def _held(one: Held) -> HoldingLine:
    currency = one.instrument.currency
    return HoldingLine(
        name=one.instrument.name,
        ticker=one.instrument.ticker,
        risk_class=one.instrument.risk_class,
        state=one.instrument.state,
        worth=None if one.worth_minor is None else show_money(Money(one.worth_minor, currency)),
        paid=show_money(Money(one.holding.cost_minor, currency)),
    )


def _part(advice: Advice, line: dict[str, Any], instrument: Instrument) -> AdvicePart:
    return AdvicePart(
        name=instrument.name,
        ticker=instrument.ticker,
        weight_percent=line["weight_bp"] / 100,
        amount=_money(advice, line["amount_minor"]),
        neighbour_share=line["neighbour_share"],
        reasons=list(line["reasons"]),
    )


def _picture(drawn: Picture) -> PictureView:
    encoded = base64.b64encode(drawn.png).decode()
    return PictureView(alt=drawn.alt, source=f"data:image/png;base64,{encoded}")


def _words(advice: Advice) -> Words:
    """Return the words of the pictures; the console speaks English."""
    from analytics.advice.drawing import Words  # noqa: PLC0415  slow

    return Words(
        mix="How the money is spread", course="What it may come to", risk="Risk and past gain",
        moved="moved a year", grew="grew a year, past ten years", suggestion="suggestion",
        allowed="Allowed for them", likely="nine of ten courses end", middle="middle",
        put_in="put in", years="years",
        money=lambda minor: str(Money(minor, advice.currency)),
        percent=lambda bp: f"{bp / 100:.1f} %",
    )  # fmt: skip


def _money(advice: Advice, amount_minor: int) -> MoneyView:
    return show_money(Money(amount_minor, advice.currency))


def _id(knock: Knock, name: str) -> str:
    return knock.request.match_info[name][:100]


DOORS = [
    Door(
        "GET", "/api/customers/{customer_id}/investing", Caller.STAFF, investing,
        "What a customer told, holds and was advised", answer=InvestingView,
    ),
    Door(
        "GET", "/api/advice/{advice_id}", Caller.STAFF, one_advice,
        "One advice with its record", answer=AdviceView,
    ),
]  # fmt: skip
