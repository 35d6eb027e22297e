"""One payment, scored before it moves: the model's probability and the rules, as shares.

    StateKeeper.features ─▶ row ─┬▶ champion of "fraud": probability, what raised it
                                 └▶ rules of analytics/fraud/rules.toml that speak

Implements bank.services.risk_view.PaymentScorer. A model that is missing, broken or not warm yet
is no reason to stop payments: the rest of the view decides, and the log says so once.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from analytics.errors import AnalyticsError, NoSuchModel
from analytics.fraud.features import named
from analytics.fraud.models import FraudModel, Reason
from analytics.fraud.rules import check, load_thresholds
from analytics.protection.keeper import StateKeeper, Watched
from analytics.registry import LiveModel, Registry
from bank.domain.risk import PaymentAsked, PaymentScore, RiskSignal, RiskSource
from bank.policies import protection as policy
from bank.ports import Clock, Store

MODEL = "fraud"
REASONS_MOST = 3
#: A model is sure of little beyond this; a rounded zero must not outweigh all other signals.
_SURE = 1e-5
_LOOK_AGAIN_S = 60.0

log = structlog.get_logger(__name__)


class FraudScorer:
    """The fraud model of one process, at the bank's service."""

    def __init__(
        self, store: Store, registry_dir: Path, *, clock: Clock,
        open_registry: Callable[[Path], Registry] = Registry,
    ) -> None:  # fmt: skip
        self._keeper = StateKeeper(store, clock=clock)
        self._registry_dir, self._open_registry = registry_dir, open_registry
        self._live: LiveModel | None = None
        self._thresholds = load_thresholds()
        self._complained = ""

    @property
    def is_warm(self) -> bool:
        return self._live is not None and self._keeper.is_warm

    def warm(self) -> None:
        """Load the model and replay the past. Blocking, some seconds."""
        try:
            self._live = LiveModel(self._open_registry(self._registry_dir), MODEL)
        except AnalyticsError as fault:
            self._complain(fault)
        if self._live is not None:
            self._keeper.warm()

    def run(self, stopped: threading.Event) -> None:
        """Warm now, and anew each day or once a model is there, until stopped. In a thread."""
        while not stopped.is_set():
            if self._live is None or self._keeper.is_due:
                try:
                    self.warm()
                except Exception:  # a bad moment of the database must not end protection
                    log.exception("fraud_state.not_warm")
            stopped.wait(_LOOK_AGAIN_S)

    def score(self, payment: PaymentAsked) -> PaymentScore:
        """Return what model and rules say; nothing while there is no model or no past."""
        if self._live is None:
            return PaymentScore()
        begun_s = time.perf_counter()
        row = self._keeper.features(payment)
        score = PaymentScore()
        if row is not None:
            score = self.rate(row, currency=payment.currency)
        log.debug("payment.scored", ms=round((time.perf_counter() - begun_s) * 1e3, 2))
        return score

    def take_watched(self) -> list[Watched]:
        """Return the card payments made since the last call; none while nothing can rate them."""
        return self._keeper.take_watched() if self._live is not None else []

    def rate(self, row: list[float], *, currency: str = "") -> PaymentScore:
        """Return what model and rules say of a row of features; nothing without a model.

        currency: of the payment, for sentences; empty where nobody reads them.
        """
        if self._live is None:
            return PaymentScore()
        try:
            served = self._live.current
            assert isinstance(served.model, FraudModel), MODEL
            probability, reasons = served.model.score_with_reasons(
                row, reasons_most=REASONS_MOST, currency=currency
            )
        except AnalyticsError as fault:
            self._complain(fault)
            return PaymentScore()
        signals = [_of_model(probability, reasons)]
        signals += [
            policy.signal(RiskSource.RULE, one.rule, one.sentence)
            for one in check(named(row), self._thresholds)
        ]
        return PaymentScore(tuple(signals), served.version)

    def _complain(self, fault: AnalyticsError) -> None:
        if str(fault) != self._complained:
            self._complained = str(fault)
            level = log.info if isinstance(fault, NoSuchModel) else log.error
            level("fraud_model.silent", code=fault.code)


def share_of(probability: float) -> float:
    """Return a model's word as a share: how far it moves the odds from where they start."""
    sure = min(max(probability, _SURE), 1 - _SURE)
    return math.log(sure / (1 - sure)) - policy.prior_log_odds()


def _of_model(probability: float, reasons: list[Reason]) -> RiskSignal:
    because = "; ".join(one.sentence for one in reasons)
    sentence = f"The payment model gives {probability:.1%}" + (f": {because}." if because else ".")
    return RiskSignal(RiskSource.MODEL, MODEL, share_of(probability), sentence)
