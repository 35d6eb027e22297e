"""One thread writes; what waits is committed together.

    threads ──submit──▶ queue ──▶ BEGIN IMMEDIATE
                                    SAVEPOINT  job 1  RELEASE
                                    SAVEPOINT  job 2  ROLLBACK TO     (it raised: undone alone)
                                    SAVEPOINT  job 3  RELEASE
                                  COMMIT ── one fsync ──▶ the three futures are answered

A commit at synchronous=FULL waits for the disk, some milliseconds; while it waits the queue
fills, so the more is asked of us, the more each commit carries. A lone job never waits; where
the last commit had company and was slow, the next waits a fraction of that time for the same
company, whose threads have only just been answered.

An answer leaves only after the commit that holds it: also a refusal, because it may rest on
what an earlier job of the batch wrote. When the database is locked by another process, a job
is given up `busy_timeout_s` after it was submitted, wherever it stands in the queue.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextvars import Context, copy_context
from queue import Empty, SimpleQueue
from typing import Any

from bank.domain.errors import DatabaseBusy, Unavailable
from bank.storage.faults import refusal_of
from bank.storage.tables import SqlUnitOfWork, TableKind

#: Jobs in one commit. Bounds how long the first of them waits, and what one crash undoes.
BATCH_MAX = 256

#: How long a batch may wait for company: this share of the last commit's time, and at most so long.
LINGER_SHARE, LINGER_MAX_S = 0.25, 0.002

Work = Callable[[Any], Any]


class _Job:
    """One unit of work, its caller's context, and what came of it."""

    __slots__ = ("context", "error", "future", "result", "submitted_s", "work")

    def __init__(self, work: Work) -> None:
        self.work = work
        self.context: Context = copy_context()
        self.future: Future[Any] = Future()
        self.submitted_s = time.monotonic()
        self.result: Any = None
        self.error: BaseException | None = None

    def answer(self) -> None:
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class GroupWriter:
    """Owns the one writing connection of this process (SQLite)."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        kinds: Mapping[str, TableKind],
        *,
        busy_timeout_s: float,
    ) -> None:
        self._connection = connection
        self._uow = SqlUnitOfWork(kinds, connection, writable=True)
        self._busy_timeout_s = busy_timeout_s
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._closing = threading.Lock()
        self._commit_s = 0.0
        self._company = 0.0
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="florin-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work) -> Future[Any]:
        """Queue a unit of work; the future is answered when it is on disk, or refused."""
        job = _Job(work)
        with self._closing:
            if self._closed:
                raise Unavailable
            self._queue.put(job)
        return job.future

    def is_current_thread(self) -> bool:
        return threading.current_thread() is self._thread

    def close(self) -> None:
        """Finish what is queued, then stop."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        batch: list[_Job] = []
        running = True
        while running or batch:
            if running:
                running = self._fill(batch, wait=not batch)
            if batch:
                batch = self._commit(batch)

    def _fill(self, batch: list[_Job], *, wait: bool) -> bool:
        """Add queued jobs to the batch; False when the writer is closing."""
        until_s: float | None = None
        try:
            while len(batch) < BATCH_MAX:
                if wait:
                    job = self._queue.get()
                    until_s = time.monotonic() + self._linger_s()
                elif until_s is not None and len(batch) < self._company:
                    job = self._queue.get(timeout=max(0.0, until_s - time.monotonic()))
                else:
                    job = self._queue.get_nowait()
                if job is None:
                    return False
                batch.append(job)
                wait = False
        except Empty:
            pass
        return True

    def _linger_s(self) -> float:
        return min(self._commit_s * LINGER_SHARE, LINGER_MAX_S) if self._company > 1 else 0.0

    def _commit(self, batch: list[_Job]) -> list[_Job]:
        """Run and commit the batch; return the jobs still to be done."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            return self._not_begun(batch, error)
        try:
            for job in batch:
                self._perform(job)
            began_s = time.monotonic()
            self._connection.execute("COMMIT")
            self._commit_s = time.monotonic() - began_s
        except sqlite3.Error as error:
            self._roll_back()
            _refuse(batch, error)
        else:
            # Falls slowly, so that one small batch does not break up the company.
            self._company = max(float(len(batch)), self._company * 0.8)
            for job in batch:
                job.answer()
        return []

    def _perform(self, job: _Job) -> None:
        self._connection.execute("SAVEPOINT job")
        try:
            job.result = job.context.run(job.work, self._uow)
        except BaseException as error:  # the caller's: raised again there
            job.error = error
            if not self._connection.in_transaction:
                # SQLite has undone the whole transaction by itself (full disk, I/O error).
                raise sqlite3.OperationalError("transaction lost") from error
            self._connection.execute("ROLLBACK TO SAVEPOINT job")
        self._connection.execute("RELEASE SAVEPOINT job")

    def _not_begun(self, batch: list[_Job], error: sqlite3.Error) -> list[_Job]:
        if not isinstance(refusal_of(error), DatabaseBusy):
            _refuse(batch, error)
            return []
        oldest_s = time.monotonic() - self._busy_timeout_s
        _refuse([job for job in batch if job.submitted_s <= oldest_s], error)
        return [job for job in batch if job.submitted_s > oldest_s]

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _refuse(batch: list[_Job], error: sqlite3.Error) -> None:
    """Answer every job of a batch that was not committed with one reason."""
    found = [told for reason in (error, *(job.error for job in batch)) if (told := _told(reason))]
    for job in batch:
        refusal: Exception = type(found[0])() if found else error
        if refusal is not error:
            refusal.__cause__ = error
        job.future.set_exception(refusal)


def _told(reason: BaseException | None) -> Unavailable | None:
    if isinstance(reason, sqlite3.Error):
        reason = refusal_of(reason)
    return reason if isinstance(reason, Unavailable) else None
