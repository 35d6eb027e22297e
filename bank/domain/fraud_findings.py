"""Fraud findings: staff's word on whether a posting was fraud, and when they gave it.

    posting ──(days or weeks)──▶ reported or alerted ──▶ decided: fraud | genuine

A later finding on the same posting overrules an earlier one; both stay, so that what was known
on a given day can be told afterwards. Findings come late, a few frauds are never found, and some
reports are wrong: whoever learns from them has to live with that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bank.domain.actors import SYSTEM
from bank.domain.ids import CaseId, CustomerId, PostingId


class FindingSource(StrEnum):
    """What brought the posting before staff."""

    REPORT = "report"  # the customer told
    ALERT = "alert"  # a rule or model of ours
    FILE = "file"  # the card scheme's or another bank's list


@dataclass(frozen=True, slots=True)
class FraudFinding:
    """One decision on one posting.

    `found_by` is staff, the system for a file, or the customer who was asked.
    """

    id: str
    posting_id: PostingId
    customer_id: CustomerId
    is_fraud: bool
    source: FindingSource
    found_at_utc: datetime
    found_by: str
    case_id: CaseId | None = None


def is_of_staff(finding: FraudFinding) -> bool:
    """Whether a member of staff said it: not the customer who was asked, not a file."""
    return finding.found_by not in (SYSTEM.id, finding.customer_id)
