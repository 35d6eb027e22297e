"""The outbox: nothing lost, one Message-ID a thing, dead letters seen."""

from __future__ import annotations

import random
import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes

import pytest

from bank.delivery.log import LogMailer
from bank.delivery.outbox import OutboxWorker
from bank.delivery.smtp import SmtpMailer, SmtpServer
from bank.delivery.texts import TomlTexts
from bank.demo.phone import DemoPhone
from bank.domain.actors import SYSTEM
from bank.domain.errors import NotPermitted
from bank.domain.outbox import LEASE_S, MAX_ATTEMPTS, OutboxKind, OutboxState
from tests.bank.people.world import World


class Recorder:
    """A mailer that fails as often as told."""

    def __init__(self, failures: int = 0) -> None:
        self.left = failures
        self.sent: list[dict[str, str]] = []

    def send(self, **what: str) -> None:
        self.sent.append(what)
        if self.left:
            self.left -= 1
            raise ConnectionError("451 try later: body was 123456")


def worker_of(world: World, mailer, *, kinds=(OutboxKind.SMS, OutboxKind.MAIL)) -> OutboxWorker:
    return OutboxWorker(
        world.store,
        clock=world.clock,
        vault=world.bank.vault,
        mailers=dict.fromkeys(kinds, mailer),
        jitter=random.Random(1),
    )


def queue(world: World, body: str = "code 123456", kind: str = "sms"):
    return world.store.write(
        lambda uow: world.bank.outbox.add_in(
            uow, kind=kind, to="+49 30 5550123", subject="s", body=body
        )
    )


def held(world: World, item):
    return world.store.read(lambda uow: uow.outbox.get(item.id))


def test_given_something_queued_when_run_then_it_is_sent_once_and_its_body_wiped(world: World):
    item, mailer = queue(world), Recorder()
    worker = worker_of(world, mailer)

    assert (worker.run_once(), worker.run_once()) == (1, 0)

    assert [one["body"] for one in mailer.sent] == ["code 123456"]
    assert held(world, item).state is OutboxState.SENT
    assert held(world, item).body_enc is None


def test_given_a_refused_act_then_nothing_is_queued(world: World):
    def act(uow) -> None:
        world.bank.outbox.add_in(uow, kind="sms", to="x", subject="", body="b")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        world.store.write(act)

    assert worker_of(world, Recorder()).run_once() == 0


def test_given_failures_when_retried_then_pauses_grow_and_the_message_id_stays(world: World):
    item, mailer = queue(world), Recorder(failures=5)
    worker = worker_of(world, mailer)
    pauses = []
    while held(world, item).state is not OutboxState.SENT:
        worker.run_once()
        pause_s = (held(world, item).due_at_utc - world.clock()).total_seconds()
        pauses.append(pause_s)
        world.clock.pass_s(max(0, pause_s))

    assert len({one["message_id"] for one in mailer.sent}) == 1
    assert pauses[:5] == sorted(pauses[:5])
    for number, pause_s in enumerate(pauses[:5]):
        assert 2 * 2**number / 2 <= pause_s <= 2 * 2**number
    assert held(world, item).last_error is None


def test_given_a_thing_that_never_goes_through_then_it_ends_dead_and_is_shown(world: World):
    item, mailer = queue(world), Recorder(failures=99)
    worker = worker_of(world, mailer)
    for _ in range(MAX_ATTEMPTS + 3):
        worker.run_once()
        world.clock.pass_s(3_600)

    assert len(mailer.sent) == MAX_ATTEMPTS
    assert [one.id for one in world.bank.outbox.list_dead(SYSTEM)] == [item.id]
    assert "123456" not in repr(held(world, item))
    with pytest.raises(NotPermitted):
        world.bank.outbox.list_dead(world.staff())


def test_given_a_worker_that_died_when_its_lease_is_over_then_another_sends_it(world: World):
    item = queue(world)

    class Death(BaseException):
        pass

    class Dies(Recorder):
        def send(self, **what: str) -> None:
            super().send(**what)
            raise Death

    dying, other = Dies(), Recorder()
    with pytest.raises(Death):
        worker_of(world, dying).run_once()
    assert worker_of(world, other).run_once() == 0
    world.clock.pass_s(LEASE_S + 1)

    assert worker_of(world, other).run_once() == 1

    assert dying.sent[0]["message_id"] == other.sent[0]["message_id"]
    assert held(world, item).attempts == 2


