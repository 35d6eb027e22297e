"""Segments handed on from the console: by somebody who may, in one write, and how it went."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote

import pytest
from aiohttp.test_utils import TestClient, TestServer

from analytics.segments import showing
from analytics.segments.handing import EVENT
from analytics.segments.learning import learn
from analytics.segments.storing import keep
from bank.bootstrap import make_bank
from bank.delivery.outbox import OutboxWorker
from bank.domain.outbox import OutboxKind
from bank.services.outbox import place_of
from bank.storage.memory import MemoryStore
from tests.analytics.segments.groups import NOON, customers
from tests.web.conftest import ROOMY, Branch
from tests.web.house import ScriptedAssistant, error_code, make_settings
from web.app import make_app

TO = "https://hooks.bank.example/segments"


class Receiver:
    """Takes what it is sent, or refuses."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.is_down = False

    def send(self, *, to, subject, body, message_id):
        if self.is_down:
            raise ConnectionError("answered 503")
        self.bodies.append(body)


@pytest.fixture
async def handing(tmp_path, monkeypatch):
    monkeypatch.setattr(showing, "segments_table", lambda *_args, **_more: customers()[0])
    settings = make_settings(tmp_path, segments_webhook=TO, webhook_secret="s" * 32)
    bank, assistant = make_bank(MemoryStore(), settings=settings), ScriptedAssistant()
    app = make_app(bank, settings, assistant=assistant, rules=ROOMY)
    async with TestClient(TestServer(app)) as client:
        yield Branch(client, app, bank, assistant, settings)


def learnt(branch):
    return keep(learn(customers()[0], as_of_utc=NOON, numbers=(3,)), branch.settings.segments_dir)


def queued(branch):
    return branch.bank.store.read(lambda uow: uow.outbox.list(kind=OutboxKind.WEBHOOK))


def worker(branch, receiver):
    return OutboxWorker(
        branch.bank.store, clock=branch.bank.clock, vault=branch.bank.vault,
        mailers={OutboxKind.WEBHOOK: receiver},
    )  # fmt: skip


async def test_given_a_supervisor_when_handed_over_then_queued_for_the_settings_and_audited(handing):
    version = learnt(handing).version
    susi = await handing.staff("susi", roles=("supervisor",))

    answer = await susi.post("/api/segments/hand-over", json={})

    assert answer.status == 200, await answer.text()
    told = await answer.json()
    assert (told["to"], told["people_count"], told["waiting_count"]) == (
        "hooks.bank.example", 360, 1
    )  # fmt: skip
    [item] = queued(handing)
    assert (item.to, item.subject) == (TO, EVENT)
    body = json.loads(handing.bank.vault.open(item.body_enc, place=place_of(item.id)))
    assert (body["version"], len(body["customers"])) == (version, 360)
    audit = handing.bank.store.read(lambda uow: uow.audit.list())
    [noted] = [one for one in audit if one.action == "segments.hand_over"]
    assert noted.details == {"people_count": 360, "pages_count": 1}


async def test_given_a_receiver_when_it_is_down_and_back_then_the_delivery_says_both(handing):
    learnt(handing)
    susi = await handing.staff("susi", roles=("supervisor",))
    since = (await (await susi.post("/api/segments/hand-over", json={})).json())["since"]
    path, receiver = f"/api/segments/hand-over?since={quote(since)}", Receiver()

    receiver.is_down = True
    worker(handing, receiver).run_once()
    down = await (await susi.get(path)).json()
    receiver.is_down = False
    _make_due(handing)
    worker(handing, receiver).run_once()
    back = await (await susi.get(path)).json()

    assert (down["waiting_count"], down["delivered_count"]) == (1, 0)
    assert down["fault"]
    assert (back["waiting_count"], back["delivered_count"], back["fault"]) == (0, 1, None)
    assert len(receiver.bodies) == 1


def _make_due(branch):
    def work(uow):
        for one in uow.outbox.list():
            uow.outbox.save(replace(one, due_at_utc=one.created_at_utc))

    branch.bank.store.write(work)


async def test_given_an_agent_when_handing_over_then_refused_and_nothing_waits(handing):
    learnt(handing)
    mila = await handing.staff()

    refused = await mila.post("/api/segments/hand-over", json={})
    asked = await mila.get("/api/segments/hand-over?since=2026-01-01T00:00:00Z")

    assert (refused.status, asked.status) == (403, 403)
    assert queued(handing) == []


async def test_given_no_segments_when_handed_over_then_404_and_without_an_address_409(
    handing, branch
):
    susi = await handing.staff("susi", roles=("supervisor",))
    other = await branch.staff("susi", roles=("supervisor",))

    nothing = await susi.post("/api/segments/hand-over", json={})
    nowhere = await other.post("/api/segments/hand-over", json={})

    assert nothing.status == 404
    assert (nowhere.status, error_code(await nowhere.json())) == (409, "conflict")
    assert queued(handing) == queued(branch) == []


@pytest.mark.parametrize("since", ["", "yesterday", "2026-01-01T00:00:00"])
async def test_given_no_moment_when_the_delivery_is_asked_then_400(handing, since):
    susi = await handing.staff("susi", roles=("supervisor",))

    assert (await susi.get(f"/api/segments/hand-over?since={since}")).status == 400


async def test_given_who_may_when_segments_are_shown_then_the_button_is_theirs_alone(handing):
    learnt(handing)
    susi = await handing.staff("susi", roles=("supervisor",))
    mila = await handing.staff()

    assert (await (await susi.get("/api/segments")).json())["may_hand_over"] is True
    assert (await (await mila.get("/api/segments")).json())["may_hand_over"] is False
