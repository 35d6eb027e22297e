"""From requests to alerts: signatures counted per source, the model's word, and paths not there.

    signature fired              request_attack    counted: how many of this source lately
    the model's score alone      request_anomaly   count 0: never a reason to block
    many paths that are not there  path_scan       counted                          T1595.003

The sentence says what was found; the evidence holds the spans, at most 60 characters each, and no
whole request: a query may hold what belongs to a person.
"""

from __future__ import annotations

from analytics.threats.alerts import Alert, Evidence, Severity, source_alert
from analytics.threats.counting import Book, Burst, Distinct
from analytics.threats.events import Request
from analytics.threats.requests.model import RequestModel
from analytics.threats.requests.normalising import is_cut, normalise
from analytics.threats.requests.signatures import Hit, find_hits
from analytics.threats.thresholds import Thresholds

_NOT_THERE = frozenset({400, 403, 404, 405})
_REASONS_MOST = 3
_PATHS_COUNTED = 128
#: Of an account behind a score: what only a probe would be is worth less than an injection.
_SEVERITY = {"scanner": Severity.LOW}
_ANSWERED = range(200, 300)


class _Source:
    __slots__ = ("hits", "missing")

    def __init__(self) -> None:
        self.hits = Burst()
        self.missing = Distinct(most=_PATHS_COUNTED)


class RequestWatch:
    """Takes requests one by one; returns the alerts each causes. model None: signatures only."""

    def __init__(self, thresholds: Thresholds, model: RequestModel | None = None) -> None:
        self._at = thresholds
        self._model = model
        self._sources = Book(_Source, most=int(thresholds["memory"]["sources"]))
        self.cut_count = 0

    @property
    def forgotten_count(self) -> int:
        """Sources that memory had no place for any more."""
        return self._sources.forgotten_count

    def take(self, request: Request) -> list[Alert]:
        """Look at one request; return what it makes suspicious."""
        self.cut_count += is_cut(request.target)
        text = normalise(request.target)
        source = self._sources.at(request.source_ip)
        hits = find_hits(text, request.agent)
        found = [self._attack(request, hits, source) if hits else self._anomaly(request, text)]
        if request.status in _NOT_THERE:
            found.append(self._missing(request, source))
        return [alert for alert in found if alert is not None]

    def _attack(self, request: Request, hits: list[Hit], source: _Source) -> Alert:
        source.hits.add(request.at_s, half_life_s=self._at["request_attack"]["half_life_s"])
        first = hits[0]
        severity = _SEVERITY.get(first.kind, Severity.MEDIUM)
        if first.kind != "scanner" and request.status in _ANSWERED:
            severity = Severity.HIGH  # it was answered: it may have worked
        told = f"A request holds {first.reason} ({first.kind.replace('_', ' ')})."
        evidence: Evidence = {
            "attack": first.kind, "signatures": [hit.name for hit in hits],
            "reasons": [hit.reason for hit in hits[:_REASONS_MOST]],
            "spans": [hit.excerpt for hit in hits[:_REASONS_MOST]],
            "method": request.method[:16], "status": request.status or 0,
        }  # fmt: skip
        return source_alert(
            request, "request_attack", severity, first.technique, source.hits.count, told, evidence
        )

    def _anomaly(self, request: Request, text: str) -> Alert | None:
        if self._model is None:
            return None
        score = self._model.log_odds(text)
        if score < self._model.threshold:
            return None
        spans = [span.text for span in self._model.spans(text)]
        evidence: Evidence = {
            "score": round(score, 2), "threshold": round(self._model.threshold, 2),
            "spans": spans, "method": request.method[:16], "status": request.status or 0,
        }  # fmt: skip
        told = "A request looks like an attack that no signature names."
        return source_alert(request, "request_anomaly", Severity.MEDIUM, "T1190", 0, told, evidence)

    def _missing(self, request: Request, source: _Source) -> Alert | None:
        at = self._at["path_scan"]
        path = request.target.partition("?")[0][:128]
        count = source.missing.add(hash(path), request.at_s, span_s=at["span_s"])
        if count < at["paths"]:
            return None
        told = f"{count} different paths that are not there, asked for within a minute."
        return source_alert(request, "path_scan", Severity.LOW, "T1595.003", count, told, {})
