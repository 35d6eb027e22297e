"""What is said of a recommendation: lines, figures, reasons. Data put into the domain's sentences.

    Advice ─▶ lines        "40 % · 2,000.00 EUR · Harbour World Equity Fund"
           ─▶ reasons      "18 of the 50 investors most like you hold it; low cost: 0.15 % a year"
           ─▶ what could happen, in money and in how many of a hundred

Nothing here knows a customer's name, and nothing promises: tests/repository reads the sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from actions import languages
from actions.labels import label
from bank.domain.advice import Advice
from bank.domain.instruments import Instrument
from bank.domain.investors import InvestorProfile
from bank.domain.money import Money

_BP = Decimal(100)
#: Of what would have come first, so many are explained.
WHY_NOT_MAX = 3


def lines_of(advice: Advice, names: Mapping[str, str]) -> list[str]:
    """Return one line an instrument: its share, amount and name."""
    return [
        f"{percent(one['weight_bp'])} · {sum_of(one['amount_minor'], advice)} · "
        f"{names[one['instrument_id']]}"
        for one in advice.lines
    ]


def reasons_of(advice: Advice, names: Mapping[str, str]) -> list[str]:
    """Return one line an instrument: its name, and why it is there."""
    return [
        f"{names[one['instrument_id']]}: "
        f"{'; '.join(_reason(each, names) for each in one['reasons'])}"
        for one in advice.lines
    ]


def refusals_of(advice: Advice, names: Mapping[str, str]) -> list[str]:
    """Return one line for each of what taste alone would have put first: why it does not fit."""
    return [
        f"{names[one]}: {', '.join(label('unsuitable', code) for code in codes)}"
        for one, codes in list(advice.refused.items())[:WHY_NOT_MAX]
        if one in names
    ]


def risk_facts(advice: Advice) -> dict[str, str]:
    """Return the figures of the sentence on what could happen."""
    risk = advice.risk
    return {
        "var_year": sum_of(risk["var_year_minor"], advice),
        "drawdown": percent(risk["drawdown_bp"]),
        "history": years(risk["history_years"]),
        "horizon": years(max(1, int(advice.inputs["horizon_years"]))),
        "low": sum_of(risk["low_minor"], advice),
        "high": sum_of(risk["high_minor"], advice),
        "loss_share": str(risk["loss_share_pct"]),
    }


def profile_facts(profile: InvestorProfile) -> dict[str, str]:
    """Return what a profile comes to, in words."""
    answers = profile.answers
    wishes = answers.get("wishes") or ["nothing"]
    return {
        "ability": str(profile.ability),
        "willingness": str(profile.willingness),
        "tolerance": str(profile.tolerance),
        "goal": label("investor_goal", str(profile.goal)),
        "horizon": label("investor_horizon", str(answers.get("horizon", ""))),
        "knowledge": label("investor_knowledge", str(profile.knowledge)),
        "wishes": ", ".join(label("investor_wish", str(one)) for one in wishes),
    }


def names_of(instruments: Iterable[Instrument]) -> dict[str, str]:
    """Return what instruments are called, by id."""
    return {one.id: one.name for one in instruments}


def years(count: int) -> str:
    """Return a stretch of years in words.

    >>> years(1), years(10)
    ('1 year', '10 years')
    """
    return f"{count} {label('unit', 'year' if count == 1 else 'years')}"


def percent(bp: int) -> str:
    """Return hundredths of a per cent as a per cent with at most one digit behind the point.

    >>> percent(4_000), percent(1_255)
    ('40 %', '12.6 %')
    """
    rounded = (Decimal(bp) / _BP).quantize(Decimal("0.1"))
    whole = rounded.to_integral_value()
    return f"{languages.number(whole if whole == rounded else rounded)} %"


def sum_of(amount_minor: int, advice: Advice) -> str:
    """Return an amount in the advice's currency."""
    return languages.money(Money(amount_minor, advice.currency))


def _reason(reason: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return one reason (analytics/advice/reasons.py): its label, with what belongs into it."""
    facts = {
        name: percent(value) if name.endswith("_bp") else str(value)
        for name, value in reason.items()
    }
    if "share" in reason:
        facts["held"] = str(round(reason["share"] * reason["count"]))
    if "instrument_id" in reason:
        facts["instrument"] = names.get(reason["instrument_id"], "")
    if "interest" in reason:
        facts["interest"] = label("investor_interest", reason["interest"])
    return label("advice_reason", str(reason["code"])).format(**facts)
