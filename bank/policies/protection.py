"""Protection: from signals to one probability, and from that to what happens. `protection.toml`.

    share of a note  = weight(code) × strength × ½^(age / half-life)
    shares of one source are summed and capped; the sum with the prior is a log-odds

    p < step_up_at                  allow
    p < pause_at                    a step-up, whatever the amount
    beyond                          a pause with a warning: the customer may be deceived, and time
                                    and words help;
                                    but hold, so that a person looks, where the login may be a
                                    thief's, who shrugs at warnings, where the customer was warned
                                    before, or where p >= hold_at without a word having been heard
    cleared by a person             at most a step-up, unless the login may be a thief's: they have
                                    looked at this very payment, and nothing was noticed since

Where probability times amount is small, nobody waits: at most a step-up.

Monotone, and tested as a law: one more signal, a stronger one or a larger amount never leads to a
milder decision. Pure: callers pass `now_utc`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bank.domain.cases import Priority
from bank.domain.risk import (
    RiskDecision,
    RiskNote,
    RiskSignal,
    RiskSource,
    RiskView,
    Story,
)
from bank.policies.tables import load_table

_TAKEOVER = (RiskSource.LOGIN, RiskSource.NETWORK)
_HOUR_S = 3600.0


def weight(source: RiskSource, code: str) -> float:
    """Return the log-odds of a signal at full strength; 0 for a code the table does not know."""
    return float(_table()["weights"].get(source.value, {}).get(code, 0.0))


def knows(source: RiskSource, code: str) -> bool:
    """Whether the table has a weight for this code."""
    return code in _table()["weights"].get(source.value, {})


def keep_until(source: RiskSource, now_utc: datetime) -> datetime:
    """Return until when a note of this source counts."""
    return now_utc + timedelta(hours=float(_table()["keep_h"][source.value]))


def faded(source: RiskSource, *, at_utc: datetime, now_utc: datetime) -> float:
    """Return what is left of a signal's strength, in (0, 1]; clocks that differ do not amplify."""
    age_h = max(0.0, (now_utc - at_utc).total_seconds()) / _HOUR_S
    return math.exp2(-age_h / float(_table()["half_life_h"][source.value]))


def signal(source: RiskSource, code: str, sentence: str, *, strength: float = 1.0) -> RiskSignal:
    """Return a signal with its share. strength: in [0, 1]."""
    return RiskSignal(source, code, weight(source, code) * strength, sentence)


def signals_of(notes: Iterable[RiskNote], *, now_utc: datetime) -> list[RiskSignal]:
    """Return a signal for each kind noted, from its strongest note as it stands now."""
    best: dict[tuple[RiskSource, str], tuple[float, RiskNote]] = {}
    for note in notes:
        strength = note.strength * faded(note.source, at_utc=note.at_utc, now_utc=now_utc)
        key = (note.source, note.code)
        if key not in best or strength > best[key][0]:
            best[key] = (strength, note)
    return [
        signal(source, code, _sentence(note), strength=strength)
        for (source, code), (strength, note) in best.items()
    ]


def view(
    signals: Sequence[RiskSignal],
    *,
    amount_eur_minor: int | None,
    was_warned: bool = False,
    was_cleared: bool = False,
    model_version: str = "",
) -> RiskView:
    """Return the fused view. amount_eur_minor: None for an act without one.

    was_warned: a pause for the same account was waited out lately, so none is made again.
    was_cleared: a person found this payment genuine, and nothing has been noticed since.
    """
    probability = probability_of(signals)
    decision = decide(
        probability, signals, amount_eur_minor=amount_eur_minor, was_warned=was_warned,
        was_cleared=was_cleared,
    )  # fmt: skip
    told = tuple(one for one in signals if one.share)
    return RiskView(probability, decision, told, story_of(signals), model_version)


def probability_of(signals: Iterable[RiskSignal]) -> float:
    """Return the probability that prior and shares come to."""
    total = float(_table()["prior"]["log_odds"]) + sum(capped(signals).values())
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def capped(signals: Iterable[RiskSignal]) -> Mapping[RiskSource, float]:
    """Return what each source adds in all, in log-odds, within its bounds."""
    sums: dict[RiskSource, float] = defaultdict(float)
    for one in signals:
        sums[one.source] += one.share
    least: Mapping[str, Any] = _table()["floors"]
    most: Mapping[str, Any] = _table()["caps"]
    return {
        source: min(
            max(total, float(least.get(source.value, 0.0))),
            float(most.get(source.value, math.inf)),
        )
        for source, total in sums.items()
    }


