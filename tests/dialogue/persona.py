"""The customer of a story: fresh for every story, always the same money, payees and purchases.

    current account 1,500.00 EUR · savings 3,000.00 EUR · card •••• 4242 (debit)
    payees Ana Silva, Anna Berg, Bruno Costa, added 60 days ago (no cooling-off any more)
    purchases: see PURCHASES; dates are relative to today, so a story never ages

What a story may change under `given`:

    noticed: [conversation/safe_account, login/denied_login]     what the bank heard and saw before
    happened: [card, login]     what the customer is asked about: "was this you?" (notice: tells it)
    from: home|elsewhere        where this session began; after a login, elsewhere is the new place
    login: none|password|strong   (password)      name: Amal Haddad       kyc_tier: 2
    balance: {current: "20.00", savings: "5"}     cards: ["4242", "1881"]
    payees: [Ana Silva, {name: New Payee, new: true}]
    purchases: [{merchant: X, amount: "9.99", days_ago: 1, category: shopping}]     (instead of ours)
    investing: {profile: {}, holds: 3}      see investing.py
    offers: [savings]      campaigns that offer these in the chat, at an hour at which they may
    application: birth_date | {until: summary, path: person, document: id_card, city: Porto}
                 (a visitor's, with everything answered that is asked before; see applicant.py)
    bills: [{biller: X, iban: …, amount: "64.20 EUR", due_in_days: 14, reference: R, category: utilities}]
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from bank.bootstrap import Bank
from bank.domain.accounts import InternalRole
from bank.domain.actors import SYSTEM, Actor, ActorKind, LoginLevel
from bank.domain.bills import Bill, BillStatus
from bank.domain.cards import Card, CardKind, CardStatus, mask_pan
from bank.domain.conversations import NewMessage, Sender
from bank.domain.customers import Customer
from bank.domain.ibans import make_iban
from bank.domain.ids import AccountId, BillId, CardId, make_id
from bank.domain.ledger import Category, TransactionKind
from bank.domain.money import Money, money_from_major
from bank.domain.risk import RiskSource
from bank.domain.sessions import Session
from bank.domain.staff import Role
from bank.services.ledger import book_in
from bank.services.outbox import place_of
from tests.dialogue import offering

if TYPE_CHECKING:
    from tests.dialogue.harness import Branch

PASSWORD = "correct-horse-battery"
PAYEES = ("Ana Silva", "Anna Berg", "Bruno Costa")
PAYEE_AGE = timedelta(days=60)
OPENED_AGE = timedelta(days=400)

#: (merchant, amount, category, kind, days ago or (months ago, day of the month))
PURCHASES: tuple[tuple[str, str, str, str, int | tuple[int, int]], ...] = (
    ("Nordlicht GmbH", "2400.00", "salary", "salary", (3, 1)),
    ("Nordlicht GmbH", "2400.00", "salary", "salary", (2, 1)),
    ("Nordlicht GmbH", "2400.00", "salary", "salary", (1, 1)),
    ("Krone Hausverwaltung", "-850.00", "rent", "direct_debit", (3, 3)),
    ("Krone Hausverwaltung", "-850.00", "rent", "direct_debit", (2, 3)),
    ("Krone Hausverwaltung", "-850.00", "rent", "direct_debit", (1, 3)),
    ("Netflix", "-12.99", "subscriptions", "card", (3, 5)),
    ("Netflix", "-12.99", "subscriptions", "card", (2, 5)),
    ("Netflix", "-12.99", "subscriptions", "card", (1, 5)),
    ("Rewe", "-55.00", "groceries", "card", (1, 12)),
    ("Lidl", "-21.30", "groceries", "card", (1, 20)),
    ("Deutsche Bahn", "-64.90", "transport", "card", (1, 15)),
    ("Rewe", "-38.50", "groceries", "card", 9),
    ("Amazon", "-79.99", "shopping", "card", 6),
    ("Uber", "-18.40", "transport", "card", 4),
    ("Zalando", "35.00", "shopping", "refund", 3),
    ("Rewe", "-42.10", "groceries", "card", 2),
    ("Café Luna", "-4.80", "eating_out", "card", 1),
)


@dataclass
class Persona:
    """The customer, and the session they speak in."""

    customer: Customer
    actor: Actor
    session: Session
    token: str
    case_id: str | None = None
    staff: Actor | None = None
    place: str | None = None

    def log_in(self, bank: Bank, level: str) -> None:
        """Log in within this conversation."""
        self.token, self.session = bank.sessions.upgrade(
            self.token, self.customer, level=LoginLevel(level), place=self.place
        )

    def staff_takes_over(self, bank: Bank, name: str) -> None:
        """A colleague takes over the conversation's handoff case."""
        member = bank.staff.create(
            SYSTEM, login_name=f"staff-{secrets.token_hex(4)}", full_name=name,
            roles=[Role.AGENT, Role.SUPERVISOR], password_hash="unused",
        )  # fmt: skip
        self.staff = Actor(
            ActorKind.STAFF, member.id, LoginLevel.STRONG, frozenset(member.roles)
        )
        cases = [
            case for case in bank.cases.list(self.staff)
            if case.conversation_id == self.session.conversation_id and case.kind == "handoff"
        ]  # fmt: skip
        assert cases, "there is no handoff case to take over"
        self.case_id = cases[0].id
        bank.cases.take_over(self.staff, self.case_id)

    def staff_says(self, bank: Bank, text: str) -> None:
        assert self.staff is not None, "nobody has taken over"
        bank.conversations.append(
            self.staff, self.session.conversation_id, NewMessage(Sender.STAFF, text)
        )

    def staff_decides(self, bank: Bank, outcome: str) -> None:
        """A colleague of compliance decides the customer's alert."""
        member = bank.staff.create(
            SYSTEM, login_name=f"staff-{secrets.token_hex(4)}", full_name="Cora",
            roles=[Role.COMPLIANCE], password_hash="unused",
        )  # fmt: skip
        officer = Actor(
            ActorKind.STAFF, member.id, LoginLevel.STRONG, frozenset(member.roles)
        )
        alerts = [
            case for case in bank.cases.list(officer, kind="alert")
            if case.customer_id == self.customer.id
        ]  # fmt: skip
        assert alerts, "there is no alert to decide"
        bank.cases.claim(officer, alerts[0].id)
        bank.alert_desk.decide(officer, alerts[0].id, outcome)

    def staff_hands_back(self, bank: Bank, summary: str) -> None:
        assert self.staff is not None, "nobody has taken over"
        assert self.case_id is not None, "nobody has taken over"
        bank.cases.hand_back(self.staff, self.case_id, summary)


