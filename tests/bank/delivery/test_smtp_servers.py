"""Mail through the outbox against a real SMTP server that accepts, refuses, lacks TLS or is gone."""

from __future__ import annotations

import random
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bank.delivery.outbox import OutboxWorker
from bank.delivery.smtp import SmtpMailer, SmtpServer
from bank.domain.actors import SYSTEM
from bank.domain.outbox import MAX_ATTEMPTS, OutboxKind, OutboxState
from tests.bank.people.world import World

ACCEPT = "250 kept"


@dataclass
class Post:
    """What the server answers to a mail, one answer a try (the last for ever), and what it took."""

    answers: list[str] = field(default_factory=lambda: [ACCEPT])
    at_recipient: str = "250 ok"
    taken: list = field(default_factory=list)
    tries: int = 0

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if self.at_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        else:
            self.tries += 1
        return self.at_recipient

    async def handle_DATA(self, _server, session, envelope):
        answer = self.answers[min(self.tries, len(self.answers) - 1)]
        self.tries += 1
        if answer == ACCEPT:
            mail = message_from_bytes(envelope.content, policy=policy.default)
            self.taken.append((mail, session.ssl is not None))
        return answer


@contextmanager
def listening(post: Post, **how) -> Iterator[tuple[str, int]]:
    controller = Controller(post, hostname="127.0.0.1", port=free_port(), **how)
    controller.start()
    try:
        yield "127.0.0.1", controller.port
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def queue(world: World, *, subject: str = "Model churn: rolled back") -> str:
    return world.store.write(
        lambda uow: world.bank.outbox.add_in(
            uow, kind=OutboxKind.MAIL, to="models@bank.example", subject=subject,
            body="Version 1 serves again.\n\nGrüße",
        )
    ).id  # fmt: skip


def worker_of(world: World, host: str, port: int, *, starttls: bool = False) -> OutboxWorker:
    server = SmtpServer(host, port, "florin@bank.example", starttls=starttls)
    return OutboxWorker(
        world.store, clock=world.clock, vault=world.bank.vault, jitter=random.Random(1),
        mailers={OutboxKind.MAIL: SmtpMailer(server)},
    )  # fmt: skip


def run_until(world: World, worker: OutboxWorker, done: Callable[[], bool]) -> None:
    for _ in range(MAX_ATTEMPTS + 2):
        worker.run_once()
        if done():
            return
        world.clock.pass_s(3_600)


def held(world: World, item_id: str):
    return world.store.read(lambda uow: uow.outbox.get(item_id))


def test_given_a_server_that_takes_it_when_sent_then_it_arrives_whole_and_once(world_now):
    post, item = Post(), queue(world_now)
    with listening(post) as (host, port):
        worker = worker_of(world_now, host, port)
        worker.run_once()
        worker.run_once()

    ((mail, _),) = post.taken
    assert (mail["Subject"], mail["To"]) == ("Model churn: rolled back", "models@bank.example")
    assert mail["Message-ID"] == f"<{item}@florin>"
    assert "Grüße" in mail.get_content()
    assert held(world_now, item).state is OutboxState.SENT


def test_given_a_temporary_refusal_when_tried_again_then_it_arrives(world_now):
    post, item = Post(answers=["451 try later", "421 too busy", ACCEPT]), queue(world_now)
    with listening(post) as (host, port):
        worker = worker_of(world_now, host, port)
        worker.run_once()
        assert held(world_now, item).state is OutboxState.QUEUED
        assert held(world_now, item).last_error.endswith("451")
        run_until(world_now, worker, lambda: held(world_now, item).state is OutboxState.SENT)

    assert (post.tries, len(post.taken)) == (3, 1)
    assert held(world_now, item).last_error is None


@pytest.mark.parametrize("refusal", ["at the recipient", "at the mail"])
def test_given_a_permanent_refusal_then_after_all_tries_it_is_a_dead_letter_with_the_code(
    world_now, refusal
):
    post, item = Post(), queue(world_now)
    if refusal == "at the recipient":
        post.at_recipient = "550 no models@bank.example here"
    else:
        post.answers = ["554 no mail for models@bank.example"]
    with listening(post) as (host, port):
        worker = worker_of(world_now, host, port)
        run_until(world_now, worker, lambda: held(world_now, item).state is OutboxState.DEAD)

    (dead,) = world_now.bank.outbox.list_dead(SYSTEM)
    assert (dead.id, dead.attempts, post.tries) == (item, MAX_ATTEMPTS, MAX_ATTEMPTS)
    assert dead.last_error.split()[1] in ("550", "554")
    assert "@" not in dead.last_error
    assert world_now.bank.outbox.count_by_state()["dead"] == 1


def test_given_a_dead_letter_when_sent_again_by_hand_then_it_arrives(world_now):
    post, item = Post(answers=["554 no"] * MAX_ATTEMPTS + [ACCEPT]), queue(world_now)
    with listening(post) as (host, port):
        worker = worker_of(world_now, host, port)
        run_until(world_now, worker, lambda: held(world_now, item).state is OutboxState.DEAD)
        world_now.bank.outbox.retry(SYSTEM, item)
        worker.run_once()

    assert len(post.taken) == 1
    assert held(world_now, item).state is OutboxState.SENT


def test_given_nobody_listening_when_sent_then_it_waits_and_says_so(world_now):
    item = queue(world_now)

    worker_of(world_now, "127.0.0.1", free_port()).run_once()

    assert held(world_now, item).state is OutboxState.QUEUED
    assert held(world_now, item).last_error == "ConnectionRefusedError"


def test_given_a_server_without_tls_when_tls_is_required_then_nothing_is_sent(world_now):
    post, item = Post(), queue(world_now)
    with listening(post) as (host, port):
        worker_of(world_now, host, port, starttls=True).run_once()

    assert (post.taken, post.tries) == ([], 0)
    assert held(world_now, item).last_error == "SMTPNotSupportedError"


def test_given_tls_of_a_stranger_when_sent_then_nothing_is_sent(world_now, certificate):
    post, item = Post(), queue(world_now)
    with listening(post, tls_context=certificate.server) as (_, port):
        worker_of(world_now, "localhost", port, starttls=True).run_once()

    assert (post.taken, post.tries) == ([], 0)
    assert held(world_now, item).last_error == "SSLCertVerificationError"


def test_given_tls_the_house_trusts_when_sent_then_it_goes_through_it(
    world_now, certificate, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.path))
    post = Post()
    queue(world_now)
    with listening(post, tls_context=certificate.server) as (_, port):
        worker_of(world_now, "localhost", port, starttls=True).run_once()

    ((_, over_tls),) = post.taken
    assert over_tls


@pytest.fixture
def world_now() -> World:
    return World()


@dataclass
class Certificate:
    path: Path
    server: ssl.SSLContext


@pytest.fixture
def certificate(tmp_path) -> Certificate:
    return make_certificate(tmp_path)


def make_certificate(folder: Path) -> Certificate:
    """A self-signed certificate of `localhost`, good for an hour."""
    key, now_utc = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now_utc - timedelta(minutes=5))
        .not_valid_after(now_utc + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(path)
    return Certificate(path, server)
