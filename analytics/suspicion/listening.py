"""A conversation's state: suspicion that grows over lines and fades with time.

    line ─▶ alone, and with the customer's last lines before it ─▶ kinds ─┐
    state: risk of each kind, halved every HALF_LIFE_S ◀── 1-(1-risk)(1-p) ┘

Some stories are told in pieces: "he needs money for the flight" is a family's business until the
line before said where one met him. Lines that staff or the assistant write are context only.

Pure: no clock; callers pass the time of a line. The state is JSON, and holds the last lines with
their secrets masked: keep it where the conversation itself is kept, sealed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, Self

from analytics.suspicion.detecting import Span, Suspicion
from analytics.suspicion.kinds import KINDS
from bank.domain.redaction import MAX_TEXT_CHARS, mask

#: A scam is talked through within the hour; the next day a word of it is old.
HALF_LIFE_S = 6 * 3600
#: Customer lines read together with a new one, and how much of them.
LINES_KEPT, LINE_CHARS = 3, 200
#: Risk below this is forgotten.
_RISK_LEAST = 0.01
CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a conversation. speaker: "customer", "assistant" or "staff"."""

    speaker: str
    text: str
    at_utc: datetime
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a line gave to notice.

    probability: 0-1, of this line in its context. risk: 0-1, of the conversation so far.
    spans: in the line; none where only the context tells. seq: the line's number, from 1.
    """

    kind: str
    probability: float
    risk: float
    spans: tuple[Span, ...]
    seq: int
    in_context: bool


class Looker(Protocol):
    """What a listener asks: a Detector."""

    def look(self, text: str, *, language: str = "en") -> Sequence[Suspicion]: ...

    def look_whole(self, text: str, *, language: str = "en") -> Sequence[Suspicion]: ...


@dataclass
class Listener:
    """Hears the lines of one conversation in order."""

    detector: Looker
    seq: int = 0
    heard_at_utc: datetime | None = None
    risks: dict[str, float] = field(default_factory=dict)
    last_lines: list[str] = field(default_factory=list)

    def hear(self, line: Line) -> list[Finding]:
        """Take the next line; return what is noticed in it, surest first.

        A time before the last line's counts as the same moment: clocks of two processes differ.
        """
        self.seq += 1
        self._fade(line.at_utc)
        if line.speaker != CUSTOMER:
            return []
        noticed = self._noticed(line)
        for one, _ in noticed:
            before = self.risks.get(one.kind, 0.0)
            self.risks[one.kind] = 1 - (1 - before) * (1 - one.probability)
        # Masked before it is cut: half a card number would no longer look like one.
        kept = mask(line.text[:MAX_TEXT_CHARS]).text[:LINE_CHARS].strip()
        self.last_lines = [*self.last_lines, kept][-LINES_KEPT:]
        return [
            Finding(
                one.kind, one.probability, self.risks[one.kind], one.spans, self.seq, in_context
            )
            for one, in_context in noticed
        ]  # fmt: skip

    def risk(self, kind: str, now_utc: datetime) -> float:
        """Return the risk of a kind at a moment, 0-1."""
        return self.risks.get(kind, 0.0) * self._left(now_utc)

    def _noticed(self, line: Line) -> list[tuple[Suspicion, bool]]:
        """Return what the line says alone, then what only its context makes of it."""
        alone = self.detector.look(line.text, language=line.language)
        found = {one.kind: (one, False) for one in alone}
        if self.last_lines:
            context = ". ".join([*self.last_lines, line.text[:LINE_CHARS]])
            for one in self.detector.look_whole(context, language=line.language):
                if KINDS[one.kind].is_scam and one.kind not in self.risks:
                    found.setdefault(one.kind, (Suspicion(one.kind, one.probability, ()), True))
        return sorted(found.values(), key=lambda each: -each[0].probability)

    def _fade(self, now_utc: datetime) -> None:
        left = self._left(now_utc)
        faded = {kind: risk * left for kind, risk in self.risks.items()}
        self.risks = {kind: risk for kind, risk in faded.items() if risk >= _RISK_LEAST}
        if self.heard_at_utc is None or now_utc > self.heard_at_utc:
            self.heard_at_utc = now_utc

    def _left(self, now_utc: datetime) -> float:
        if self.heard_at_utc is None:
            return 1.0
        passed_s = max(0.0, (now_utc - self.heard_at_utc).total_seconds())
        return float(0.5 ** (passed_s / HALF_LIFE_S))

    def to_json(self) -> dict[str, Any]:
        return {
            "seq": self.seq,
            "heard_at_utc": self.heard_at_utc.isoformat() if self.heard_at_utc else None,
            "risks": dict(self.risks),
            "last_lines": list(self.last_lines),
        }

    @classmethod
    def from_json(cls, detector: Looker, written: Mapping[str, Any]) -> Self:
        """Go on where `to_json` left off. Raises KeyError, TypeError, ValueError."""
        heard = written["heard_at_utc"]
        risks = {kind: float(risk) for kind, risk in written["risks"].items() if kind in KINDS}
        return cls(
            detector, int(written["seq"]), datetime.fromisoformat(heard) if heard else None,
            risks, [str(one) for one in written["last_lines"]][-LINES_KEPT:],
        )  # fmt: skip
