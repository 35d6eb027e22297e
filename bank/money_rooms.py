"""Money rooms: puts together what a customer has and does with it. Part of bootstrap, for size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bank.ports import Clock, Store
from bank.security.vault import AesGcmVault
from bank.services.accounts import Accounts
from bank.services.advice import AdviceRoom
from bank.services.alert_desk import AlertDesk
from bank.services.alert_pages import AlertPages
from bank.services.bills import Bills
from bank.services.cards import Cards
from bank.services.disputes import Disputes
from bank.services.event_answers import EventAnswers
from bank.services.fraud_findings import FraudFindings
from bank.services.fx import Fx
from bank.services.insights import Insights
from bank.services.investing import Investing
from bank.services.payees import Payees
from bank.services.pictures import Pictures
from bank.services.products import Products
from bank.services.protection import Protection
from bank.services.sar_drafts import SarDrafts
from bank.services.standing_orders import StandingOrders
from bank.services.stepped_up import SteppedUp
from bank.services.transactions import Transactions
from bank.services.transfers import Transfers

if TYPE_CHECKING:
    from bank.bootstrap import People


@dataclass(frozen=True, kw_only=True)
class MoneyRooms:
    """What a customer has, and what they do with it."""

    accounts: Accounts
    transactions: Transactions
    insights: Insights
    transfers: Transfers
    payees: Payees
    cards: Cards
    standing_orders: StandingOrders
    bills: Bills
    disputes: Disputes
    fraud_findings: FraudFindings
    protection: Protection
    alert_desk: AlertDesk
    alert_pages: AlertPages
    sar_drafts: SarDrafts
    event_answers: EventAnswers
    products: Products
    fx: Fx
    pictures: Pictures
    investing: Investing
    advice: AdviceRoom


def make_money(store: Store, *, clock: Clock, people: People) -> MoneyRooms:
    """Return the money's services over a store."""
    audit = people.audit
    protection = Protection(
        store, clock=clock, audit=audit, cases=people.cases, events=people.security_events
    )
    stepped_up = SteppedUp(store, step_up=people.step_up, protection=protection)
    transfers = Transfers(
        store, clock=clock, step_up=people.step_up, audit=audit, protection=protection
    )
    alert_pages = AlertPages(store, clock=clock, audit=audit)
    answers = EventAnswers(
        store,
        clock=clock,
        audit=audit,
        cases=people.cases,
        sessions=people.sessions,
        risk_notes=people.risk_notes,
        # Not looked at itself: to answer must be possible above all while something is wrong.
        stepped_up=SteppedUp(store, step_up=people.step_up),
        events=people.security_events,
    )
    return MoneyRooms(
        accounts=Accounts(store, clock=clock, audit=audit),
        transactions=Transactions(store, clock=clock),
        insights=Insights(store, clock=clock),
        transfers=transfers,
        payees=Payees(store, clock=clock, audit=audit, protection=protection),
        cards=Cards(store, clock=clock, stepped_up=stepped_up, audit=audit),
        standing_orders=StandingOrders(
            store, clock=clock, stepped_up=stepped_up, audit=audit, protection=protection
        ),
        bills=Bills(store, clock=clock, transfers=transfers, audit=audit),
        fraud_findings=FraudFindings(store, clock=clock, audit=audit),
        protection=protection,
        alert_desk=AlertDesk(
            store,
            clock=clock,
            audit=audit,
            cases=people.cases,
            answers=answers,
            events=people.security_events,
        ),
        alert_pages=alert_pages,
        sar_drafts=SarDrafts(
            store,
            clock=clock,
            vault=AesGcmVault(people.keyring, purpose="sar"),
            audit=audit,
            pages=alert_pages,
        ),
        event_answers=answers,
        disputes=Disputes(store, clock=clock, cases=people.cases, audit=audit),
        products=Products(),
        fx=Fx(),
        pictures=Pictures(store, clock=clock),
        investing=Investing(store, clock=clock, audit=audit),
        advice=AdviceRoom(store, clock=clock, audit=audit),
    )
