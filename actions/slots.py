"""Reading slots and entities with a type, and clearing several at once.

A slot is what the dialogue remembers, set by our own actions only; it never says who speaks.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from bank.domain.errors import NotFound
from bank.domain.money import Money, money_from_major


def find_text(tracker: Tracker, name: str) -> str | None:
    """Return the slot's text, or None when it is empty."""
    value = tracker.get_slot(name)
    return value if isinstance(value, str) and value else None


def text(tracker: Tracker, name: str) -> str:
    """Return the slot's text. Raises NotFound: the dialogue has lost what it was about."""
    value = find_text(tracker, name)
    if value is None:
        raise NotFound(slot=name)
    return value


def find_dict(tracker: Tracker, name: str) -> dict[str, Any] | None:
    """Return the slot's object, or None."""
    value = tracker.get_slot(name)
    return value if isinstance(value, dict) else None


def find_list(tracker: Tracker, name: str) -> list[Any]:
    """Return the slot's list, empty when it is not set."""
    value = tracker.get_slot(name)
    return value if isinstance(value, list) else []


def flag(tracker: Tracker, name: str) -> bool:
    """Return whether the slot is true; not set is false."""
    return tracker.get_slot(name) is True


def entities(tracker: Tracker, name: str) -> list[Any]:
    """Return the values of this entity in the latest message, in the order of the text."""
    found = (tracker.latest_message or {}).get("entities") or []
    return [one["value"] for one in found if one.get("entity") == name]


def entity(tracker: Tracker, name: str) -> Any | None:
    """Return the first value of this entity in the latest message, or None."""
    return next(iter(entities(tracker, name)), None)


def intent(tracker: Tracker) -> str | None:
    """Return the intent of the latest message."""
    return ((tracker.latest_message or {}).get("intent") or {}).get("name")


def money(value: dict[str, Any], *, default_currency: str) -> Money:
    """Return an `amount` entity as Money.

    >>> money({"amount": "1250.00", "currency": None}, default_currency="EUR")
    Money(amount_minor=125000, currency='EUR')

    Raises UnknownCurrency, ValueError (more digits than the currency has).
    """
    return money_from_major(value["amount"], value.get("currency") or default_currency)


def clear(*names: str) -> list[dict[str, Any]]:
    """Return the events that empty these slots."""
    return [SlotSet(name, None) for name in names]
