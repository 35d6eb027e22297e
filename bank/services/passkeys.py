"""Passkeys of customers: registered once, then the better way to confirm an act.

Adding one adds somebody who can pay, so it asks for a step-up itself (purpose `passkey_add`),
unless this session is strong already; and the customer gets a mail about it.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from bank.domain.actors import Actor, LoginLevel
from bank.domain.challenges import (
    Challenge,
    Passkey,
    PasskeyRegistration,
    StepUpProof,
    check_open,
)
from bank.domain.customers import Customer
from bank.domain.errors import InvalidInput, NotFound, StepUpRequired
from bank.domain.outbox import OutboxKind
from bank.ports import Clock, Store, Texts, UnitOfWork
from bank.ports import Passkeys as PasskeyCeremonies
from bank.services.audit import Audit
from bank.services.outbox import Outbox
from bank.services.step_up import StepUp

REGISTRATION_TTL_S = 300
PURPOSE = "passkey_add"
LABEL_MAX_CHARS = 60


class Passkeys:
    """Registration, and the options of an assertion. Checking one is `step_up`."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        ceremonies: PasskeyCeremonies,
        step_up: StepUp,
        outbox: Outbox,
        texts: Texts,
        audit: Audit,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ceremonies = ceremonies
        self._step_up = step_up
        self._outbox = outbox
        self._texts = texts
        self._audit = audit

    def register_options(self, actor: Actor, *, proof: StepUpProof | None = None) -> dict[str, Any]:
        """Return the options for `navigator.credentials.create`.

        Raises StepUpRequired (details challenge_id, sent_to) until a proof comes or the session
        is strong; and what a wrong proof raises.
        """
        customer_id = actor.require_customer()
        binding = {"customer_id": customer_id}
        if actor.login_level is not LoginLevel.STRONG:
            if proof is None:
                asked = self._store.write(
                    lambda uow: self._step_up.challenge_in(
                        uow, actor, purpose=PURPOSE, binding=binding
                    )
                )
                raise StepUpRequired(challenge_id=asked.id, sent_to=asked.sent_to)
            self._step_up.verify(actor, purpose=PURPOSE, binding=binding, proof=proof)

        def work(uow: UnitOfWork) -> dict[str, Any]:
            if proof is not None and actor.login_level is not LoginLevel.STRONG:
                self._step_up.consume_in(uow, actor, purpose=PURPOSE, binding=binding, proof=proof)
            customer: Customer = uow.customers.get(customer_id)
            registration = PasskeyRegistration(
                id=customer_id,
                challenge=secrets.token_bytes(32),
                expires_at_utc=self._clock() + timedelta(seconds=REGISTRATION_TTL_S),
            )
            uow.passkey_registrations.remove(customer_id)
            uow.passkey_registrations.add(registration)
            known = uow.passkeys.list(customer_id=customer_id)
            return self._ceremonies.registration_options(
                customer_id=customer_id,
                login_name=customer.login_name,
                full_name=customer.full_name,
                challenge=registration.challenge,
                known_ids=[key.id for key in known],
            )

        return self._store.write(work)

    def register(self, actor: Actor, credential_json: str, *, label: str = "") -> Passkey:
        """Store the key the browser made. Raises InvalidInput, AlreadyExists."""
        customer_id = actor.require_customer()

        def work(uow: UnitOfWork) -> Passkey:
            under_way: PasskeyRegistration | None = uow.passkey_registrations.find(customer_id)
            if under_way is None or under_way.expires_at_utc <= self._clock():
                raise InvalidInput(field="credential", reason="no_registration")
            made = self._ceremonies.check_registration(
                credential_json, challenge=under_way.challenge
            )
            passkey = Passkey(
                id=made.credential_id,
                customer_id=customer_id,
                public_key=made.public_key,
                sign_count=made.sign_count,
                transports=made.transports,
                label=label.strip()[:LABEL_MAX_CHARS],
                registered_at_utc=self._clock(),
            )
            uow.passkeys.add(passkey)
            uow.passkey_registrations.remove(customer_id)
            self._tell(uow, uow.customers.get(customer_id))
            self._audit.append_in(uow, actor, "passkey.register", customer_id)
            return passkey

        return self._store.write(work)

    def list(self, actor: Actor) -> list[Passkey]:
        """Return the customer's keys."""
        customer_id = actor.require_customer()
        return self._store.read(lambda uow: uow.passkeys.list(customer_id=customer_id))

    def remove(self, actor: Actor, passkey_id: str) -> None:
        """Forget a key. Raises NotFound."""
        customer_id = actor.require_customer()

        def work(uow: UnitOfWork) -> None:
            passkey: Passkey = uow.passkeys.get(passkey_id)
            if passkey.customer_id != customer_id:
                raise NotFound(table="passkeys")
            uow.passkeys.remove(passkey_id)
            self._audit.append_in(uow, actor, "passkey.remove", customer_id)

        self._store.write(work)

    def assert_options(self, actor: Actor, challenge_id: str) -> dict[str, Any]:
        """Return the options for `navigator.credentials.get`, bound to one challenge's act.

        Raises NotFound (not the actor's challenge, or no passkey yet), CodeExpired, TooManyTries.
        """
        customer_id = actor.require_customer()

        def work(uow: UnitOfWork) -> dict[str, Any]:
            challenge: Challenge = uow.challenges.get(challenge_id)
            if challenge.customer_id != customer_id:
                raise NotFound(table="challenges")
            check_open(challenge, now_utc=self._clock())
            known = uow.passkeys.list(customer_id=customer_id)
            if not known:
                raise NotFound(table="passkeys")
            return self._ceremonies.assertion_options(
                challenge=challenge.passkey_bytes(), allowed_ids=[key.id for key in known]
            )

        return self._store.read(work)

    def _tell(self, uow: UnitOfWork, customer: Customer) -> None:
        text = self._texts.render(
            "passkey_added",
            locale=customer.locale,
            facts={"name": customer.given_name, "at": f"{self._clock():%Y-%m-%d %H:%M} UTC"},
        )
        self._outbox.add_in(
            uow, kind=OutboxKind.MAIL, to=customer.email, subject=text.subject, body=text.body
        )
