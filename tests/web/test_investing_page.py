"""The console's view of somebody's investments: the record as it was given, for who may see it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bank.bootstrap import make_bank
from bank.domain.actors import SYSTEM, Actor, a_customer
from bank.domain.advice import AdviceWish, Proposal
from bank.domain.instruments import Holding
from bank.domain.money import Money
from bank.storage.memory import MemoryStore
from tests.bank.advice.market import BONDS, CASH, MARKET, WORLD, answers, filling
from tests.bank.builders import NOON
from tests.web.conftest import ROOMY, Branch
from tests.web.house import ScriptedAssistant, error_code, make_settings
from web.app import make_app

RISK = {
    "risk_class": 3, "volatility_bp": 800, "var_year_minor": 40_000, "drawdown_bp": 1_500,
    "history_years": 10, "low_minor": 480_000, "mid_minor": 600_000, "high_minor": 800_000,
    "loss_share_pct": 7, "you": {"vol_bp": 800, "return_bp": 420},
    "cloud": [{"id": WORLD.id, "vol_bp": 1_500, "return_bp": 600},
              {"id": CASH.id, "vol_bp": 20, "return_bp": 180}],
    "fan": {"years": [0, 1, 2], "low_minor": [500_000, 470_000, 465_000],
            "mid_minor": [500_000, 515_000, 530_000], "high_minor": [500_000, 560_000, 610_000]},
    "equal": {"ours_bp": 420, "equal_bp": 430, "does_as_well": True},
}  # fmt: skip


class Telling:
    """An adviser that fills the funds in order and knows what could happen."""

    def propose(self, wish: AdviceWish) -> Proposal:
        filled = filling([WORLD, BONDS, CASH]).propose(wish)
        return Proposal(filled.lines, RISK, "advice-test", filled.first_otherwise)


@pytest.fixture
async def house(tmp_path) -> AsyncIterator[Branch]:
    settings = make_settings(tmp_path)
    bank = make_bank(MemoryStore(), settings=settings)
    bank.investing.take_market(SYSTEM, instruments=MARKET)
    bank.advice.use(Telling())
    app = make_app(bank, settings, assistant=ScriptedAssistant(), rules=ROOMY)
    async with TestClient(TestServer(app)) as client:
        yield Branch(client, app, bank, ScriptedAssistant(), settings)


def advised(house: Branch) -> tuple[Actor, str]:
    """Return a customer with a profile, a holding and one advice."""
    customer = house.bank.customers.create(
        SYSTEM, login_name="ina.vest", full_name="Ina Vest", email="ina@example.org",
        phone="+49 151 1234567", kyc_tier=2, password_hash="unused", birth_date="1980-05-05",
    )  # fmt: skip
    actor = a_customer(customer.id)
    house.bank.investing.take_answers(actor, answers(wishes=["no_weapons"]))
    house.bank.investing.take_market(
        SYSTEM, holdings=[Holding("ho_1", actor.require_customer(), BONDS.id, 1_500_000, 9_000, NOON)]
    )  # fmt: skip
    advice = house.bank.advice.recommend(actor, Money(500_000, "EUR"))
    house.bank.advice.note_shown(actor, advice.id, text="For 5,000.00 EUR …", locale="en")
    return actor, advice.id


async def test_given_an_advised_customer_when_looked_at_then_profile_holdings_and_advice(house):
    actor, advice_id = advised(house)
    mila = await house.staff()

    page = await (await mila.get(f"/api/customers/{actor.id}/investing")).json()

    assert page["profile"]["tolerance"] == 4
    assert page["profile"]["exclusions"] == ["weapons"]
    assert [(one["name"], one["worth"]["text"]) for one in page["holdings"]] == [
        ("Bonds", "150.00 EUR")
    ]
    assert [(one["id"], one["amount"]["text"]) for one in page["advice"]] == [
        (advice_id, "5,000.00 EUR")
    ]


async def test_given_an_advice_when_opened_then_its_whole_record_with_pictures(house):
    _, advice_id = advised(house)
    mila = await house.staff()

    record = await (await mila.get(f"/api/advice/{advice_id}")).json()

    assert sum(one["amount"]["amount_minor"] for one in record["parts"]) == 500_000
    assert record["model_version"] == "advice-test"
    assert record["text"] == "For 5,000.00 EUR …"
    assert record["inputs"]["answers"]["wishes"] == ["no_weapons"]
    assert {one["name"]: one["codes"] for one in record["ruled_out"]} == {"Share": ["risk_class"]}
    assert len(record["pictures"]) == 3
    assert all(one["source"].startswith("data:image/png;base64,") for one in record["pictures"])
    assert all(one["alt"] for one in record["pictures"])


async def test_given_somebody_who_is_no_staff_then_nothing_is_told(house):
    actor, advice_id = advised(house)
    for path in (f"/api/customers/{actor.id}/investing", f"/api/advice/{advice_id}"):
        answer = await house.client.get(path)
        assert answer.status == 401
        assert error_code(await answer.json()) == "not_authenticated"


async def test_given_an_unknown_advice_then_it_is_not_found(house):
    mila = await house.staff()
    answer = await mila.get("/api/advice/ad_nobody")
    assert answer.status == 404
