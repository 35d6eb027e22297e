"""The worker of the line: what it believes, what it gives back, what it lets die."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bank.bootstrap import make_bank
from bank.delivery.siem.channel import LineDown
from bank.delivery.siem.worker import BATCH_ITEMS, GRACE_S, PAUSE_MAX_S
from bank.domain.outbox import LEASE_S, MAX_ATTEMPTS, OutboxKind, OutboxState
from bank.storage.memory import MemoryStore
from bank.worker import make_siem_worker, make_worker
from tests.bank.delivery.siem.line import Line
from tests.web.house import make_settings


class Script:
    """A line that does as it is told."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.tries = 0
        self.is_up = True
        self.quiet = True

    def send(self, envelopes: Sequence[bytes]) -> None:
        self.tries += 1
        if not self.is_up:
            raise LineDown("away")
        self.written += envelopes

    def check(self) -> None:
        if not self.is_up:
            raise LineDown("away")

    def is_quiet(self) -> bool:
        return self.quiet

    def finish(self) -> bool:
        return self.is_up and self.quiet

    def drop(self) -> None:
        pass


def a_line(**more) -> tuple[Line, Script]:
    script = Script()
    return Line(channel=script, **more), script


def test_given_events_just_written_when_the_line_is_up_then_they_are_believed_after_a_while_only():
    line, _ = a_line()
    line.report(3)

    line.run()
    assert len(line.items(OutboxState.LEASED)) == 3
    line.run(GRACE_S - 0.1)
    assert line.items(OutboxState.SENT) == []
    line.run(0.2)

    assert len(line.items(OutboxState.SENT)) == 3


def test_given_bytes_the_other_side_has_not_taken_then_nothing_is_believed():
    line, script = a_line()
    line.report(3)
    script.quiet = False

    line.run()
    line.run(10.0)

    assert line.items(OutboxState.SENT) == []


def test_given_a_line_that_breaks_within_the_grace_then_everything_open_goes_again_in_order():
    line, script = a_line()
    line.report(2)
    line.run()
    line.report(2)
    line.run(0.5)
    script.is_up = False
    line.run(0.5)
    assert len(line.items(OutboxState.QUEUED)) == 4

    script.is_up = True
    line.run(PAUSE_MAX_S)

    assert script.written[4:] == script.written[:4]
    assert line.worker.counts.returned == 4


def test_given_a_receiver_away_for_a_day_then_tries_are_few_and_no_event_dies():
    line, script = a_line()
    script.is_up = False
    line.report(12)

    for _ in range(24 * 60):
        line.run(60.0)

    assert script.tries <= 24 * 60
    assert line.items(OutboxState.DEAD) == []
    waiting = line.items(OutboxState.QUEUED)
    assert len(waiting) == 12
    assert {item.attempts for item in waiting} == {0}


def test_given_a_receiver_that_is_away_then_the_pause_grows_and_is_short_again_afterwards():
    line, script = a_line()
    script.is_up = False
    line.report()
    tried = []
    for _ in range(600):
        before = script.tries
        line.run(0.5)
        tried += [line.now_s] * (script.tries - before)
    gaps = [later - earlier for earlier, later in pairwise(tried)]
    assert gaps == sorted(gaps)
    assert max(gaps) <= PAUSE_MAX_S + 0.5

    script.is_up = True
    line.run(PAUSE_MAX_S)
    line.settle()
    script.is_up = False
    line.report()
    line.run(0.5)
    script.is_up = True

    assert line.run(1.5) == 1


def test_given_an_event_that_cannot_be_written_then_those_behind_it_go_and_it_ends_as_dead():
    line, script = a_line()
    bad = line.store.write(
        lambda uow: line.bank.outbox.add_in(
            uow, kind=OutboxKind.SIEM, to=line.url, subject="login_failed", body="{}"
        )
    )
    line.report(2)

    line.run()
    assert len(script.written) == 2
    for _ in range(MAX_ATTEMPTS):
        line.run(3_600.0)

    (dead,) = line.items(OutboxState.DEAD)
    assert dead.id == bad.id
    assert len(line.items(OutboxState.SENT)) == 2


def test_given_a_worker_that_died_with_leases_when_they_run_out_then_another_sends_again():
    line, script = a_line()
    ids = line.report(3)
    line.run()
    other = Line(store=line.store, channel=script)
    other.worker._vault = line.worker._vault  # the keys of one bank
    other.clock.now_utc = line.clock.now_utc

    assert other.run(1.0) == 0
    assert other.run(LEASE_S) == 3
    other.settle()

    assert len(other.items(OutboxState.SENT)) == len(ids)
    assert script.written[:3] == script.written[3:]


def test_given_more_than_a_batch_when_run_then_all_of_it_goes_at_once():
    line, script = a_line()
    line.report(BATCH_ITEMS + 1)

    assert line.run() == BATCH_ITEMS + 1
    assert script.tries == 2


def test_given_no_receiver_in_the_settings_then_there_is_no_worker_and_nothing_is_kept(tmp_path):
    settings = make_settings(tmp_path)
    bank = make_bank(MemoryStore(), settings=settings)

    assert make_siem_worker(bank, settings) is None
    assert not bank.security_events


def test_given_a_receiver_in_the_settings_then_its_duty_has_a_lane_of_its_own(tmp_path):
    settings = make_settings(tmp_path, siem_url="tcp://127.0.0.1:6514")
    bank = make_bank(MemoryStore(), settings=settings)

    duties = {duty.name: duty.lane for duty in make_worker(bank, settings)._duties}

    assert duties["siem"] == "siem"
    assert duties["outbox"] == "main"
