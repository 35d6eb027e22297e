"""One payment, assessed for staff: probability, reasons, rules, and whether it is an alert.

    payment ─▶ State.features ─┬▶ model: probability, what raised it   ─╮
                               └▶ rules: findings, snoozed or speaking ─┴▶ Assessment

An alert is a probability at or above the threshold, or a rule that speaks. The threshold is
chosen by cost or by what the desk can look at (analytics/evaluation/thresholds.py). Nothing of an
assessment is shown to the customer: not its reasons, not that there was one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from analytics.fraud.events import Payment
from analytics.fraud.features import named
from analytics.fraud.models import FraudModel, Reason
from analytics.fraud.rules import Finding, Thresholds, check
from analytics.fraud.snoozes import Snooze, heard
from analytics.fraud.state import State


@dataclass(frozen=True, slots=True)
class Assessment:
    """What staff see of a payment. silenced: findings on record that raised no alert."""

    payment_id: str
    probability: float
    reasons: tuple[Reason, ...]
    findings: tuple[Finding, ...]
    silenced: tuple[tuple[Finding, Snooze], ...]
    is_alert: bool

    def sentences(self) -> list[str]:
        """Return every reason as a sentence, rules first."""
        return [
            *(finding.sentence for finding in self.findings),
            *(f"The model weighs {reason.sentence}." for reason in self.reasons),
        ]


def assess(
    payment: Payment,
    *,
    state: State,
    model: FraudModel,
    alert_at: float,
    rules: Mapping[str, Thresholds],
    snoozes: Sequence[Snooze] = (),
) -> Assessment:
    """Assess a payment before it counts; the caller adds it to the state if it happens.

    alert_at: the probability, in [0, 1], from which a payment is an alert.
    """
    row = state.features(payment)
    probability, reasons = model.score_with_reasons(row)
    findings, silenced = heard(
        check(named(row), rules),
        snoozes,
        customer=payment.customer,
        at_utc=datetime.fromtimestamp(payment.at_s, UTC),
    )
    return Assessment(
        payment_id=payment.payment_id,
        probability=probability,
        reasons=tuple(reasons),
        findings=tuple(findings),
        silenced=tuple(silenced),
        is_alert=probability >= alert_at or bool(findings),
    )