def make_persona(branch: Branch, given: dict[str, Any]) -> Persona:
    """Make the customer, their things and their session."""
    strange = set(given) - {
        "login", "name", "kyc_tier", "balance", "cards", "payees", "purchases", "bills",
        "application", "face", "noticed", "happened", "from", "investing", "offers",
    }
    assert not strange, f"given: {sorted(strange)} are not known"
    bank = branch.bank
    branch.clock.shift = -PAYEE_AGE
    customer = bank.customers.create(
        SYSTEM, login_name=f"c-{secrets.token_hex(6)}", full_name=given.get("name", "Amal Haddad"),
        email="amal@example.org", phone=f"+49 151 {secrets.randbelow(10**8):08d}",
        kyc_tier=given.get("kyc_tier", 2), password_hash="unused",
        birth_date=(given.get("investing") or {}).get("born", "1985-03-14"),
    )  # fmt: skip
    actor = Actor(ActorKind.CUSTOMER, customer.id, LoginLevel.STRONG)
    _add_payees(branch, actor, given.get("payees", PAYEES))
    branch.clock.shift = timedelta()
    _fill_accounts(bank, customer, given)
    if "investing" in given:
        from tests.dialogue import investing  # noqa: PLC0415  libraries of learning load slowly

        investing.prepare(branch, actor, given["investing"])
    for noticed in given.get("noticed", []):
        source, _, code = noticed.partition("/")
        bank.risk_notes.note(
            SYSTEM, customer.id, source=RiskSource(source), code=code, strength=1.0
        )
    if "offers" in given:
        offering.prepare(branch, customer, given["offers"])
    level = LoginLevel(given.get("login", "password"))
    token, session = bank.sessions.start_visitor()
    persona = Persona(customer, actor, session, token, place=given.get("from"))
    for happened in given.get("happened", []):
        _let_happen(bank, customer, happened)
    if level is not LoginLevel.NONE:
        persona.log_in(bank, level)
    return persona


def _let_happen(bank: Bank, customer: Customer, what: str) -> None:
    """Let something happen in the customer's name that they are asked about."""
    if what == "login":
        for place in ("home", "elsewhere"):
            bank.habits.note_login(customer.id, place=place)
        return
    accounts = bank.store.read(lambda uow: uow.accounts.list(customer_id=customer.id))
    newest = bank.store.read(
        lambda uow: uow.postings.list(
            account_id=tuple(one.id for one in accounts), kind=TransactionKind.CARD,
            order_by="booked_at_utc", descending=True, limit=1,
        )
    )  # fmt: skip
    assert bank.event_questions.ask_card(SYSTEM, newest[0].id) is not None


def newest_code(bank: Bank, persona: Persona) -> str | None:
    """Return the one-time code of the newest SMS to the customer, as their phone shows it."""
    messages = bank.store.read(lambda uow: uow.outbox.list(to=persona.customer.phone))
    for item in reversed(messages):
        body = bank.vault.open(item.body_enc, place=place_of(item.id)).decode()
        found = re.search(r"\b(\d{3}) ?(\d{3})\b(?!.*\b\d{3} ?\d{3}\b)", body)
        if found is not None:
            return found[1] + found[2]
    return None


