"""Contacting: may this message go to this person now? Every reason why not, or none.

    class ─┬ service, security ▶ the campaign runs, an address is there, and that is all
           └ marketing ────────▶ … and consent of purpose and channel, no suppression, not held
                                  out, no quiet hours if pushed, below the cap, in the budget

Reasons that pass by themselves (quiet hours, the cap) say when to try again; any other is for
good. The numbers are in `contacting.toml`. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from bank.domain.campaigns import ALL_BP, CampaignState, MessageClass
from bank.domain.consents import Channel
from bank.policies.tables import load_table

_STEP = timedelta(minutes=15)  # every zone's offset is a multiple of it
#: A campaign asks about the same quarter of an hour for everybody in a country.
_QUARTERS_KEPT = 20_000
_HASH_DIGITS = 13  # 52 bits: what a float holds exactly


class Reason(StrEnum):
    """Why not. In the order they are told."""

    NOT_RUNNING = "not_running"
    BEFORE_WINDOW = "before_window"
    WINDOW_OVER = "window_over"
    ERASED = "erased"
    NO_ADDRESS = "no_address"
    ALREADY_REACHED = "already_reached"
    MISSING_FACT = "missing_fact"
    NO_CONSENT = "no_consent"
    SUPPRESSED = "suppressed"
    HELD_OUT = "held_out"
    QUIET_HOURS = "quiet_hours"
    CAP_REACHED = "cap_reached"
    BUDGET_SPENT = "budget_spent"


#: What passes by itself.
PASSING = frozenset({Reason.BEFORE_WINDOW, Reason.QUIET_HOURS, Reason.CAP_REACHED})
#: Codes of the service's own making that can only be marketing's.
MARKETING_ONLY = frozenset(
    {
        Reason.NO_CONSENT, Reason.SUPPRESSED, Reason.HELD_OUT, Reason.QUIET_HOURS,
        Reason.CAP_REACHED, Reason.BUDGET_SPENT,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """All that is looked at. `cap_count` None: no cap; 0: never.

    sent_lately_count: marketing sends to the person on any channel since `cap_since`.
    missing: found while preparing the message: an address, a fact of its text.
    is_pushed: it rings. In the bank's own chat they sit before the page and talk to us: what is
    said there keeps no quiet hours. A messenger rings, so it does.
    """

    message_class: MessageClass
    state: CampaignState
    starts_at_utc: datetime
    ends_at_utc: datetime
    now_utc: datetime
    country: str
    has_consent: bool
    is_suppressed: bool
    is_held_out: bool
    cap_count: int | None
    sent_lately_count: int
    cost_minor: int
    budget_left_minor: int
    missing: frozenset[Reason] = frozenset()
    is_pushed: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reasons` empty: it may. `again_at_utc`: all of them pass by themselves, by then perhaps."""

    reasons: tuple[Reason, ...]
    again_at_utc: datetime | None = None

    @property
    def may(self) -> bool:
        return not self.reasons


def may_send(asked: Asked) -> Verdict:
    """Return whether the message may go now, with all reasons why not."""
    found = set(asked.missing)
    if asked.state is not CampaignState.RUNNING:
        found.add(Reason.NOT_RUNNING)
    if asked.now_utc < asked.starts_at_utc:
        found.add(Reason.BEFORE_WINDOW)
    if asked.now_utc >= asked.ends_at_utc:
        found.add(Reason.WINDOW_OVER)
    if asked.message_class is MessageClass.MARKETING:
        found.update(_marketing(asked))
    if not found or not found <= PASSING:
        return Verdict(tuple(one for one in Reason if one in found))
    again_at_utc = _again(asked, found)
    if again_at_utc >= asked.ends_at_utc:
        found.add(Reason.WINDOW_OVER)
        return Verdict(tuple(one for one in Reason if one in found))
    return Verdict(tuple(one for one in Reason if one in found), again_at_utc)


def share_of(digest: str) -> float:
    """Return a keyed digest (hex) as a share in [0, 1), spread evenly.

    >>> share_of("0" * 64), share_of("8" + "0" * 63)
    (0.0, 0.5)
    """
    return int(digest[:_HASH_DIGITS], 16) / float(16**_HASH_DIGITS)


