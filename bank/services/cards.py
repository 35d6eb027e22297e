"""Cards: freeze at once; unfreeze, replace, raise a limit, get the PIN letter after a step-up.

Which acts ask for a step-up is `policies/step_up.toml`. An act that does takes the proof of it;
without one it stores a challenge and raises StepUpRequired.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, TypeVar

from bank.domain import cards as rules
from bank.domain.actors import Actor
from bank.domain.cards import (
    Card,
    CardKind,
    CardStatus,
    FreezeReason,
    PinLetter,
    ReplaceReason,
    TravelNotice,
    mask_pan,
)
from bank.domain.challenges import StepUpProof
from bank.domain.errors import IdempotencyMismatch
from bank.domain.ids import AccountId, CardId, make_id
from bank.domain.money import Money
from bank.domain.transfers import parse_key
from bank.policies import access, limits
from bank.ports import Auditor, Clock, Store, UnitOfWork
from bank.services.card_book import expires_month, matching, new_digits, own_in
from bank.services.stepped_up import SteppedUp

T = TypeVar("T")

#: How long the post takes.
PIN_LETTER_DAYS = 5


class Cards:
    """What a customer pays with."""

    def __init__(
        self, store: Store, *, clock: Clock, stepped_up: SteppedUp, audit: Auditor
    ) -> None:
        self._store = store
        self._clock = clock
        self._stepped_up = stepped_up
        self._audit = audit

    def issue(
        self,
        actor: Actor,
        *,
        account_id: AccountId | str,
        kind: CardKind | str,
        limit_day_minor: int,
        last_digits: str | None = None,
    ) -> Card:
        """Give out a new card on an account. Raises NotPermitted, NotFound, InvalidAmount."""
        reason = access.require(actor, "cards.issue")

        def work(uow: UnitOfWork) -> Card:
            account = uow.accounts.get(account_id)
            limits.check_card_limit(limit_day_minor=limit_day_minor, currency=account.currency)
            card = Card(
                id=CardId(make_id("cd")),
                customer_id=account.customer_id,
                account_id=account.id,
                pan_masked=mask_pan(last_digits or new_digits()),
                kind=CardKind(kind),
                status=CardStatus.ACTIVE,
                limit_day_minor=limit_day_minor,
                currency=account.currency,
                expires_month=expires_month(self._clock()),
                issued_at_utc=self._clock(),
            )
            uow.cards.add(card)
            self._note(uow, actor, "card.issue", card, reason)
            return card

        return self._store.write(work)

    def get(self, actor: Actor, card_id: CardId | str) -> Card:
        """Return one card. Raises NotFound."""
        return self._store.read(lambda uow: own_in(uow, actor, card_id, "cards.list"))

    def freeze(
        self,
        actor: Actor,
        card_id: CardId | str,
        reason: FreezeReason | str = FreezeReason.PRECAUTION,
    ) -> Card:
        """Stop a card at once. Raises CardAlreadyFrozen, CardNotActive, NotFound."""
        why = FreezeReason(reason)

        def work(uow: UnitOfWork) -> Card:
            card = own_in(uow, actor, card_id, "cards.freeze", lock=True)
            frozen = rules.freeze(card, reason=why, at_utc=self._clock())
            uow.cards.save(frozen)
            self._note(uow, actor, "card.freeze", card, why)
            return frozen

        return self._store.write(work)

    def unfreeze(
        self, actor: Actor, card_id: CardId | str, *, proof: StepUpProof | None = None
    ) -> Card:
        """Let a card work again. Raises CardNotFrozen, CardNotActive, StepUpRequired."""
        card = self._store.read(lambda uow: own_in(uow, actor, card_id, "cards.unfreeze"))
        rules.unfreeze(card)  # refused before a code is sent for nothing

        def act(uow: UnitOfWork) -> Card:
            held = own_in(uow, actor, card_id, "cards.unfreeze", lock=True)
            active = rules.unfreeze(held)
            uow.cards.save(active)
            self._note(uow, actor, "card.unfreeze", active, "step_up")
            return active

        return self._run(actor, "card_unfreeze", card, proof, act)

    def replace(
        self,
        actor: Actor,
        card_id: CardId | str,
        reason: ReplaceReason | str,
        *,
        idempotency_key: str,
        proof: StepUpProof | None = None,
    ) -> Card:
        """Order a new card; the old one ends. The same key returns the same new card.

        Raises CardNotActive, IdempotencyMismatch, StepUpRequired, …
        """
        why, key = ReplaceReason(reason), parse_key(idempotency_key)
        old, known = self._store.read(lambda uow: self._replacement(uow, actor, card_id, key))
        if known is not None:
            return known
        rules.check_in_use(old)

        def act(uow: UnitOfWork) -> Card:
            held, made = self._replacement(uow, actor, card_id, key)
            if made is not None:
                return made
            rules.check_in_use(held)
            new = replace(
                held,
                id=CardId(make_id("cd")),
                pan_masked=mask_pan(new_digits()),
                status=CardStatus.ACTIVE,
                expires_month=expires_month(self._clock()),
                issued_at_utc=self._clock(),
                frozen_reason=None,
                idempotency_key=key,
            )
            uow.cards.add(new)
            uow.cards.save(replace(held, status=CardStatus.REPLACED, replaced_by_id=new.id))
            self._note(uow, actor, "card.replace", held, why)
            return new

        more = {"reason": why.value, "idempotency_key": key}
        return self._run(actor, "card_replace", old, proof, act, more=more)

    def set_limit(
        self,
        actor: Actor,
        card_id: CardId | str,
        limit_day_minor: int,
        *,
        proof: StepUpProof | None = None,
    ) -> Card:
        """Set the daily limit; raising it asks for a step-up, lowering never does.

        Raises InvalidAmount, CardNotActive, StepUpRequired, …
        """
        card = self._store.read(lambda uow: own_in(uow, actor, card_id, "cards.set_limit"))
        rules.check_in_use(card)
        limits.check_card_limit(limit_day_minor=limit_day_minor, currency=card.currency)

        def act(uow: UnitOfWork) -> Card:
            held = own_in(uow, actor, card_id, "cards.set_limit", lock=True)
            rules.check_in_use(held)
            changed = replace(held, limit_day_minor=limit_day_minor)
            uow.cards.save(changed)
            self._note(uow, actor, "card.set_limit", changed, str(limit_day_minor))
            return changed

        if limit_day_minor <= card.limit_day_minor:
            return self._store.write(act)
        new = Money(limit_day_minor, card.currency)
        more = {"amount_minor": new.amount_minor, "currency": new.currency}
        return self._run(actor, "card_raise_limit", card, proof, act, more=more)

    def set_travel(
        self, actor: Actor, card_id: CardId | str, *, country: str, from_date: date, to_date: date
    ) -> TravelNotice:
        """Note that a card will be used abroad; `country` is ISO 3166-1, two letters.

        Raises InvalidInput, CardNotActive, NotFound.
        """
        code, now_utc = rules.parse_country(country), self._clock()
        rules.check_travel(
            from_date=from_date,
            to_date=to_date,
            today=now_utc.date(),
            days_max=limits.travel_days_max(),
        )

        def work(uow: UnitOfWork) -> TravelNotice:
            card = own_in(uow, actor, card_id, "cards.set_travel")
            rules.check_in_use(card)
            notice = TravelNotice(
                id=make_id("tn"),
                card_id=card.id,
                customer_id=card.customer_id,
                country=code,
                from_date=from_date,
                to_date=to_date,
                told_at_utc=now_utc,
            )
            uow.travel_notices.add(notice)
            self._note(uow, actor, "card.travel", card, code)
            return notice

        return self._store.write(work)

    def order_pin_letter(
        self, actor: Actor, card_id: CardId | str, *, proof: StepUpProof | None = None
    ) -> PinLetter:
        """Post the PIN to the customer's address: it is never shown or said.

        Raises CardNotActive, StepUpRequired, …
        """
        card = self._store.read(lambda uow: own_in(uow, actor, card_id, "cards.pin_letter"))
        rules.check_in_use(card)

        def act(uow: UnitOfWork) -> PinLetter:
            held = own_in(uow, actor, card_id, "cards.pin_letter")
            rules.check_in_use(held)
            letter = PinLetter(
                id=make_id("pl"),
                card_id=held.id,
                customer_id=held.customer_id,
                ordered_at_utc=self._clock(),
                arrives_by=self._clock().date() + timedelta(days=PIN_LETTER_DAYS),
            )
            uow.pin_letters.add(letter)
            self._note(uow, actor, "card.pin_letter", held, "step_up")
            return letter

        return self._run(actor, "pin_letter", card, proof, act)

    def find(self, actor: Actor, text: str) -> list[Card]:
        """Return the cards in use the words may mean: last digits, or the kind."""
        return matching(self.list(actor), text)

    def list(self, actor: Actor) -> list[Card]:
        """Return all the customer's cards, also those that were replaced; oldest first."""
        access.require(actor, "cards.list")
        customer_id = actor.require_customer()
        found: list[Card] = self._store.read(
            lambda uow: uow.cards.list(customer_id=customer_id, order_by="issued_at_utc")
        )
        return found

    def _run(
        self,
        actor: Actor,
        purpose: str,
        card: Card,
        proof: StepUpProof | None,
        act: Callable[[UnitOfWork], T],
        *,
        more: dict[str, Any] | None = None,
    ) -> T:
        return self._stepped_up.run(
            actor,
            purpose=purpose,
            binding={"card_id": card.id, "card": card.pan_masked, **(more or {})},
            proof=proof,
            act=act,
            facts={"card": card.pan_masked},
        )

    def _replacement(
        self, uow: UnitOfWork, actor: Actor, card_id: CardId | str, key: str
    ) -> tuple[Card, Card | None]:
        """Return the old card, and the one this key has made of it. Raises IdempotencyMismatch."""
        old = own_in(uow, actor, card_id, "cards.replace", lock=True)
        made: Card | None = uow.cards.first(customer_id=old.customer_id, idempotency_key=key)
        if made is not None and old.replaced_by_id != made.id:
            raise IdempotencyMismatch(idempotency_key=key)
        return old, made

    def _note(self, uow: UnitOfWork, actor: Actor, action: str, card: Card, why: str) -> None:
        self._audit.append_in(uow, actor, action, card.id, "done", why, {"card": card.pan_masked})