def test_given_a_kind_nobody_delivers_then_it_waits_and_is_not_lost(world: World):
    item = queue(world, kind="webhook")

    worker_of(world, Recorder()).run_once()

    assert (held(world, item).state, held(world, item).last_error) == ("queued", "NoAdapter")


def test_given_the_log_adapter_then_the_log_holds_neither_code_nor_number(capsys):
    LogMailer().send(to="+49 30 5550123", subject="s", body="code 123456", message_id="<1@florin>")

    said = "".join(capsys.readouterr())
    assert "<1@florin>" in said
    assert "123456" not in said
    assert "5550123" not in said


def test_given_the_demo_phone_then_the_newest_comes_first_sealed_at_rest_and_once(world: World):
    amal = world.customer()
    phone = DemoPhone(world.store, clock=world.clock, vault=world.bank.vault)
    for number in range(3):
        world.clock.pass_s(1)
        for _ in range(2):
            phone.send(
                to=amal.phone, subject="", body=f"code 12345{number}", message_id=f"<{number}>"
            )
    phone.send(to="+1", subject="", body="other", message_id="<9>")

    lines = phone.list_newest(customer_id=amal.id)

    assert [line.body for line in lines] == ["code 123452", "code 123451", "code 123450"]
    assert lines[0].customer_name == "Amal Haddad"
    assert "12345" not in world.store.read(lambda uow: repr(uow.demo_phone_messages.list()))


class _Smtp(socketserver.StreamRequestHandler):
    """Just enough of RFC 5321; refuses the first mail of each Message-ID with 451."""

    def handle(self) -> None:
        self.wfile.write(b"220 fake\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self.wfile.write(self._take())
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")

    def _take(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        mail = message_from_bytes(b"".join(lines))
        tried = self.server.tried
        if mail["Message-ID"] not in tried:
            tried.add(mail["Message-ID"])
            return b"451 busy\r\n"
        self.server.mails.append(mail)
        return b"250 kept\r\n"


@pytest.fixture
def smtp() -> Iterator[socketserver.ThreadingTCPServer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp) as server:
        server.daemon_threads = True
        server.tried, server.mails = set(), []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def mailer_of(server, **about) -> SmtpMailer:
    host, port = server.server_address
    return SmtpMailer(SmtpServer(host, port, "bank@example.org", starttls=False), **about)


def test_given_a_busy_mail_server_when_retried_then_every_mail_arrives_once(world: World, smtp):
    items = [queue(world, body=f"mail {number}", kind="mail") for number in range(5)]
    worker = worker_of(world, mailer_of(smtp, sms_domain="sms.example.org"))

    worker.run_once()
    world.clock.pass_s(60)
    worker.run_once()

    assert sorted(mail["Message-ID"] for mail in smtp.mails) == sorted(
        item.message_id for item in items
    )
    assert smtp.mails[0]["To"] == "49305550123@sms.example.org"
    assert world.bank.outbox.count_by_state()["sent"] == 5


def test_given_a_line_break_in_a_subject_then_no_second_recipient_is_made(smtp):
    with pytest.raises(ValueError, match="linefeed"):
        mailer_of(smtp).send(
            to="a@example.org", subject="x\nBcc: b@example.org", body="b", message_id="<1>"
        )


def test_given_a_server_without_tls_when_it_is_asked_for_then_nothing_is_sent(smtp):
    host, port = smtp.server_address

    with pytest.raises(OSError):  # noqa: PT011  smtplib's own, whichever it is
        SmtpMailer(SmtpServer(host, port, "bank@example.org")).send(
            to="a@example.org", subject="x", body="b", message_id="<1>"
        )

    assert smtp.mails == []


def test_given_a_missing_locale_or_purpose_then_the_nearest_text_is_used():
    texts = TomlTexts()
    facts = {"code": "123456", "amount": "1 EUR", "payee": "Ana {code}"}

    assert texts.render("step_up_transfer", locale="pt-PT", facts=facts) == texts.render(
        "step_up_transfer", locale="en", facts=facts
    )
    assert "123456" in texts.render("step_up_something_new", locale="en", facts=facts).body
    assert "Ana {code}" in texts.render("step_up_transfer", locale="en", facts=facts).body
    with pytest.raises(KeyError):
        texts.render("no_such_text", locale="en", facts={})
