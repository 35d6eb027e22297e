"""The card watch: card payments cannot be stopped here, so their customer is asked soon after.

    take_watched ─▶ row from before the payment counted ─▶ model and rules ─▶ probability
                                                   "was this you?" ◀─ from card_at on ─┘

Several processes watch the same bank, and each sees everything: that an event is asked about once,
and a series of payments as one question, is the bank's doing (bank/services/event_questions.py).
The threshold is bank/policies/protection.toml; how often an ordinary customer is asked by it,
benchmarks/card_questions.py.
"""

from __future__ import annotations

import threading

import structlog

from analytics.protection.scorer import FraudScorer
from bank.domain.actors import SYSTEM
from bank.domain.errors import BankError
from bank.domain.risk import PaymentScore
from bank.policies import protection as policy
from bank.services.event_questions import EventQuestions

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 2.0


class CardWatch:
    """Looks at new card payments, for as long as the process lives."""

    def __init__(self, scorer: FraudScorer, questions: EventQuestions) -> None:
        self._scorer = scorer
        self._questions = questions

    def look(self) -> int:
        """Score what was paid since the last look; return how many customers were asked."""
        asked = 0
        for one in self._scorer.take_watched():
            if not is_asked_about(self._scorer.rate(one.row)):
                continue
            try:
                asked += self._questions.ask_card(SYSTEM, one.posting_id) is not None
            except BankError as refusal:  # one payment's trouble must not hide the others
                log.warning("card_watch.not_asked", code=refusal.code)
        return asked

    def run(self, stopped: threading.Event) -> None:
        """Look every LOOK_EVERY_S until stopped. In a thread."""
        while not stopped.wait(LOOK_EVERY_S):
            try:
                self.look()
            except Exception:  # a bad moment of the database must not end the watch
                log.exception("card_watch.failed")


def is_asked_about(score: PaymentScore) -> bool:
    """Whether a card payment with this score is asked about; silence is no suspicion."""
    if not score.signals:
        return False
    return policy.card_is_asked_about(policy.view(score.signals, amount_eur_minor=None).probability)
