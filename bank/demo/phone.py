"""The demo's phone: SMS and mails of the invented customers, kept for its page to show.

Built only when the settings say `delivery = demo_phone`. Bodies are sealed like all others,
because they hold one-time codes; the page reads them here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bank.domain.errors import AlreadyExists
from bank.domain.ids import make_id
from bank.domain.outbox import DemoPhoneMessage, OutboxKind
from bank.ports import Clock, Store, UnitOfWork, Vault


@dataclass(frozen=True, slots=True)
class PhoneLine:
    """One message in clear. `customer_name` is None for a number nobody has."""

    kind: OutboxKind
    to: str
    customer_name: str | None
    subject: str
    body: str
    at_utc: datetime


class DemoPhone:
    """A Mailer for one kind, and the reader of all."""

    def __init__(
        self, store: Store, *, clock: Clock, vault: Vault, kind: OutboxKind = OutboxKind.SMS
    ) -> None:
        self._store = store
        self._clock = clock
        self._vault = vault
        self._kind = kind

    def send(self, *, to: str, subject: str, body: str, message_id: str) -> None:
        """See ports.Mailer. A copy with a known Message-ID is dropped, as a good receiver does."""
        line_id = make_id("ph")
        record = DemoPhoneMessage(
            id=line_id,
            to=to,
            kind=self._kind,
            subject=subject,
            body_enc=self._vault.seal(body.encode(), place=_place(line_id)),
            message_id=message_id,
            at_utc=self._clock(),
        )
        try:
            self._store.write(lambda uow: uow.demo_phone_messages.add(record))
        except AlreadyExists:
            return

    def list_newest(self, *, customer_id: str | None = None, limit: int = 20) -> list[PhoneLine]:
        """Return the newest messages, of one customer or of all."""

        def work(uow: UnitOfWork) -> list[PhoneLine]:
            return [
                PhoneLine(
                    kind=line.kind,
                    to=line.to,
                    customer_name=_name_of(uow, line.to),
                    subject=line.subject,
                    body=self._vault.open(line.body_enc, place=_place(line.id)).decode(),
                    at_utc=line.at_utc,
                )
                for line in _lines(uow, customer_id, limit)
            ]

        return self._store.read(work)


def _lines(uow: UnitOfWork, customer_id: str | None, limit: int) -> list[DemoPhoneMessage]:
    if customer_id is None:
        newest: list[DemoPhoneMessage] = uow.demo_phone_messages.list(
            order_by="at_utc", descending=True, limit=limit
        )
        return newest
    customer = uow.customers.find(customer_id)
    if customer is None:
        return []
    mine: list[DemoPhoneMessage] = uow.demo_phone_messages.list(
        to=(customer.phone, customer.email), order_by="at_utc", descending=True, limit=limit
    )
    return mine


def _name_of(uow: UnitOfWork, to: str) -> str | None:
    customer = uow.customers.first(phone=to) or uow.customers.first(email=to)
    return customer.full_name if customer else None


def _place(line_id: str) -> str:
    return f"demo_phone_messages|{line_id}|body"
