"""A rule is silenced for a while: by whom, why, for whom, until when.

    from ────── active ────── until     findings are kept, marked with the snooze that silenced them
    before, after: the rule speaks

Nothing is thrown away: what a snooze silenced stays on record, so that a wrong snooze can be
found. A snooze always ends.

Pure: no clock; callers pass `at_utc`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from analytics.errors import AnalyticsError
from analytics.fraud.rules import RULES, Finding

#: A rule that is wrong for longer wants another threshold, not another snooze.
LONGEST = timedelta(days=90)


class SnoozeRefused(AnalyticsError):
    """The sentence says what is missing."""

    code = "snooze_refused"


@dataclass(frozen=True, slots=True)
class Snooze:
    """rule: its name. customer: "" is everybody. by: the member of staff.

    Raises SnoozeRefused: an unknown rule, no reason, nobody's, no end, or an end too far away.
    """

    rule: str
    reason: str
    by: str
    from_utc: datetime
    until_utc: datetime
    customer: str = ""

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise SnoozeRefused(f"There is no rule {self.rule!r}; there are {', '.join(RULES)}.")
        if not self.reason.strip() or not self.by.strip():
            raise SnoozeRefused("A snooze needs a reason and the name of who decided.")
        if self.from_utc.tzinfo is None or self.until_utc.tzinfo is None:
            raise SnoozeRefused("A snooze needs times with a time zone.")
        if not timedelta(0) < self.until_utc - self.from_utc <= LONGEST:
            raise SnoozeRefused(f"A snooze ends after it begins, within {LONGEST.days} days.")

    def silences(self, rule: str, *, customer: str, at_utc: datetime) -> bool:
        """Tell whether the rule is silent for this customer at this moment; the end is excluded."""
        return (
            self.rule == rule
            and self.customer in {"", customer}
            and self.from_utc <= at_utc < self.until_utc
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "reason": self.reason,
            "by": self.by,
            "from_utc": self.from_utc.isoformat(),
            "until_utc": self.until_utc.isoformat(),
            "customer": self.customer,
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Self:
        return cls(
            **{
                **written,
                "from_utc": datetime.fromisoformat(written["from_utc"]),
                "until_utc": datetime.fromisoformat(written["until_utc"]),
            }
        )


def heard(
    findings: Iterable[Finding],
    snoozes: Sequence[Snooze],
    *,
    customer: str,
    at_utc: datetime,
) -> tuple[list[Finding], list[tuple[Finding, Snooze]]]:
    """Return the findings that speak, and the silenced ones with the snooze that silenced each."""
    speaking: list[Finding] = []
    silenced: list[tuple[Finding, Snooze]] = []
    for finding in findings:
        snooze = next(
            (
                each
                for each in snoozes
                if each.silences(finding.rule, customer=customer, at_utc=at_utc)
            ),
            None,
        )
        if snooze is None:
            speaking.append(finding)
        else:
            silenced.append((finding, snooze))
    return speaking, silenced
