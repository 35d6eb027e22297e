"""What only the database promises: batches, several threads and processes, locks, full disks."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path

import pytest

from bank.domain.errors import DatabaseBusy, DiskFull, Unavailable
from bank.ports import Store
from bank.storage.database import SqliteStore, open_store
from tests.contracts.probes import PROBES, Purse, a_probe


def path_of(url: str) -> str:
    return url.removeprefix("sqlite:///")


def add_one(uow) -> int:
    purse = uow.purses.get("pu_1", lock=True)
    uow.purses.save(replace(purse, amount_minor=purse.amount_minor + 1))
    return purse.amount_minor


def test_given_one_failing_job_in_a_batch_then_only_that_job_is_undone(
    database: SqliteStore,
) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def slow(uow):
        entered.set()
        go_on.wait(5)
        uow.purses.add(Purse("pu_0", 1))

    def failing(uow):
        uow.purses.add(Purse("pu_2", 1))
        raise ValueError("mine")

    commits = []
    database._writer._connection.set_trace_callback(
        lambda sql: commits.append(sql) if sql == "COMMIT" else None
    )
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(database.write, slow)
        entered.wait(5)
        others = [
            pool.submit(database.write, lambda uow: uow.purses.add(Purse("pu_1", 1))),
            pool.submit(database.write, failing),
            pool.submit(database.write, lambda uow: uow.purses.add(Purse("pu_3", 1))),
        ]
        while database._writer._queue.qsize() < 3:
            time.sleep(0.001)
        go_on.set()
        first.result(), others[0].result(), others[2].result()
        with pytest.raises(ValueError, match="mine"):
            others[1].result()

    purses = database.read(lambda uow: uow.purses.list())
    assert [purse.id for purse in purses] == ["pu_0", "pu_1", "pu_3"]
    assert len(commits) == 2  # the slow one, then the three together


def test_given_an_answer_then_another_process_can_already_read_it(
    database: Store, url: str
) -> None:
    database.write(lambda uow: uow.purses.add(Purse("pu_1", 5)))

    with sqlite3.connect(path_of(url)) as other:
        assert other.execute("SELECT amount_minor FROM purses").fetchall() == [(5,)]


def test_given_many_threads_when_they_count_then_no_step_is_lost_and_none_seen_twice(
    database: Store,
) -> None:
    database.write(lambda uow: uow.purses.add(Purse("pu_1", 0)))

    with ThreadPoolExecutor(16) as pool:
        seen = list(pool.map(lambda _: database.write(add_one), range(400)))

    assert sorted(seen) == list(range(400))
    assert database.read(lambda uow: uow.purses.get("pu_1")).amount_minor == 400


def test_given_readers_during_transfers_then_every_snapshot_has_the_same_total(
    database: Store,
) -> None:
    database.write(lambda uow: uow.purses.add_many([Purse(f"pu_{n}", 100) for n in range(10)]))
    stop = threading.Event()

    def move(uow, start: int):
        one, two = uow.purses.get(f"pu_{start % 10}"), uow.purses.get(f"pu_{(start + 3) % 10}")
        uow.purses.save(replace(one, amount_minor=one.amount_minor - 7))
        uow.purses.save(replace(two, amount_minor=two.amount_minor + 7))

    def snapshots(_):
        totals = []
        while not stop.is_set():
            totals.append(database.read(lambda uow: sum(p.amount_minor for p in uow.purses.list())))
        return totals

    with ThreadPoolExecutor(10) as pool:
        readers = [pool.submit(snapshots, n) for n in range(2)]
        list(pool.map(lambda n: database.write(lambda uow: move(uow, n)), range(300)))
        stop.set()
        totals = [total for reader in readers for total in reader.result()]

    assert len(totals) > 20
    assert set(totals) == {1000}


CHILD = """
import sys
from bank.storage.database import open_store
from tests.contracts.probes import PROBES
from tests.contracts.test_database import add_one
store = open_store(sys.argv[1], records=PROBES)
print("ready", flush=True); sys.stdin.readline()
for _ in range(150):
    store.write(add_one)
