"""From the act to whoever must hear of it: console, mail, SIEM.

    python -m benchmarks.alert_latency [--alerts 80] [--per-s 2]

The web process of a branch of its own over SQLite, with the worker inside (neither actions nor
Rasa are on the way), a mail server, a receiver of syslog, a console that is open. Customers of whom a scammer's words were noticed confirm a payment
over HTTP, one after the other; each is paused, which opens an alert: every other one is urgent. The
clock starts as the request leaves, and stops when the console's socket shows the case, the mail
server has taken the mail, the receiver has the event.

Mails at once are bounded an hour (bank/policies/protection.toml): those beyond have to have none,
and all others, and each case and event, have to be there. Exit code 1 when one is missing.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import aiohttp
from aiosmtpd.controller import Controller

from bank.bootstrap import Bank, make_bank, open_bank, utc_now
from bank.domain.accounts import InternalRole
from bank.domain.actors import SYSTEM, LoginLevel, a_customer
from bank.domain.cases import Priority
from bank.domain.ibans import make_iban
from bank.domain.ledger import Category, TransactionKind
from bank.domain.money import Money
from bank.domain.risk import RiskSource
from bank.policies.protection import mails_an_hour
from bank.services.ledger import book_in
from bank.settings import Settings
from benchmarks.running import ROOT, free_port
from tests.bank.delivery.siem.receivers import FakeReceiver, Receiver, Rsyslog

TEAM = "desk@bank.example"
AMOUNT_MINOR = {Priority.URGENT: 120_000, Priority.HIGH: 50_000}
WAIT_S, LOOK_S = 20, 0.01
TARGETS_S = {"console": 1.0, "mail": 5.0, "SIEM": 2.0}
_CASE = re.compile(r"ca_\w+")


@dataclass
class Payer:
    """A customer about to pay, and when they did."""

    customer_id: str
    token: str
    transfer: dict[str, Any]
    priority: Priority
    address: str
    acted_s: float = 0.0
    case_id: str = ""


@dataclass
class Seen:
    """When each case first appeared, by way. Seconds of the wall clock."""

    ways: dict[str, dict[str, float]] = field(
        default_factory=lambda: {way: {} for way in TARGETS_S}
    )

    def note(self, way: str, text: str) -> None:
        for case_id in _CASE.findall(text):
            self.ways[way].setdefault(case_id, time.time())


class MailSink:
    """Takes every mail."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        if TEAM in envelope.rcpt_tos:
            self._seen.note("mail", str(message_from_bytes(envelope.content)["Subject"]))
        return "250 kept"


def make_payers(settings: Settings, bank: Bank, count: int) -> list[Payer]:
    """Make customers of two days ago with money and a payee, of whom words were noticed today."""
    past = make_bank(bank.store, settings=settings, clock=lambda: utc_now() - timedelta(days=2))
    found = []
    for number in range(count):
        customer = past.customers.create(
            SYSTEM, login_name=f"payer-{number}", full_name=f"Payer {number}", kyc_tier=2,
            email=f"payer-{number}@example.org", phone=f"+49 151 {number:08d}",
            password_hash="unused",
        )  # fmt: skip
        account = past.accounts.open(
            SYSTEM, customer_id=customer.id, kind="current", name="Current", currency="EUR"
        )
        past.store.write(
            lambda uow, account=account: book_in(  # type: ignore[misc]
                uow, account_id=account.id, amount=Money(500_000, "EUR"),
                against=InternalRole.CLEARING, kind=TransactionKind.SALARY,
                category=Category.SALARY, merchant="Employer",
                booked_at_utc=utc_now() - timedelta(days=1),
            )
        )  # fmt: skip
        payee = past.payees.add(
            a_customer(customer.id), name="Nora Vale", idempotency_key=f"payee-{number:06d}",
            iban=make_iban("DE", f"37040044{number:010d}"),
        )  # fmt: skip
        bank.risk_notes.note(
            SYSTEM, customer.id, source=RiskSource.CONVERSATION, code="safe_account", strength=1.0
        )
        token, _ = bank.sessions.start_customer(customer, LoginLevel.PASSWORD)
        priority = (Priority.URGENT, Priority.HIGH)[number % 2]
        body = {"amount_minor": AMOUNT_MINOR[priority], "currency": "EUR", "payee_id": payee.id}
        address = f"198.51.100.{number % 250 + 1}"
        found.append(Payer(customer.id, token, body, priority, address))
    return found


async def pay(http: aiohttp.ClientSession, payer: Payer) -> None:
    """Propose, then confirm: the act that opens the alert."""
    headers = {"Authorization": f"Bearer {payer.token}", "X-Forwarded-For": payer.address}
    key = {"Idempotency-Key": f"pay-{payer.customer_id}"}
    async with http.post("/api/transfers", json=payer.transfer, headers=headers | key) as answer:
        told = await answer.json()
        assert answer.status == 201, told
    payer.acted_s = time.time()
    path = f"/api/transfers/{told['id']}/confirm"
    async with http.post(path, json={}, headers=headers) as answer:
        code = (await answer.json())["error"]["code"]
        assert code == "payment_paused", code


async def watch_console(http: aiohttp.ClientSession, cookie: str, seen: Seen) -> None:
    headers = {"Cookie": f"florin_staff={cookie}"}
    async with http.ws_connect("/api/console/ws", headers=headers) as console:
        async for frame in console:
            told = json.loads(frame.data)
            if told["type"] == "case":
                seen.note("console", told["case"]["id"])


