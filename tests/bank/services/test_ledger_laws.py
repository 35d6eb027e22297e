"""Laws of money: whatever is done, in whatever order, the books agree with a simple oracle.

The oracle is a few dictionaries: what each account has, what each holds, what each transfer is.
"""

from __future__ import annotations

from datetime import timedelta

import hypothesis.strategies as st
from hypothesis import given, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from bank.domain import errors
from bank.domain.accounts import Account
from bank.domain.ledger import (
    Category,
    Leg,
    Transaction,
    TransactionKind,
    Unbalanced,
    check_balanced,
    make_postings,
)
from bank.domain.transfers import PROPOSAL_TTL_S, TransferStatus, check_funds
from bank.policies.limits import headroom
from bank.services.ledger import check
from bank.services.transfers import Transfers
from tests.bank.builders import NOON, FakeAudit, FakeStepUp, World, eur

FUNDS_MINOR = 50_000


class MoneyMachine(RuleBasedStateMachine):
    """Two customers, four accounts, payees both ways and one elsewhere; against dictionaries."""

    transfers = Bundle("transfers")

    @initialize()
    def open_bank(self) -> None:
        self.world = World()
        self.service = Transfers(
            self.world.store, clock=self.world.clock, step_up=FakeStepUp(), audit=FakeAudit(),
            protection=self.world.bank.protection,
        )  # fmt: skip
        self.people = [self.world.person(funds_minor=FUNDS_MINOR) for _ in range(2)]
        amal, ben = self.people
        to_ben = self.world.payee(amal, "Ben", ben.current.iban)
        to_amal = self.world.payee(ben, "Amal", amal.current.iban)
        away = [self.world.payee(one, "Elsewhere") for one in self.people]
        self.targets = [
            [{"to_account_id": amal.savings.id}, {"payee_id": to_ben.id}, {"payee_id": away[0].id}],
            [{"to_account_id": ben.savings.id}, {"payee_id": to_amal.id}, {"payee_id": away[1].id}],
        ]
        self.credited = [
            [amal.savings.id, ben.current.id, None], [ben.savings.id, amal.current.id, None]
        ]
        self.posted = {
            account.id: 0 for one in self.people for account in (one.current, one.savings)
        }
        for one in self.people:
            self.posted[one.current.id] = FUNDS_MINOR
        self.open: dict[str, tuple[str, str | None, int, object]] = {}
        self.state: dict[str, TransferStatus] = {}
        self.bodies: dict[tuple[int, str], tuple[int, int, str]] = {}

    def held(self, account_id: str) -> int:
        return sum(amount for debit, _, amount, _ in self.open.values() if debit == account_id)

    @rule(
        target=transfers, who=st.integers(0, 1), to=st.integers(0, 2),
        amount_minor=st.integers(1, 20_000), key=st.sampled_from("abcdefghijklmnopqrstuvwxyz"),
    )
    def propose(self, who: int, to: int, amount_minor: int, key: str):
        person, debit = self.people[who], self.people[who].current.id
        known = self.bodies.get((who, key))
        available = self.posted[debit] - self.held(debit)
        try:
            transfer = self.service.propose(
                person.actor, amount=eur(amount_minor), from_account_id=debit,
                idempotency_key=key, **self.targets[who][to],
            )
        except errors.IdempotencyMismatch:
            assert known is not None and known[:2] != (to, amount_minor)
            return None
        except errors.InsufficientFunds:
            assert known is None and amount_minor > available
            return None
        if known is not None:
            assert known == (to, amount_minor, transfer.id)
            assert transfer.status is self.state[transfer.id]
        else:
            assert amount_minor <= available
            self.bodies[who, key] = (to, amount_minor, transfer.id)
            self.open[transfer.id] = (
                debit, self.credited[who][to], amount_minor, transfer.expires_at_utc
            )
            self.state[transfer.id] = TransferStatus.PROPOSED
        return who, transfer.id

    @rule(one=transfers, proof=st.sampled_from([None, FakeStepUp.CODE]))
    def confirm(self, one, proof) -> None:
        if one is None:
            return
        who, transfer_id = one
        before = self.state[transfer_id]
        refusals = (errors.StepUpRequired, errors.ProposalVoided, errors.ProposalExpired)
        try:
            posted = self.service.confirm(self.people[who].actor, transfer_id, proof=proof)
        except errors.StepUpRequired:
            assert before is TransferStatus.PROPOSED
            return
        except refusals:
            assert before in (TransferStatus.VOIDED, TransferStatus.EXPIRED)
            return
        assert posted.status is TransferStatus.POSTED
        if before is TransferStatus.PROPOSED:
            debit, credit, amount_minor, _ = self.open.pop(transfer_id)
            self.posted[debit] -= amount_minor
            if credit is not None:
                self.posted[credit] += amount_minor
            self.state[transfer_id] = TransferStatus.POSTED

    @rule(one=transfers)
    def void(self, one) -> None:
        if one is None:
            return
        who, transfer_id = one
        try:
            self.service.void(self.people[who].actor, transfer_id)
        except errors.Conflict:
            assert self.state[transfer_id] is TransferStatus.POSTED
            return
        if self.state[transfer_id] is TransferStatus.PROPOSED:
            del self.open[transfer_id]
            self.state[transfer_id] = TransferStatus.VOIDED

    @rule(one=transfers)
    def a_stranger_confirms(self, one) -> None:
        if one is None:
            return
        who, transfer_id = one
        try:
            self.service.confirm(self.people[1 - who].actor, transfer_id, proof=FakeStepUp.CODE)
        except errors.NotFound:
            return
        raise AssertionError("a stranger confirmed a transfer")

    @rule(seconds=st.sampled_from([1, 60, PROPOSAL_TTL_S]))
    def time_passes(self, seconds: int) -> None:
        self.world.clock.turn(seconds=seconds)
        for transfer_id, (*_, expires_at_utc) in list(self.open.items()):
            if self.world.clock() >= expires_at_utc:
                del self.open[transfer_id]
                self.state[transfer_id] = TransferStatus.EXPIRED

    @rule()
    def the_worker_runs(self) -> None:
        self.service.expire_due()

    @invariant()
    def accounts_agree_with_the_oracle(self) -> None:
        if not hasattr(self, "people"):
            return
        for one in self.people:
            for account in (one.current, one.savings):
                seen = self.world.bank.accounts.get(one.actor, account.id)
                assert seen.posted_minor == self.posted[account.id]
                assert seen.held_minor == self.held(account.id)
                assert seen.available_minor >= 0

    @invariant()
    def the_books_are_right(self) -> None:
        if hasattr(self, "people"):
            assert check(self.world.store) == []


MoneyMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestMoneyMachine = MoneyMachine.TestCase


@given(available_minor=st.integers(0, 10**12), amount_minor=st.integers(1, 10**12))
def test_no_amount_above_what_is_available_passes(available_minor: int, amount_minor: int):
    account = an_account(posted_minor=available_minor)
    try:
        check_funds(account, eur(amount_minor))
    except errors.InsufficientFunds:
        assert amount_minor > available_minor
    else:
        assert amount_minor <= available_minor


@given(legs=st.lists(st.integers(-10**9, 10**9), min_size=0, max_size=6))
def test_only_legs_that_sum_to_zero_become_postings(legs: list[int]):
    try:
        postings = make_postings(
            a_transaction(), [Leg(f"ac_{n}", eur(amount)) for n, amount in enumerate(legs)]
        )
    except Unbalanced:
        assert len(legs) < 2 or sum(legs) != 0
    else:
        check_balanced(postings)
        assert sum(posting.amount_minor for posting in postings) == 0


@given(limit=st.integers(0, 10**9), spent=st.integers(0, 10**9))
def test_headroom_is_never_negative_and_never_lets_the_limit_be_passed(limit: int, spent: int):
    room = headroom(limit_day_minor=limit, spent_day_minor=spent)

    assert room >= 0
    assert spent + room <= max(limit, spent)


def an_account(*, posted_minor: int) -> Account:
    return Account("ac_1", "cu_1", "current", "Current", "", "EUR", "active", NOON, posted_minor)


def a_transaction() -> Transaction:
    return Transaction(
        "tx_1", NOON + timedelta(0), TransactionKind.CARD, None, Category.OTHER, "test"
    )
