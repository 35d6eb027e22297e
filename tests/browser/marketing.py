"""A small branch with customers in segments, for the pages of who is written to and why.

In this process, over dictionaries (cards.py); the segments are learnt from an invented table.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from playwright.sync_api import Browser, Page

from analytics.segments import showing
from analytics.segments.learning import learn
from analytics.segments.storing import keep
from bank.domain.actors import SYSTEM
from bank.domain.consents import Channel, ConsentSource, Purpose
from tests.analytics.segments.groups import customers
from tests.browser.cards import CardRoom, open_card_room
from tests.web.house import make_settings

WEBHOOK = "https://hooks.bank.example/segments"
PEOPLE, OLD = 40, 8


@contextmanager
def open_marketing_room(home: Path) -> Iterator[CardRoom]:
    """Start a branch: every fourth customer Portuguese, every second with savings, OLD of them old."""
    table, _ = customers()
    settings = make_settings(home)
    keep(learn(table, as_of_utc=datetime.now(UTC), numbers=(3,)), settings.segments_dir)
    secret = {"segments_webhook": WEBHOOK, "webhook_secret": "s" * 32}
    with (
        patch.object(showing, "segments_table", lambda *_args, **_more: table),
        open_card_room(home, **secret) as room,
    ):
        for number in range(PEOPLE):
            _settle(room, number)
        yield room


def staff_page(browser: Browser, room: CardRoom, name: str, role: str, **context: object) -> Page:
    """A page of somebody of the staff."""
    page = browser.new_context(locale="en-GB", **context).new_page()  # type: ignore[arg-type]
    cookie = {"name": "florin_staff", "value": room.staff_token(name, role=role), "url": room.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    return page


def _settle(room: CardRoom, number: int) -> None:
    bank = room.bank
    who = bank.customers.create(
        SYSTEM, login_name=f"p{number}", full_name="Ana Silva", email=f"p{number}@example.org",
        phone=f"+49 151 {number:07d}", country="PT" if number % 4 == 0 else "DE", locale="en",
        kyc_tier=2, birth_date="1940-01-01" if number < OLD else "1985-01-01",
    )  # fmt: skip
    if number % 2:
        bank.accounts.open(
            SYSTEM, customer_id=who.id, kind="savings", name="Savings", currency="EUR"
        )
    if number % 3:
        bank.consents.give(
            SYSTEM, who.id, purpose=Purpose.OFFERS, channel=Channel.MAIL,
            source=ConsentSource.STAFF,
        )  # fmt: skip