async def watch_receiver(receiver: Receiver, seen: Seen) -> None:
    known = 0
    while True:
        bodies = await asyncio.to_thread(receiver.bodies)
        for body in bodies[known:]:
            if json.loads(body)["event"]["action"] == "case_opened":
                seen.note("SIEM", body)
        known = len(bodies)
        await asyncio.sleep(LOOK_S)


async def play(url: str, payers: list[Payer], *, cookie: str, receiver: Receiver, seen: Seen,
               per_s: float, mails_most: int) -> None:  # fmt: skip
    """Let everybody pay, then wait for what is under way."""
    async with aiohttp.ClientSession(url) as http:
        watchers = [
            asyncio.create_task(watch_console(http, cookie, seen)),
            asyncio.create_task(watch_receiver(receiver, seen)),
        ]
        await asyncio.sleep(1.0)
        for payer in payers:
            await asyncio.gather(pay(http, payer), asyncio.sleep(1 / per_s))
        wanted = {"console": len(payers), "mail": mails_most, "SIEM": len(payers)}
        for _ in range(WAIT_S * 10):
            if all(len(seen.ways[way]) >= count for way, count in wanted.items()):
                break
            await asyncio.sleep(0.1)
        await asyncio.sleep(2.0)  # a mail too many would come now
        for one in watchers:
            one.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await one


def tell(payers: list[Payer], seen: Seen, *, mails_most: int) -> int:
    """Print the table; 1 when something is missing, or a mail is beyond the bound."""
    wanted = {"console": len(payers), "mail": mails_most, "SIEM": len(payers)}
    print("| act to | alerts | told | p50 s | p99 s | most s | target s |")
    print("|---|---|---|---|---|---|---|")
    is_wrong = False
    for way, at_s in seen.ways.items():
        waits = sorted(at_s[one.case_id] - one.acted_s for one in payers if one.case_id in at_s)
        is_wrong |= len(waits) != wanted[way]
        if not waits:
            print(f"| {way} | {len(payers)} | 0 | – | – | – | {TARGETS_S[way]:.0f} |")
            continue
        middle, high = (
            waits[min(len(waits) - 1, int(len(waits) * share))] for share in (0.5, 0.99)
        )
        print(
            f"| {way} | {len(payers)} | {len(waits)} | {middle:.2f} | {high:.2f} | {waits[-1]:.2f} "
            f"| {TARGETS_S[way]:.0f} |"
        )
    print(f"\n> Mails at once by the bound of the hour: {mails_most}; the rest is the day's.")
    return int(is_wrong)


@contextlib.contextmanager
def web_process(env: dict[str, str]) -> Iterator[str]:
    """Run `python -m web` until the block ends; its address."""
    url = f"http://127.0.0.1:{env['FLORIN_PORT']}"
    process = subprocess.Popen(
        [sys.executable, "-m", "web"], cwd=ROOT, env={**os.environ, **env},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        asyncio.run(_opened(url))
        yield url
    finally:
        process.terminate()
        process.wait(30)


async def _opened(url: str) -> None:
    """Wait for the door. Raises TimeoutError."""
    async with aiohttp.ClientSession(url) as http, asyncio.timeout(60):
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with http.get("/health"):
                    return
            await asyncio.sleep(0.2)


def run(home: Path, env: dict[str, str], receiver: Receiver, seen: Seen, *, alerts: int,
        per_s: float) -> int:  # fmt: skip
    """Measure one branch."""
    settings = Settings(_env_file=None, home_dir=home)
    bank = open_bank(settings)
    payers = make_payers(settings, bank, alerts)
    member = bank.staff.create(
        SYSTEM, login_name="cora.latency", full_name="Cora Novak", roles=("compliance",),
        password_hash="unused",
    )  # fmt: skip
    cookie, _ = bank.sessions.start_staff(member)
    by_priority = {one: sum(payer.priority is one for payer in payers) for one in AMOUNT_MINOR}
    mails_most = sum(min(count, mails_an_hour(one)) for one, count in by_priority.items())
    with web_process(env) as url:
        asyncio.run(
            play(url, payers, cookie=cookie, receiver=receiver, seen=seen, per_s=per_s,
                 mails_most=mails_most)
        )  # fmt: skip
    cases = bank.store.read(lambda uow: uow.cases.list(reason_code="payment_paused"))
    opened = {one.customer_id: one.id for one in cases}
    for payer in payers:
        payer.case_id = opened.get(payer.customer_id, "")
    bank.store.close()
    return tell(payers, seen, mails_most=mails_most)


def main() -> int:
    """Run the branch and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=80)
    parser.add_argument("--per-s", type=float, default=2.0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder, seen = Path(place), Seen()
        receiver: Receiver = (Rsyslog if Rsyslog.find() else FakeReceiver)("tcp", folder)
        receiver.start()
        mails = Controller(MailSink(seen), hostname="127.0.0.1", port=free_port())
        mails.start()
        home = folder / "home"
        env = {
            "FLORIN_HOME_DIR": str(home), "FLORIN_PORT": str(free_port()),
            "FLORIN_SIEM_URL": receiver.url, "FLORIN_TRUSTED_PROXIES": "127.0.0.1",
            "FLORIN_DELIVERY": "smtp", "FLORIN_SMTP_HOST": "127.0.0.1",
            "FLORIN_SMTP_PORT": str(mails.port), "FLORIN_SMTP_STARTTLS": "false",
            "FLORIN_COMPLIANCE_MAILS": TEAM,
        }  # fmt: skip
        try:
            return run(home, env, receiver, seen, alerts=asked.alerts, per_s=asked.per_s)
        finally:
            mails.stop()
            receiver.stop()


if __name__ == "__main__":
    sys.exit(main())
