"""Alerts about models: at once or in the day's mail, not twice, and never about a person."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.bootstrap import Bank, make_bank
from bank.delivery.texts import TomlTexts
from bank.domain.actors import SYSTEM
from bank.domain.errors import InvalidInput, NotPermitted
from bank.domain.ids import make_id
from bank.domain.model_alerts import FACTS, ModelAlertKind, ModelAlertState, clean_facts
from bank.domain.outbox import OutboxKind
from bank.policies.model_alerts import rule_of
from bank.services.model_alerts import AlertRecipients, ModelAlerts
from bank.storage.memory import MemoryStore
from tests.bank.people.world import KEYRING, Clock, World

HOOK = "https://hooks.bank.example/models"
TO = AlertRecipients(mails=("models@bank.example", "risk@bank.example"), webhooks=(HOOK,))
V1, V2 = "20261101-060000", "20261128-060000"


class Desk:
    """Alerts over a memory store, with a clock one can turn."""

    def __init__(self, to: AlertRecipients = TO) -> None:
        self.world = World(clock=Clock(datetime(2026, 11, 28, 5, 0, tzinfo=UTC)))
        bank: Bank = self.world.bank
        self.alerts = ModelAlerts(
            self.world.store, clock=self.world.clock, outbox=bank.outbox, texts=TomlTexts(), to=to
        )

    def tell(self, kind: str, **more):
        return self.alerts.tell(SYSTEM, kind, **{"model": "churn", "version": V1, **more})

    def queued(self, kind: OutboxKind = OutboxKind.MAIL) -> list[tuple[str, str, str]]:
        return sorted(
            (item.to, item.subject, body) for item, body in self.world.sent() if item.kind is kind
        )


def test_given_a_drift_when_told_then_everybody_has_a_mail_and_a_call_at_once():
    desk = Desk()

    desk.tell("drift", facts={"features": "balance, logins", "score_psi": "0.31"})

    mails = desk.queued()
    assert [to for to, _, _ in mails] == list(TO.mails)
    assert {subject for _, subject, _ in mails} == {"Model churn: the data have drifted"}
    assert "balance, logins" in mails[0][2]
    ((to, event, body),) = desk.queued(OutboxKind.WEBHOOK)
    assert (to, event) == (HOOK, "model.drift")
    told = json.loads(body)
    assert (told["model"], told["version"], told["facts"]["score_psi"]) == ("churn", V1, "0.31")


def test_given_the_same_again_when_within_its_quiet_hours_then_counted_and_not_sent_again():
    desk = Desk()
    for _ in range(5):
        desk.tell("drift")
        desk.world.clock.pass_s(3_600)
    sent = len(desk.world.sent())

    (alert,) = desk.alerts.list(SYSTEM)

    assert (alert.times_count, sent) == (5, 3)
    desk.tell("drift", version=V2)  # about another version: another alert
    desk.world.clock.pass_s(24 * 3_600)
    desk.tell("drift")  # a day later: said again
    assert len(desk.alerts.list(SYSTEM)) == 3


def test_given_refusals_and_promotions_when_the_day_turns_then_one_mail_tells_them_all():
    desk = Desk()
    desk.tell("retraining_refused", facts={"reasons": "not better"})
    desk.tell("promoted", version=V2, facts={"before": V1, "promotion_id": "pm_1"})
    assert desk.world.sent() == []
    assert desk.alerts.send_digest_due() == 0  # 05:00, the mail goes after 06:00

    desk.world.clock.pass_s(3_700)

    assert desk.alerts.send_digest_due() == 2
    assert desk.alerts.send_digest_due() == 0
    mails = desk.queued()
    assert [to for to, _, _ in mails] == list(TO.mails)
    assert mails[0][1] == "Model house: the day (2)"
    assert "the challenger was refused" in mails[0][2]
    assert "another version serves" in mails[0][2]
    assert len(desk.queued(OutboxKind.WEBHOOK)) == 2


def test_given_nobody_to_tell_then_it_is_kept_and_nothing_is_queued():
    desk = Desk(AlertRecipients())

    alert = desk.tell("rolled_back")

    assert alert.state is ModelAlertState.KEPT
    assert desk.world.sent() == []


def test_given_staff_or_another_fact_or_no_model_then_refused_and_nothing_is_kept():
    desk = Desk()
    with pytest.raises(NotPermitted):
        desk.alerts.tell(desk.world.staff(), "drift", model="churn")
    with pytest.raises(NotPermitted):
        desk.alerts.list(desk.world.staff("kim"))
    with pytest.raises(InvalidInput):
        desk.tell("drift", facts={"customer": "Ana"})
    with pytest.raises(InvalidInput):
        desk.tell("drift", model="../etc")

    assert desk.alerts.list(SYSTEM) == []


@pytest.mark.parametrize("kind", ModelAlertKind)
def test_given_a_kind_then_it_has_a_rule_and_words_whose_subject_names_the_model_only(kind):
    facts = dict.fromkeys((*FACTS, "version", "at"), "SECRET")

    text = TomlTexts().render(f"model_alert_{kind}", locale="en", facts={**facts, "model": "churn"})

    assert rule_of(kind).how
    assert "churn" in text.subject
    assert "SECRET" not in text.subject
    assert "-\n" not in text.body.replace(" -\n", "")


people = st.sampled_from([
    lambda: make_id("cu"), lambda: make_id("ac"), lambda: make_id("cv"), lambda: "ana.silva@example.org",
    lambda: "DE89 3704 0044 0532 0130 00", lambda: "4242 4242 4242 4242", lambda: "+49 151 234 56 78",
])  # fmt: skip


@given(st.lists(st.tuples(st.text(max_size=20), people), max_size=4), st.sampled_from(FACTS))
def test_no_fact_brings_an_id_an_address_or_a_long_number_along(parts, name):
    secrets = [make() for _, make in parts]
    text = " ".join(f"{words} {secret}" for (words, _), secret in zip(parts, secrets, strict=True))

    clean = clean_facts({name: text})[name]

    for secret in secrets:
        assert secret not in clean
    assert not re.search(r"\d(?:[ -]?\d){8,}|@\w|\b(cu|ac|cv)_\w", clean)
    assert "\n" not in clean


def test_given_a_write_that_fails_then_neither_alert_nor_mail_is_there():
    class Breaks(ModelAlerts):
        def _call_in(self, uow, alert) -> None:
            raise ConnectionError

    world = World()
    alerts = Breaks(
        world.store, clock=world.clock, outbox=world.bank.outbox, texts=TomlTexts(), to=TO
    )

    with pytest.raises(ConnectionError):
        alerts.tell(SYSTEM, "drift", model="churn")

    assert alerts.list(SYSTEM) == []
    assert world.sent() == []


def test_given_settings_with_recipients_when_the_bank_is_made_then_it_tells_them(tmp_path):
    from tests.web.house import make_settings  # noqa: PLC0415  settings need a home

    settings = make_settings(
        tmp_path, alert_mails="a@bank.example, b@bank.example", alert_webhooks=HOOK,
        webhook_secret="s" * 32,
    )  # fmt: skip
    bank = make_bank(MemoryStore(), keyring=KEYRING, settings=settings)

    bank.model_alerts.tell(SYSTEM, "rolled_back", model="fraud", version=V1)

    queued = bank.store.read(lambda uow: uow.outbox.list(order_by="to"))
    assert [item.to for item in queued] == ["a@bank.example", "b@bank.example", HOOK]
