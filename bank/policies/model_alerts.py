"""Model alerts: at once, in the mail of the day, or not at all. Table: model_alerts.toml. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bank.domain.model_alerts import ModelAlertKind
from bank.policies.tables import load_table


class How(StrEnum):
    IMMEDIATE = "immediate"
    DIGEST = "digest"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class AlertRule:
    """How one kind is told, and for how long the same is not told again."""

    how: How
    quiet: timedelta


def rule_of(kind: ModelAlertKind) -> AlertRule:
    """Return the rule of a kind.

    >>> rule_of(ModelAlertKind.ROLLED_BACK).how
    <How.IMMEDIATE: 'immediate'>
    """
    written = load_table("model_alerts")["alerts"][kind]
    return AlertRule(How(written["how"]), timedelta(hours=float(written["quiet_hours"])))


def last_digest_utc(now_utc: datetime) -> datetime:
    """Return the moment of the newest mail of the day that is due by now.

    >>> from datetime import UTC
    >>> last_digest_utc(datetime(2026, 3, 2, 5, 59, tzinfo=UTC)).isoformat()
    '2026-03-01T06:00:00+00:00'
    """
    hour = int(load_table("model_alerts")["digest"]["hour_utc"])
    today = now_utc.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today <= now_utc else today - timedelta(days=1)