def hold_out_share() -> float:
    """Return how many of all people are left out of all marketing, in [0, 1]."""
    return int(load_table("contacting")["hold_out"]["share_bp"]) / ALL_BP


def is_held_out(digest: str) -> bool:
    """Whether the person with this digest is left out of all marketing, for comparison."""
    return share_of(digest) * ALL_BP < int(load_table("contacting")["hold_out"]["share_bp"])


def cap_count() -> int | None:
    """Return how many marketing messages a person gets in `cap_since`; None: no cap."""
    found = load_table("contacting")["cap"].get("sends_max")
    return None if found is None else int(found)


def cap_since(now_utc: datetime) -> datetime:
    """Return since when sends count. Those after `now_utc` count too: clocks are set back."""
    return now_utc - timedelta(days=int(load_table("contacting")["cap"]["window_days"]))


def cost_minor(channel: Channel) -> int:
    """Return what one message costs."""
    return int(load_table("contacting")["cost_minor"][channel])


def is_quiet(now_utc: datetime, *, country: str) -> bool:
    """Whether it is night, or a day of rest, on any clock of the country.

    >>> is_quiet(datetime(2026, 3, 2, 12, tzinfo=UTC), country="DE")
    False
    >>> is_quiet(datetime(2026, 3, 2, 12, tzinfo=UTC), country="US")
    True
    """
    return _is_quiet_quarter(_quarter(now_utc), country)


def next_loud_utc(now_utc: datetime, *, country: str) -> datetime:
    """Return the first moment at or after `now_utc` that is not quiet, to a quarter of an hour."""
    if not is_quiet(now_utc, country=country):
        return now_utc
    return _loud_behind(_quarter(now_utc), country)


def _quarter(now_utc: datetime) -> datetime:
    """Return the quarter of an hour a moment is in: all of it is quiet, or none."""
    moment = now_utc.astimezone(UTC)
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


@lru_cache(maxsize=_QUARTERS_KEPT)
def _is_quiet_quarter(quarter_utc: datetime, country: str) -> bool:
    rule = load_table("contacting")["quiet"]
    start, end = int(rule["from_hour"]), int(rule["until_hour"])
    days = rule["weekdays"]
    for zone in _zones(country):
        local = quarter_utc.astimezone(zone)
        if local.weekday() in days or local.hour >= start or local.hour < end:
            return True
    return False


@lru_cache(maxsize=_QUARTERS_KEPT)
def _loud_behind(quarter_utc: datetime, country: str) -> datetime:
    moment, until = quarter_utc + _STEP, quarter_utc + timedelta(days=14)
    while _is_quiet_quarter(moment, country):
        moment += _STEP
        if moment > until:  # a table that leaves no hour: nothing is ever sent
            return moment
    return moment


def _marketing(asked: Asked) -> Iterable[Reason]:
    if not asked.has_consent:
        yield Reason.NO_CONSENT
    if asked.is_suppressed:
        yield Reason.SUPPRESSED
    if asked.is_held_out:
        yield Reason.HELD_OUT
    if asked.is_pushed and is_quiet(asked.now_utc, country=asked.country):
        yield Reason.QUIET_HOURS
    if asked.cap_count is not None and asked.sent_lately_count >= asked.cap_count:
        yield Reason.CAP_REACHED
    if asked.cost_minor > asked.budget_left_minor:
        yield Reason.BUDGET_SPENT


def _again(asked: Asked, found: set[Reason]) -> datetime:
    """Return when to look again: a day on for the cap, else when it is day and the window open."""
    moment = max(asked.now_utc, asked.starts_at_utc)
    if Reason.CAP_REACHED in found:
        if asked.cap_count == 0:
            return asked.ends_at_utc
        moment += timedelta(days=1)
    if asked.message_class is MessageClass.MARKETING and asked.is_pushed:
        moment = next_loud_utc(moment, country=asked.country)
    return moment


@cache
def _zones(country: str) -> tuple[ZoneInfo, ...]:
    table = load_table("contacting")["time_zones"]
    return tuple(ZoneInfo(name) for name in table.get(country, table["other"]))
