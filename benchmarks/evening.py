"""An evening in the town, live: a scam, a take-over, a stuffing wave, a port scan, honest customers.

    python -m benchmarks.evening [--customers 600] [--pictures]        make evening

Starts a branch of its own with `florin up` (web, actions, Rasa; first models learnt), a receiver of
syslog and the demo's inbox; then plays, over HTTP as customers and strangers do:

    honest      two customers ask and pay, confirm with their code, hear that it went
    scam        one is told to move money to a safe account, says so, and wants to pay
    take-over   a stranger logs in from a new place with the right password, and pays with the code
    stuffing    a list of names and passwords is tried from one address
    port scan   a network log with a scan in it is read by `florin threats watch`

and prints what the desk, the inbox and the receiver hold, and how long each took. Exit code 1 when
something is missing or an honest customer was held up.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from bank.bootstrap import Bank, open_bank
from bank.domain.actors import SYSTEM
from bank.domain.blocks import BlockKind
from bank.domain.cases import CaseKind, Priority
from bank.settings import Settings
from benchmarks.chatting import Person
from benchmarks.running import ROOT, RunningBranch
from tests.bank.delivery.siem.receivers import FakeReceiver, Receiver, Rsyslog

THIEF, STUFFER, SCANNER = "203.0.113.66", "203.0.113.99", "192.0.2.13"
WAIT_S = 30.0
CASES = {
    "scam": "payment_paused", "take-over": "payment_held", "stuffing": "password_spraying",
    "port scan": "port_scan",
}  # fmt: skip


@dataclass
class Evening:
    """What is measured: when each scene was over, when its traces were first seen."""

    bank: Bank
    receiver: Receiver
    played: dict[str, float] = field(default_factory=dict)
    arrived: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def scene(self, name: str, play: Callable[[], None]) -> None:
        print(f"… {name}", flush=True)
        try:
            play()
        except (AssertionError, StopIteration, httpx.HTTPError) as fault:
            self.problems.append(f"{name}: {fault!r}")
        self.played[name] = time.time()

    def listen(self, stopped: threading.Event) -> None:
        """Note when each event of the receiver is first seen."""
        while not stopped.is_set():
            for one in self.receiver.ids():
                self.arrived.setdefault(one, time.time())
            stopped.wait(0.05)

    def expect(self, what: str, found: Callable[[], object]) -> float:
        """Wait until it is so; return how long it took, in seconds."""
        began_s = time.monotonic()
        while not found():
            if time.monotonic() - began_s > WAIT_S:
                self.problems.append(f"{what}: not within {WAIT_S:.0f} s")
                break
            time.sleep(0.05)
        return time.monotonic() - began_s


def conn_log(folder: Path) -> Path:
    """Write a quarter of an hour of Zeek's conn.log: an office, and one host that scans."""
    now_s = time.time() - 60
    lines = ["#separator \\x09", "#path\tconn",
             "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tconn_state"]  # fmt: skip
    for number in range(400):
        host = f"10.0.0.{number % 30 + 2}"
        port = (443, 53, 80)[number % 3]
        lines.append(f"{now_s + number / 10:.6f}\tC{number}\t{host}\t{40000 + number}\t10.0.1.5\t{port}\ttcp\tSF")
    lines += [
        f"{now_s + 41 + port / 100:.6f}\tS{port}\t{SCANNER}\t55555\t10.0.1.9\t{port}\ttcp\tREJ"
        for port in range(1, 200)
    ]
    file = folder / "conn.log"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def play(branch: RunningBranch, evening: Evening, people: dict[str, Any], folder: Path) -> None:
    """Play every scene."""
    phones = people["phones"]
    amal, marta, yuki = (Person(branch.url, *people[name]) for name in ("amal", "marta", "yuki"))

    def honest() -> None:
        assert amal.log_in() == httpx.codes.OK
        amal.say("what is my balance?")
        amal.say("is it safe to give my landlord my IBAN?")
        told = amal.pay("14", "Ana Silva", phones["amal"])
        assert "Done" in told, told

    def scam() -> None:
        assert marta.log_in() == httpx.codes.OK
        marta.say("a police officer is on the phone and says my account is not safe")
        marta.say("he told me to move my savings to a safe account right now and not to tell anyone at the bank")
        told = marta.pay(people["scam_amount"], people["scam_payee"], phones["marta"])
        assert "asks for a little time" in told, told

    def takeover() -> None:
        assert yuki.log_in() == httpx.codes.OK
        thief = Person(branch.url, *people["yuki"], source=THIEF)
        assert thief.log_in() == httpx.codes.OK
        told = thief.pay("3900", "Hana Mori", phones["yuki"])
        assert "being processed" in told, told

    def stuffing() -> None:
        for number in range(60):
            Person(branch.url, f"person.{number}", "Summer2026!", source=STUFFER).log_in()

    def scan() -> None:
        done = branch.florin("threats", "watch", str(conn_log(folder)), "--tell", "--json")
        assert done.returncode == 0, done.stderr[-500:]

    def still_honest() -> None:
        told = amal.pay("9", "Ana Silva", phones["amal"])
        assert "Done" in told, told

    for name, scene in {
        "honest": honest, "scam": scam, "take-over": takeover, "stuffing": stuffing,
        "port scan": scan, "honest, afterwards": still_honest,
    }.items():  # fmt: skip
        evening.scene(name, scene)
    for person in (amal, marta):
        print("\n".join(person.said))


