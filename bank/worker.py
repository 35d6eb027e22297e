"""The worker: what the bank does by itself, in one thread beside a process's doors.

    every 0.3 s  deliver what waits in the outbox; in a thread of its own, events for the SIEM
    every 1 s    anchor the head of the audit chain
    every 60 s   trim the feed of changes
    every 60 s   tell of security events there was no room for
    every 60 s   release the holds of proposals nobody confirmed
    every 60 s   give applications to people whose checks have died
    every 5 min  run the standing orders that are due
    every 10 min forget turns, buttons and sessions nobody can use any more
    every 15 min forget readings that had their time, and what was noticed and counts no more
    every hour   forget days of logging in, and questions whose time was over long ago
    every 15 min look for notices
    every 15 min send the day's mail about models, when it is due
    every 30 s   in a thread of its own, plan campaigns that begin and send what is due
    every 15 min end applications nobody came back to, erase and forget what has had its time

Each duty is safe to run in several processes at once; leases of cases are the web room's,
because their end has words (web/leases.py). A duty that fails is logged and tried
again at its next time; it never stops the others.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from bank.bootstrap import Bank
from bank.delivery.log import LogMailer
from bank.delivery.outbox import OutboxWorker
from bank.delivery.siem.sender import make_envelopes, open_channel
from bank.delivery.siem.worker import SiemWorker
from bank.delivery.smtp import SmtpMailer, SmtpServer
from bank.delivery.webhooks import WebhookMailer
from bank.demo.phone import DemoPhone
from bank.domain.outbox import OutboxKind
from bank.ports import Mailer
from bank.settings import Delivery, Settings

log = structlog.get_logger(__name__)

PAUSE_S = 0.1


@dataclass(slots=True)
class Duty:
    """Something to do every `period_s`; what has a lane of its own waits for no other duty."""

    name: str
    period_s: float
    work: Callable[[], object]
    lane: str = "main"
    due_s: float = 0.0


class Worker:
    """Runs the duties until stopped."""

    def __init__(self, duties: list[Duty], *, at_end: Sequence[Callable[[], object]] = ()) -> None:
        self._duties = duties
        self._at_end = at_end
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(lane,), name=f"florin-{lane}", daemon=True)
            for lane in sorted({duty.lane for duty in duties})
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, *, timeout_s: float = 10.0) -> None:
        """Finish the running duties and end; the last head is anchored by then."""
        self._stop.set()
        until_s = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, until_s - time.monotonic()))
        for work in self._at_end:
            try:
                work()
            except Exception:  # the process ends either way
                log.exception("worker.end_failed")

    def run_due(self, now_s: float, *, lane: str | None = None) -> None:
        """Run every duty whose time has come, of one lane or of all."""
        for duty in self._duties:
            if duty.due_s <= now_s and lane in (None, duty.lane):
                duty.due_s = now_s + duty.period_s
                try:
                    duty.work()
                except Exception:  # a duty's failure must not stop the others
                    log.exception("worker.duty_failed", duty=duty.name)

    def _run(self, lane: str) -> None:
        while not self._stop.is_set():
            self.run_due(time.monotonic(), lane=lane)
            self._stop.wait(PAUSE_S)
        self.run_due(float("inf"), lane=lane)


def make_worker(bank: Bank, settings: Settings) -> Worker:
    """Return the worker of one process; the caller starts and stops it."""
    outbox = OutboxWorker(
        bank.store,
        clock=bank.clock,
        vault=bank.vault,
        mailers=make_mailers(bank, settings),
        on_dead=bank.security_events.tell_dead_in,
    )
    siem = make_siem_worker(bank, settings)
    return Worker(
        [
            *_siem_duties(bank, siem),
            Duty("outbox", 0.3, outbox.run_once),
            Duty("anchor", 1.0, bank.audit.anchor),
            Duty("changes", 60.0, bank.changes.trim),
            Duty("turns", 600.0, bank.turns.purge),
            Duty("buttons", 600.0, bank.buttons.purge),
            Duty("sessions", 600.0, bank.sessions.purge),
            Duty("readings", 900.0, bank.readings.purge),
            Duty("questions", 3600.0, bank.articles.questions.purge),
            Duty("risk_notes", 900.0, bank.risk_notes.purge),
            Duty("login days", 3600.0, bank.habits.purge),
            Duty("asked_events", 3600.0, bank.event_questions.purge),
            Duty("notices", 900.0, bank.notices.make_due),
            Duty("model_alerts", 900.0, bank.model_alerts.send_digest_due),
            Duty("desk_mails", 900.0, bank.desk_mails.send_digest_due),
            Duty("applications", 900.0, bank.onboarding.expire_due),
            Duty("verdicts", 60.0, bank.unfinished.rescue_due),
            Duty("forgetting", 900.0, bank.unfinished.forget_due),
            Duty("identity_jobs", 900.0, bank.unfinished.tidy_due),
            Duty("campaigns", 30.0, bank.campaign_sends.run_due, lane="campaigns"),
            Duty("evidence", 900.0, bank.evidence.erase_due),
            Duty("face_trials", 900.0, bank.face_trials.tidy_due),
            Duty("proposals", 60.0, bank.transfers.expire_due),
            Duty("standing_orders", 300.0, bank.standing_orders.run_due),
        ],
        at_end=[siem.close] if siem else [],
    )


def make_siem_worker(bank: Bank, settings: Settings) -> SiemWorker | None:
    """Return what delivers security events; None when nobody receives them."""
    if not settings.siem_url:
        return None
    return SiemWorker(
        bank.store,
        clock=bank.clock,
        vault=bank.vault,
        channel=open_channel(
            settings.siem_url, ca_file=settings.siem_ca_file, cert_file=settings.siem_cert_file
        ),
        envelopes=make_envelopes(settings.siem_url, settings.siem_format),
        counts=bank.security_events.line,
    )


def _siem_duties(bank: Bank, siem: SiemWorker | None) -> list[Duty]:
    if siem is None:
        return []
    return [
        Duty("siem", 0.3, siem.run_once, lane="siem"),
        Duty("siem_dropped", 60.0, bank.security_events.tell_dropped),
        Duty("siem_purge", 900.0, bank.security_events.purge),
    ]


def make_mailers(bank: Bank, settings: Settings) -> dict[OutboxKind, Mailer]:
    """Return the adapters the settings ask for; a kind without one waits and ends as dead."""
    return {**_letters(bank, settings), **_webhooks(settings)}


def _letters(bank: Bank, settings: Settings) -> dict[OutboxKind, Mailer]:
    if settings.delivery is Delivery.DEMO_PHONE:
        return {
            kind: DemoPhone(bank.store, clock=bank.clock, vault=bank.vault, kind=kind)
            for kind in (OutboxKind.SMS, OutboxKind.MAIL)
        }
    if settings.delivery is Delivery.SMTP:
        server = SmtpServer(
            host=settings.smtp_host,
            port=settings.smtp_port,
            sender=settings.smtp_from,
            user=settings.smtp_user,
            password=settings.smtp_password.get_secret_value(),
            starttls=settings.smtp_starttls,
        )
        mailers: dict[OutboxKind, Mailer] = {OutboxKind.MAIL: SmtpMailer(server)}
        if settings.smtp_sms_domain:
            mailers[OutboxKind.SMS] = SmtpMailer(server, sms_domain=settings.smtp_sms_domain)
        return mailers
    return {OutboxKind.SMS: LogMailer(), OutboxKind.MAIL: LogMailer()}


def _webhooks(settings: Settings) -> dict[OutboxKind, Mailer]:
    if not settings.webhooks_to_call:
        return {}
    mailer = WebhookMailer(
        secret=settings.webhook_secret.get_secret_value().encode(),
        allowed=settings.webhooks_to_call,
        allow_private=settings.webhook_private,
    )
    return {OutboxKind.WEBHOOK: mailer}
