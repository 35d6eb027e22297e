"""The room behind the scoring door: models that follow their registry, a bounded number at work.

    body ─▶ a place among AT_ONCE ─▶ thread: decode, check, score, encode ─▶ bytes
                └─ WAITING_MOST wait already: 503, come back in a second

The event loop never decodes a row: it also carries the chat. A version is taken once for a whole
request, so each answer is of exactly one, also while another one takes its place. That a model
fails, or that a new version was not taken up, is told to the model house, at most once a minute.

Libraries of tables take a second to load and a branch may have no model, so they load with the
first score.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from analytics.errors import AnalyticsError, BadTable, BrokenModel, FeatureMismatch, NoSuchModel
from bank.domain.actors import SYSTEM
from bank.domain.errors import Unavailable
from bank.domain.model_alerts import ModelAlertKind
from web.api.score_words import Asked, parse_asked

if TYPE_CHECKING:
    from analytics.customer_scores import CustomerScore
    from analytics.registry import LiveModel, Registry
    from analytics.scores import Score, Scores
    from bank.bootstrap import Bank

AT_ONCE = 4
WAITING_MOST = 64
TELL_EVERY_S = 60.0
LOOK_EVERY_S = 0.5

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")

log = structlog.get_logger(__name__)


class ScoreRoom:
    """The models of one process, each loaded when it is first asked for."""

    def __init__(
        self,
        bank: Bank,
        registry_dir: Path,
        *,
        at_once: int = AT_ONCE,
        look_every_s: float = LOOK_EVERY_S,
        open_registry: Callable[[Path], Registry] | None = None,
    ) -> None:
        self._bank = bank
        self._registry_dir = registry_dir
        self.open_registry = open_registry or _open_registry
        self.look_every_s = look_every_s
        self._places = asyncio.Semaphore(at_once)
        self._waiting = 0
        self._live: dict[str, LiveModel] = {}
        self._opening = threading.Lock()
        self._told_at_s: dict[str, float] = {}

    def warm(self) -> None:
        """Load what serves, so that the first who asks does not wait for libraries. Blocking."""
        names = [path.parent.name for path in sorted(self._registry_dir.glob("*/champion.json"))]
        for name in names:
            try:
                self._find(name)
            except (NoSuchModel, Unavailable):  # told already; who asks hears it
                log.warning("scoring.not_warm", model=name)
        if names:
            import analytics.customer_scores  # noqa: F401, PLC0415  loads tables, see above

    async def score(self, name: str, raw: bytes) -> tuple[bytes, int]:
        """Return the answer as JSON, and how many rows it is about.

        Raises RequestRefused (the body), BadTable, NoSuchModel, Unavailable.
        """
        if self._waiting >= WAITING_MOST:
            raise Unavailable(retry_after_s=1)
        self._waiting += 1
        try:
            async with self._places:
                return await asyncio.to_thread(self._work, name, raw)
        finally:
            self._waiting -= 1

    async def customer(self, name: str, customer_id: str) -> CustomerScore | None:
        """Return a customer's score as of now; None: no version serves, or no open account.

        Raises Unavailable.
        """
        async with self._places:
            return await asyncio.to_thread(self._customer, name, customer_id)

    def version_of(self, name: str) -> str:
        """Return the version that serves, or "" when none does. Raises Unavailable. Blocking."""
        try:
            return self._find(name).current.version
        except NoSuchModel:
            return ""

    def _customer(self, name: str, customer_id: str) -> CustomerScore | None:
        try:
            live = self._find(name)
        except NoSuchModel:
            return None
        from analytics.customer_scores import customer_score  # noqa: PLC0415  loads tables

        try:
            return customer_score(self._bank, customer_id, name, live=live)
        except AnalyticsError as fault:
            self._tell(name, live.current.version, fault)
            raise Unavailable(model=name, reason="model_broken") from fault

    def _work(self, name: str, raw: bytes) -> tuple[bytes, int]:
        live = self._find(name)
        from analytics.scores import Scorer  # noqa: PLC0415  loads tables, see above

        asked = parse_asked(raw)
        try:
            scores = Scorer(live).rows(asked.rows, reasons=asked.reasons)
        except BadTable:
            raise
        except Exception as fault:
            self._tell(name, live.current.version, fault)
            if isinstance(fault, AnalyticsError):
                raise Unavailable(model=name, reason="model_broken") from fault
            raise
        if live.complaint:
            self._tell(name, scores.version, live.complaint)
        return encode(scores, asked), len(scores.scores)

    def _find(self, name: str) -> LiveModel:
        found = self._live.get(name)
        if found is not None:
            return found
        # Looked for by hand first: a name nobody trained must not cost the loading of libraries.
        if not (_NAME.fullmatch(name) and (self._registry_dir / name / "champion.json").is_file()):
            raise NoSuchModel("No version of this model serves.")
        from analytics.registry import LiveModel  # noqa: PLC0415  loads tables, see above

        with self._opening:
            if name in self._live:
                return self._live[name]
            try:
                registry = self.open_registry(self._registry_dir)
                opened = LiveModel(registry, name, look_every_s=self.look_every_s)
            except NoSuchModel:
                raise
            except (BrokenModel, FeatureMismatch) as fault:
                self._tell(name, "", fault)
                raise Unavailable(model=name, reason="model_broken") from fault
            self._live[name] = opened
            return opened

    def _tell(self, name: str, version: str, fault: Exception | str) -> None:
        """Let the model house know; what went wrong is its kind only, since it may quote a row."""
        now_s = time.monotonic()
        if now_s - self._told_at_s.get(name, -TELL_EVERY_S) < TELL_EVERY_S:
            return
        self._told_at_s[name] = now_s
        error = fault.partition(":")[0] if isinstance(fault, str) else type(fault).__name__
        log.error("scoring.failed", model=name, version=version, error=error)
        try:
            self._bank.model_alerts.tell(
                SYSTEM, ModelAlertKind.SCORING_FAILS, model=name, version=version,
                facts={"error": error, "count": "1 or more"},
            )  # fmt: skip
        except Exception:  # an alert that cannot be kept must not cost somebody a score
            log.exception("scoring.alert_failed", model=name)


def _open_registry(folder: Path) -> Registry:
    from analytics.registry import Registry  # noqa: PLC0415  loads tables, see above

    return Registry(folder)


def encode(scores: Scores, asked: Asked) -> bytes:
    """Return the answer's JSON."""
    answer: dict[str, Any] = {
        "model": scores.model,
        "version": scores.version,
        "scores": [_shown(one) for one in scores.scores],
        "notes": [
            {"code": one.code, "column": one.column, "rows": list(one.rows), "text": one.sentence}
            for one in scores.notes
        ],
    }
    assert len(scores.scores) == len(asked.rows)
    return json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()


def _shown(score: Score) -> dict[str, Any]:
    return {
        "score": score.probability,
        "reasons": [{"code": one.column, "text": one.sentence} for one in score.reasons],
    }