def _add_payees(branch: Branch, actor: Actor, payees: Any) -> None:
    for number, payee in enumerate(payees):
        about = {"name": payee} if isinstance(payee, str) else payee
        branch.clock.shift = timedelta() if about.get("new") else -PAYEE_AGE
        branch.bank.payees.add(
            actor, name=about["name"], idempotency_key=secrets.token_hex(8),
            iban=about.get("iban") or make_iban("DE", f"37040044{532_013_000 + number:010d}"),
        )  # fmt: skip


def _fill_accounts(bank: Bank, customer: Customer, given: dict[str, Any]) -> None:
    balance = {"current": "1500.00", "savings": "3000.00", **given.get("balance", {})}
    purchases = _purchases(bank.clock(), given.get("purchases"))
    for kind, wanted in balance.items():
        account = bank.accounts.open(
            SYSTEM, customer_id=customer.id, kind=kind, name=f"{kind.capitalize()} account",
            currency="EUR",
        )  # fmt: skip
        lines = purchases if kind == "current" else []
        target = money_from_major(str(wanted), "EUR").amount_minor
        _book(
            bank, account.id, Money(target - sum(line[1].amount_minor for line in lines), "EUR"),
            at_utc=bank.clock() - OPENED_AGE, kind="transfer", category="transfers",
            merchant=None,
        )  # fmt: skip
        for merchant, amount, category, how, at_utc in lines:
            _book(
                bank, account.id, amount, at_utc=at_utc, kind=how, category=category,
                merchant=merchant,
            )  # fmt: skip
        if kind == "current":
            _issue_cards(bank, customer, account.id, given.get("cards", ["4242"]))
            _issue_bills(bank, customer, given.get("bills", []))


def _purchases(now_utc: datetime, ours: Any) -> list[tuple[str, Money, str, str, datetime]]:
    rows = PURCHASES if ours is None else [
        (row["merchant"], f"-{row['amount']}" if not str(row["amount"]).startswith(("-", "+"))
         else str(row["amount"]), row.get("category", "other"), row.get("kind", "card"),
         row.get("days_ago", 1))
        for row in ours
    ]  # fmt: skip
    lines = [
        (merchant, money_from_major(Decimal(amount), "EUR"), category, kind, _when(now_utc, ago))
        for merchant, amount, category, kind, ago in rows
    ]
    return sorted(lines, key=lambda line: line[4])


def _when(now_utc: datetime, ago: int | tuple[int, int]) -> datetime:
    """A moment that many days ago, or on that day of an earlier month, at noon."""
    if isinstance(ago, int):
        return (now_utc - timedelta(days=ago)).replace(hour=12, minute=0)
    months, day = ago
    first = now_utc.replace(day=1, hour=12, minute=0)
    for _ in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    return first.replace(day=day)


def _book(
    bank: Bank, account_id: AccountId, amount: Money, *, at_utc: datetime, kind: str,
    category: str, merchant: str | None,
) -> None:  # fmt: skip
    if amount.amount_minor == 0:
        return
    bank.store.write(
        lambda uow: book_in(
            uow, account_id=account_id, amount=amount, against=next(iter(InternalRole)),
            kind=TransactionKind(kind), category=Category(category), booked_at_utc=at_utc,
            merchant=merchant, description=merchant or "Opening balance",
        )
    )  # fmt: skip


def _issue_cards(
    bank: Bank, customer: Customer, account_id: AccountId, digits: list[str]
) -> None:
    for last_digits in digits:
        card = Card(
            id=CardId(make_id("cd")), customer_id=customer.id, account_id=account_id,
            pan_masked=mask_pan(str(last_digits)), kind=CardKind.DEBIT, status=CardStatus.ACTIVE,
            limit_day_minor=100_000, currency="EUR", expires_month="2030-05",
            issued_at_utc=bank.clock() - OPENED_AGE,
        )  # fmt: skip
        bank.store.write(lambda uow, card=card: uow.cards.add(card))


def _issue_bills(bank: Bank, customer: Customer, bills: list[dict[str, Any]]) -> None:
    for bill in bills:
        amount, _, currency = str(bill["amount"]).partition(" ")
        money, now_utc = money_from_major(amount, currency or "EUR"), bank.clock()
        record = Bill(
            id=BillId(make_id("bi")), customer_id=customer.id, biller=bill["biller"],
            iban=bill["iban"], amount_minor=money.amount_minor, currency=money.currency,
            due_date=(now_utc + timedelta(days=bill.get("due_in_days", 7))).date(),
            reference=str(bill.get("reference", "")),
            category=Category(bill.get("category", "utilities")), status=BillStatus.OPEN,
            received_at_utc=now_utc,
        )  # fmt: skip
        bank.store.write(lambda uow, record=record: uow.bills.add(record))
