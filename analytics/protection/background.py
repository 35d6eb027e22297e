"""The scorer of a process that serves: it starts at once and is good for something a little later.

    start ─▶ a thread: libraries, model, past ─▶ from then on payments are scored
                └▶ another: card payments that were made are watched (card_watch.py)
    stop  ─▶ the threads end

Importing this costs nothing: the libraries of learning load in the thread.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from bank.domain.risk import PaymentAsked, PaymentScore

if TYPE_CHECKING:
    from analytics.protection.scorer import FraudScorer
    from bank.bootstrap import Bank


class BackgroundScorer:
    """Implements bank.services.risk_view.PaymentScorer, silent until it is warm."""

    def __init__(self, bank: Bank, registry_dir: Path, *, watches_cards: bool = True) -> None:
        """watches_cards: False beside another process that does, and asks as well."""
        self._bank = bank
        self._watches_cards = watches_cards
        self._registry_dir = registry_dir
        self._scorer: FraudScorer | None = None
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to warm, and go on following the model and the past."""
        assert self._thread is None, "started already"
        self._thread = threading.Thread(target=self._run, name="fraud-scorer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a replay that is under way ends with the process."""
        self._stopped.set()

    @property
    def is_warm(self) -> bool:
        """Whether there are a model and a past to score with."""
        return self._scorer is not None and self._scorer.is_warm

    def score(self, payment: PaymentAsked) -> PaymentScore:
        """Return what model and rules say; nothing before they are there."""
        return self._scorer.score(payment) if self._scorer is not None else PaymentScore()

    def _run(self) -> None:
        from analytics.protection.scorer import FraudScorer  # noqa: PLC0415  see the head

        scorer = FraudScorer(self._bank.store, self._registry_dir, clock=self._bank.clock)
        self._scorer = scorer
        if self._watches_cards:
            self._watch_cards(scorer)
        scorer.run(self._stopped)

    def _watch_cards(self, scorer: FraudScorer) -> None:
        from analytics.protection.card_watch import CardWatch  # noqa: PLC0415  see the head

        watch = CardWatch(scorer, self._bank.event_questions)
        threading.Thread(
            target=watch.run, args=(self._stopped,), name="card-watch", daemon=True
        ).start()
