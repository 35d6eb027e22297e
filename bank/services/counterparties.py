"""Counterparties: whom a customer paid, and who else paid the same accounts.

    customer ──────▶ accounts paid in 90 days ◀────── other customers
                     and those in question            without a name here

Bounded: a picture of more than 30 dots shows nothing. What is left off is counted and said. The
accounts in question come first, then the ones with most money.

Reads only. Who may see it: alert_pages.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bank.domain import ibans
from bank.domain.risk import Assessment, RiskOutcome
from bank.domain.transfers import Transfer, TransferStatus
from bank.ports import UnitOfWork

WINDOW = timedelta(days=90)
NODES_MOST = 30
ACCOUNTS_MOST = 12
OTHERS_MOST = NODES_MOST - ACCOUNTS_MOST - 1
#: Of payments, the newest so many are looked at.
PAYMENTS_MOST = 1_000


class NodeKind(StrEnum):
    CUSTOMER = "customer"
    ACCOUNT = "account"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Node:
    """A dot. is_asked: an account in question. lost_count: customers defrauded by it."""

    id: str
    kind: NodeKind
    label: str
    is_asked: bool = False
    lost_count: int = 0


@dataclass(frozen=True, slots=True)
class Edge:
    """Payments from one to another. is_asked: what the alert is about, moved or not."""

    from_id: str
    to_id: str
    amount_eur_minor: int
    payments_count: int
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class PaymentGraph:
    """Nodes and edges; empty where there was nothing to draw."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    left_off_count: int = 0


@dataclass(slots=True)
class _Sum:
    amount_eur_minor: int = 0
    payments_count: int = 0

    def add(self, transfer: Transfer) -> None:
        self.amount_eur_minor += transfer.amount_eur_minor
        self.payments_count += 1


def graph_in(
    uow: UnitOfWork, customer_id: str, asked: Sequence[Assessment], *, now_utc: datetime
) -> PaymentGraph:
    """Return the picture around a customer. asked: what the alert is about."""
    since_utc = now_utc - WINDOW
    paid: list[Transfer] = uow.transfers.list(
        customer_id=customer_id, status=TransferStatus.POSTED, proposed_at_utc__gte=since_utc,
        is_own=False, order_by="proposed_at_utc", descending=True, limit=PAYMENTS_MOST,
    )  # fmt: skip
    in_question = _in_question(asked)
    sums: dict[str, _Sum] = defaultdict(_Sum)
    names: dict[str, str] = {}
    for transfer in paid:
        sums[transfer.to_iban].add(transfer)
        names.setdefault(transfer.to_iban, transfer.payee_name)
    for one in asked:
        about: Transfer | None = uow.transfers.find(one.subject_id)
        if about is not None:
            names.setdefault(about.to_iban, about.payee_name)
    ordered = sorted(
        {*sums, *in_question},
        key=lambda iban: (iban not in in_question, -sums[iban].amount_eur_minor, iban),
    )
    shown = ordered[:ACCOUNTS_MOST]
    if not shown:
        return PaymentGraph()
    others, others_left_off = _others(uow, customer_id, shown, in_question, since_utc=since_utc)
    ids = {iban: f"a{place}" for place, iban in enumerate(shown)}
    nodes = [Node("c", NodeKind.CUSTOMER, "This customer")]
    nodes += [
        Node(
            ids[iban], NodeKind.ACCOUNT, f"{names.get(iban, '')} {ibans.mask(iban)}".strip(),
            iban in in_question, _lost_count(uow, iban, customer_id),
        )
        for iban in shown
    ]  # fmt: skip
    edges = [
        Edge("c", ids[iban], sums[iban].amount_eur_minor, sums[iban].payments_count)
        for iban in shown
        if sums[iban].payments_count
    ]
    edges += [
        Edge("c", ids[iban], amount_eur_minor, count, is_asked=True)
        for iban, (amount_eur_minor, count) in in_question.items()
        if iban in ids
    ]
    for place, paid_by in enumerate(others):
        nodes.append(Node(f"o{place}", NodeKind.OTHER, f"Another customer ({place + 1})"))
        edges += [
            Edge(f"o{place}", ids[iban], one.amount_eur_minor, one.payments_count)
            for iban, one in sorted(paid_by.items())
        ]
    left_off = len(ordered) - len(shown) + others_left_off
    return PaymentGraph(tuple(nodes), tuple(edges), left_off)


def _in_question(asked: Iterable[Assessment]) -> dict[str, tuple[int, int]]:
    """Return what the alert is about by account: amount and how many."""
    found: dict[str, tuple[int, int]] = {}
    for one in asked:
        if one.to_iban:
            amount_eur_minor, count = found.get(one.to_iban, (0, 0))
            found[one.to_iban] = (amount_eur_minor + one.amount_eur_minor, count + 1)
    return found


def _others(
    uow: UnitOfWork, customer_id: str, shown: Sequence[str], in_question: Iterable[str], *,
    since_utc: datetime,
) -> tuple[list[dict[str, _Sum]], int]:  # fmt: skip
    """Return what each other customer paid to these accounts, those in question first."""
    found: list[Transfer] = uow.transfers.list(
        to_iban=tuple(shown), posted_at_utc__gte=since_utc, is_own=False,
        order_by="posted_at_utc", descending=True, limit=PAYMENTS_MOST,
    )  # fmt: skip
    paid: dict[str, dict[str, _Sum]] = defaultdict(lambda: defaultdict(_Sum))
    for transfer in found:
        if transfer.customer_id != customer_id:
            paid[transfer.customer_id][transfer.to_iban].add(transfer)
    suspect = set(in_question)
    ordered = sorted(
        paid,
        key=lambda who: (
            not suspect & set(paid[who]),
            -sum(one.amount_eur_minor for one in paid[who].values()),
            who,
        ),
    )
    return [paid[who] for who in ordered[:OTHERS_MOST]], max(0, len(ordered) - OTHERS_MOST)


def _lost_count(uow: UnitOfWork, iban: str, customer_id: str) -> int:
    found: list[Assessment] = uow.assessments.list(
        to_iban=iban, outcome=RiskOutcome.FRAUD, limit=PAYMENTS_MOST
    )
    return len({one.customer_id for one in found} - {customer_id})
