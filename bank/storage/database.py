"""The store over a database: SQLite by default, PostgreSQL by the same statements.

    SQLite       write ─▶ one thread, group commit (writer.py)     read ─▶ a pool of snapshots
    PostgreSQL   write ─▶ SERIALIZABLE, run again on conflict       read ─▶ REPEATABLE READ

Several processes may open the same SQLite file: WAL lets them read while one writes, and
`BEGIN IMMEDIATE` makes writers queue. A unit of work never opens another one; a read inside
a unit of work joins it and sees what it sees.

PostgreSQL is compiled for and typed; it is not exercised by the tests of this repository yet.
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import sqlalchemy as sa

from bank.domain.errors import DatabaseBusy
from bank.ports import Store, UnitOfWork
from bank.storage.faults import is_retryable, refusal_of
from bank.storage.records import RECORDS, RecordSpec
from bank.storage.schema import make_metadata
from bank.storage.tables import SqlUnitOfWork, make_kinds
from bank.storage.writer import GroupWriter

T = TypeVar("T")

BUSY_TIMEOUT_S = 10.0
#: The writer asks for the lock in slices, so that a job's age is looked at in between.
WRITER_SLICE_S = 0.2
RETRIES_MAX = 8
POOL_SIZE = 16


def open_store(
    url: str,
    *,
    records: Mapping[str, RecordSpec] = RECORDS,
    create: bool = False,
    busy_timeout_s: float = BUSY_TIMEOUT_S,
) -> Store:
    """Open the database of `url`; the caller closes the store.

    create: make missing tables straight from RECORDS, without migrations. For tests and
    throw-away databases; a lasting one is made by `migrate.upgrade(url)`.
    """
    engine = make_engine(url, busy_timeout_s=busy_timeout_s)
    metadata = make_metadata(records)
    if create:
        with engine.begin() as connection:
            metadata.create_all(connection)
    if engine.dialect.name == "sqlite":
        return SqliteStore(engine, metadata, records, busy_timeout_s=busy_timeout_s)
    return PostgresStore(engine, metadata, records)


def make_engine(url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> sa.Engine:
    """Return an engine with our settings on every connection."""
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if not url.startswith("sqlite"):
        return sa.create_engine(
            url, paramstyle="format", isolation_level="AUTOCOMMIT", pool_size=POOL_SIZE
        )
    path = sa.make_url(url).database
    if path is None or path == ":memory:":
        raise ValueError(f"SQLite needs a file, not {url!r}: several threads share it")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url,
        poolclass=sa.QueuePool,
        pool_size=POOL_SIZE,
        max_overflow=-1,
        connect_args={"check_same_thread": False, "isolation_level": None},
    )
    sa.event.listen(engine, "connect", _Pragmas(busy_timeout_s))
    # Core's transactions (migrations, create_all) take the write lock first: their DDL is one
    # transaction, and two processes that start together do not both migrate.
    sa.event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


class _Pragmas:
    """Sets up each SQLite connection."""

    def __init__(self, busy_timeout_s: float) -> None:
        self._busy_timeout_s = busy_timeout_s

    def __call__(self, connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA busy_timeout={int(self._busy_timeout_s * 1000)}")
        self._turn_wal_on(connection)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute("PRAGMA cache_size=-16384")
        connection.execute("PRAGMA journal_size_limit=67108864")
        connection.create_function("florin_contains", 2, _contains, deterministic=True)

    def _turn_wal_on(self, connection: sqlite3.Connection) -> None:
        # Changing the journal mode does not wait for a lock as statements do; two processes
        # that open a new file together meet here.
        until_s = time.monotonic() + self._busy_timeout_s
        while True:
            try:
                connection.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError as error:
                refusal = refusal_of(error)
                if refusal is None or time.monotonic() > until_s:
                    raise (refusal or error) from error
                time.sleep(0.02)
            else:
                return


def _contains(held: str | None, asked: str) -> bool:
    return held is not None and asked.casefold() in held.casefold()


class _SqlStore:
    """What both databases share: reading, and joining a unit of work that is open."""

    _begin_read: str

    def __init__(
        self, engine: sa.Engine, metadata: sa.MetaData, records: Mapping[str, RecordSpec]
    ) -> None:
        self._engine = engine
        self._kinds = make_kinds(records, metadata, engine.dialect)
        self._open = threading.local()

    def read(self, work: Callable[[UnitOfWork], T]) -> T:
        joined: SqlUnitOfWork | None = getattr(self._open, "uow", None)
        if joined is not None:
            return work(cast("UnitOfWork", joined))
        with self._driver() as connection:
            uow = SqlUnitOfWork(self._kinds, connection, writable=False)
            self._open.uow = uow
            try:
                self._control(connection, self._begin_read)
                return work(cast("UnitOfWork", uow))
            finally:
                self._open.uow = None
                self._control(connection, "ROLLBACK")

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _driver(self) -> Iterator[Any]:
        try:
            pooled = self._engine.raw_connection()
        except Exception as error:
            raise (refusal_of(getattr(error, "orig", error)) or error) from error
        try:
            yield pooled.driver_connection
        finally:
            pooled.close()

    def _control(self, connection: Any, statement: str) -> None:
        try:
            connection.execute(statement)
        except Exception as error:
            raise (refusal_of(error) or error) from error


class SqliteStore(_SqlStore):
    """See ports.Store."""

    _begin_read = "BEGIN"

    def __init__(
        self,
        engine: sa.Engine,
        metadata: sa.MetaData,
        records: Mapping[str, RecordSpec],
        *,
        busy_timeout_s: float,
    ) -> None:
        super().__init__(engine, metadata, records)
        pooled = engine.raw_connection()
        connection = cast("sqlite3.Connection", pooled.driver_connection)
        pooled.detach()
        connection.execute(f"PRAGMA busy_timeout={int(WRITER_SLICE_S * 1000)}")
        self._writer = GroupWriter(connection, self._kinds, busy_timeout_s=busy_timeout_s)

    def write(self, work: Callable[[UnitOfWork], T]) -> T:
        assert getattr(self._open, "uow", None) is None, "a unit of work inside another"

        def joinable(uow: SqlUnitOfWork) -> T:
            self._open.uow = uow
            try:
                return work(cast("UnitOfWork", uow))
            finally:
                self._open.uow = None

        return cast("T", self._writer.submit(joinable).result())

    def close(self) -> None:
        self._writer.close()
        super().close()


class PostgresStore(_SqlStore):
    """See ports.Store. Serializable transactions; a conflict runs the work again."""

    _begin_read = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    def write(self, work: Callable[[UnitOfWork], T]) -> T:
        assert getattr(self._open, "uow", None) is None, "a unit of work inside another"
        for attempt in range(RETRIES_MAX):
            try:
                return self._write_once(work)
            except Exception as error:
                if not is_retryable(error):
                    raise
                time.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311  jitter
        raise DatabaseBusy

    def _write_once(self, work: Callable[[UnitOfWork], T]) -> T:
        with self._driver() as connection:
            uow = SqlUnitOfWork(self._kinds, connection, writable=True)
            self._control(connection, "BEGIN ISOLATION LEVEL SERIALIZABLE")
            self._open.uow = uow
            try:
                result = work(cast("UnitOfWork", uow))
                self._control(connection, "COMMIT")
            except BaseException:
                self._control(connection, "ROLLBACK")
                raise
            else:
                return result
            finally:
                self._open.uow = None