store.close()
"""


def test_given_three_processes_on_one_file_when_they_count_then_no_step_is_lost(
    database: Store, url: str
) -> None:
    database.write(lambda uow: uow.purses.add(Purse("pu_1", 0)))
    children = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    for child in children:
        assert child.stdout.readline() == b"ready\n"

    for child in children:
        child.stdin.write(b"go\n")
        child.stdin.flush()

    assert [child.wait(60) for child in children] == [0, 0, 0]
    for child in children:
        child.stdin.close()
        child.stdout.close()
    assert database.read(lambda uow: uow.purses.get("pu_1")).amount_minor == 450


def test_given_a_lock_held_too_long_when_written_then_busy_in_time_and_reads_go_on(
    database: Store, url: str
) -> None:
    other = sqlite3.connect(path_of(url), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    started_s = time.monotonic()

    with ThreadPoolExecutor(4) as pool:
        waiting = [
            pool.submit(database.write, lambda uow, n=n: uow.purses.add(Purse(f"pu_{n}", 1)))
            for n in range(4)
        ]
        assert database.read(lambda uow: uow.purses.count()) == 0
        for job in waiting:
            with pytest.raises(DatabaseBusy):
                job.result()
    took_s = time.monotonic() - started_s

    assert 0.5 <= took_s < 1.5
    other.execute("ROLLBACK")
    other.close()
    database.write(lambda uow: uow.purses.add(Purse("pu_0", 1)))
    assert database.read(lambda uow: uow.purses.count()) == 1


def test_given_a_lock_let_go_in_time_when_written_then_it_is_written(
    database: Store, url: str
) -> None:
    other = sqlite3.connect(path_of(url), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.25, lambda: other.execute("ROLLBACK"))
    timer.start()

    database.write(lambda uow: uow.purses.add(Purse("pu_1", 1)))

    timer.join()
    other.close()
    assert database.read(lambda uow: uow.purses.count()) == 1


def test_given_a_full_disk_when_written_then_disk_full_and_nothing_by_halves(
    database: SqliteStore,
) -> None:
    connection = database._writer._connection
    database.write(lambda uow: uow.purses.add(Purse("pu_1", 1)))
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages + 4}")

    def too_much(uow):
        uow.purses.add(Purse("pu_2", 1))
        for n in range(100):
            uow.probes.add(a_probe(n, blob=bytes(2000)))

    with pytest.raises(DiskFull):
        database.write(too_much)

    assert database.read(lambda uow: (uow.purses.count(), uow.probes.count())) == (1, 0)
    connection.execute("PRAGMA max_page_count=1000000")
    database.write(too_much)
    assert database.read(lambda uow: (uow.purses.count(), uow.probes.count())) == (2, 100)


SMALL_DISK = """
import resource, sys
from bank.domain.errors import DiskFull
from bank.storage.database import open_store
from tests.contracts.probes import PROBES, a_probe
store = open_store(sys.argv[1], records=PROBES)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
kept = 0
try:
    while kept < 2_000:
        number = kept
        store.write(lambda uow: uow.probes.add_many(
            [a_probe(2 * number, blob=bytes(1000)), a_probe(2 * number + 1, blob=bytes(1000))]))
        kept += 1
except DiskFull:
    print(kept, store.read(lambda uow: uow.probes.count()), flush=True)
"""


def test_given_a_file_that_may_not_grow_when_written_then_acknowledged_work_is_all_there(
    database: Store, url: str
) -> None:
    child = subprocess.run(
        [sys.executable, "-c", SMALL_DISK, url],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert child.stdout, child.stderr
    kept, seen = map(int, child.stdout.split())
    assert kept > 10
    assert seen == 2 * kept
    assert database.read(lambda uow: uow.probes.count()) == 2 * kept
    with sqlite3.connect(path_of(url)) as other:
        assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_given_a_variable_of_the_caller_when_written_then_the_work_sees_it(
    database: Store,
) -> None:
    request = ContextVar("request", default="none")
    request.set("mine")

    assert database.write(lambda uow: request.get()) == "mine"


def test_given_a_closed_store_when_written_then_unavailable_and_what_waited_is_kept(
    url: str,
) -> None:
    store = open_store(url, records=PROBES, create=True)
    with ThreadPoolExecutor(8) as pool:
        jobs = [
            pool.submit(store.write, lambda uow, n=n: uow.purses.add(Purse(f"pu_{n}", 1)))
            for n in range(8)
        ]
        done = [job.result() for job in jobs]
    store.close()

    assert done == [None] * 8
    with pytest.raises(Unavailable):
        store.write(add_one)
    again = open_store(url, records=PROBES)
    assert again.read(lambda uow: uow.purses.count()) == 8
    again.close()


def test_given_a_connection_then_it_syncs_in_full_and_logs_ahead(database: SqliteStore) -> None:
    connection = database._writer._connection

    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_given_memory_as_a_url_then_it_is_refused_before_anything_opens() -> None:
    with pytest.raises(ValueError, match="needs a file"):
        open_store("sqlite://")


def test_given_a_folder_that_is_not_there_then_it_is_made(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'a' / 'b' / 'x.db'}", records=PROBES, create=True)
    store.close()

    assert (tmp_path / "a" / "b" / "x.db").exists()
