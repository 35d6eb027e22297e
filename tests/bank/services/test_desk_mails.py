"""Mails to the compliance team: in the write of the case, without a person in them, bounded."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.delivery.texts import TomlTexts
from bank.domain.actors import SYSTEM
from bank.domain.cases import CaseKind, Priority
from bank.policies import protection as policy
from bank.services.case_book import CaseBook
from bank.services.cases import Cases
from bank.services.desk_mails import DeskMails, band_of
from bank.services.model_alerts import AlertRecipients
from bank.services.outbox import place_of
from tests.bank.builders import ELSEWHERE, World
from tests.bank.services.test_alert_pages import Sure

TEAM = AlertRecipients(("desk@bank.example",), ("https://hook.bank.example/x",))


class Desk:
    """A world whose alerts are told to `to`."""

    def __init__(self, to: AlertRecipients = TEAM) -> None:
        self.world = World()
        bank = self.world.bank
        self.mails = DeskMails(
            self.world.store, clock=self.world.clock, outbox=bank.outbox, texts=TomlTexts(), to=to,
            public_url="https://bank.example",
        )  # fmt: skip
        book = CaseBook(
            clock=self.world.clock, audit=bank.audit, events=bank.security_events,
            desk_mails=self.mails,
        )  # fmt: skip
        self.cases = Cases(self.world.store, clock=self.world.clock, book=book)
        # The bank's own rooms open cases through the same book.
        bank.protection._cases = self.cases

    def alert(self, priority="urgent", kind="alert", queue="alerts", **more):
        return self.cases.open(
            SYSTEM, kind=kind, queue=queue, subject="Payment of Amal Haddad", reason_code="odd",
            why="Amal said so", priority=priority, **more,
        )  # fmt: skip

    def sent(self, kind="mail") -> list[tuple[str, str, str]]:
        items = self.world.store.read(lambda uow: uow.outbox.list(kind=kind, order_by="id"))
        vault = self.world.bank.vault
        return [
            (one.to, one.subject, vault.open(one.body_enc, place=place_of(one.id)).decode())
            for one in items
        ]


def test_given_a_payment_that_is_held_when_its_case_opens_then_the_team_hears_without_a_person():
    desk = Desk()
    world = desk.world
    amal = world.person(funds_minor=900_000)
    world.bank.protection.use(Sure(9.0))
    world.confirm(amal, world.propose(amal, 400_000, payee_id=world.payee(amal).id))

    (case,) = [one for one in desk.cases.list(SYSTEM) if one.kind is CaseKind.ALERT]
    (mail,) = desk.sent()
    (call,) = desk.sent("webhook")
    assert mail[:2] == ("desk@bank.example", f"Alert {case.id}: payment_held")
    assert "Amount: 1,000 to 10,000 EUR" in mail[2]
    assert f"https://bank.example/console/cases/{case.id}" in mail[2]
    assert json.loads(call[2]) == {
        "id": case.id, "event": "alert.payment_held", "at_utc": case.opened_at_utc.isoformat(),
        "priority": "urgent", "amount_band": "1,000 to 10,000 EUR",
        "link": f"https://bank.example/console/cases/{case.id}",
    }  # fmt: skip
    for text in (*mail, *call):
        for secret in ("Person A", "Ana Silva", ELSEWHERE, amal.id, amal.phone, "4,000.00"):
            assert secret not in text


def test_given_a_write_that_fails_when_a_case_was_opened_in_it_then_no_mail_goes_out():
    desk = Desk()

    def work(uow):
        desk.cases.open_in(
            uow, kind="alert", queue="alerts", subject="s", reason_code="odd", why="w",
            priority="urgent",
        )  # fmt: skip
        raise RuntimeError

    with pytest.raises(RuntimeError):
        desk.world.store.write(work)

    assert desk.sent() == desk.sent("webhook") == []


@pytest.mark.parametrize(
    "about", [{"priority": "medium"}, {"kind": "dispute", "queue": "disputes"}]
)
def test_given_what_is_not_pressing_or_no_alert_when_opened_then_nothing_at_once(about):
    desk = Desk()

    desk.alert(**about)

    assert desk.sent() == []


def test_given_alerts_of_a_day_when_the_hour_comes_then_one_mail_and_never_twice():
    desk = Desk()
    first, second = desk.alert(priority="high"), desk.alert(priority="urgent")
    assert desk.mails.send_digest_due() == 0  # of yesterday: there was nothing
    desk.world.clock.turn(days=1)

    told = [desk.mails.send_digest_due() for _ in range(3)]

    assert told == [2, 0, 0]
    digest = desk.sent()[-1]
    assert digest[1] == "Alerts of the day (2)"
    assert first.id in digest[2]
    assert second.id in digest[2]
    assert "Amal" not in digest[2]
    assert len(desk.sent("webhook")) == 2  # each called once, when it was told


def test_given_a_worker_that_was_away_when_back_then_it_tells_of_all_those_days():
    desk = Desk()
    desk.mails.send_digest_due()
    desk.alert(priority="high")
    desk.world.clock.turn(days=4)
    desk.alert(priority="high")
    desk.world.clock.turn(days=1)

    assert desk.mails.send_digest_due() == 2


def test_given_a_quiet_day_when_the_hour_comes_then_no_mail():
    desk = Desk()
    desk.world.clock.turn(days=1)

    assert desk.mails.send_digest_due() == 0
    assert desk.sent() == []


def test_given_a_high_alert_when_opened_then_the_team_hears_at_once_and_systems_once():
    desk = Desk()

    case = desk.alert(priority="high")

    assert [one[1] for one in desk.sent()] == [f"Alert {case.id}: odd"]
    desk.world.clock.turn(days=1)
    assert desk.mails.send_digest_due() == 1
    assert len(desk.sent("webhook")) == 1


@pytest.mark.parametrize("priority", [Priority.URGENT, Priority.HIGH])
def test_given_a_wave_when_it_comes_then_first_mails_then_the_days_and_a_call_each(priority):
    desk = Desk()
    most = policy.mails_an_hour(priority)
    wave = most + 20

    for _ in range(wave):
        desk.alert(priority=priority)

    assert len(desk.sent()) == most
    assert len(desk.sent("webhook")) == wave
    desk.world.clock.turn(days=1)
    assert desk.mails.send_digest_due() == wave
    assert "no mail of their own: 20" in desk.sent()[-1][2]
    desk.alert(priority=priority)
    desk.world.clock.turn(days=1)
    desk.mails.send_digest_due()
    assert "no mail of their own: 0" in desk.sent()[-1][2]


def test_given_a_wave_of_high_alerts_then_an_urgent_one_is_mailed_all_the_same():
    desk = Desk()
    for _ in range(policy.mails_an_hour(Priority.HIGH) + 5):
        desk.alert(priority="high")
    before = len(desk.sent())

    urgent = desk.alert(priority="urgent")

    assert desk.sent()[before][1] == f"Alert {urgent.id}: odd"


def test_given_an_hour_after_a_wave_then_alerts_are_mailed_at_once_again():
    desk = Desk()
    most = policy.mails_an_hour(Priority.HIGH)
    for _ in range(most + 5):
        desk.alert(priority="high")
    desk.world.clock.turn(hours=1, seconds=1)

    desk.alert(priority="high")

    assert len(desk.sent()) == most + 1


def test_given_nobody_to_tell_when_alerts_open_then_nothing_is_queued():
    desk = Desk(AlertRecipients())
    desk.alert()
    desk.world.clock.turn(days=1)

    assert desk.mails.send_digest_due() == 0
    assert desk.sent() == desk.sent("webhook") == []


def test_given_a_case_opened_twice_with_one_key_then_it_is_told_once():
    desk = Desk()
    for _ in range(2):
        desk.alert(idempotency_key="held:tr_1")

    assert len(desk.sent()) == 1


@given(st.integers(1, 10**12), st.integers(1, 10**12))
def test_a_band_never_tells_more_than_four_amounts_apart(one, other):
    bands = [band_of(99), band_of(10_000), band_of(100_000), band_of(1_000_000)]

    low, high = sorted((one, other))
    assert bands.index(band_of(low)) <= bands.index(band_of(high))
