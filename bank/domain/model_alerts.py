"""Model alerts: what happens to the bank's models that somebody must hear of.

    told ──immediate──▶ outbox, now      the same again within hours ──▶ counted, not sent again
      └────digest─────▶ waiting ──the day's mail──▶ outbox

An alert is about a model and its versions, never about a person: its facts come from a closed set
of names, and what could point at somebody is taken out of their values.

Pure: no clock, no store.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bank.domain.errors import InvalidInput
from bank.domain.ids import ModelAlertId
from bank.domain.redaction import mask, normalise

FACT_MAX_CHARS = 200
#: Everything an alert may say. Names of features are the table's columns, never a cell.
FACTS = (
    "before", "features", "score_psi", "figure", "champion", "challenger", "reasons", "count",
    "error", "promotion_id", "act",
)  # fmt: skip

_MODEL = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_VERSION = re.compile(r"(?<![\w-])(20\d{6}-\d{6}(?:-\d{1,3})?)(?![\w-])")
_ADDRESS = re.compile(r"\S*@\S*")
#: Ids of our own records about people and money (ids.py), and runs of digits long enough for one.
_ID = re.compile(r"\b(?:cu|ac|tx|po|tr|pa|cd|so|bi|di|ca|cv|ch|se|no|re)_\w+|\d(?:[ -]?\d){8,}")


class ModelAlertKind(StrEnum):
    DRIFT = "drift"
    RETRAINING_PROPOSED = "retraining_proposed"
    RETRAINING_REFUSED = "retraining_refused"
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"
    SCORING_FAILS = "scoring_fails"


class ModelAlertState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    KEPT = "kept"  # nobody is configured to be told, or the policy says so


@dataclass(frozen=True, slots=True)
class ModelAlert:
    """One thing that happened; `times_count` how often since, while it was not told again."""

    id: ModelAlertId
    kind: ModelAlertKind
    model: str
    version: str
    facts: dict[str, str]
    state: ModelAlertState
    times_count: int
    at_utc: datetime
    last_at_utc: datetime


def validate_model(name: str, version: str) -> None:
    """Refuse names that are no model's. Raises InvalidInput."""
    for field, text in (("model", name), ("version", version or "none")):
        if not _MODEL.fullmatch(text):
            raise InvalidInput(field=field)


def clean_facts(facts: Mapping[str, str]) -> dict[str, str]:
    """Return the facts on one line each, without what may point at somebody.

    >>> clean_facts({"error": "cannot read ana@example.org of cu_0k3vq6z1h8p2m4x7c9ab"})
    {'error': 'cannot read … of …'}

    Raises InvalidInput: a fact that is none of FACTS.
    """
    unknown = sorted(set(facts) - set(FACTS))
    if unknown:
        raise InvalidInput(field="facts", allowed=", ".join(FACTS))
    return {name: _clean(str(text)) for name, text in facts.items()}


def _clean(text: str) -> str:
    # A version is fourteen digits and nobody's number: it is kept, what lies between is cleaned.
    parts = _VERSION.split(" ".join(normalise(text).split()))
    line = "".join(one if place % 2 else _without_people(one) for place, one in enumerate(parts))
    return line if len(line) <= FACT_MAX_CHARS else line[: FACT_MAX_CHARS - 1] + "…"


def _without_people(text: str) -> str:
    text = mask(text).text
    for pattern in (_ADDRESS, _ID):
        text = pattern.sub("…", text)
    return text
