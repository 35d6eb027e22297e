"""Acts that ask for a step-up: first the question, then the act with its proof.

    no proof   ──▶ a challenge is stored, the code is sent, StepUpRequired is raised
    proof      ──▶ verified in a write of its own, so that a wrong try counts whatever follows;
                   then consumed in the very write that acts

`binding` names the act and everything it depends on: `step_up_acts` performs it from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from bank.domain.actors import Actor
from bank.domain.challenges import StepUpProof
from bank.domain.errors import StepUpRequired
from bank.domain.risk import RiskAct
from bank.ports import StepUpGate, Store, UnitOfWork
from bank.services.protection import Protection

T = TypeVar("T")

#: What kind of act stands behind a purpose; all others are acts on a card.
RISK_ACTS = {
    "standing_order": RiskAct.STANDING_ORDER, "face_add": RiskAct.PROFILE,
    "passkey_add": RiskAct.PROFILE,
}  # fmt: skip


class SteppedUp:
    """Runs an act behind its step-up."""

    def __init__(
        self, store: Store, *, step_up: StepUpGate, protection: Protection | None = None
    ) -> None:
        self._store = store
        self._gate = step_up
        self._protection = protection

    def run(
        self,
        actor: Actor,
        *,
        purpose: str,
        binding: dict[str, Any],
        proof: StepUpProof | None,
        act: Callable[[UnitOfWork], T],
        facts: Mapping[str, str] | None = None,
    ) -> T:
        """Return what `act` returns, done with a proof; without one, ask for it.

        Raises ActPaused, StepUpRequired, WrongCode, CodeExpired, TooManyTries, and what `act`
        raises.
        """
        if proof is None:
            if self._protection is not None:
                self._protection.check_act(actor, RISK_ACTS.get(purpose, RiskAct.CARD), purpose)
            raise self.ask(actor, purpose=purpose, binding=binding, facts=facts)
        self._gate.verify(actor, purpose=purpose, binding=binding, proof=proof)

        def work(uow: UnitOfWork) -> T:
            self._gate.consume_in(uow, actor, purpose=purpose, binding=binding, proof=proof)
            return act(uow)

        return self._store.write(work)

    def ask(
        self,
        actor: Actor,
        *,
        purpose: str,
        binding: dict[str, Any],
        facts: Mapping[str, str] | None = None,
    ) -> StepUpRequired:
        """Store a challenge and return the refusal that tells of it."""
        return self._store.write(
            lambda uow: ask_in(
                self._gate, uow, actor, purpose=purpose, binding=binding, facts=facts
            )
        )


def ask_in(
    gate: StepUpGate,
    uow: UnitOfWork,
    actor: Actor,
    *,
    purpose: str,
    binding: dict[str, Any],
    facts: Mapping[str, str] | None = None,
) -> StepUpRequired:
    """Store a challenge; return the refusal, for the caller to raise once that is committed."""
    challenge = gate.challenge_in(uow, actor, purpose=purpose, binding=binding, facts=facts)
    return StepUpRequired(
        challenge_id=challenge.id, sent_to=challenge.sent_to, purpose=challenge.purpose
    )
