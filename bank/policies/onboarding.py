"""Onboarding: times, tries, reasons, and what the bank's own records add to a verdict.

The table is `onboarding.toml`. Pure: callers pass what they found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from bank.domain.applications import ApplicationState
from bank.domain.errors import InvalidInput
from bank.domain.findings import Breakdown, Finding, Weight
from bank.policies.tables import load_table

APPROVE, REJECT, ASK_AGAIN = "approve", "reject", "ask_again"


@dataclass(frozen=True, slots=True)
class Twins:
    """What of an application the bank has seen before, under another name or customer.

    Each is ids of what it was found in; empty where nothing was.
    """

    document: Sequence[str] = field(default=())
    person: Sequence[str] = field(default=())
    email: Sequence[str] = field(default=())
    picture: Sequence[str] = field(default=())
    rejected: Sequence[str] = field(default=())


def number(section: str, name: str) -> int:
    """Return one number of the table: its section, then its name."""
    value: int = load_table("onboarding")[section][name]
    return value


def keep_for(state: ApplicationState) -> timedelta:
    """Return how long pictures are kept from the moment an application is in this state."""
    days = load_table("onboarding")["evidence_days"]
    return timedelta(days=days.get(state.value, days["collecting"]))


def purposes() -> tuple[str, ...]:
    """Return the purposes an account may be wanted for, in the order they are offered."""
    return tuple(load_table("onboarding")["purposes"]["codes"])


def staff_reasons() -> dict[str, tuple[str, ...]]:
    """Return outcome → codes of the reasons staff may give for it."""
    return {name: tuple(rows) for name, rows in load_table("onboarding")["staff_reasons"].items()}


def asked_again(outcome: str, reason_code: str) -> tuple[str, ...]:
    """Return the kinds of picture this reason asks for. Raises InvalidInput."""
    rows: dict[str, Any] = load_table("onboarding")["staff_reasons"]
    if outcome not in rows:
        raise InvalidInput(field="outcome", allowed=", ".join(rows))
    if reason_code not in rows[outcome]:
        raise InvalidInput(field="reason_code", allowed=", ".join(rows[outcome]))
    return tuple(rows[outcome][reason_code])


def is_seen_by(reason_code: str) -> bool:
    """Say whether this reason of approval means that a person saw the applicant.

    >>> is_seen_by("seen_by_video"), is_seen_by("difference_explained")
    (True, False)
    """
    return reason_code in load_table("onboarding")["seen"]["codes"]


def reasons_for(*, with_biometrics: bool) -> dict[str, tuple[str, ...]]:
    """Return outcome → reasons for one application: unseen by a camera, a person must have seen."""
    rows = staff_reasons()
    if not with_biometrics:
        rows[APPROVE] = tuple(code for code in rows[APPROVE] if is_seen_by(code))
    return rows


def tier_of(*, is_seen: bool) -> int:
    """Return the KYC tier: `is_seen` by a live face before the camera, or by a person."""
    return number("tier", "checked" if is_seen else "document_only")


def age_years(birth_date: date, *, today: date) -> int:
    """Return full years; somebody born on 29 February has their birthday on 1 March.

    >>> age_years(date(2008, 2, 29), today=date(2026, 2, 28))
    17
    """
    had_birthday = (today.month, today.day) >= (birth_date.month, birth_date.day)
    return today.year - birth_date.year - (0 if had_birthday else 1)


def findings_about(twins: Twins) -> list[Finding]:
    """Return what the bank's own records say. Each asks for a person; none refuses anybody."""
    said = (
        ("duplicate_document", twins.document, "This document was used by another applicant"),
        ("duplicate_person", twins.person, "A customer with this name and birth date exists"),
        ("duplicate_email", twins.email, "This e-mail address belongs to somebody already"),
        ("duplicate_picture", twins.picture, "The same picture came with another application"),
        ("returned_after_rejection", twins.rejected, "An earlier application was rejected"),
    )
    return [
        Finding(code, Breakdown.DUPLICATES, Weight.REVIEW, f"{text}: {', '.join(ids)}.")
        for code, ids, text in said
        if ids
    ]


def lowered(outcome: str, found: Sequence[Finding]) -> str:
    """Return the outcome after the bank's own findings: approved becomes needs_review.

    >>> lowered("approved", []), lowered("rejected", [])
    ('approved', 'rejected')
    """
    return "needs_review" if found and outcome == "approved" else outcome
