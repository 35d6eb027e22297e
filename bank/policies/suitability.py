"""Suitability: what may be recommended to whom. A gate before any ranking, never a score.

    who they are ─▶ refusals_of ─▶ () or why there is no advice at all
    profile ──┬──▶ limits_of ──▶ Limits ──▶ judge(instrument) ──▶ () or what rules it out
    how long ─┘                             room_minor(instrument) ──▶ how much of it, beside what
                                                                       is held already

`judge` names every code that applies, so a refusal has all its reasons. What the money of a single
issuer, of one instrument or of risky things together may come to is a share of all they would have
invested afterwards (suitability.toml).

Sources: MiFID II article 25(2) and ESMA's guidelines on suitability (ESMA35-43-3172).
Pure: no clock, no database; the table is read once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bank.domain.customers import Customer
from bank.domain.instruments import Complexity, Instrument, InstrumentId, InstrumentState
from bank.domain.investors import InvestorProfile, Knowledge
from bank.policies.tables import load_table


class Unsuitable(StrEnum):
    """Why something is not recommended. The first five are about the person, the rest about it."""

    NO_PROFILE = "no_profile"
    PROFILE_OLD = "profile_old"
    MINOR = "minor"
    KYC_TIER = "kyc_tier"
    NO_RESERVE = "no_reserve"
    SANCTIONED = "sanctioned"
    DELISTED = "delisted"
    NO_PRICE = "no_price"
    RISK_CLASS = "risk_class"
    HORIZON = "horizon"
    KNOWLEDGE = "knowledge"
    EXCLUDED = "excluded"
    CONCENTRATION = "concentration"


_KNOWN = {
    Knowledge.NONE: frozenset({Complexity.SIMPLE}),
    Knowledge.FUNDS: frozenset({Complexity.SIMPLE}),
    Knowledge.SHARES: frozenset({Complexity.SIMPLE, Complexity.MODERATE}),
    Knowledge.COMPLEX: frozenset(Complexity),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a person's circumstances allow. `known`: complexities they understand."""

    risk_class_max: int
    horizon_years: int
    known: frozenset[Complexity]
    exclusions: frozenset[str]


def refusals_of(
    customer: Customer, profile: InvestorProfile | None, *, now_utc: datetime
) -> tuple[Unsuitable, ...]:
    """Return why this person gets no recommendation at all now; empty when they may."""
    table = load_table("suitability")
    found = []
    if is_minor(customer, now_utc=now_utc):
        found.append(Unsuitable.MINOR)
    if customer.kyc_tier < table["kyc_tier_min"]:
        found.append(Unsuitable.KYC_TIER)
    if profile is None:
        return (*found, Unsuitable.NO_PROFILE)
    if now_utc - profile.taken_at_utc > timedelta(days=table["profile_days_max"]):
        found.append(Unsuitable.PROFILE_OLD)
    if profile.reserve_months < table["reserve_months_min"]:
        found.append(Unsuitable.NO_RESERVE)
    return tuple(found)


def is_minor(customer: Customer, *, now_utc: datetime) -> bool:
    """Whether somebody is under age, or of no known age: who tells nothing is not advised."""
    if customer.birth_date is None:
        return True
    born = datetime.fromisoformat(customer.birth_date).date()
    today = now_utc.date()
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return years < int(load_table("suitability")["age_years_min"])


def limits_of(profile: InvestorProfile, *, horizon_years: int | None = None) -> Limits:
    """Return what fits this profile; `horizon_years` for a wish that differs ("in two years")."""
    years = profile.horizon_years if horizon_years is None else horizon_years
    caps = load_table("suitability")["risk_class_max_by_horizon_years"]
    by_time = max(
        (int(risk) for at_least, risk in caps.items() if years >= int(at_least)), default=1
    )
    return Limits(
        risk_class_max=min(profile.tolerance, by_time),
        horizon_years=years,
        known=_KNOWN[profile.knowledge],
        exclusions=frozenset(profile.exclusions),
    )


def judge(limits: Limits, instrument: Instrument) -> tuple[Unsuitable, ...]:
    """Return what rules an instrument out for these limits; empty when it may be recommended."""
    found = []
    if instrument.state is InstrumentState.SANCTIONED:
        found.append(Unsuitable.SANCTIONED)
    if instrument.state is InstrumentState.DELISTED:
        found.append(Unsuitable.DELISTED)
    if instrument.close_minor is None:
        found.append(Unsuitable.NO_PRICE)
    if instrument.risk_class > limits.risk_class_max:
        found.append(Unsuitable.RISK_CLASS)
    if instrument.horizon_years_min > limits.horizon_years:
        found.append(Unsuitable.HORIZON)
    if instrument.complexity not in limits.known:
        found.append(Unsuitable.KNOWLEDGE)
    if limits.exclusions & set(instrument.tags):
        found.append(Unsuitable.EXCLUDED)
    return tuple(found)


def share_max_bp(instrument: Instrument) -> int:
    """Return how much of somebody's investments one instrument may be, in basis points."""
    table = load_table("suitability")["share_max_bp"]
    code = "single" if instrument.is_single else str(instrument.kind)
    return int(table.get(code, table["any"]))


def room_minor(
    instrument: Instrument, *, held_minor: Mapping[InstrumentId, int], amount_minor: int
) -> int:
    """Return how much of `amount_minor` may go into an instrument, beside what is held.

    held_minor: what each holding is worth. Never negative, never more than the amount.
    """
    total_minor = sum(held_minor.values()) + amount_minor
    most_minor = total_minor * share_max_bp(instrument) // 10_000
    return max(0, min(amount_minor, most_minor - held_minor.get(instrument.id, 0)))


def violations(
    limits: Limits,
    bought_minor: Mapping[InstrumentId, int],
    *,
    instruments: Collection[Instrument],
    held_minor: Mapping[InstrumentId, int],
) -> dict[InstrumentId, tuple[Unsuitable, ...]]:
    """Return what a recommendation would break, by instrument; empty: it is suitable.

    bought_minor: what would be bought. Asked again of every recommendation before it is shown.
    """
    amount_minor = sum(bought_minor.values())
    found: dict[InstrumentId, tuple[Unsuitable, ...]] = {}
    for one in instruments:
        bought = bought_minor.get(one.id, 0)
        if not bought:
            continue
        codes = judge(limits, one)
        if bought > room_minor(one, held_minor=held_minor, amount_minor=amount_minor):
            codes = (*codes, Unsuitable.CONCENTRATION)
        if codes:
            found[one.id] = codes
    return found
