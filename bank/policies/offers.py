"""Offers: is this a conversation for one, is this a person for one, and which one is it?

    what was said ─▶ closed_by ─┐
    shown before  ─▶ may_offer ─┼─▶ best: the highest gain above the least, or none
    chance, value ─▶ gain_minor ┘

    gain = value × chance − cost × 2 ^ (products they declined)

The chance is the share of people like this who wanted it, begun at a prior (a Beta posterior's
mean). Nobody is offered a product they declined, ever. The numbers and words are `offers.toml`.
Pure; nothing of risk, alerts or findings is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from bank.domain.folding import folded
from bank.domain.offers import OfferAnswer, OfferlessTalk, OfferReply, Rate
from bank.policies.tables import load_table


@dataclass(frozen=True, slots=True)
class Offer:
    """One wording of one product. opens: the intent that "tell me more" stands for."""

    code: str
    product: str
    value_minor: int
    opens: str


@cache
def offers() -> Mapping[str, Offer]:
    """Return all offers by code."""
    table = load_table("offers")["offers"]
    return {
        code: Offer(code, str(row["product"]), int(row["value_minor"]), str(row["opens"]))
        for code, row in table.items()
    }


def closed_by(
    intents: Iterable[str], lines: Iterable[str], *, moods: Iterable[float] = ()
) -> str | None:
    """Return what closes a conversation to offers; None: it is open.

    moods: of the customer's lines, from -1 to 1, where somebody can tell.

    >>> closed_by(["check_balance"], ["what is my balance?"])
    >>> closed_by(["report_lost_card"], [])
    'intent:report_lost_card'
    >>> closed_by([], ["Ha fallecido mi padre"])
    'words:fallecido'
    """
    gate = load_table("offers")["gate"]
    for intent in intents:
        if intent in gate["intents"]:
            return f"intent:{intent}"
    for line in lines:
        if (found := _gate_words().search(folded(line))) is not None:
            return f"words:{found.group(0)}"
    if any(mood < float(gate["mood_min"]) for mood in moods):
        return "mood"
    return None


def is_closed(talk: OfferlessTalk | None, *, now_utc: datetime) -> bool:
    """Whether a conversation was closed to offers, and is not another one by now."""
    days = int(load_table("offers")["leave_alone"]["conversation_days"])
    return talk is not None and talk.closed_at_utc > now_utc - timedelta(days=days)


def may_offer(history: Sequence[OfferAnswer], *, conversation_id: str, now_utc: datetime) -> bool:
    """Whether a person may be offered anything in this conversation now.

    Showings after `now_utc` count too: clocks are set back.
    """
    rule = load_table("offers")["leave_alone"]
    alone = now_utc - timedelta(days=days_alone(history))
    here = now_utc - timedelta(days=int(rule["conversation_days"]))
    return not any(
        one.shown_at_utc > alone
        or (one.conversation_id == conversation_id and one.shown_at_utc > here)
        for one in history
    )


def days_alone(history: Sequence[OfferAnswer]) -> int:
    """Return for how many days after an offer this person hears no other."""
    rule = load_table("offers")["leave_alone"]
    days = int(rule["days"])
    for _ in declined(history):
        days = min(days * int(rule["per_no_times"]), int(rule["days_max"]))
    return days


def declined(history: Iterable[OfferAnswer]) -> frozenset[str]:
    """Return the products a person does not want."""
    return frozenset(one.product for one in history if one.answer is OfferReply.NOT_INTERESTED)


def chance(rate: Rate) -> float:
    """Return the mean of the Beta posterior.

    >>> chance(Rate()), chance(Rate(shown=20, wanted=9))
    (0.05, 0.25)
    """
    prior = load_table("offers")["prior"]
    return (int(prior["wanted"]) + rate.wanted) / (int(prior["shown"]) + rate.shown)


def gain_minor(offer: Offer, share: float, *, declined_count: int) -> float:
    """Return what an offer is expected to bring, less what it annoys."""
    rule = load_table("offers")["annoyance"]
    cost_minor = int(rule["cost_minor"]) * int(rule["per_no_times"]) ** declined_count
    return float(offer.value_minor * share - cost_minor)


def best(
    codes: Iterable[str], chances: Mapping[str, float], history: Sequence[OfferAnswer]
) -> list[str]:
    """Return the offers worth making to a person, the best first; often none.

    Unknown codes, products they declined, and what brings less than the least are left out.
    """
    refused = declined(history)
    gains = {
        code: gain_minor(offer, chances[code], declined_count=len(refused))
        for code in set(codes)
        if (offer := offers().get(code)) is not None and offer.product not in refused
    }
    least = int(load_table("offers")["annoyance"]["gain_min_minor"])
    worth = [code for code, gain in gains.items() if gain >= least]
    return sorted(worth, key=lambda code: (-gains[code], code))


@cache
def _gate_words() -> re.Pattern[str]:
    parts = [_pattern(folded(word)) for word in load_table("offers")["gate"]["words"]]
    return re.compile(rf"\b(?:{'|'.join(parts)})\b")


def _pattern(word: str) -> str:
    stem = re.escape(word.removesuffix("*")).replace(r"\[oa\]", "[oa]")
    return stem + (r"\w*" if word.endswith("*") else "")
