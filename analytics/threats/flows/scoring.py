"""Flows of a watch, scored together, and alerts for those above the threshold.

A flow whose row lacks a column of the model is not its kind: it is counted and left to the rules.
The alert says which columns raised the score. Its count is 0: nobody is blocked on a score alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.threats.alerts import Alert, Evidence, Severity
from analytics.threats.events import Flow, moment
from analytics.threats.flows.model import FlowModel


class FlowScoring:
    """A model, ready for flows as they come."""

    def __init__(self, model: FlowModel) -> None:
        self._model = model
        self._names = model.schema.names
        self.foreign_count = 0

    def suspicious(self, flows: Sequence[Flow]) -> list[Alert]:
        """Return an alert for each flow above the threshold."""
        ours = [flow for flow in flows if all(name in flow.row for name in self._names)]
        self.foreign_count += len(flows) - len(ours)
        if not ours:
            return []
        table = pd.DataFrame({name: [flow.row[name] for flow in ours] for name in self._names})
        matrix = self._model.encoder.matrix(table)
        scores = self._model.scores_of(matrix)
        high = np.flatnonzero(scores > self._model.threshold)
        reasons = self._model.reasons(matrix[high]) if len(high) else []
        return [
            self._alert(ours[place], float(scores[place]), names)
            for place, names in zip(high, reasons, strict=True)
        ]

    def _alert(self, flow: Flow, score: float, names: list[str]) -> Alert:
        evidence: Evidence = {
            "score": round(score, 2), "threshold": round(self._model.threshold, 2),
            "columns": names, "target_ip": flow.target_ip, "target_port": flow.target_port or 0,
        }  # fmt: skip
        told = f"A connection unlike what is normal here: {', '.join(names) or 'its whole row'}."
        return Alert(
            at_utc=moment(flow.at_s), kind="flow_anomaly", severity=Severity.LOW, technique="",
            subject=flow.source_ip or "flows", source_ip=flow.source_ip, count=0, sentence=told,
            evidence=evidence,
        )  # fmt: skip
