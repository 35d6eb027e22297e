"""Step-up: a one-time code, a passkey or a live face, bound to one act, used once.

    challenge_in   in its own write, before the refusal StepUpRequired is raised: the code
                   goes out by the outbox, with amount and payee in its text
    verify         in its own write, when a proof comes: a wrong one is counted, for good
    consume_in     in the act's write: proof, act and the end of the challenge are one

Verify counts before it answers, so a hundred parallel guesses are a hundred counted guesses;
consume checks everything again, so nothing that happened in between is believed. What each kind
of proof has to be: `step_up_proofs.py`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bank.domain.actors import Actor
from bank.domain.challenges import (
    CODE_DIGITS,
    CODE_TRIES,
    CODE_TTL_S,
    Challenge,
    ChallengeState,
    StepUpProof,
    check_open,
    digest_binding,
    facts_of,
)
from bank.domain.customers import Customer, mask_address
from bank.domain.errors import (
    FaceNotAccepted,
    NotFound,
    RateLimited,
    StepUpRefused,
    StepUpRequired,
    WrongCode,
)
from bank.domain.ids import ChallengeId, make_id
from bank.domain.outbox import OutboxKind
from bank.policies.attempts import rate_rule
from bank.ports import Clock, Digests, Passkeys, Store, Texts, UnitOfWork
from bank.services.audit import Audit
from bank.services.outbox import Outbox
from bank.services.step_up_proofs import StepUpProofs

_NEWEST_COUNT = 20


class StepUp:
    """Challenges of customers."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        digests: Digests,
        passkeys: Passkeys,
        outbox: Outbox,
        texts: Texts,
        audit: Audit,
    ) -> None:
        self._store = store
        self._clock = clock
        self._proofs = StepUpProofs(clock=clock, digests=digests, passkeys=passkeys)
        self._outbox = outbox
        self._texts = texts
        self._audit = audit

    def challenge_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        *,
        purpose: str,
        binding: Mapping[str, Any],
        facts: Mapping[str, str] | None = None,
    ) -> Challenge:
        """Ask the customer for a proof of this act; asking again while it is open sends nothing.

        `facts` fill the SMS (`amount`, `payee`, `card`); amount and payee are taken from the
        binding when it has them (`amount_minor` and `currency`, `payee_name`). An older open
        challenge of the customer is superseded: there is one act to agree to at a time.

        Raises RateLimited, NotAuthenticated.
        """
        customer: Customer = uow.customers.get(actor.require_customer())
        digest, now_utc = digest_binding(purpose, binding), self._clock()
        for older in self._newest_in(uow, customer.id):
            if older.state is not ChallengeState.OPEN:
                continue
            if older.binding_digest == digest and _is_open(older, self._clock):
                return older
            uow.challenges.save(replace(older, state=ChallengeState.SUPERSEDED))
        self._check_rate_in(uow, customer.id)
        challenge_id = ChallengeId(make_id("ch"))
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        challenge = Challenge(
            id=challenge_id,
            customer_id=customer.id,
            conversation_id=actor.conversation_id,
            purpose=purpose,
            binding=dict(binding),
            binding_digest=digest,
            code_hash=self._proofs.hash(challenge_id, digest, code),
            nonce=secrets.token_bytes(16),
            sent_to=mask_address(customer.phone or customer.email),
            state=ChallengeState.OPEN,
            tries_left=CODE_TRIES,
            created_at_utc=now_utc,
            expires_at_utc=now_utc + timedelta(seconds=CODE_TTL_S),
        )
        uow.challenges.add(challenge)
        told = {**facts_of(binding), **(facts or {}), "code": code, "act": purpose}
        text = self._texts.render(f"step_up_{purpose}", locale=customer.locale, facts=told)
        # Whoever became a customer by e-mail has no phone yet; their address was confirmed.
        kind = OutboxKind.SMS if customer.phone else OutboxKind.MAIL
        to = customer.phone or customer.email
        subject = "" if customer.phone else text.subject
        self._outbox.add_in(uow, kind=kind, to=to, subject=subject, body=text.body)
        self._audit.append_in(
            uow, actor, "step_up.challenge", challenge.id, details={"purpose": purpose}
        )
        return challenge

    def verify(
        self, actor: Actor, *, purpose: str, binding: Mapping[str, Any], proof: StepUpProof
    ) -> Challenge:
        """Check a proof in a write of its own; a wrong one costs a try whatever comes after.

        Call it before the write that acts and consumes. Raises as `consume_in`.
        """

        def work(uow: UnitOfWork) -> Challenge | StepUpRefused:
            challenge = self._find_in(uow, actor, purpose, binding)
            try:
                self._proofs.check_in(uow, challenge, proof)
            except (WrongCode, FaceNotAccepted) as refusal:
                # Returned, not raised: raising would undo the count.
                left = self.count_in(uow, actor, challenge, why=refusal.code)
                return type(refusal)(challenge_id=challenge.id, tries_left=left)
            return challenge

        result = self._store.write(work)
        if isinstance(result, StepUpRefused):
            raise result
        return result

    def consume_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        *,
        purpose: str,
        binding: Mapping[str, Any],
        proof: StepUpProof,
    ) -> None:
        """Check a proof and use up its challenge, in the transaction of the act.

        Raises StepUpRequired (nothing was asked for this act), WrongCode, FaceNotAccepted (details
        challenge_id, tries_left; the caller that did not `verify` calls `count_failure`),
        CodeExpired (too old, used, superseded), TooManyTries.
        """
        challenge = self._find_in(uow, actor, purpose, binding)
        checked = self._proofs.check_in(uow, challenge, proof)
        checked.spend_in(uow)
        uow.challenges.save(
            replace(challenge, state=ChallengeState.CONSUMED, consumed_at_utc=self._clock())
        )
        self._audit.append_in(
            uow,
            actor,
            "step_up.consume",
            challenge.id,
            details={"purpose": purpose, "by": checked.by},
        )

    def count_failure(self, challenge_id: str) -> int:
        """Count one wrong try in its own write; return how many are left."""

        def work(uow: UnitOfWork) -> int:
            challenge: Challenge = uow.challenges.get(challenge_id, lock=True)
            return self.count_in(uow, None, challenge)

        return self._store.write(work)

    def pending(self, actor: Actor) -> Challenge | None:
        """Return the newest open challenge of this customer, in this conversation if any."""
        customer_id = actor.require_customer()

        def work(uow: UnitOfWork) -> Challenge | None:
            for challenge in self._newest_in(uow, customer_id):
                here = actor.conversation_id in (None, challenge.conversation_id)
                elsewhere = challenge.conversation_id is None
                if (here or elsewhere) and _is_open(challenge, self._clock):
                    return challenge
            return None

        return self._store.read(work)

    def get(self, actor: Actor, challenge_id: str) -> Challenge:
        """Return a challenge to its customer. Raises NotFound."""
        challenge: Challenge = self._store.read(lambda uow: uow.challenges.get(challenge_id))
        if challenge.customer_id != actor.require_customer():
            raise NotFound(table="challenges")
        return challenge

    def _find_in(
        self, uow: UnitOfWork, actor: Actor, purpose: str, binding: Mapping[str, Any]
    ) -> Challenge:
        digest = digest_binding(purpose, binding)
        for challenge in self._newest_in(uow, actor.require_customer()):
            if challenge.binding_digest == digest:
                return challenge
        raise StepUpRequired(purpose=purpose)

    def count_in(
        self,
        uow: UnitOfWork,
        actor: Actor | None,
        challenge: Challenge,
        *,
        why: str = WrongCode.code,
    ) -> int:
        """Count one wrong try in the caller's write; return how many are left."""
        left = max(0, challenge.tries_left - 1)
        state = challenge.state
        if left == 0 and state is ChallengeState.OPEN:
            state = ChallengeState.CLOSED
        uow.challenges.save(replace(challenge, tries_left=left, state=state))
        if actor is not None:
            self._audit.append_in(
                uow, actor, "step_up.wrong", challenge.id, why, details={"left": left}
            )
        return left

    def _check_rate_in(self, uow: UnitOfWork, customer_id: str) -> None:
        rule = rate_rule("step_up")
        since = self._clock() - timedelta(seconds=rule.window_s)
        unanswered = [
            challenge
            for challenge in self._newest_in(uow, customer_id)
            if challenge.created_at_utc > since and challenge.state is not ChallengeState.CONSUMED
        ]
        if len(unanswered) >= rule.limit:
            oldest = min(challenge.created_at_utc for challenge in unanswered)
            left = oldest + timedelta(seconds=rule.window_s) - self._clock()
            raise RateLimited(retry_after_s=int(left.total_seconds()) + 1)

    def _newest_in(self, uow: UnitOfWork, customer_id: str) -> list[Challenge]:
        newest: list[Challenge] = uow.challenges.list(
            customer_id=customer_id,
            order_by="created_at_utc",
            descending=True,
            limit=_NEWEST_COUNT,
        )
        return newest


def _is_open(challenge: Challenge, clock: Clock) -> bool:
    try:
        check_open(challenge, now_utc=clock())
    except StepUpRefused:
        return False
    return True
