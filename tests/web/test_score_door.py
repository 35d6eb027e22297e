"""The scoring door: who may, what comes back, what is refused, and swaps under load."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator

import pytest
import structlog
from aiohttp.test_utils import TestClient, TestServer

from bank.bootstrap import make_bank
from bank.domain.actors import SYSTEM
from bank.logs import configure_logs
from bank.storage.memory import MemoryStore
from tests.web.conftest import ROOMY, Branch
from tests.web.house import (
    PASSWORD,
    ScriptedAssistant,
    bearer,
    error_code,
    eventually,
    make_customer,
    make_settings,
    start_chat,
)
from tests.web.score_models import A_ROW, OddsModel, a_registry, add_version, serve
from web.app import make_app
from web.keys import SCORES

DOOR = "/api/score/churn"


@pytest.fixture
async def house(tmp_path) -> AsyncIterator[Branch]:
    settings = make_settings(tmp_path)
    bank = make_bank(MemoryStore(), settings=settings)
    app = make_app(bank, settings, assistant=ScriptedAssistant(), rules=ROOMY)
    app[SCORES].open_registry, app[SCORES].look_every_s = a_registry, 0.0
    async with TestClient(TestServer(app)) as client:
        yield Branch(client, app, bank, ScriptedAssistant(), settings)


@pytest.fixture
def registry(house):
    return a_registry(house.settings.registry_dir)


def a_key(house: Branch, *scopes: str) -> dict[str, str]:
    return bearer(
        house.bank.api_keys.make(SYSTEM, name="switch", scopes=scopes or ("score:churn",))[0]
    )


async def ask(house: Branch, rows, *, headers=None, door: str = DOOR, **more):
    response = await house.client.post(
        door, data=json.dumps({"rows": rows, **more}),
        headers={"Content-Type": "application/json", **(headers or a_key(house))},
    )  # fmt: skip
    return response.status, await response.json()


async def test_given_one_row_when_scored_then_probability_version_and_reasons_in_words(
    house, registry
):
    version = add_version(registry, -1.0)

    status, answer = await ask(house, A_ROW)

    assert status == 200
    assert (answer["model"], answer["version"], answer["notes"]) == ("churn", version, [])
    (score,) = answer["scores"]
    assert score["score"] == pytest.approx(1 / (1 + math.exp(0.2)))
    assert score["reasons"] == [
        {"code": "logins", "text": "0 logins in 30 days (raises it)"},
        {"code": "plan", "text": "plan is basic (raises it)"},
    ]


async def test_given_many_rows_when_scored_then_one_score_each_in_their_order(house, registry):
    add_version(registry, 0.0)
    rows = [{**A_ROW, "logins": count} for count in range(1_000)]

    status, answer = await ask(house, rows, reasons=0)

    scores = [one["score"] for one in answer["scores"]]
    assert (status, len(scores)) == (200, 1_000)
    assert scores == sorted(scores, reverse=True)
    assert all(one["reasons"] == [] for one in answer["scores"])


async def test_given_unknown_and_unusual_values_when_scored_then_a_note_says_how_they_were_read(
    house, registry
):
    add_version(registry, 0.0)
    rows = [A_ROW, {**A_ROW, "plan": "gold", "age": 140, "logins": None, "student": None}]

    status, answer = await ask(house, rows)

    assert status == 200
    noted = {(one["code"], one["column"], *one["rows"]) for one in answer["notes"]}
    assert noted == {("out_of_range", "age", 2), ("unknown_level", "plan", 2)}
    assert "logins is not known (raises it)" in [r["text"] for r in answer["scores"][1]["reasons"]]


@pytest.mark.parametrize(("change", "problem", "column"), [
    ({"age": ...}, "missing_column", "age"),
    ({"shoe_size": 44}, "extra_column", "shoe_size"),
    ({"age": "41"}, "wrong_type", "age"),
    ({"age": True}, "wrong_type", "age"),
    ({"age": [1]}, "wrong_type", "age"),
    ({"student": 2}, "wrong_type", "student"),
    ({"plan": 1.5}, "wrong_type", "plan"),
    ({"age": math.inf}, "not_finite", "age"),
    ({"age": math.nan}, "not_finite", "age"),
    ({"age": 10**400}, "not_finite", "age"),
])  # fmt: skip
async def test_given_a_row_that_cannot_be_used_then_422_names_column_row_and_fault(
    house, registry, change, problem, column
):
    add_version(registry, 0.0)
    bad = {name: cell for name, cell in {**A_ROW, **change}.items() if cell is not ...}

    status, answer = await ask(house, [A_ROW, bad])

    error = answer["error"]
    assert (status, error["code"]) == (422, "bad_table")
    told = error["details"]
    assert (told["problem"], told["column"], told["row"]) == (problem, column, "2")
    assert column in error["message"]


async def test_given_a_body_without_use_then_400_and_too_much_413(house, registry):
    add_version(registry, 0.0)
    headers = {**a_key(house), "Content-Type": "application/json"}
    bodies = [
        "", "[]", "{}", "nonsense", '{"rows": []}', '{"rows": [1]}', '{"rows": {}, "x": 1}',
        '{"rows": {}, "reasons": -1}', '{"rows": {}, "reasons": true}', '{"rows": "\\ud800"}',
        json.dumps({"rows": [A_ROW] * 1_001}), "[" * 50_000,
    ]  # fmt: skip
    for body in bodies:
        response = await house.client.post(DOOR, data=body, headers=headers)
        assert response.status == 400, body[:60]
        assert error_code(await response.json()) in ("invalid_json", "invalid_input")

    response = await house.client.post(DOOR, data=b" " * 3_000_000, headers=headers)

    assert (response.status, error_code(await response.json())) == (413, "too_large")


async def test_given_a_lone_surrogate_when_scored_then_no_fault(house, registry):
    add_version(registry, 0.0)

    status, answer = await ask(house, {**A_ROW, "plan": "\ud800"})
    extra_status, extra = await ask(house, {**A_ROW, "\ud800\x00name" * 40: 1})

    assert (status, answer["notes"][0]["code"]) == (200, "unknown_level")
    assert (extra_status, extra["error"]["details"]["problem"]) == (422, "extra_column")


@pytest.mark.parametrize("name", ["nobody", "..%2F..%2Fetc", "A" * 200, "churn.json"])
async def test_given_a_name_nobody_trained_then_404_no_such_model(house, registry, name):
    add_version(registry, 0.0)

    status, answer = await ask(
        house, A_ROW, door=f"/api/score/{name}", headers=a_key(house, "score:*")
    )

    assert (status, answer["error"]["code"]) == (404, "no_such_model")
    assert name not in json.dumps(answer)


async def test_given_callers_then_a_key_of_this_scope_or_staff_with_the_right_and_nobody_else(
    house, registry
):
    add_version(registry, 0.0)
    make_customer(house.bank)
    visitor, _ = await start_chat(house.client)
    customer, _ = await start_chat(house.client, customer="amal", password=PASSWORD)
    headers = {
        "nobody": {}, "visitor": bearer(visitor), "customer": bearer(customer),
        "forged": bearer("flk_" + "A" * 43), "long": bearer("flk_" + "A" * 5_000),
        "other": a_key(house, "score:fraud"), "every": a_key(house, "score:*"), "own": a_key(house),
    }  # fmt: skip
    text, revoked = house.bank.api_keys.make(SYSTEM, name="old", scopes=("score:churn",))
    house.bank.api_keys.revoke(SYSTEM, revoked.id)
    headers["revoked"] = bearer(text)

    found = {
        who: (await house.client.post(DOOR, json={"rows": A_ROW}, headers=of)).status
        for who, of in headers.items()
    }
    staff = {
        role: (
            await (await house.staff(role, roles=(role,))).post(DOOR, json={"rows": A_ROW})
        ).status
        for role in ("agent", "kyc", "admin", "supervisor", "model_owner")
    }

    assert found == {
        "nobody": 401, "visitor": 401, "customer": 401, "forged": 401, "long": 401,
        "other": 403, "every": 200, "own": 200, "revoked": 401,
    }  # fmt: skip
    assert staff == {
        "agent": 403, "kyc": 403, "admin": 403, "supervisor": 200, "model_owner": 200,
    }  # fmt: skip


async def test_given_a_key_when_used_at_other_doors_then_it_opens_none(house):
    key = a_key(house, "score:*")

    for door in ("/api/accounts", "/api/cases", "/api/staff/me"):
        assert (await house.client.get(door, headers=key)).status == 401


async def test_given_swaps_back_and_forth_when_scoring_then_each_answer_is_of_one_version(
    house, registry
):
    first = add_version(registry, -2.0)
    second = add_version(registry, 2.0)
    key, rows = a_key(house), [A_ROW] * 20
    seen: set[tuple[str, float]] = set()
    ended = asyncio.Event()

    async def client() -> int:
        asked = 0
        while not ended.is_set():
            status, answer = await ask(house, rows, headers=key, reasons=0)
            assert status == 200, answer
            scores = {one["score"] for one in answer["scores"]}
            assert len(scores) == 1
            seen.add((answer["version"], scores.pop()))
            asked += 1
        return asked

    clients = [asyncio.create_task(client()) for _ in range(4)]
    for turn in range(8):
        await asyncio.sleep(0.05)
        await asyncio.to_thread(serve, registry, (second, first)[turn % 2])
    await asyncio.sleep(0.1)
    ended.set()
    asked = await asyncio.gather(*clients)

    assert all(asked)
    assert {version for version, _ in seen} == {first, second}
    assert len(seen) == 2  # one score a version, never one version's with the other's name


async def test_given_a_new_version_that_is_broken_when_it_should_serve_then_the_old_one_does_and_it_is_told(
    house, registry
):
    first = add_version(registry, -2.0)
    second = add_version(registry, 2.0)
    assert (await ask(house, A_ROW))[1]["version"] == first
    serve(registry, second)
    (registry.folder / "churn" / second / "odds.json").write_text("{cut off")
    live = house.app[SCORES]._live["churn"]

    async def complained() -> bool:
        status, answer = await ask(house, A_ROW)
        assert (status, answer["version"]) == (200, first)
        return bool(live.complaint)

    for _ in range(300):
        if await complained():
            break
        await asyncio.sleep(0.01)
    assert await complained()

    (alert,) = await eventually(lambda: house.bank.model_alerts.list(SYSTEM))
    assert (alert.kind, alert.model, alert.version) == ("scoring_fails", "churn", first)
    assert alert.facts["error"] == "BrokenModel"


async def test_given_the_only_version_broken_when_scored_then_503_and_it_is_told(house, registry):
    version = add_version(registry, 0.0)
    (registry.folder / "churn" / version / "odds.json").unlink()

    status, answer = await ask(house, A_ROW)

    assert (status, answer["error"]["code"]) == (503, "unavailable")
    assert [one.kind for one in house.bank.model_alerts.list(SYSTEM)] == ["scoring_fails"]


async def test_given_a_room_that_is_full_when_asked_then_503_with_a_time_to_come_back(
    house, registry, monkeypatch
):
    add_version(registry, 0.0)
    monkeypatch.setattr("web.api.score_room.WAITING_MOST", 0)

    response = await house.client.post(DOOR, json={"rows": A_ROW}, headers=a_key(house))

    assert response.status == 503
    assert response.headers["Retry-After"] == "1"


async def test_given_calls_then_they_are_counted_by_key_and_no_row_is_in_the_metrics(
    house, registry
):
    add_version(registry, 0.0)
    await ask(house, {**A_ROW, "age": 77.125})
    await ask(house, A_ROW, door="/api/score/kanarienvogel", headers=a_key(house, "score:*"))

    text = await (await house.client.get("/metrics")).text()

    assert 'outcome="done"' in text
    assert "kanarienvogel" not in text
    assert "77.125" not in text


async def test_given_a_model_that_quotes_a_row_when_it_fails_then_no_log_answer_or_alert_has_it(
    house, registry, monkeypatch, capfd, request
):
    configure_logs("DEBUG")
    request.addfinalizer(structlog.reset_defaults)

    def fails(_self, table):
        raise RuntimeError(f"cannot score {table.to_dict()}")

    version = add_version(registry, 0.0)
    monkeypatch.setattr(OddsModel, "probability", fails)

    status, answer = await ask(house, {**A_ROW, "age": 31.41592, "plan": "kanarienvogel"})

    (alert,) = house.bank.model_alerts.list(SYSTEM)
    told = "".join(capfd.readouterr()) + json.dumps(answer) + repr(alert)
    assert (status, answer["error"]["code"]) == (500, "internal_error")
    assert (alert.version, alert.facts["error"]) == (version, "RuntimeError")
    assert "scoring.failed" in told  # the ear works
    for secret in ("31.41592", "kanarienvogel", "cannot score"):
        assert secret not in told
