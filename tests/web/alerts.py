"""A customer whose payment waits for a person: what was said, a new payee, a model that is sure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from bank.bootstrap import Bank
from bank.domain.accounts import InternalRole
from bank.domain.actors import SYSTEM, LoginLevel
from bank.domain.challenges import CodeProof
from bank.domain.customers import Customer
from bank.domain.errors import PaymentPaused, StepUpRequired
from bank.domain.ledger import Category, TransactionKind
from bank.domain.money import Money
from bank.domain.risk import PaymentScore, RiskSignal, RiskSource
from bank.domain.sessions import Session
from bank.domain.transfers import Transfer
from bank.services.ledger import book_in
from bank.services.outbox import place_of
from bank.services.risk_view import NoScorer
from tests.bank.builders import ELSEWHERE
from tests.web.house import make_customer

SAID = "😟 The man says I must move it to a safe account today."
WORDS = "safe account"


class Sure:
    """A model that gives every payment these shares."""

    def __init__(self, share: float) -> None:
        self.share = share

    def score(self, payment: object) -> PaymentScore:
        del payment
        return PaymentScore(
            (
                RiskSignal(RiskSource.MODEL, "model", self.share, "Unlike what they pay."),
                RiskSignal(RiskSource.RULE, "new_payee_large", 1.0, "Much to a new payee."),
            ),
            "20261101-120000",
        )


@dataclass(frozen=True)
class Held:
    """Whose payment, which, and the alert it waits in."""

    customer: Customer
    session: Session
    token: str
    transfer: Transfer
    case_id: str


def a_payer(bank: Bank, name: str = "amal") -> tuple[Customer, Session, str]:
    """A customer with money and an open chat, and the token of it."""
    customer = replace(make_customer(bank, name), kyc_tier=2)
    bank.store.write(lambda uow: uow.customers.save(customer))
    account = bank.accounts.open(
        SYSTEM, customer_id=customer.id, kind="current", name="Everyday", currency="EUR",
        opened_at_utc=bank.clock() - timedelta(days=365),
    )  # fmt: skip
    bank.store.write(
        lambda uow: book_in(
            uow, account_id=account.id, amount=Money(900_000, "EUR"),
            against=InternalRole.CLEARING, kind=TransactionKind.TRANSFER,
            category=Category.TRANSFERS, booked_at_utc=bank.clock(),
        )
    )  # fmt: skip
    token, session = bank.sessions.start_customer(customer, LoginLevel.PASSWORD)
    return customer, session, token


def pay(bank: Bank, session: Session, amount_minor: int, payee: str = "Ana Silva", *,
        iban: str = ELSEWHERE) -> Transfer:  # fmt: skip
    """Propose and confirm, with the code that is asked for."""
    actor = session.actor()
    known = [one for one in bank.payees.list(actor) if one.name == payee]
    key = f"{session.id}-{payee}-{amount_minor}"
    to = known[0] if known else bank.payees.add(actor, name=payee, iban=iban, idempotency_key=key)
    long_known = replace(to, added_at_utc=bank.clock() - timedelta(days=2))  # no cooling off
    bank.store.write(lambda uow: uow.payees.save(long_known))
    transfer = bank.transfers.propose(
        actor, amount=Money(amount_minor, "EUR"), payee_id=to.id, idempotency_key=f"{key}-pay"
    )
    try:
        return bank.transfers.confirm(actor, transfer.id)
    except StepUpRequired as asked:
        proof = CodeProof(_code(bank, asked.details["challenge_id"]))
        return bank.transfers.confirm(actor, transfer.id, proof=proof)


def a_held_payment(
    bank: Bank, name: str = "amal", *, amount_minor: int = 400_000, said: str = SAID
) -> Held:
    """One that waits for a person, with a line that was noticed before."""
    customer, session, token = a_payer(bank, name)
    bank.protection.use(NoScorer())
    pay(bank, session, 2_000, "Corner shop", iban="GB29NWBK60161331926819")
    if said:
        notice(bank, session, said)
    bank.protection.use(Sure(9.0))
    transfer = pay(bank, session, amount_minor)
    return Held(customer, session, token, transfer, _newest_alert(bank))


def a_paused_payment(bank: Bank, name: str = "amal") -> str:
    """One that waits a day with a warning; returns the alert's case."""
    _, session, _ = a_payer(bank, name)
    bank.protection.use(NoScorer())
    notice(bank, session, SAID)
    try:
        pay(bank, session, 400_000)
    except PaymentPaused:
        return _newest_alert(bank)
    raise AssertionError("it should have been paused")


def notice(bank: Bank, session: Session, text: str, words: str = WORDS) -> int:
    """Let the customer say a line in which something is noticed; returns its number."""
    chat = str(session.conversation_id)
    line = bank.conversations.append(session.actor(), chat, text=text)
    start = text.index(words)
    bank.risk_notes.note(
        SYSTEM, session.actor().id, source=RiskSource.CONVERSATION, code="safe_account",
        strength=1.0, conversation_id=chat,
        evidence={
            "seq": line.seq, "spans": [[start, start + len(words)]],
            "sentence": "Is told to move money into a 'safe' account.",
        },
    )  # fmt: skip
    return int(line.seq)


def _newest_alert(bank: Bank) -> str:
    return str(max(one.id for one in bank.cases.list(SYSTEM) if one.kind == "alert"))


def _code(bank: Bank, challenge_id: str) -> str:
    """Return the code of the newest SMS: what the challenge asks for was just sent."""
    del challenge_id
    items = bank.store.read(lambda uow: uow.outbox.list(kind="sms", order_by="id"))
    body = bank.vault.open(items[-1].body_enc, place=place_of(items[-1].id)).decode()
    found = re.search(r"\b\d{6}\b", body)
    assert found is not None, body
    return found[0]
