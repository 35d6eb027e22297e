"""Three ways to lose money, for the harness to catch. Applied in its server process only.

    no_idempotency      a repeated key is a new transfer
    commit_between      the debit leg is committed before the credit leg is written
    ack_before_commit   the caller is answered while the commit is still to come

Each is a mistake somebody could make while meaning well; the last two also keep the books
looking right until the moment of a crash.
"""

# ruff: noqa: SLF001  breaking into private parts is what a mutant is

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bank.services import ledger, proposals, transfer_posting
from bank.storage import writer


def no_idempotency() -> None:
    """Forget what keys are for: look nothing up, and store each under a name of its own."""
    make = proposals.make_proposal

    def make_proposal(uow: Any, wish: Any, **rest: Any) -> Any:
        return make(uow, replace(wish, idempotency_key=secrets.token_hex(8)), **rest)

    def find_known(*_args: Any, **_rest: Any) -> None:
        return None

    proposals.make_proposal = make_proposal
    proposals.find_known = find_known


def commit_between() -> None:
    """Commit after the debit leg, so that a crash leaves half a transaction."""

    def post_in(uow: Any, transaction: Any, postings: Any, *, accounts: Any = None) -> Any:
        touched = dict(accounts or {})
        uow.transactions.add(transaction)
        for place, posting in enumerate(postings):
            account = touched.get(posting.account_id) or uow.accounts.get(posting.account_id)
            account = ledger._moved(account, posting)
            uow.accounts.save(account)
            uow.postings.add(replace(posting, balance_after_minor=account.posted_minor))
            if place == 0:
                _commit_now(uow._connection)
        return list(postings)

    transfer_posting.post_in = post_in


def ack_before_commit() -> None:
    """Answer as soon as the work is done, then take the time a slow disk takes to commit."""
    perform = writer.GroupWriter._perform

    def _perform(self: Any, job: Any) -> None:
        perform(self, job)
        job.answer()
        job.answer = lambda: None
        time.sleep(0.0005)

    writer.GroupWriter._perform = _perform
    writer._Job.__slots__ = ()  # the class is made again below, so that `answer` can be replaced
    writer._Job = type("_Job", (writer._Job,), {})


def _commit_now(connection: Any) -> None:
    for statement in ("RELEASE SAVEPOINT job", "COMMIT", "BEGIN IMMEDIATE", "SAVEPOINT job"):
        connection.execute(statement)


MUTANTS: dict[str, Callable[[], None]] = {
    each.__name__: each for each in (no_idempotency, commit_between, ack_before_commit)
}
