"""Audiences: whom a campaign is for, by segment and by rules on a closed list of features.

    {"segments": ["young_savers"], "segment_version": "20261101-120000",
     "rules": [{"feature": "age_years", "op": "gte", "value": 18},
               {"any": [{"feature": "has_card", "op": "eq", "value": True},
                        {"feature": "country", "op": "in", "value": ["PT", "ES"]}]}]}

Segments are one of; rules must all hold, and may be groups (audience_rules.py, where the closed
list is). Instead of looking for people, somebody may name them:

    {"customer_ids": ["cu_1", "cu_2"]}  ──▶  with "digest", SHA-256 of the list, for who approves

A named list is fixed: what was approved is who is written to, consent and caps still being asked
of each. A person whose feature is not known does not fit: a rule never guesses.

Pure.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

from bank.domain.audience_rules import validate_rules
from bank.domain.errors import InvalidInput

#: A plan of the largest budget is some thousands; a larger list is a segment that wants a name.
LIST_MAX_COUNT = 20_000
SEGMENTS_MAX_COUNT = 50
_NAMED = frozenset({"customer_ids", "digest"})


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
    if len(segments) > SEGMENTS_MAX_COUNT:
        raise InvalidInput(field="segments", max=SEGMENTS_MAX_COUNT)
    rules = validate_rules(audience.get("rules", ()))
    found = {"segments": segments, "segment_version": version, "rules": rules}
    return {**found, **_validate_list(audience)} if set(audience) & _NAMED else found


def is_named(audience: Mapping[str, Any], customer_id: str) -> bool:
    """Whether a validated audience names this person, or names nobody and looks for people.

    >>> is_named(validate_audience({"customer_ids": ["cu_1"]}), "cu_2")
    False
    >>> is_named(validate_audience({}), "cu_2")
    True
    """
    named = audience.get("customer_ids")
    return named is None or _is_among(customer_id, named)


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
