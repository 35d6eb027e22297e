"""The paper town: the lives of Larkmouth told without a bank, of as many people as one asks for.

The demo's 2,000 customers go through every service of the bank, which takes most of a minute. A
measurement that needs ten times as many (uplift, ceilings) or a test that needs a few hundred in
a second reads the same lives here as records: same seed, same people, same behaviour, and what
`town.seed_town` would have stored of it. Nothing is stored, sealed or audited.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from bank.demo.aftermath import habits_of
from bank.demo.fates import Fate, fate_of
from bank.demo.households import Household
from bank.demo.labels import finding_of
from bank.demo.ledgers import entries_of
from bank.demo.people import Person, invent, load, rng_of
from bank.demo.spending import live
from bank.demo.truth import Truth
from bank.domain.accounts import Account, AccountKind, AccountStatus
from bank.domain.cases import CaseKind
from bank.domain.fraud_findings import FraudFinding
from bank.domain.habits import LoginDay, LoginPlace
from bank.domain.ids import AccountId, CustomerId
from bank.domain.ledger import Posting


class PaperCard(NamedTuple):
    """What of a card matters to a table."""

    customer_id: str
    issued_at_utc: datetime


class PaperCase(NamedTuple):
    """What of a case matters to a table."""

    customer_id: str
    kind: CaseKind
    opened_at_utc: datetime


@dataclass
class Paper:
    """Records of some people, and what is true of them."""

    customers: list[str] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    cards: list[PaperCard] = field(default_factory=list)
    cases: list[PaperCase] = field(default_factory=list)
    login_days: list[LoginDay] = field(default_factory=list)
    login_places: list[LoginPlace] = field(default_factory=list)
    findings: list[FraudFinding] = field(default_factory=list)


def paper_town(
    customers: int, *, now_utc: datetime, truth: Truth, months: int = 18, at_once: int = 400
) -> Iterator[Paper]:
    """Yield the town's people in groups; their truth is added to `truth`, whose seed is used."""
    began_utc = datetime.combine(
        (now_utc - timedelta(days=round(months * 30.44))).date(), time(), UTC
    )
    # The first numbers are the personas', who have no fate.
    first = len(load("personas")["persona"])
    paper = Paper()
    for number in range(first, first + customers):
        person = invent(truth.seed, number, to_date=now_utc.date())
        fate = fate_of(person, seed=truth.seed, began_utc=began_utc, now_utc=now_utc)
        _write_down(paper, person, fate, began_utc=began_utc, truth=truth)
        if len(paper.customers) == at_once:
            yield paper
            paper = Paper()
    if paper.customers:
        yield paper


def _write_down(
    paper: Paper, person: Person, fate: Fate, *, began_utc: datetime, truth: Truth
) -> None:
    seed, now_utc, who = truth.seed, truth.now_utc, f"cu_paper{person.number:08d}"
    household = _household(person, fate, who)
    life = live(person, seed=seed, from_date=began_utc.date(), to_utc=now_utc, fate=fate)
    held: dict[AccountId, int] = {account.id: 0 for account in household.accounts}
    rng = rng_of(seed, f"findings:{person.number}")
    for movement, entry in entries_of(household, life, began_utc=fate.joined_at_utc):
        for posting in entry[1]:
            if posting.account_id in held:
                held[posting.account_id] += posting.amount_minor
                after = held[posting.account_id]
                paper.postings.append(replace(posting, balance_after_minor=after))
        if movement is None:
            continue
        found = finding_of(movement, entry, who, rng, now_utc=now_utc)
        if found is not None:
            paper.findings.append(found)
        if movement.episode is not None:
            truth.know_fraud(
                posting_id=entry[1][0].id, customer_id=who, episode=movement.episode,
                at_utc=movement.at_utc,
            )  # fmt: skip
    days, places = habits_of(household, life.movements, seed=seed)
    truth.know(who, fate)
    paper.customers.append(who)
    paper.people.append(person)
    paper.accounts += household.accounts
    cards_count = 1 if fate.temper.has_few_products else 2
    paper.cards += [PaperCard(who, fate.joined_at_utc)] * cards_count
    paper.cases += [
        PaperCase(who, CaseKind.COMPLAINT, at) for at in fate.complaints if at < now_utc
    ]
    paper.login_days += days
    paper.login_places += places


def _household(person: Person, fate: Fate, who: str) -> Household:
    def account(kind: AccountKind) -> Account:
        has_left = fate.closed_at_utc is not None
        return Account(
            id=AccountId(f"ac_paper_{kind}_{person.number:08d}"),
            customer_id=CustomerId(who),
            kind=kind,
            name=kind,
            iban="",
            currency="EUR",
            status=AccountStatus.CLOSED if has_left else AccountStatus.ACTIVE,
            opened_at_utc=fate.opened_at_utc,
            closed_at_utc=fate.closed_at_utc,
        )

    return Household(
        person, who, account(AccountKind.CURRENT), account(AccountKind.SAVINGS), fate=fate
    )
