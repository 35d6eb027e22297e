"""Automatic responses, proposed with a bound: pure policy, nobody is blocked here.

    Alert + what was proposed lately ──▶ propose ──▶ Response, or the reason why there is none

        rate_limit      an address, for minutes      also on a model's score alone
        block           an address, for an hour      only on counted events, never on a score
        force_step_up   an account, for a day        asks its owner for more, locks nobody out

Bounds: so many an hour for each kind of response, one that runs for a subject is not proposed
again, some networks are never touched. Beyond the bound the alert still stands; it waits for a
person. Every response expires by itself and can be lifted; carrying out, lifting and the audit
record are the bank's (its sink), not this module's.
"""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from analytics.errors import BadTable, TableProblem
from analytics.threats.alerts import Alert

DEFAULT_FILE = Path(__file__).with_name("responses.toml")
HOUR = timedelta(hours=1)
#: Nothing automatic lasts longer.
EXPIRES_MOST_S = 7 * 86_400

_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


class ResponseKind(StrEnum):
    """What may be done by itself, from the mildest on."""

    RATE_LIMIT = "rate_limit"
    FORCE_STEP_UP = "force_step_up"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Response:
    """A proposal. subject: an address, or an account for force_step_up. reason: for the record."""

    kind: ResponseKind
    subject: str
    expires_s: int
    reason: str


class WhyNot(StrEnum):
    """Why an alert gets no response."""

    NO_RULE = "no_rule"
    TOO_LITTLE = "too_little_evidence"
    NO_SUBJECT = "no_subject"
    NEVER = "never_touched"
    RUNNING = "already_running"
    BOUND = "bound_reached"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a kind of alert may lead to."""

    response: ResponseKind
    count_least: int
    expires_s: int


@dataclass(frozen=True, slots=True)
class Policy:
    """responses.toml, read."""

    rules: dict[str, Rule]
    most_per_hour: dict[ResponseKind, int]
    never: tuple[_Network, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """One response proposed before."""

    at_utc: datetime
    response: Response


def propose(
    alert: Alert, *, past: Sequence[Past], policy: Policy, now_utc: datetime
) -> Response | WhyNot:
    """Return what to do about an alert, or why nothing.

    past: at least the responses of the last hour and all that still run.
    """
    rule = policy.rules.get(alert.kind)
    if rule is None:
        return WhyNot.NO_RULE
    by_account = rule.response is ResponseKind.FORCE_STEP_UP
    subject = alert.subject if by_account else alert.source_ip
    why_not = _unfit(alert, rule, policy, subject, by_account=by_account) or _spent(
        rule, subject, past, policy.most_per_hour[rule.response], now_utc
    )
    if why_not is not None:
        return why_not
    return Response(rule.response, subject, rule.expires_s, f"{alert.kind}: {alert.sentence}")


def _unfit(
    alert: Alert, rule: Rule, policy: Policy, subject: str, *, by_account: bool
) -> WhyNot | None:
    # Whatever the file says: nobody is blocked on a score alone.
    least = max(1, rule.count_least) if rule.response is ResponseKind.BLOCK else rule.count_least
    if alert.count < least:
        return WhyNot.TOO_LITTLE
    if not subject:
        return WhyNot.NO_SUBJECT
    return WhyNot.NEVER if not by_account and _is_never(subject, policy.never) else None


def _spent(
    rule: Rule, subject: str, past: Sequence[Past], most_per_hour: int, now_utc: datetime
) -> WhyNot | None:
    of_kind = [one for one in past if one.response.kind is rule.response]
    if any(one.response.subject == subject and _runs(one, now_utc) for one in of_kind):
        return WhyNot.RUNNING
    # What seems to lie ahead counts too: a clock set back must not open the bound anew.
    lately = sum(now_utc - one.at_utc < HOUR for one in of_kind)
    return WhyNot.BOUND if lately >= most_per_hour else None


class Responses:
    """Remembers what was proposed, so that bounds hold from one alert to the next."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._past: list[Past] = []
        self.refused_count: dict[WhyNot, int] = dict.fromkeys(WhyNot, 0)

    def propose(self, alert: Alert, *, now_utc: datetime) -> Response | None:
        """Return a response to carry out, or None."""
        self._past = [
            one for one in self._past if _runs(one, now_utc) or now_utc - one.at_utc < HOUR
        ]
        found = propose(alert, past=self._past, policy=self._policy, now_utc=now_utc)
        if isinstance(found, WhyNot):
            self.refused_count[found] += 1
            return None
        self._past.append(Past(now_utc, found))
        return found


def load_policy(file: Path = DEFAULT_FILE) -> Policy:
    """Read a policy. Raises BadTable: not TOML, an unknown response, no bound, too long."""
    try:
        read = tomllib.loads(file.read_text(encoding="utf-8"))
        most = {ResponseKind(name): int(one) for name, one in read.pop("most_per_hour").items()}
        never = tuple(ipaddress.ip_network(one) for one in read.pop("never")["networks"])
        rules = {
            kind: Rule(
                ResponseKind(one["response"]), int(one["count_least"]), int(one["expires_s"])
            )
            for kind, one in read.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise _bad(f"{file.name} is no policy: {fault}.") from fault
    if most.keys() != set(ResponseKind):
        raise _bad(f"{file.name}: [most_per_hour] bounds each of {', '.join(ResponseKind)}.")
    for kind, rule in rules.items():
        if not 0 < rule.expires_s <= EXPIRES_MOST_S:
            raise _bad(f"{file.name}: [{kind}] expires within {EXPIRES_MOST_S} seconds.")
        if rule.response is ResponseKind.BLOCK and rule.count_least < 1:
            raise _bad(f"{file.name}: [{kind}] blocks only on counted events: count_least.")
    return Policy(rules, most, never)


def _runs(past: Past, now_utc: datetime) -> bool:
    return now_utc < past.at_utc + timedelta(seconds=past.response.expires_s)


def _is_never(address: str, networks: tuple[_Network, ...]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return True  # no address: nothing a network could stop
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in network for network in networks)


def _bad(told: str) -> BadTable:
    return BadTable((TableProblem("unreadable", "", told),))