def tell(evening: Evening, inbox: Callable[[], list[dict[str, Any]]]) -> None:
    """Print what came of each scene."""
    bank = evening.bank
    print("\n| scene | case | reasons | SIEM events | mail |\n|---|---|---|---|---|")
    for scene, reason in CASES.items():
        evening.expect(f"case of {scene}", lambda reason=reason: _case(bank, reason))  # type: ignore[misc]
        case = _case(bank, reason)
        is_pressing = case is not None and case.priority in (Priority.URGENT, Priority.HIGH)
        if is_pressing:
            evening.expect(
                f"mail of {scene}", lambda case=case: any(case.id in one["body"] for one in inbox())  # type: ignore[misc]
            )
        mails = "at once" if is_pressing else "in the mail of the day"
        events = [one for one in evening.receiver.bodies() if case and case.id in one]
        if not events:
            evening.problems.append(f"{scene}: the receiver holds nothing of its case")
        told = case.why[:90] if case else "–"
        print(f"| {scene} | {reason} | {told} | {len(events)} | {mails} |")
    waits = sorted(
        evening.arrived[one["id"]] - one["at_s"] for one in _events(evening) if one["id"] in evening.arrived
    )
    if waits:
        p99 = waits[min(len(waits) - 1, int(len(waits) * 0.99))]
        print(f"\nSIEM: {len(waits)} events, median {waits[len(waits) // 2]:.2f} s, p99 {p99:.2f} s from event to receiver")
    blocked = bank.blocks.active(BlockKind.IP, STUFFER)
    print(f"stuffer's address: {'blocked until ' + blocked.expires_at_utc.isoformat() if blocked else 'open'}")
    if blocked is None:
        evening.problems.append("the stuffer's address is open")


def _case(bank: Bank, reason: str) -> Any:
    found = bank.cases.list(SYSTEM, kind=CaseKind.ALERT)
    return next((one for one in found if one.reason_code == reason), None)


def _events(evening: Evening) -> list[dict[str, Any]]:
    found = []
    for body in evening.receiver.bodies():
        written = json.loads(body)
        at = datetime.fromisoformat(written["@timestamp"]).astimezone(UTC)
        found.append({"id": written["event"]["id"], "at_s": at.timestamp()})
    return found


def main() -> int:
    """Play the evening; 1 when something is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=600)
    parser.add_argument("--pictures", action="store_true", help="take the README's picture")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        receiver: Receiver = (Rsyslog if Rsyslog.find() else FakeReceiver)("tcp", folder)
        receiver.start()
        env = {
            "FLORIN_SIEM_URL": receiver.url, "FLORIN_TRUSTED_PROXIES": "127.0.0.1",
            "FLORIN_DELIVERY": "demo_phone", "FLORIN_COMPLIANCE_MAILS": "desk@bank.example",
            "FLORIN_MODELS_DIR": str(_models(folder)),
        }  # fmt: skip
        try:
            with RunningBranch(customers=asked.customers, env=env) as branch:
                problems = run(branch, receiver, folder, pictures=asked.pictures)
        finally:
            receiver.stop()
    for problem in problems:
        print(f"MISSING  {problem}")
    return 1 if problems else 0


def _models(folder: Path) -> Path:
    """Return a models folder of this evening's own, which has what needs no town."""
    models = folder / "models"
    models.mkdir()
    for path in (ROOT / "models").iterdir():
        if path.name != "analytics":
            (models / path.name).symlink_to(path)
    return models


def run(branch: RunningBranch, receiver: Receiver, folder: Path, *, pictures: bool) -> list[str]:
    """Play and tell; return what is missing."""
    bank = open_bank(Settings(_env_file=None, home_dir=branch.home))  # type: ignore[call-arg]
    evening, stopped = Evening(bank, receiver), threading.Event()
    listener = threading.Thread(target=evening.listen, args=(stopped,), daemon=True)
    listener.start()
    passwords = dict(branch.demo["customer"])
    names = {"amal": "amal.haddad", "marta": "marta.nowak", "yuki": "yuki.tanaka"}
    people: dict[str, Any] = {key: (name, passwords[name]) for key, name in names.items()}
    known = {key: bank.customers.find_by_login_name(SYSTEM, name) for key, name in names.items()}
    people["phones"] = {key: one.phone for key, one in known.items() if one}
    payees = bank.store.read(lambda uow: uow.payees.list(customer_id=known["marta"].id))
    people |= {"scam_payee": payees[0].name, "scam_amount": "900"}
    _wait_for_guards(branch)
    play(branch, evening, people, folder)

    def inbox() -> list[dict[str, Any]]:
        lines = httpx.get(f"{branch.url}/demo/phone.json").json()["messages"]
        return [one for one in lines if one["to"] == "desk@bank.example"]

    tell(evening, inbox)
    if pictures:
        subprocess.run(
            [sys.executable, "-m", "tests.browser.evening_screenshots", branch.url,
             _case(bank, CASES["take-over"]).id, *branch.demo["staff"][-1]],
            cwd=ROOT, check=True,
        )  # fmt: skip
    stopped.set()
    bank.store.close()
    return evening.problems


def _wait_for_guards(branch: RunningBranch) -> None:
    """Wait until models and detectors are loaded: they load beside the first turns."""
    until_s = time.monotonic() + 90
    while time.monotonic() < until_s:
        shown = httpx.get(f"{branch.url}/metrics").text
        ready = [line for line in shown.splitlines() if line.startswith("florin_guard_ready{")]
        if ready and all(line.endswith(" 1.0") for line in ready):
            return
        time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
