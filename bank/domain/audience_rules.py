"""Audience rules: what may be asked of a person, joined by and, or and not.

    {"feature": "age_band", "op": "in", "value": ["from_25", "from_35"]}      a condition
    {"any": [rule, rule]}   {"all": [rule, rule]}   {"not": rule}             a group of them

`FEATURES` is the wall between suspicion and marketing: what is not on it cannot be asked for, and
nothing of risk, alerts, fraud, complaints, health or faith will ever be on it. Bands are wide where
a number would tell more than an offer needs: nobody is found by being overdrawn.

What is not known of a person is neither true nor false, and its opposite is not known either, so
"not" finds nobody by our ignorance:

            all                         any                         not
    false   if one is false             if all are false            of true
    true    if all are true             if one is true              of false
    unknown otherwise                   otherwise                   of unknown

Bounded: at most RULES_MAX_COUNT conditions, groups at most DEPTH_MAX deep. Pure; nothing is
evaluated as code.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from bank.domain.consents import Channel, Purpose
from bank.domain.errors import InvalidInput

Value = str | int | bool | frozenset[str]
Rule = Mapping[str, Any]
#: What is known of somebody, by feature; what is missing or None is not.
Known = Mapping[str, Value | None]
Decider = Callable[[Known], bool | None]

RULES_MAX_COUNT = 20
DEPTH_MAX = 4
VALUES_MAX_COUNT = 50
VALUE_MAX_CHARS = 80
NUMBER_MAX = 10**9
#: How far back logins and card payments are looked at; whoever has none gets a day more.
LOOK_BACK_DAYS = 365
NOT_LATELY_DAYS = LOOK_BACK_DAYS + 1


class Kind(StrEnum):
    """What a feature's value is. A set holds several of its choices, or none."""

    NUMBER = "int"
    WORD = "str"
    YES_NO = "bool"
    SET = "set"


@dataclass(frozen=True, slots=True)
class Feature:
    """Something a condition may ask. choices: all there are; none: any word."""

    kind: Kind
    choices: tuple[str, ...] = ()


_AGES = {"under_18": 0, "from_18": 18, "from_25": 25, "from_35": 35, "from_50": 50, "from_65": 65}
#: In minor units of EUR. The lowest begins nowhere: who is in the red is not told from who is not.
_BALANCES = {
    "under_1k": None, "from_1k": 100_000, "from_5k": 500_000, "from_25k": 2_500_000,
    "from_100k": 10_000_000,
}  # fmt: skip
MESSENGERS = ("telegram", "whatsapp", "slack")

#: Everything a condition may ask.
FEATURES: Mapping[str, Feature] = {
    "age_band": Feature(Kind.WORD, tuple(_AGES)),
    "age_years": Feature(Kind.NUMBER),
    "balance_band": Feature(Kind.WORD, tuple(_BALANCES)),
    "card_age_days": Feature(Kind.NUMBER),
    "consents": Feature(Kind.SET, tuple(f"{one}_{way}" for one in Purpose for way in Channel)),
    "country": Feature(Kind.WORD),
    "has_card": Feature(Kind.YES_NO),
    "has_credit_card": Feature(Kind.YES_NO),
    "has_current": Feature(Kind.YES_NO),
    "has_investments": Feature(Kind.YES_NO),
    "has_savings": Feature(Kind.YES_NO),
    "kyc_tier": Feature(Kind.NUMBER),
    "linked_channels": Feature(Kind.SET, MESSENGERS),
    "locale": Feature(Kind.WORD),
    "login_age_days": Feature(Kind.NUMBER),
    "products_count": Feature(Kind.NUMBER),
    "tenure_days": Feature(Kind.NUMBER),
}
#: op → the kinds of feature it asks.
OPS: Mapping[str, frozenset[Kind]] = {
    "eq": frozenset({Kind.NUMBER, Kind.WORD, Kind.YES_NO}),
    "ne": frozenset({Kind.NUMBER, Kind.WORD, Kind.YES_NO}),
    "in": frozenset({Kind.NUMBER, Kind.WORD}),
    "gte": frozenset({Kind.NUMBER}),
    "lte": frozenset({Kind.NUMBER}),
    "has": frozenset({Kind.SET}),
}
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "ne": operator.ne, "gte": operator.ge, "lte": operator.le,
    "in": lambda held, asked: held in asked, "has": operator.contains,
}  # fmt: skip
_TYPES: Mapping[Kind, type] = {
    Kind.NUMBER: int, Kind.WORD: str, Kind.YES_NO: bool, Kind.SET: str,
}  # fmt: skip


def validate_rules(rules: object) -> list[dict[str, Any]]:
    """Return rules, all of which are to hold, in their normal form. Raises InvalidInput.

    >>> validate_rules([{"not": {"feature": "has_card", "op": "eq", "value": True}}])
    [{'not': {'feature': 'has_card', 'op': 'eq', 'value': True}}]
    """
    if not isinstance(rules, list | tuple):
        raise InvalidInput(field="rules", allowed="a list")
    found = [_validate(rule, depth=1) for rule in rules]
    if len(_conditions(found)) > RULES_MAX_COUNT:
        raise InvalidInput(field="rules", max_count=RULES_MAX_COUNT)
    return found


def features_of(rules: Sequence[Rule]) -> set[str]:
    """Return the features that validated rules ask for."""
    return {str(one["feature"]) for one in _conditions(rules)}