def decide(
    probability: float,
    signals: Sequence[RiskSignal],
    *,
    amount_eur_minor: int | None,
    was_warned: bool = False,
    was_cleared: bool = False,
) -> RiskDecision:
    """Return what happens to the act."""
    at: Mapping[str, Any] = _table()["decisions"]
    if probability < float(at["step_up_at"]):
        return RiskDecision.ALLOW
    is_small = amount_eur_minor is not None and (
        probability * amount_eur_minor < int(at["least_loss_eur_minor"])
    )
    if probability < float(at["pause_at"]) or is_small:
        return RiskDecision.STEP_UP
    if was_cleared and not is_takeover(signals):
        return RiskDecision.STEP_UP
    silent = [one for one in signals if one.source is not RiskSource.CONVERSATION]
    if probability_of(silent) >= float(at["hold_at"]) or was_warned or is_takeover(signals):
        return RiskDecision.HOLD
    return RiskDecision.PAUSE


def is_takeover(signals: Sequence[RiskSignal]) -> bool:
    """Whether enough speaks for a stranger at the keyboard, whatever else speaks.

    Not a comparison with the words heard: one more word must not make a hold a pause.
    """
    sums = capped(signals)
    thief = sum(sums.get(source, 0.0) for source in _TAKEOVER)
    return thief >= float(_table()["decisions"]["takeover_at"])


def story_of(signals: Sequence[RiskSignal]) -> Story:
    """Return the story of the heaviest words; UNKNOWN where none were heard."""
    stories: Mapping[str, str] = _table()["stories"]
    heard = [
        one
        for one in signals
        if one.source is RiskSource.CONVERSATION and one.code in stories and one.share > 0
    ]
    if not heard:
        return Story.UNKNOWN
    return Story(stories[max(heard, key=lambda one: one.share).code])


def pause_until(now_utc: datetime) -> datetime:
    """Return until when a payment that is paused now waits."""
    return now_utc + timedelta(hours=float(_table()["decisions"]["pause_h"]))


def warned_since(now_utc: datetime) -> datetime:
    """Return since when an ended pause counts as a warning that was heard."""
    return now_utc - timedelta(days=float(_table()["decisions"]["warned_days"]))


def cleared_since(now_utc: datetime) -> datetime:
    """Return since when a person's word on a paused payment counts for making it."""
    return now_utc - timedelta(hours=float(_table()["decisions"]["cleared_h"]))


def new_customer_since(now_utc: datetime) -> datetime:
    """Return who is new: customers since after this moment."""
    return now_utc - timedelta(days=float(_table()["days"]["new_customer"]))


def login_since(now_utc: datetime) -> datetime:
    """Return since when changes of the login are looked at."""
    return now_utc - timedelta(hours=float(_table()["days"]["login_look_back_h"]))


def card_is_asked_about(probability: float) -> bool:
    """Whether a card payment is so unlike its customer that they are asked."""
    return probability >= float(_table()["asking"]["card_at"])


def card_asked_since(now_utc: datetime) -> datetime:
    """Return since when a question about a card payment keeps others back."""
    return now_utc - timedelta(hours=float(_table()["asking"]["again_h"]))


def logins_asked_a_day() -> int:
    """Return about how many logins a customer is asked within 24 hours."""
    return int(_table()["asking"]["logins_a_day"])


def asked_kept_since(now_utc: datetime, *, is_denied: bool) -> datetime:
    """Return since when a question must have ended to be kept."""
    days = _table()["asking"]["keep_denied_days" if is_denied else "keep_days"]
    return now_utc - timedelta(days=float(days))


def mails_an_hour(priority: Priority) -> int:
    """Return how many alerts of this priority are mailed at once within an hour; often 0."""
    return int(_table()["desk"]["mails_an_hour"].get(priority.value, 0))


def prior_log_odds() -> float:
    """Return the log-odds before anything is known."""
    return float(_table()["prior"]["log_odds"])


def _sentence(note: RiskNote) -> str:
    told = note.evidence.get("sentence")
    return str(told) if told else f"{note.source.value}: {note.code}"


def _table() -> Mapping[str, Any]:
    return load_table("protection")
