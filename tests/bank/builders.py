"""Builders of the money tests: a bank over memory, a clock one can turn, people with accounts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from bank.bootstrap import Bank, make_bank
from bank.domain.accounts import Account, InternalRole
from bank.domain.actors import SYSTEM, Actor, a_customer
from bank.domain.challenges import Challenge, ChallengeState, CodeProof
from bank.domain.errors import StepUpRequired, WrongCode
from bank.domain.ibans import make_iban
from bank.domain.ledger import Category, Posting, TransactionKind
from bank.domain.money import Money
from bank.domain.payees import Payee
from bank.domain.transfers import Transfer
from bank.ports import Store
from bank.services.ledger import book_in
from bank.services.outbox import place_of
from bank.storage.memory import MemoryStore

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
#: An account at another bank.
ELSEWHERE = make_iban("DE", "370400440532013000")


def eur(amount_minor: int) -> Money:
    return Money(amount_minor, "EUR")


@dataclass
class TurnedClock:
    """A clock that stands until it is turned."""

    now_utc: datetime = NOON

    def __call__(self) -> datetime:
        return self.now_utc

    def turn(self, **by: float) -> None:
        self.now_utc += timedelta(**by)


@dataclass
class Person:
    """A customer with a current and a savings account in euros."""

    actor: Actor
    phone: str
    current: Account
    savings: Account

    @property
    def id(self) -> str:
        return self.actor.id


@dataclass
class World:
    """A bank, its clock, and short ways to the things tests are about."""

    clock: TurnedClock = field(default_factory=TurnedClock)
    store: Store = field(default_factory=MemoryStore)
    _numbers: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.bank: Bank = make_bank(self.store, clock=self.clock)

    def person(self, *, funds_minor: int = 150_000, kyc_tier: int = 2) -> Person:
        number = next(self._numbers)
        phone = f"+49 151 {number:08d}"
        customer = self.bank.customers.create(
            SYSTEM, login_name=f"person-{number}", full_name=f"Person {chr(64 + number)}",
            email=f"p{number}@example.org", phone=phone, kyc_tier=kyc_tier, password_hash="unused",
        )
        current, savings = (
            self.bank.accounts.open(
                SYSTEM, customer_id=customer.id, kind=kind, name=name, currency="EUR"
            )
            for kind, name in (("current", "Current account"), ("savings", "Rainy days"))
        )
        if funds_minor:
            self.book(current.id, funds_minor, kind="transfer", category="transfers")
        return Person(a_customer(customer.id), phone, current, savings)

    def book(
        self, account_id: str, amount_minor: int, *, merchant: str | None = None,
        kind: str = "card", category: str = "shopping", days_ago: float = 0, currency: str = "EUR",
        at_utc: datetime | None = None,
    ) -> Posting:
        return self.store.write(
            lambda uow: book_in(
                uow, account_id=account_id, amount=Money(amount_minor, currency),
                against=InternalRole.CLEARING, kind=TransactionKind(kind),
                category=Category(category), merchant=merchant,
                booked_at_utc=at_utc or self.clock() - timedelta(days=days_ago),
            )
        )

    def payee(
        self, person: Person, name: str = "Ana Silva", iban: str = ELSEWHERE, *, is_new: bool = False
    ) -> Payee:
        """Add a payee; unless `is_new`, two days pass, so it is no longer cooling off."""
        payee = self.bank.payees.add(
            person.actor, name=name, iban=iban, idempotency_key=self.key()
        )
        if not is_new:
            self.clock.turn(days=2)
        return payee

    def key(self) -> str:
        return f"key-{next(self._numbers)}"

    def propose(self, person: Person, amount_minor: int, **to: Any) -> Transfer:
        return self.bank.transfers.propose(
            person.actor, amount=eur(amount_minor), idempotency_key=to.pop("key", self.key()), **to
        )

    def confirm(self, person: Person, transfer: Transfer) -> Transfer:
        """Confirm a second later, entering the code that is asked for."""
        self.clock.turn(seconds=1)
        try:
            return self.bank.transfers.confirm(person.actor, transfer.id)
        except StepUpRequired as asked:
            proof = CodeProof(self.code(person, asked))
            return self.bank.transfers.confirm(person.actor, transfer.id, proof=proof)

    def code(self, person: Person, asked: StepUpRequired) -> str:
        """Return the code of this challenge from the SMS the customer got."""
        challenge = self.bank.step_up.get(person.actor, asked.details["challenge_id"])
        items = self.store.read(lambda uow: uow.outbox.list(to=person.phone))
        bodies = [self.bank.vault.open(one.body_enc, place=place_of(one.id)).decode() for one in items]
        codes = [re.search(r"\b\d{6}\b", body)[0] for body in bodies]
        fits = [code for code in codes if self.bank.step_up._proofs.hash(
            challenge.id, challenge.binding_digest, code) == challenge.code_hash]
        assert len(fits) == 1
        return fits[0]

    def posted_minor(self, account: Account) -> int:
        return self.store.read(lambda uow: uow.accounts.get(account.id)).posted_minor

    def available_minor(self, person: Person, account: Account) -> int:
        return self.bank.accounts.get(person.actor, account.id).available_minor


class FakeStepUp:
    """The step-up port over a dictionary: the code is always 111111."""

    CODE = CodeProof("111111")

    def __init__(self) -> None:
        self.asked: dict[str, dict[str, Any]] = {}

    def challenge_in(self, uow: Any, actor: Actor, *, purpose: str, binding: dict[str, Any],
                     facts: Any = None) -> Challenge:
        self.asked[purpose] = dict(binding)
        return Challenge(
            id="ch_1", customer_id=actor.id, conversation_id=None, purpose=purpose,
            binding=dict(binding), binding_digest="", code_hash="", nonce=b"", sent_to="••• 111",
            state=ChallengeState.OPEN, tries_left=5, created_at_utc=NOON, expires_at_utc=NOON,
        )

    def verify(self, actor: Actor, *, purpose: str, binding: dict[str, Any], proof: Any) -> None:
        if self.asked.get(purpose) != dict(binding):
            raise StepUpRequired(purpose=purpose)
        if proof != self.CODE:
            raise WrongCode(tries_left=4)

    def consume_in(self, uow: Any, actor: Actor, *, purpose: str, binding: dict[str, Any],
                   proof: Any) -> None:
        self.verify(actor, purpose=purpose, binding=binding, proof=proof)
        del self.asked[purpose]


class FakeAudit:
    """Remembers nothing; the chain has tests of its own."""

    def append_in(self, *_args: Any, **_facts: Any) -> None: ...