def hold(rules: Sequence[Rule], features: Known) -> bool | None:
    """Return whether all validated rules hold; None: that is not known.

    >>> of_age = [{"feature": "age_years", "op": "gte", "value": 18}]
    >>> hold(of_age, {"age_years": 18}), hold(of_age, {"age_years": 17}), hold(of_age, {})
    (True, False, None)
    >>> hold([{"not": of_age[0]}], {}) is None
    True
    """
    return decider(rules)(features)


def decider(rules: Sequence[Rule]) -> Decider:
    """Return `hold` of these rules as a function of the features: for asking many people."""
    return _all([_decider(rule) for rule in rules])


def age_band(years: int) -> str:
    """Return the band of an age.

    >>> age_band(17), age_band(18), age_band(90)
    ('under_18', 'from_18', 'from_65')
    """
    return max((one for one in _AGES if _AGES[one] <= max(0, years)), key=_AGES.__getitem__)


def balance_band(balance_minor: int) -> str:
    """Return the band of a sum of posted balances in minor units of EUR.

    >>> balance_band(-5), balance_band(99_999), balance_band(100_000)
    ('under_1k', 'under_1k', 'from_1k')
    """
    for (name, _), (_, above) in pairwise(_BALANCES.items()):
        if above is not None and balance_minor < above:
            return name
    return list(_BALANCES)[-1]


def _validate(rule: object, *, depth: int) -> dict[str, Any]:
    if not isinstance(rule, Mapping):
        raise InvalidInput(field="rules", allowed="a condition, or any, all, not")
    if depth > DEPTH_MAX:
        raise InvalidInput(field="rules", max_depth=DEPTH_MAX)
    if "feature" in rule:
        return _validate_condition(rule)
    if set(rule) == {"not"}:
        return {"not": _validate(rule["not"], depth=depth + 1)}
    for joint in ("any", "all"):
        parts = rule.get(joint)
        if set(rule) == {joint} and isinstance(parts, list | tuple):
            if not 1 <= len(parts) <= RULES_MAX_COUNT:
                raise InvalidInput(field=joint, min=1, max=RULES_MAX_COUNT)
            return {joint: [_validate(one, depth=depth + 1) for one in parts]}
    raise InvalidInput(field="rules", allowed="a condition, or any, all, not")


def _validate_condition(rule: Rule) -> dict[str, Any]:
    name, op, value = str(rule.get("feature")), str(rule.get("op")), rule.get("value")
    if name not in FEATURES:
        raise InvalidInput(field="feature", allowed=",".join(FEATURES))
    feature = FEATURES[name]
    if op not in OPS or feature.kind not in OPS[op]:
        fitting = ",".join(one for one, kinds in OPS.items() if feature.kind in kinds)
        raise InvalidInput(field="op", feature=name, allowed=fitting)
    is_list = isinstance(value, list | tuple)
    if is_list is not (op == "in"):
        raise InvalidInput(
            field="value", feature=name, allowed="a list" if op == "in" else feature.kind
        )
    values = list(value) if isinstance(value, list | tuple) else [value]
    if not 1 <= len(values) <= VALUES_MAX_COUNT:
        raise InvalidInput(field="value", feature=name, min=1, max=VALUES_MAX_COUNT)
    for one in values:
        _check_value(name, feature, one)
    return {"feature": name, "op": op, "value": values if is_list else value}


def _check_value(name: str, feature: Feature, value: object) -> None:
    if type(value) is not _TYPES[feature.kind]:  # a bool is no whole number here
        raise InvalidInput(field="value", feature=name, allowed=feature.kind)
    if feature.choices and value not in feature.choices:
        raise InvalidInput(field="value", feature=name, allowed=",".join(feature.choices))
    if isinstance(value, str) and not 1 <= len(value) <= VALUE_MAX_CHARS:
        raise InvalidInput(field="value", feature=name, max_chars=VALUE_MAX_CHARS)
    if isinstance(value, int) and abs(value) > NUMBER_MAX:
        raise InvalidInput(field="value", feature=name, max=NUMBER_MAX)


def _conditions(rules: Iterable[Rule]) -> list[Rule]:
    found: list[Rule] = []
    for rule in rules:
        if "feature" in rule:
            found.append(rule)
        elif "not" in rule:
            found += _conditions([rule["not"]])
        else:
            found += _conditions(rule["any"] if "any" in rule else rule["all"])
    return found


def _decider(rule: Rule) -> Decider:
    if "feature" in rule:
        return _condition(str(rule["feature"]), _COMPARE[rule["op"]], rule["value"])
    if "not" in rule:
        return _not(_decider(rule["not"]))
    if "any" in rule:  # one is true where not all opposites are
        return _not(_all([_not(_decider(one)) for one in rule["any"]]))
    return _all([_decider(one) for one in rule["all"]])


def _condition(name: str, compare: Callable[[Any, Any], bool], asked: Any) -> Decider:
    def decide(features: Known) -> bool | None:
        held = features.get(name)
        return None if held is None else compare(held, asked)

    return decide


def _all(parts: Sequence[Decider]) -> Decider:
    def decide(features: Known) -> bool | None:
        found: bool | None = True
        for part in parts:
            one = part(features)
            if one is False:
                return False
            found = None if one is None else found
        return found

    return parts[0] if len(parts) == 1 else decide


def _not(part: Decider) -> Decider:
    def decide(features: Known) -> bool | None:
        found = part(features)
        return None if found is None else not found

    return decide
