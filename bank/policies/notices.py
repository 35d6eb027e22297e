"""Notices: when a change is worth telling unasked. The numbers are in `notices.toml`. Pure."""

from __future__ import annotations

from bank.policies.tables import load_table


def is_charge_change_worth_telling(
    *, category: str, previous_minor: int, amount_minor: int
) -> bool:
    """Whether a recurring charge rose enough; amounts are positive.

    >>> rule = is_charge_change_worth_telling
    >>> rule(category="subscriptions", previous_minor=999, amount_minor=1299)
    True
    >>> rule(category="subscriptions", previous_minor=999, amount_minor=1009)
    False
    >>> rule(category="utilities", previous_minor=8000, amount_minor=11000)
    False
    """
    rule = load_table("notices")["recurring_changed"]
    if category in rule["varies_by_nature"]:
        return False
    rise_minor = amount_minor - previous_minor
    is_steep = rise_minor * 100 >= previous_minor * rule["rise_min_pct"]
    return bool(is_steep and rise_minor >= rule["rise_min_minor"])


def is_path_worth_telling(*, spent_minor: int, usual_minor: int, day_of_month: int) -> bool:
    """Whether this month's spending is far enough above the usual.

    >>> is_path_worth_telling(spent_minor=150_00, usual_minor=100_00, day_of_month=15)
    True
    >>> is_path_worth_telling(spent_minor=150_00, usual_minor=100_00, day_of_month=3)
    False
    """
    rule = load_table("notices")["spending_path"]
    is_far = spent_minor * 100 >= usual_minor * (100 + rule["above_usual_pct"])
    return bool(usual_minor > 0 and is_far and day_of_month >= rule["first_day"])
