"""Who decides alerts, and a model that is as sure as a test wants it to be."""

from __future__ import annotations

from bank.domain.actors import Actor, ActorKind, LoginLevel
from bank.domain.risk import PaymentScore, RiskSignal, RiskSource

OFFICER = Actor(ActorKind.STAFF, "st_1", LoginLevel.STRONG, roles=frozenset({"compliance"}))
SUPERVISOR = Actor(ActorKind.STAFF, "st_3", LoginLevel.STRONG, roles=frozenset({"supervisor"}))
AGENT = Actor(ActorKind.STAFF, "st_2", LoginLevel.STRONG, roles=frozenset({"agent"}))


class Sure:
    """A model that gives every payment the same share."""

    def __init__(self, share: float) -> None:
        self.share = share

    def score(self, payment) -> PaymentScore:
        return PaymentScore(
            (RiskSignal(RiskSource.MODEL, "model", self.share, "Unlike them."),), "v1"
        )
