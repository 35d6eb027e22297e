"""Step-up acts: what is done when a proof comes for a challenge, by the challenge's purpose.

The page gives a challenge and a proof; the room the challenge came from acts. Each act gets the
binding, which is what the customer agreed to, and consumes the proof in its own transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bank.domain.actors import Actor
from bank.domain.challenges import Challenge, StepUpProof
from bank.domain.errors import NotFound

#: act(actor, binding, proof) returns what was done.
Act = Callable[[Actor, Mapping[str, Any], StepUpProof], Any]


class StepUpActs:
    """One act per purpose; bootstrap fills it."""

    def __init__(self, acts: Mapping[str, Act]) -> None:
        self._acts = dict(acts)

    def perform(self, actor: Actor, challenge: Challenge, proof: StepUpProof) -> Any:
        """Do what the challenge was asked for.

        Raises NotFound (not the actor's challenge, or a purpose that is performed elsewhere, such
        as adding a passkey), StepUpRefused, and what the act itself raises.
        """
        act = self._acts.get(challenge.purpose)
        if act is None or challenge.customer_id != actor.require_customer():
            raise NotFound(table="challenges")
        return act(actor, challenge.binding, proof)
