"""The five checks, over the file itself: all zero, or money was made, lost or told wrongly.

    total         all balances of a currency sum to 0, and the customers' to what they began with
    balance       an account's balance is the sum of its postings
    transaction   a transaction has two legs or more, and they sum to 0
    acknowledged  what a client was told is there exactly once, as it was told
    replay        the same key again gets the same body (counted by the clients)

"The sum is conserved" alone passes two of the three mutants.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

CHECKS = ("total", "balance", "transaction", "acknowledged", "replay")

_BALANCE = """
SELECT count(*) FROM accounts LEFT JOIN
  (SELECT account_id, sum(amount_minor) AS summed FROM postings GROUP BY account_id) AS p
  ON p.account_id = accounts.id
WHERE accounts.posted_minor <> coalesce(p.summed, 0)
"""
_TRANSACTION = """
SELECT count(*) FROM transactions LEFT JOIN
  (SELECT transaction_id, sum(amount_minor) AS summed, count(*) AS legs
   FROM postings GROUP BY transaction_id, currency) AS p
  ON p.transaction_id = transactions.id
WHERE p.legs IS NULL OR p.legs < 2 OR p.summed <> 0
"""
_POSTED = """
SELECT transfers.reference, transfers.id, transfers.amount_minor, transfers.from_account_id,
       transfers.to_account_id, count(DISTINCT transactions.id),
       count(DISTINCT postings.id)
FROM transfers
LEFT JOIN transactions ON transactions.transfer_id = transfers.id
LEFT JOIN postings ON postings.transaction_id = transactions.id
WHERE transfers.status = 'posted' GROUP BY transfers.id
"""


def count_violations(
    path: Path,
    *,
    began_minor: int,
    asked: dict[str, dict[str, Any]],
    acknowledged: dict[str, dict[str, Any]],
    replays_wrong: int,
) -> dict[str, int]:
    """Return how many violations each check found.

    `asked` and `acknowledged` are bodies by key; the key is also each transfer's reference,
    so that a transfer is found by what the client meant, whatever became of its key.
    """
    with sqlite3.connect(path) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        totals = db.execute("SELECT sum(posted_minor) FROM accounts GROUP BY currency").fetchall()
        customers = "SELECT sum(posted_minor) FROM accounts WHERE customer_id IS NOT NULL"
        kept_minor = db.execute(customers).fetchone()[0]
        balance = db.execute(_BALANCE).fetchone()[0]
        transaction = db.execute(_TRANSACTION).fetchone()[0]
        posted = db.execute(_POSTED).fetchall()
    return {
        "total": sum(total != 0 for (total,) in totals) + (kept_minor != began_minor),
        "balance": balance,
        "transaction": transaction,
        "acknowledged": _unfaithful(posted, asked=asked, acknowledged=acknowledged),
        "replay": replays_wrong,
    }


def _unfaithful(
    posted: list[tuple[Any, ...]],
    *,
    asked: dict[str, dict[str, Any]],
    acknowledged: dict[str, dict[str, Any]],
) -> int:
    by_reference: dict[str, list[tuple[Any, ...]]] = {}
    for reference, *rest in posted:
        by_reference.setdefault(reference, []).append(tuple(rest))
    wrong = sum(len(found) > 1 for found in by_reference.values())  # acknowledged or not
    for key, told in acknowledged.items():
        wish = asked[key]
        expected = (
            told["id"], wish["amount_minor"], wish["from_account_id"], wish["to_account_id"], 1, 2,
        )  # fmt: skip
        wrong += expected not in by_reference.get(key, [])
    return wrong
