"""Desk mails: the compliance team hears of alerts, in the write that opens them.

    an alert opens ─┬─ urgent, high ─▶ a mail each address, a call each webhook, at once
                    └─ other ────────▶ the mail of the day: every alert since the one before

A mail names the case, why it opened, a band of amounts and where to look: nothing of a person, for
it leaves the house. A wave is told in its first mails, so many an hour and priority as
policies/protection.toml says: many of high priority never use up what is for the urgent. What is
beyond waits for the day's mail, which says how many did; systems are called for each.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from bank.domain.cases import Case, CaseKind
from bank.domain.conversations import Counter
from bank.domain.errors import NotFound
from bank.domain.outbox import OutboxKind
from bank.policies import protection as policy
from bank.policies.model_alerts import last_digest_utc
from bank.ports import Clock, RenderedText, Store, Texts, UnitOfWork
from bank.services.model_alerts import AlertRecipients
from bank.services.outbox import Outbox

DIGEST_MAX_LINES = 200
#: Upper ends of the bands, in euro cents, and how they are said.
_BANDS = (
    (10_000, "under 100 EUR"),
    (100_000, "100 to 1,000 EUR"),
    (1_000_000, "1,000 to 10,000 EUR"),
)
_DIGEST_ID, _WAITED_ID = "desk_mails_digest", "desk_mails_waited"


def band_of(amount_eur_minor: int | None) -> str:
    """Return the band an amount falls into.

    >>> band_of(400_000)
    '1,000 to 10,000 EUR'
    >>> band_of(None)
    'none'
    """
    if not amount_eur_minor:
        return "none"
    return next((words for end, words in _BANDS if amount_eur_minor < end), "10,000 EUR or more")


class DeskMails:
    """Tells the compliance team."""

    def __init__(
        self, store: Store, *, clock: Clock, outbox: Outbox, texts: Texts, to: AlertRecipients,
        public_url: str,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._outbox = outbox
        self._texts = texts
        self._to = to
        self._public_url = public_url.rstrip("/")

    def tell_in(self, uow: UnitOfWork, case: Case, *, amount_eur_minor: int | None) -> None:
        """Tell of an alert that has just opened; of anything else, nothing."""
        most = policy.mails_an_hour(case.priority)
        if not self._to or case.kind is not CaseKind.ALERT or not most:
            return
        lately = uow.cases.count(
            kind=CaseKind.ALERT, queue=case.queue, priority=case.priority,
            opened_at_utc__gte=case.opened_at_utc - timedelta(hours=1),
        )  # fmt: skip
        band = band_of(amount_eur_minor)
        self._call_in(uow, case, band=band)
        if lately > most:
            _wait_in(uow)
            return
        text = self._texts.render(
            "desk_alert",
            locale=self._to.locale,
            facts={
                "case_id": case.id, "reason": case.reason_code, "band": band,
                "link": self._link(case), "due": f"{case.due_at_utc:%Y-%m-%d %H:%M} UTC",
            },
        )  # fmt: skip
        self._mail_in(uow, text)

    def send_digest_due(self) -> int:
        """Send the mail of the day when it is due; return how many alerts it told."""
        if not self._to:
            return 0
        due_utc = last_digest_utc(self._clock())
        number = int(due_utc.timestamp())

        def work(uow: UnitOfWork) -> int:
            told: Counter | None = uow.counters.find(_DIGEST_ID)
            if told is not None and told.value >= number:
                return 0
            since = due_utc - timedelta(days=1)
            window: dict[str, Any] = {"opened_at_utc__gte": since, "opened_at_utc__lt": due_utc}
            if told is not None:  # a process that was away for days tells of all of them
                window["opened_at_utc__gte"] = datetime.fromtimestamp(told.value, tz=UTC)
            found: list[Case] = uow.cases.list(
                kind=CaseKind.ALERT, order_by="opened_at_utc", limit=DIGEST_MAX_LINES, **window
            )
            counted = uow.cases.count(kind=CaseKind.ALERT, **window)
            after = Counter(_DIGEST_ID, number)
            if told is None:
                uow.counters.add(after)
            else:
                uow.counters.save(after)
            if found:
                self._mail_in(uow, self._digest(found, counted, _take_waited_in(uow)))
            for case in found:
                if not policy.mails_an_hour(case.priority):
                    self._call_in(uow, case, band="")
            return counted

        if self._store.read(lambda uow: _is_told(uow, number)):
            return 0
        return self._store.write(work)

    def _digest(self, found: list[Case], counted: int, waited: int) -> RenderedText:
        lines = [
            f"- {one.opened_at_utc:%Y-%m-%d %H:%M} {one.reason_code} ({one.priority.value},"
            f" {one.state.value}) {self._link(one)}"
            for one in found
        ]
        return self._texts.render(
            "desk_alerts_digest",
            locale=self._to.locale,
            facts={
                "count": str(counted), "waited": str(waited), "lines": "\n".join(lines),
                "link": f"{self._public_url}/console",
            },
        )  # fmt: skip

    def _mail_in(self, uow: UnitOfWork, text: RenderedText) -> None:
        for address in self._to.mails:
            self._outbox.add_in(
                uow, kind=OutboxKind.MAIL, to=address, subject=text.subject, body=text.body
            )

    def _call_in(self, uow: UnitOfWork, case: Case, *, band: str) -> None:
        event = f"alert.{case.reason_code}"
        body = json.dumps(
            {
                "id": case.id, "event": event, "at_utc": case.opened_at_utc.isoformat(),
                "priority": case.priority.value, "amount_band": band, "link": self._link(case),
            },
            ensure_ascii=False,
        )  # fmt: skip
        for url in self._to.webhooks:
            self._outbox.add_in(uow, kind=OutboxKind.WEBHOOK, to=url, subject=event, body=body)

    def _link(self, case: Case) -> str:
        return f"{self._public_url}/console/cases/{case.id}"


def _is_told(uow: UnitOfWork, number: int) -> bool:
    told: Counter | None = uow.counters.find(_DIGEST_ID)
    return told is not None and told.value >= number


def _wait_in(uow: UnitOfWork) -> None:
    """Count an alert that has no mail of its own."""
    try:
        counter: Counter = uow.counters.get(_WAITED_ID, lock=True)
    except NotFound:
        uow.counters.add(Counter(_WAITED_ID, 1))
    else:
        uow.counters.save(Counter(_WAITED_ID, counter.value + 1))


def _take_waited_in(uow: UnitOfWork) -> int:
    """Return how many waited since the mail of the day before, and count anew."""
    counter: Counter | None = uow.counters.find(_WAITED_ID)
    if counter is None or not counter.value:
        return 0
    uow.counters.save(Counter(_WAITED_ID, 0))
    return counter.value
