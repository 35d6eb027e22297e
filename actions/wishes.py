"""What an intent is called on a button: responses `utter_wish_<intent>` of bot/domain.

An intent without such a response is never offered ("did you mean nlu_fallback?"). What is done when
it is chosen in words stands in nlu_data/rules.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from actions import languages, readings
from actions.domain_parts import ROOT, texts
from bank.policies import readings as policy
from bank.yaml_text import read_yaml

PREFIX = "utter_wish_"


@cache
def all_rules(root: Path = ROOT) -> Mapping[str, str]:
    """Return the first action of every rule that begins with an intent alone."""
    found: dict[str, str] = {}
    for path in sorted((root / "nlu_data" / "rules").glob("*.yml")):
        part = read_yaml(path.read_text(encoding="utf-8")) or {}
        for rule in part.get("rules") or []:
            steps = rule["steps"]
            if "intent" in steps[0] and len(steps) > 1 and "action" in steps[1]:
                found[steps[0]["intent"]] = steps[1]["action"]
    return found


def find_action(intent: str) -> str | None:
    """Return the action, or the response, with which the rules answer an intent.

    >>> find_action("check_balance"), find_action("ask_human"), find_action("none")
    ('action_check_balance', 'action_hand_off', None)
    """
    return all_rules().get(intent)


def find_title(intent: str) -> str | None:
    """Return the title of an intent in the conversation's language; None: it is not offered."""
    return texts(languages.current()).get(f"{PREFIX}{intent}")


def likely_wishes(
    message: dict[str, Any], *, without: Collection[str] = frozenset()
) -> list[str]:
    """Return the likeliest intents of a message that have a title and are not hopeless.

    As many as are offered at once.
    """
    likely = [
        intent
        for intent, confidence in readings.ranking_of(message)
        if intent not in without and not policy.is_hopeless(confidence) and find_title(intent)
    ]
    return likely[: policy.offered_count()]
