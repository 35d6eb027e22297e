"""Security events: what happened that the bank's security desk wants to see with its own tools.

    kind       what happened, of a closed set       severity   0 (for the record) .. 10 (now!)
    actor      who did it                           subject    what it was done to: an id
    reason     a code, never a sentence             details    counts, ids and codes

It leaves the house, so it holds ids and the address a request came from, and nothing else of
anybody: no names, no words of a chat, no account numbers. `id` is the same at every delivery: a
receiver that has it drops the copy.

Pure: no clock, no store. How it is written for receivers: delivery/siem/ and docs/siem.md.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bank.domain.errors import InvalidInput

SEVERITY_MAX = 10
CODE_MAX_CHARS = 60
SUBJECT_MAX_CHARS = 120
DETAILS_MAX_COUNT = 12
DETAIL_MAX_CHARS = 160
#: Whole numbers a receiver can hold: beyond them JSON readers begin to round.
NUMBER_MAX = 2**53

_CODE = re.compile(r"[a-z0-9][a-z0-9_.:-]*")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TECHNIQUE = re.compile(r"T\d{4}(?:\.\d{3})?")
_UNPRINTED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


class SecurityEventKind(StrEnum):
    """What can happen. A receiver's rules key on these words: add, never rename."""

    LOGIN_FAILED = "login_failed"
    LOGIN_SUCCEEDED_NEW_PLACE = "login_succeeded_new_place"
    CUSTOMER_LOCKED = "customer_locked"
    STAFF_LOGIN_FAILED = "staff_login_failed"
    STAFF_LOCKED = "staff_locked"
    PAYMENT_STEPPED_UP = "payment_stepped_up"
    PAYMENT_PAUSED = "payment_paused"
    PAYMENT_HELD = "payment_held"
    PAYMENT_RELEASED = "payment_released"
    PAYMENT_REJECTED = "payment_rejected"
    ACT_PAUSED = "act_paused"
    CARD_FROZEN_AFTER_QUESTION = "card_frozen_after_question"
    SUSPICION_IN_CHAT = "suspicion_in_chat"
    THREAT_FLOW = "threat_flow"
    THREAT_REQUEST = "threat_request"
    THREAT_LOGIN = "threat_login"
    BLOCKED = "blocked"
    BLOCK_REFUSED = "block_refused"
    UNBLOCKED = "unblocked"
    CASE_OPENED = "case_opened"
    CASE_RESOLVED = "case_resolved"
    MODEL_PROMOTED = "model_promoted"
    MODEL_ROLLED_BACK = "model_rolled_back"
    AUDIT_BROKEN = "audit_broken"
    DEAD_LETTER = "dead_letter"
    EVENTS_DROPPED = "events_dropped"


class EventOutcome(StrEnum):
    """Whether what was tried came about. The words are those of ECS."""

    SUCCESS = "success"
    FAILURE = "failure"
    UNKNOWN = "unknown"


_K, _S, _F = SecurityEventKind, EventOutcome.SUCCESS, EventOutcome.FAILURE
#: What a kind weighs and how it ended, unless the reporter says otherwise.
DEFAULTS: Mapping[SecurityEventKind, tuple[int, EventOutcome]] = {
    _K.LOGIN_FAILED: (3, _F),
    _K.LOGIN_SUCCEEDED_NEW_PLACE: (2, _S),
    _K.CUSTOMER_LOCKED: (5, _F),
    _K.STAFF_LOGIN_FAILED: (5, _F),
    _K.STAFF_LOCKED: (7, _F),
    _K.PAYMENT_STEPPED_UP: (2, _S),
    _K.PAYMENT_PAUSED: (5, _S),
    _K.PAYMENT_HELD: (7, _S),
    _K.PAYMENT_RELEASED: (3, _S),
    _K.PAYMENT_REJECTED: (6, _S),
    _K.ACT_PAUSED: (6, _S),
    _K.CARD_FROZEN_AFTER_QUESTION: (7, _S),
    _K.SUSPICION_IN_CHAT: (6, _S),
    _K.THREAT_FLOW: (6, _S),
    _K.THREAT_REQUEST: (6, _S),
    _K.THREAT_LOGIN: (7, _S),
    _K.BLOCKED: (5, _S),
    _K.BLOCK_REFUSED: (8, _F),
    _K.UNBLOCKED: (4, _S),
    _K.CASE_OPENED: (5, _S),
    _K.CASE_RESOLVED: (3, _S),
    _K.MODEL_PROMOTED: (3, _S),
    _K.MODEL_ROLLED_BACK: (5, _S),
    _K.AUDIT_BROKEN: (10, _F),
    _K.DEAD_LETTER: (5, _F),
    _K.EVENTS_DROPPED: (9, _F),
}


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """One thing that happened. Made by `services.security_events`, which checks it.

    technique: a MITRE ATT&CK id such as T1110.003. source_ip: in its shortest form.
    """

    id: str
    at_utc: datetime
    kind: SecurityEventKind
    severity: int
    outcome: EventOutcome
    actor_kind: str
    actor_id: str
    customer_id: str | None
    conversation_id: str | None
    source_ip: str | None
    subject: str
    reason: str
    case_id: str | None
    technique: str | None
    details: dict[str, str | int]


