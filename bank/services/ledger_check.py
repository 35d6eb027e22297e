"""The books, recomputed: what holds after any number of retries and crashes.

    total         all posted balances of a currency sum to 0
    balance       an account's posted balance is the sum of its postings
    transaction   a transaction has two postings or more, and they sum to 0 in each currency
    hold          an account's held amount is the sum of its open proposals
    transfer      a posted transfer has exactly one transaction, with its amount; another has none

The sum alone would pass a transfer booked twice and one acknowledged but lost; the other four
do not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from bank.domain.accounts import Account
from bank.domain.ledger import Posting, Transaction, Violation
from bank.domain.transfers import Transfer, TransferStatus
from bank.ports import Store, Table, UnitOfWork

_PAGE_ROWS = 20_000


def check(store: Store) -> list[Violation]:
    """Return every broken promise; an empty list when the books are right."""
    return store.read(check_in)


def check_in(uow: UnitOfWork) -> list[Violation]:
    """Return every broken promise, as this unit of work sees the books."""
    accounts: dict[str, Account] = {account.id: account for account in _pages(uow.accounts)}
    posted: dict[str, int] = defaultdict(int)
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    counts: dict[str, int] = defaultdict(int)
    for posting in _postings(uow):
        posted[posting.account_id] += posting.amount_minor
        sums[posting.transaction_id][posting.currency] += posting.amount_minor
        counts[posting.transaction_id] += 1
    transfers: list[Transfer] = list(_pages(uow.transfers))
    return [
        *_check_total(accounts),
        *_check_balances(accounts, posted),
        *_check_transactions(uow, sums, counts),
        *_check_holds(accounts, transfers),
        *_check_transfers(uow, transfers),
    ]


def _check_total(accounts: dict[str, Account]) -> Iterator[Violation]:
    totals: dict[str, int] = defaultdict(int)
    for account in accounts.values():
        totals[account.currency] += account.posted_minor
    for currency, total in sorted(totals.items()):
        if total:
            yield Violation("total", currency, "0", str(total))


def _check_balances(accounts: dict[str, Account], posted: dict[str, int]) -> Iterator[Violation]:
    for account_id in sorted(accounts.keys() | posted.keys()):
        account = accounts.get(account_id)
        kept = account.posted_minor if account else None
        if kept != posted.get(account_id, 0):
            yield Violation("balance", account_id, str(posted.get(account_id, 0)), str(kept))


def _check_transactions(
    uow: UnitOfWork, sums: dict[str, dict[str, int]], counts: dict[str, int]
) -> Iterator[Violation]:
    known = set()
    for transaction in _pages(uow.transactions):
        known.add(transaction.id)
        legs_count = counts.get(transaction.id, 0)
        if legs_count < 2:
            yield Violation("transaction", transaction.id, "2 postings or more", str(legs_count))
    for transaction_id, by_currency in sums.items():
        if transaction_id not in known:
            yield Violation("transaction", transaction_id, "a transaction", "postings only")
        for currency, total in by_currency.items():
            if total:
                yield Violation("transaction", transaction_id, f"0 {currency}", str(total))


def _check_holds(accounts: dict[str, Account], transfers: list[Transfer]) -> Iterator[Violation]:
    held: dict[str, int] = defaultdict(int)
    for transfer in transfers:
        if transfer.status in (TransferStatus.PROPOSED, TransferStatus.HELD):
            held[transfer.from_account_id] += transfer.amount_minor
    for account in accounts.values():
        if account.held_minor != held.get(account.id, 0):
            yield Violation(
                "hold", account.id, str(held.get(account.id, 0)), str(account.held_minor)
            )


def _check_transfers(uow: UnitOfWork, transfers: list[Transfer]) -> Iterator[Violation]:
    made: dict[str, list[Transaction]] = defaultdict(list)
    for transaction in _pages(uow.transactions):
        if transaction.transfer_id is not None:
            made[transaction.transfer_id].append(transaction)
    for transfer in transfers:
        expected = 1 if transfer.status is TransferStatus.POSTED else 0
        found = made.pop(transfer.id, [])
        if len(found) != expected:
            yield Violation("transfer", transfer.id, str(expected), str(len(found)))
        elif found and not _moves(uow, found[0], transfer):
            yield Violation("transfer", transfer.id, str(transfer.amount), "another amount")
    for transfer_id in made:
        yield Violation("transfer", transfer_id, "a transfer", "a transaction only")


def _moves(uow: UnitOfWork, transaction: Transaction, transfer: Transfer) -> bool:
    postings: list[Posting] = uow.postings.list(transaction_id=transaction.id)
    return transfer.transaction_id == transaction.id and any(
        posting.account_id == transfer.from_account_id
        and posting.amount_minor == -transfer.amount_minor
        for posting in postings
    )


def _postings(uow: UnitOfWork) -> Iterator[Posting]:
    return _pages(uow.postings)


def _pages(table: Table[Any]) -> Iterator[Any]:
    after = ""
    while page := table.list(limit=_PAGE_ROWS, id__gt=after):
        yield from page
        after = page[-1].id
