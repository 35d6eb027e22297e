"""The console's page of a customer: who may look, what is masked, what the model says, the record."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bank.bootstrap import make_bank
from bank.domain.actors import SYSTEM
from bank.storage.memory import MemoryStore
from tests.web.conftest import ROOMY, Branch
from tests.web.customers import a_known_customer
from tests.web.house import ScriptedAssistant, error_code, make_customer, make_settings
from tests.web.score_models import a_churn_registry, add_churn
from web.app import make_app
from web.keys import SCORES


@pytest.fixture
async def house(tmp_path) -> AsyncIterator[Branch]:
    settings = make_settings(tmp_path)
    bank = make_bank(MemoryStore(), settings=settings)
    app = make_app(bank, settings, assistant=ScriptedAssistant(), rules=ROOMY)
    app[SCORES].open_registry, app[SCORES].look_every_s = a_churn_registry, 0.0
    async with TestClient(TestServer(app)) as client:
        yield Branch(client, app, bank, ScriptedAssistant(), settings)


def looks(house: Branch, customer_id: str) -> list[str]:
    entries = house.bank.audit.list(SYSTEM, resource=customer_id)
    return [one.action for one in entries if one.action.startswith("customer.view")]


async def test_given_a_customer_when_looked_at_then_all_of_them_masked_and_the_look_recorded(house):
    customer = a_known_customer(house.bank)
    mila = await house.staff()

    response = await mila.get(f"/api/customers/{customer.id}")

    page = await response.json()
    text = await response.text()
    assert [one["name"] for one in page["accounts"]] == ["Everyday", "Rainy days"]
    assert page["accounts"][0]["posted"]["text"] == "1,486.00 EUR"
    assert [one["reason_code"] for one in page["open_cases"]] == ["complaint"]
    assert (page["conversations"][0]["channel"], page["conversations"][0]["lines_count"]) == (
        "web",
        2,
    )
    assert page["customer"]["email_masked"] == "a•••@example.org"
    ibans = house.bank.store.read(
        lambda uow: [one.iban for one in uow.accounts.list(customer_id=customer.id)]
    )
    for secret in (customer.email, customer.phone, *ibans):
        assert secret not in text
    assert "fees went up" not in str(page["conversations"])
    assert looks(house, customer.id) == ["customer.view"]


async def test_given_a_champion_when_asked_then_probability_reasons_trend_and_the_usual(house):
    version = add_churn(a_churn_registry(house.settings.registry_dir))
    customer = a_known_customer(house.bank)
    mila = await house.staff()

    churn = await (await mila.get(f"/api/customers/{customer.id}/churn")).json()

    assert (churn["state"], churn["version"], churn["horizon_days"]) == ("scored", version, 90)
    assert churn["usual"] == 0.06
    assert churn["trend"][-1]["probability"] == churn["probability"]
    shares = [one["probability"] for one in churn["trend"]]
    assert len(shares) == 6
    assert shares[-1] > shares[0]  # came daily then, hardly ever now
    first = churn["reasons"][0]
    assert (first["code"], first["text"], first["raises"]) == (
        "balance_minor",
        "10,486.00 EUR on all accounts",
        False,
    )
    assert any(one["code"] == "login_days_30d_count" for one in churn["reasons"])
    assert "(" not in "".join(one["text"] for one in churn["reasons"])
    assert looks(house, customer.id) == ["customer.view_churn"]


async def test_given_no_model_or_no_account_when_asked_then_the_page_hears_which(house):
    customer, mila = a_known_customer(house.bank), await house.staff()
    before = await (await mila.get(f"/api/customers/{customer.id}/churn")).json()
    add_churn(a_churn_registry(house.settings.registry_dir))
    without = make_customer(house.bank, "zoe")

    after = await (await mila.get(f"/api/customers/{without.id}/churn")).json()

    assert (before["state"], before["probability"]) == ("no_model", None)
    assert (after["state"], after["probability"]) == ("no_row", None)


async def test_given_a_role_when_looking_then_only_who_may_sees_and_nobody_is_told_who_exists(
    house,
):
    add_churn(a_churn_registry(house.settings.registry_dir))
    customer = a_known_customer(house.bank)

    found = {}
    for role in ("agent", "supervisor", "compliance", "kyc", "admin", "model_owner"):
        who = await house.staff(role, roles=(role,))
        page = await who.get(f"/api/customers/{customer.id}")
        churn = await who.get(f"/api/customers/{customer.id}/churn")
        found[role] = (page.status, churn.status)
        if page.status == 200:
            assert (await page.json())["may_see_churn"] == (churn.status == 200)
        me = await (await who.get("/api/staff/me")).json()
        assert me["may_view_customers"] == (page.status == 200)
        if page.status == 403:
            nobody = await who.get("/api/customers/cu_nobody")
            assert (nobody.status, error_code(await nobody.json())) == (403, "not_permitted")

    assert found == {
        "agent": (200, 200), "supervisor": (200, 200), "compliance": (200, 403),
        "kyc": (403, 403), "admin": (403, 403), "model_owner": (403, 403),
    }  # fmt: skip


async def test_given_nobody_of_this_id_when_looked_for_then_404_and_nothing_is_recorded(house):
    mila = await house.staff()

    for door in ("", "/churn"):
        response = await mila.get(f"/api/customers/cu_nobody{door}")
        assert (response.status, error_code(await response.json())) == (404, "not_found")

    assert looks(house, "cu_nobody") == []


async def test_given_cases_of_other_queues_when_looked_at_then_they_stay_hidden(house):
    customer = a_known_customer(house.bank)
    house.bank.cases.open(
        SYSTEM, kind="alert", queue="alerts", subject="pattern", reason_code="screening_hit",
        why="w", customer_id=customer.id,
    )  # fmt: skip
    agent, other = await house.staff(), await house.staff("kim", roles=("compliance",))

    async def kinds(client) -> set[str]:
        page = await (await client.get(f"/api/customers/{customer.id}")).json()
        return {one["kind"] for one in page["open_cases"]}

    assert "alert" not in await kinds(agent)
    assert "alert" in await kinds(other)


async def test_given_the_page_when_opened_by_anybody_then_it_holds_nothing_of_the_customer(house):
    customer = a_known_customer(house.bank)

    text = await (await house.client.get(f"/console/customers/{customer.id}")).text()

    assert customer.full_name not in text
    assert 'data-t="churn.never"' in text
