"""Audiences: whom a campaign is for, by segment and by rules on a closed list of features.

    {"segments": ["young_savers"], "segment_version": "20261101-120000",
     "rules": [{"feature": "age_years", "op": "gte", "value": 18}]}

Segments are one of; rules must all hold. Instead of looking for people, somebody may name them:

    {"customer_ids": ["cu_1", "cu_2"]}  ──▶  with "digest", SHA-256 of the list, for who approves

A named list is fixed: what was approved is who is written to, consent and caps still being asked
of each. A person whose feature is not known does not fit: a rule
never guesses. `FEATURES` is the wall between suspicion and marketing: what is not on it cannot be
asked for, and nothing of risk, alerts, fraud, complaints or health will ever be on it.

Pure.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bank.domain.errors import InvalidInput
from bank.domain.ids import CustomerId

Value = str | int | bool

#: Everything a rule may ask, and the type of its value.
FEATURES: Mapping[str, type] = {
    "age_years": int,
    "country": str,
    "kyc_tier": int,
    "locale": str,
    "tenure_days": int,
    "has_current": bool,
    "has_savings": bool,
    "has_investments": bool,
}
RULES_MAX_COUNT = 20
#: A plan of the largest budget is some thousands; a larger list is a segment that wants a name.
LIST_MAX_COUNT = 20_000
_NAMED = frozenset({"customer_ids", "digest"})
#: op → whether it asks for whole numbers.
OPS: Mapping[str, bool] = {"eq": False, "ne": False, "in": False, "gte": True, "lte": True}


@dataclass(frozen=True, slots=True)
class Member:
    """What an audience is chosen by. `segment` of the version that was asked, None: in none."""

    customer_id: CustomerId
    segment: str | None = None
    features: Mapping[str, Value] = field(default_factory=dict)


def validate_audience(audience: Mapping[str, Any]) -> dict[str, Any]:
    """Return the normal form of an audience. Raises InvalidInput (which part).

    >>> validate_audience({})
    {'segments': [], 'segment_version': '', 'rules': []}
    """
    unknown = set(audience) - {"segments", "segment_version", "rules", *_NAMED}
    if unknown:
        raise InvalidInput(field="audience", unknown=",".join(sorted(unknown)))
    segments = sorted({str(one) for one in audience.get("segments", ())})
    version = str(audience.get("segment_version", ""))
    if segments and not version:
        # Segments are learnt anew now and then; an approved audience must not move with them.
        raise InvalidInput(field="segment_version")
    rules = [_validate_rule(rule) for rule in audience.get("rules", ())]
    if len(rules) > RULES_MAX_COUNT:
        raise InvalidInput(field="rules", max_count=RULES_MAX_COUNT)
    found = {"segments": segments, "segment_version": version, "rules": rules}
    return {**found, **_validate_list(audience)} if set(audience) & _NAMED else found


def fits(audience: Mapping[str, Any], member: Member) -> bool:
    """Whether a person belongs to a validated audience.

    >>> rule = {"feature": "age_years", "op": "gte", "value": 18}
    >>> grown_up = validate_audience({"rules": [rule]})
    >>> fits(grown_up, Member("cu_1", features={"age_years": 18}))
    True
    >>> fits(grown_up, Member("cu_2"))
    False
    """
    named = audience.get("customer_ids")
    if named is not None and not _is_among(member.customer_id, named):
        return False
    if audience["segments"] and member.segment not in audience["segments"]:
        return False
    return all(_holds(rule, member.features) for rule in audience["rules"])


def digest_of(customer_ids: Sequence[str]) -> str:
    """Return the fingerprint of a list of people, in any order.

    >>> digest_of(["cu_2", "cu_1"]) == digest_of(["cu_1", "cu_2"])
    True
    """
    return hashlib.sha256("\n".join(sorted(set(customer_ids))).encode()).hexdigest()


def _validate_list(audience: Mapping[str, Any]) -> dict[str, Any]:
    """Return the named people, sorted, with their digest. Raises InvalidInput.

    A list of nobody is refused: it must never be read as everybody.
    """
    named = audience.get("customer_ids")
    if not isinstance(named, list | tuple) or not 1 <= len(named) <= LIST_MAX_COUNT:
        raise InvalidInput(field="customer_ids", min=1, max=LIST_MAX_COUNT)
    if not all(isinstance(one, str) and one.startswith("cu_") for one in named):
        raise InvalidInput(field="customer_ids", allowed="ids of customers")
    ids = sorted(set(named))
    digest = digest_of(ids)
    if audience.get("digest", digest) != digest:
        raise InvalidInput(field="digest", allowed="the digest of these customers")
    return {"customer_ids": ids, "digest": digest}


def _is_among(customer_id: str, ids: Sequence[str]) -> bool:
    place = bisect_left(ids, customer_id)
    return place < len(ids) and ids[place] == customer_id


def _validate_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    feature, op, value = str(rule.get("feature")), str(rule.get("op")), rule.get("value")
    if feature not in FEATURES:
        raise InvalidInput(field="feature", allowed=",".join(FEATURES))
    if op not in OPS:
        raise InvalidInput(field="op", allowed=",".join(OPS))
    kind = FEATURES[feature]
    if OPS[op] and kind is not int:
        raise InvalidInput(field="op", feature=feature, allowed="eq,ne,in")
    if op == "in" and not isinstance(value, list | tuple):
        raise InvalidInput(field="value", feature=feature, allowed="a list")
    values = list(value) if isinstance(value, list | tuple) else [value]
    if not values or (op != "in" and isinstance(value, list | tuple)):
        raise InvalidInput(field="value", feature=feature, allowed=kind.__name__)
    if any(type(one) is not kind for one in values):  # a bool is no whole number here
        raise InvalidInput(field="value", feature=feature, allowed=kind.__name__)
    return {"feature": feature, "op": op, "value": values if op == "in" else value}


def _holds(rule: Mapping[str, Any], features: Mapping[str, Value]) -> bool:
    held, asked = features.get(rule["feature"]), rule["value"]
    if held is None:
        return False
    match rule["op"]:
        case "eq":
            return bool(held == asked)
        case "ne":
            return bool(held != asked)
        case "in":
            return held in asked
        case "gte":
            return bool(held >= asked)
        case _:
            return bool(held <= asked)