@dataclass(slots=True)
class LineCounts:
    """What one process's line to the receiver has done since the start: for /metrics.

    believed: known to have arrived. returned: given back when the line broke, to go again.
    shortened: went without their details, too long for the line.
    """

    written: int = 0
    believed: int = 0
    returned: int = 0
    breaks: int = 0
    shortened: int = 0


def parse_ip(text: str | None) -> str | None:
    """Return an address in its shortest form, or None where there is none.

    >>> parse_ip("2001:0DB8:0:0:0:0:0:1"), parse_ip("::ffff:198.51.100.7"), parse_ip("localhost")
    ('2001:db8::1', '198.51.100.7', None)
    """
    try:
        found = ipaddress.ip_address((text or "").partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)


def clean_details(details: Mapping[str, Any]) -> dict[str, str | int]:
    r"""Return details of one line each, in bounds: the first DETAILS_MAX_COUNT names.

    >>> clean_details({"tries_count": 12, "path": "/a\nb"})
    {'tries_count': 12, 'path': '/a b'}

    Raises InvalidInput: a name that is no word of small letters.
    """
    for name in details:
        _require(name, _NAME, "details")
    kept = list(details.items())[:DETAILS_MAX_COUNT]
    return {name: _plain(value) for name, value in kept}


def validate_event(event: SecurityEvent) -> SecurityEvent:
    """Return the event. Raises InvalidInput: a severity, code or technique that is none."""
    if not 0 <= event.severity <= SEVERITY_MAX:
        raise InvalidInput(field="severity", allowed=f"0-{SEVERITY_MAX}")
    validate_code(event.reason)
    if event.technique is not None:
        _require(event.technique, _TECHNIQUE, "technique")
    return event


def validate_code(text: str, *, field: str = "reason") -> str:
    """Return a code: a word of small letters, digits and `_.:-`. Raises InvalidInput."""
    _require(text, _CODE, field)
    return text


def one_line(text: str, *, max_chars: int = SUBJECT_MAX_CHARS) -> str:
    """Return the text without control characters, cut to `max_chars`."""
    line = _UNPRINTED.sub(" ", text).strip()
    return line if len(line) <= max_chars else line[: max_chars - 1] + "…"


def to_json(event: SecurityEvent) -> str:
    """Return the event as it waits in the outbox; `from_json` reads it back."""
    values = {name: getattr(event, name) for name in SecurityEvent.__slots__}
    return json.dumps({**values, "at_utc": event.at_utc.isoformat()}, ensure_ascii=False)


def from_json(text: str) -> SecurityEvent:
    """Return the event of `to_json`. Raises ValueError, KeyError, TypeError: it is none."""
    values = json.loads(text)
    values["at_utc"] = datetime.fromisoformat(values["at_utc"])
    values["kind"] = SecurityEventKind(values["kind"])
    values["outcome"] = EventOutcome(values["outcome"])
    return SecurityEvent(**values)


def _plain(value: Any) -> str | int:
    if isinstance(value, int):  # and bool: 0 or 1
        return max(-NUMBER_MAX, min(NUMBER_MAX, int(value)))
    return one_line(str(value), max_chars=DETAIL_MAX_CHARS)


def _require(text: str, pattern: re.Pattern[str], field: str) -> None:
    if len(text) > CODE_MAX_CHARS or not pattern.fullmatch(text):
        raise InvalidInput(field=field)
