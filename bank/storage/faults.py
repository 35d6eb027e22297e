"""What the driver raises, in the bank's words.

    locked, deadlock, connection lost ──▶ DatabaseBusy     full, quota, I/O error ──▶ DiskFull
    unique constraint                 ──▶ AlreadyExists    anything else is a bug and escapes

SQLite: extended result codes, https://www.sqlite.org/rescode.html; the low byte is the family.
PostgreSQL: SQLSTATE, appendix A of its manual.
"""

from __future__ import annotations

import sqlite3

from bank.domain.errors import AlreadyExists, BankError, DatabaseBusy, DiskFull

_SQLITE_FAMILY = 0xFF
_SQLITE_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_SQLITE_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}
_SQLITE_TAKEN = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}

#: serialization failure, deadlock: the same work may succeed when run again.
RETRY_STATES = {"40001", "40P01"}
_PG_BUSY = RETRY_STATES | {"55P03", "57014", "57P01", "57P03", "53300"}
_PG_FULL = {"53100", "58030"}


def refusal_of(error: Exception, *, table: str = "") -> BankError | None:
    """Return the refusal a driver's error stands for, or None when it is a bug."""
    if isinstance(error, sqlite3.Error):
        return _sqlite_refusal(getattr(error, "sqlite_errorcode", None), table)
    state = getattr(error, "sqlstate", None)
    if state == "23505":
        return AlreadyExists(table=table)
    if state in _PG_FULL:
        return DiskFull()
    # psycopg raises OperationalError without a state when the server cannot be reached.
    if state in _PG_BUSY or (state is None and type(error).__name__ == "OperationalError"):
        return DatabaseBusy()
    return None


def is_retryable(error: BaseException) -> bool:
    """Return whether running the whole unit of work again may succeed (PostgreSQL only)."""
    cause = error.__cause__ if isinstance(error, DatabaseBusy) else error
    return getattr(cause, "sqlstate", None) in RETRY_STATES


def _sqlite_refusal(code: int | None, table: str) -> BankError | None:
    if code is None:
        return None
    if code in _SQLITE_TAKEN:
        return AlreadyExists(table=table)
    if code & _SQLITE_FAMILY in _SQLITE_BUSY:
        return DatabaseBusy()
    if code & _SQLITE_FAMILY in _SQLITE_FULL:
        return DiskFull()
    return None
