"""Webhooks against a real server: signed, once, bounded, and only where the settings say."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import InvalidURL, web
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bank.delivery.outbox import OutboxWorker
from bank.delivery.webhooks import AddressNotAllowed, WebhookMailer, WebhookRefused, is_public
from bank.domain.actors import SYSTEM
from bank.domain.outbox import MAX_ATTEMPTS, OutboxKind, OutboxState, shown_recipient
from tests.bank.delivery.test_smtp_servers import free_port, make_certificate
from tests.bank.people.world import World
from tests.web.house import make_settings

SECRET = b"a-secret-of-the-tests-32-bytes-up"
A_CALL = {"subject": "model.drift", "body": '{"model": "churn"}', "message_id": "<ob_1@florin>"}


@dataclass
class Receiver:
    """Takes calls and keeps them; `status` is what it answers, after `wait_s`."""

    status: int = 200
    wait_s: float = 0.0
    location: str = ""
    url: str = ""
    calls: list = field(default_factory=list)
    paths: list = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.paths.append(request.path)
        self.calls.append((dict(request.headers), await request.read()))
        await asyncio.sleep(self.wait_s)
        return web.Response(
            status=self.status, headers={"Location": self.location} if self.location else {}
        )


@contextmanager
def receiving(receiver: Receiver, *, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", receiver.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    port = free_port()

    async def start() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls).start()

    asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    receiver.url = f"http{'s' if tls else ''}://localhost:{port}/models?key=abc"
    try:
        yield receiver
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


def mailer_of(*urls: str, **more) -> WebhookMailer:
    return WebhookMailer(
        secret=SECRET, allowed=urls, now_s=lambda: 1_772_452_800.0,
        **{"allow_private": True, "timeout_s": 5.0, **more},
    )  # fmt: skip


def test_given_a_receiver_when_called_then_the_body_is_signed_with_its_time():
    with receiving(Receiver()) as there:
        mailer_of(there.url).send(to=there.url, **A_CALL)

    ((headers, raw),) = there.calls
    mac = hmac.new(SECRET, b"1772452800." + raw, hashlib.sha256).hexdigest()
    assert headers["Florin-Signature"] == f"t=1772452800,v1={mac}"
    assert (headers["Florin-Event"], headers["Florin-Delivery"]) == ("model.drift", "<ob_1@florin>")
    assert headers["Content-Type"] == "application/json"
    assert json.loads(raw) == {"model": "churn"}


def test_given_tls_the_house_trusts_when_called_then_it_arrives_and_a_strangers_does_not(tmp_path):
    certificate = make_certificate(tmp_path)
    trusted = ssl.create_default_context(cafile=certificate.path)
    with receiving(Receiver(), tls=certificate.server) as there:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            mailer_of(there.url).send(to=there.url, **A_CALL)
        assert there.calls == []
        mailer_of(there.url, tls=trusted).send(to=there.url, **A_CALL)

    assert len(there.calls) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_given_a_redirect_when_called_then_it_is_a_failure_and_not_followed(status):
    there = Receiver(status=status, location="/inside")
    with receiving(there), pytest.raises(WebhookRefused, match=str(status)):
        mailer_of(there.url).send(to=there.url, **A_CALL)

    assert there.paths == ["/models"]


def test_given_a_receiver_that_drips_when_called_then_the_whole_exchange_is_bounded():
    with receiving(Receiver(wait_s=30)) as there, pytest.raises(TimeoutError):
        mailer_of(there.url, timeout_s=0.2).send(to=there.url, **A_CALL)


def test_given_an_address_that_is_not_of_the_settings_then_nobody_is_called():
    with receiving(Receiver()) as there:
        for other in (there.url + "x", there.url.replace("localhost", "127.0.0.1")):
            with pytest.raises(AddressNotAllowed):
                mailer_of(there.url).send(to=other, **A_CALL)

    assert there.calls == []


@pytest.mark.parametrize("host", [
    "localhost", "127.0.0.1", "[::1]", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]",
    "169.254.169.254", "10.0.0.1",
])  # fmt: skip
def test_given_an_inner_address_of_the_settings_when_private_is_not_allowed_then_nobody_is_called(
    host,
):
    with receiving(Receiver()) as there:
        url = there.url.replace("http:", "https:").replace("localhost", host)
        with pytest.raises((AddressNotAllowed, InvalidURL)):  # aiohttp's: odd ways to write an IP
            mailer_of(url, allow_private=False).send(to=url, **A_CALL)

    assert there.calls == []


def test_given_plain_http_when_private_is_not_allowed_then_refused():
    with pytest.raises(AddressNotAllowed):
        mailer_of("http://93.184.216.34/", allow_private=False).send(
            to="http://93.184.216.34/", **A_CALL
        )


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_as_itself(address):
    number = int(address)
    for written in (f"::ffff:{address}", f"64:ff9b::{number >> 16:x}:{number & 0xFFFF:x}"):
        assert is_public(written) == is_public(str(address))


@pytest.mark.parametrize("address", [
    "10.0.0.1", "172.16.5.4", "192.168.1.1", "127.0.0.2", "0.0.0.0", "169.254.169.254", "100.64.0.1",
    "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1%eth0", "fd00::1", "ff02::1", "2002:7f00:1::",
])  # fmt: skip
def test_given_an_inner_address_then_it_is_not_public(address):
    assert not is_public(address)


def worker_of(world: World, mailer: WebhookMailer) -> OutboxWorker:
    return OutboxWorker(
        world.store, clock=world.clock, vault=world.bank.vault, jitter=random.Random(1),
        mailers={OutboxKind.WEBHOOK: mailer},
    )  # fmt: skip


def queue(world: World, url: str):
    return world.store.write(
        lambda uow: world.bank.outbox.add_in(
            uow, kind="webhook", to=url, subject="model.drift", body="{}"
        )
    )


def test_given_a_receiver_that_is_ill_for_a_while_then_the_call_arrives_with_the_same_id():
    world = World()
    with receiving(Receiver(status=503)) as there:
        item, worker = queue(world, there.url), worker_of(world, mailer_of(there.url))
        worker.run_once()
        assert (
            world.store.read(lambda uow: uow.outbox.get(item.id)).last_error == "WebhookRefused 503"
        )
        there.status = 204
        world.clock.pass_s(60)
        worker.run_once()

    assert world.store.read(lambda uow: uow.outbox.get(item.id)).state is OutboxState.SENT
    assert {headers["Florin-Delivery"] for headers, _ in there.calls} == {item.message_id}


def test_given_a_receiver_that_always_refuses_then_a_dead_letter_shows_its_host_alone():
    world = World()
    with receiving(Receiver(status=410)) as there:
        queue(world, there.url)
        worker = worker_of(world, mailer_of(there.url))
        for _ in range(MAX_ATTEMPTS + 1):
            worker.run_once()
            world.clock.pass_s(3_600)

    (dead,) = world.bank.outbox.list_dead(SYSTEM)
    assert dead.last_error == "WebhookRefused 410"
    assert shown_recipient(dead) == "localhost"
    assert len(there.calls) == MAX_ATTEMPTS


@pytest.mark.parametrize("wrong", [
    {"alert_webhooks": "http://hooks.bank.example/x", "webhook_secret": "s" * 32},
    {"alert_webhooks": "https://me:pw@hooks.bank.example/x", "webhook_secret": "s" * 32},
    {"alert_webhooks": "hooks.bank.example", "webhook_secret": "s" * 32},
    {"alert_webhooks": "https://hooks.bank.example/x"},
    {"alert_webhooks": "https://hooks.bank.example/x", "webhook_secret": "short"},
    {"alert_mails": "models at bank.example"},
])  # fmt: skip
def test_given_settings_that_would_not_work_then_the_start_is_refused(tmp_path, wrong):
    with pytest.raises(ValidationError) as refused:
        make_settings(tmp_path, **wrong)

    (error,) = refused.value.errors()
    assert error["loc"][0] in ("alert_webhooks", "webhook_secret", "alert_mails")
