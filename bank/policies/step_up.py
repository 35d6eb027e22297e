"""Step-up: which acts ask for more than being logged in. The table is `step_up.toml`.

    between own accounts            no
    to a payee or biller            yes
      … small, payee paid before    no, until 100.00 EUR or five in a row since the last step-up

Pure: callers pass what was posted since the last step-up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bank.domain.money import Money
from bank.policies.fx import in_eur_minor
from bank.policies.tables import load_table

#: Acts that let somebody confirm from then on: whatever a table says, no face opens them.
NEVER_BY_FACE = frozenset({"passkey_add", "face_add"})


@dataclass(frozen=True, slots=True)
class SmallTransfers:
    """What went out without a step-up since the last one, in euro cents and in number."""

    total_eur_minor: int
    count: int


def may_be_small(*, amount_eur_minor: int) -> bool:
    """Whether the small-transfer rule can apply at all: saves its questions to the store."""
    each_minor: int = load_table("step_up")["small_transfer"]["each_eur_minor"]
    return amount_eur_minor <= each_minor


def in_a_row_max() -> int:
    """Return how many transfers may go without a step-up, one after the other."""
    count: int = load_table("step_up")["small_transfer"]["in_a_row"]
    return count


def payee_transfer_needs_step_up(
    *, amount_eur_minor: int, payee_is_known: bool, since: SmallTransfers
) -> bool:
    """Whether a transfer to a payee needs a step-up.

    `payee_is_known`: past its cooling-off, and paid with a step-up before.

    >>> payee_transfer_needs_step_up(
    ...     amount_eur_minor=4_000, payee_is_known=True, since=SmallTransfers(0, 0))
    True
    >>> payee_transfer_needs_step_up(
    ...     amount_eur_minor=3_000, payee_is_known=True, since=SmallTransfers(7_000, 4))
    False
    """
    rule = load_table("step_up")["small_transfer"]
    return not (
        payee_is_known
        and amount_eur_minor <= rule["each_eur_minor"]
        and since.total_eur_minor + amount_eur_minor <= rule["total_eur_minor"]
        and since.count < rule["in_a_row"]
    )


def act_needs_step_up(act: str) -> bool:
    """Whether another act needs a step-up; an act the table does not know does."""
    needed: bool = load_table("step_up")["acts"].get(act, True)
    return needed


def face_is_offered() -> bool:
    """Whether this bank takes a face beside code and passkey at all."""
    allowed: bool = load_table("step_up")["face"]["allowed"]
    return allowed


def face_number(name: str) -> int:
    """Return one number of the face's table: tries, draws, proof_ttl_s, …."""
    value: int = load_table("step_up")["face"][name]
    return value


def face_may_prove(purpose: str, binding: Mapping[str, Any]) -> bool:
    """Whether a face may confirm this act: a purpose of the table, up to its amount.

    Amounts in other currencies count at the day's rate. An act without an amount has no cap.
    """
    rule = load_table("step_up")["face"]
    if not rule["allowed"] or purpose in NEVER_BY_FACE or purpose not in rule["purposes"]:
        return False
    if "amount_minor" not in binding:
        return True
    amount = Money(int(binding["amount_minor"]), str(binding.get("currency", "EUR")))
    most_minor: int = rule["amount_most_eur_minor"]
    return in_eur_minor(amount) <= most_minor
