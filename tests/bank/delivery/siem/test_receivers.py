"""From a report to a receiver: a small one every day, and Debian's rsyslogd where it is to be had.

Every rule here is asked of both. Which events arrived is told by `event.id`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bank.domain.outbox import OutboxState
from tests.bank.delivery.siem.certificates import write_authority
from tests.bank.delivery.siem.line import Line
from tests.bank.delivery.siem.receivers import FakeReceiver, Rsyslog, wait_until

NO_RSYSLOG = "no rsyslogd on this machine: `make setup-test` unpacks Debian's where apt can"


@pytest.fixture(params=["fake", "rsyslog"])
def receiver_of(request, tmp_path) -> Iterator[Callable[[str], Any]]:
    if request.param == "rsyslog" and Rsyslog.find() is None:
        pytest.skip(NO_RSYSLOG)
    kind = {"fake": FakeReceiver, "rsyslog": Rsyslog}[request.param]
    made: list[Any] = []

    def make(scheme: str) -> Any:
        if scheme == "tls":
            write_authority(tmp_path)
        receiver = kind(scheme, tmp_path)
        receiver.start()
        made.append(receiver)
        return receiver

    yield make
    for receiver in made:
        receiver.stop()


def line_to(receiver: Any, **more: Any) -> Line:
    ca_file = str(receiver.folder / "ca.pem") if receiver.scheme == "tls" else ""
    return Line(receiver.url, ca_file=ca_file, **more)


@pytest.mark.parametrize("scheme", ["udp", "tcp", "tls"])
def test_given_events_when_sent_then_each_arrives_once_in_order_and_is_marked(receiver_of, scheme):
    receiver = receiver_of(scheme)
    line = line_to(receiver)
    ids = line.report(120)

    assert line.run() == 120
    assert wait_until(lambda: len(receiver.ids()) >= 120)
    line.settle()

    assert receiver.ids() == ids
    assert len(line.items(OutboxState.SENT)) == 120
    assert all(item.body_enc is None for item in line.items(OutboxState.SENT))


@pytest.mark.parametrize("format_name", ["ecs", "cef"])
def test_given_awkward_details_when_sent_then_the_body_arrives_as_it_was_written(
    receiver_of, format_name
):
    receiver = receiver_of("tls")
    line = line_to(receiver, format_name=format_name)
    line.report(details={"path": 'a=b|c\\d "quoted" ]x', "sign": "ü 💶"})

    line.run()

    assert wait_until(receiver.bodies)
    (body,) = receiver.bodies()
    if format_name == "ecs":
        assert json.loads(body)["florin"]["details"]["path"] == 'a=b|c\\d "quoted" ]x'
    else:
        assert 'path:a\\=b|c\\\\d "quoted" ]x' in body
        assert "ü 💶" in body


@pytest.mark.parametrize("scheme", ["udp", "tcp", "tls"])
def test_given_a_receiver_away_for_an_hour_when_it_is_back_then_nothing_is_lost_and_order_is_kept(
    receiver_of, scheme
):
    receiver = receiver_of(scheme)
    line = line_to(receiver)
    early = line.report(5)
    line.run()
    assert wait_until(lambda: len(receiver.ids()) >= 5)
    line.settle()
    receiver.stop()

    late: list[str] = []
    for _ in range(60):
        late += line.report(2)
        line.run(60.0)
    assert line.items(OutboxState.DEAD) == []
    receiver.start()

    assert line.until(lambda: len(line.items(OutboxState.SENT)) == 125)
    assert wait_until(lambda: set(receiver.ids()) == {*early, *late})
    first_seen = list(dict.fromkeys(receiver.ids()))
    assert first_seen == early + late
    assert receiver.ids().count(early[0]) == 1  # what was believed is not sent again


def test_given_a_receiver_that_dies_while_events_are_on_their_way_then_they_go_again(receiver_of):
    receiver = receiver_of("tcp")
    line = line_to(receiver)
    ids = line.report(300)
    line.run()
    getattr(receiver, "kill", receiver.stop)()
    line.pass_s(1.0)
    assert wait_until(lambda: line.worker.run_once() == 0 and not line.items(OutboxState.LEASED))
    assert len(line.items(OutboxState.QUEUED)) == 300

    receiver.start()

    assert line.until(lambda: len(line.items(OutboxState.SENT)) == 300)
    assert wait_until(lambda: set(receiver.ids()) == set(ids))
    assert list(dict.fromkeys(receiver.ids())) == ids


def test_given_an_end_when_the_line_is_closed_then_what_was_written_is_known_to_be_taken(
    receiver_of,
):
    receiver = receiver_of("tls")
    line = line_to(receiver)
    ids = line.report(20)
    line.run()

    line.worker.close()

    assert len(line.items(OutboxState.SENT)) == 20
    assert wait_until(lambda: receiver.ids() == ids)


def test_given_a_stranger_for_a_receiver_when_events_are_sent_then_none_leaves(
    receiver_of, tmp_path
):
    receiver = receiver_of("tls")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    line = Line(receiver.url, ca_file=str(write_authority(elsewhere)))
    line.report(3)

    line.run()

    assert receiver.ids() == []
    assert len(line.items(OutboxState.QUEUED)) == 3
    assert line.worker.counts.breaks == 1
