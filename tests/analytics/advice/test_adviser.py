"""The adviser that serves: whole amounts, under every room, within the band; files are followed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.advice.adviser import LearntAdviser, amounts_of
from analytics.advice.drawing import Words, draw_course, draw_mix, draw_risk
from analytics.advice.learning import learn
from analytics.advice.serving import LateAdviser
from analytics.advice.storing import keep
from bank.bootstrap import Bank, make_bank
from bank.demo.exchange import Prices, quote, write_market
from bank.demo.investing import Shelf
from bank.domain.actors import SYSTEM, Actor, a_customer
from bank.domain.advice import AdviceWish
from bank.domain.errors import AdviserUnavailable
from bank.domain.ids import CustomerId
from bank.domain.instruments import Holding, InstrumentId
from bank.domain.investors import InvestorProfile
from bank.domain.money import Money
from bank.policies import suitability
from bank.storage.memory import MemoryStore
from tests.analytics.advice.small_town import STEADY, investors
from tests.bank.advice.market import answers

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SEED, PEOPLE = 7, 300
SUM = Money(500_000, "EUR")
PNG = b"\x89PNG"


@cache
def town() -> tuple[Shelf, tuple[InvestorProfile, ...], tuple[Holding, ...]]:
    shelf, quoted = quote(SEED, now_utc=NOW)
    told, held = investors(shelf, seed=SEED, people=PEOPLE, now_utc=NOW, price_minor=Prices(quoted))
    return shelf, told, held


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from analytics.advice.catalogue import Catalogue  # noqa: PLC0415
    from analytics.advice.histories import Histories  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("home")
    shelf, profiles, holdings = town()
    write_market(quote(SEED, now_utc=NOW)[1], folder)
    histories = Histories(Catalogue(shelf.market), profiles, holdings)
    keep(learn(histories, as_of_utc=NOW), folder / "models" / "advice")
    return folder


@pytest.fixture(scope="module")
def bank(home: Path) -> Iterator[Bank]:
    made = make_bank(MemoryStore(), clock=lambda: NOW)
    made.investing.take_market(SYSTEM, instruments=town()[0].market)
    made.advice.use(LateAdviser(made, home_dir=home))
    yield made
    made.store.close()


def investor(bank: Bank, name: str, **changes: object) -> Actor:
    customer = bank.customers.create(
        SYSTEM, login_name=name, full_name="Ina Vest", phone=f"+49 {name}",
        email=f"{name}@example.org", kyc_tier=2, password_hash="unused", birth_date="1980-05-05",
    )  # fmt: skip
    actor = a_customer(customer.id)
    bank.investing.take_answers(actor, answers(**changes))
    return actor


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("steady", {}),
        ("bold", {"worst_year": "half", "manner": "bold", "fall": "buy_more",
                  "knowledge": "complex"}),
        ("careful", {"fall": "sell_all", "worst_year": "nothing", "manner": "careful"}),
        ("soon", {"horizon": "under_1", "goal": "purchase"}),
        ("choosy", {"wishes": ["no_fossil", "no_weapons", "no_tobacco", "esg"]}),
        ("new", {"knowledge": "none"}),
    ],
)  # fmt: skip
def test_given_anybody_when_advised_then_the_mix_is_whole_and_nothing_in_it_is_unsuitable(
    bank: Bank, name: str, changes: dict[str, object]
) -> None:
    actor = investor(bank, name, **changes)
    profile = bank.investing.profile(actor)
    assert profile is not None
    advice = bank.advice.recommend(actor, SUM)
    limits = suitability.limits_of(profile)
    bought = {InstrumentId(one["instrument_id"]): one["amount_minor"] for one in advice.lines}
    assert sum(bought.values()) == SUM.amount_minor
    assert suitability.violations(
        limits, bought, instruments=town()[0].market, held_minor={}
    ) == {}  # fmt: skip
    assert advice.risk["risk_class"] <= limits.risk_class_max
    assert advice.risk["low_minor"] <= advice.risk["mid_minor"] <= advice.risk["high_minor"]
    assert all(one["reasons"] for one in advice.lines)


def test_given_a_shorter_time_then_the_mix_moves_less(bank: Bank) -> None:
    actor = investor(bank, "what-if")
    long = bank.advice.recommend(actor, SUM)
    short = bank.advice.recommend(actor, SUM, horizon_years=2)
    assert short.risk["volatility_bp"] < long.risk["volatility_bp"]


def test_given_the_same_wish_twice_then_the_answer_is_the_same(bank: Bank) -> None:
    actor = investor(bank, "twice")
    first, second = (bank.advice.recommend(actor, SUM) for _ in range(2))
    assert (first.lines, first.risk) == (second.lines, second.risk)


def test_given_a_preview_by_the_bank_then_it_is_the_same_and_nothing_is_kept(bank: Bank) -> None:
    actor = investor(bank, "preview")
    seen = bank.advice.preview(SYSTEM, actor.id, SUM)
    assert bank.advice.given(actor) == []
    assert bank.advice.recommend(actor, SUM).lines == seen.lines


def test_given_no_files_then_advice_waits(bank: Bank, tmp_path: Path) -> None:
    late = LateAdviser(bank, home_dir=tmp_path)
    late.warm()
    with pytest.raises(AdviserUnavailable):
        late.propose(_wish())


def test_given_a_market_file_that_is_broken_then_advice_waits(
    bank: Bank, home: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "closes.parquet"
    broken.write_bytes(b"no table")
    adviser = LearntAdviser(
        bank.store, model_folder=home / "models" / "advice", market_file=broken, clock=bank.clock
    )
    with pytest.raises(AdviserUnavailable):
        adviser.propose(_wish())


def test_given_closes_that_ended_weeks_ago_then_advice_waits(bank: Bank, home: Path) -> None:
    adviser = LearntAdviser(
        bank.store, model_folder=home / "models" / "advice",
        market_file=home / "market" / "closes.parquet", clock=lambda: NOW,
    )  # fmt: skip
    market = town()[0].market
    gone = tuple(one for one in market if one.state == "delisted")
    with pytest.raises(AdviserUnavailable):
        adviser.propose(
            replace(_wish(), allowed=gone, room_minor={one.id: 500_000 for one in gone})
        )


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(10_000, 50_000_000),
    st.lists(st.integers(1, 5_000), min_size=1, max_size=6).filter(lambda one: sum(one) <= 10_000),
)
def test_law_amounts_are_whole_and_under_their_rooms(amount: int, parts: list[int]) -> None:
    weights = {InstrumentId(f"in_{place}"): bp for place, bp in enumerate(parts)}
    weights[InstrumentId("in_rest")] = 10_000 - sum(parts)
    rooms = {one: -(-amount * bp // 10_000) for one, bp in weights.items()}
    wish = replace(_wish(), amount_minor=amount, room_minor=rooms)
    found = amounts_of({one: bp for one, bp in weights.items() if bp}, wish)
    assert sum(found.values()) == amount
    assert all(0 < minor <= rooms[one] for one, minor in found.items())


def test_given_an_advice_then_its_pictures_say_the_same_in_words(bank: Bank) -> None:
    advice = bank.advice.recommend(investor(bank, "pictured"), SUM)
    names: dict[str, str] = {one.id: one.name for one in town()[0].market}
    words = Words(
        mix="Mix", course="Course", risk="Risk", moved="moved", grew="grew",
        suggestion="suggestion", allowed="allowed", likely="likely", middle="middle",
        put_in="put in", years="years", money=lambda minor: f"{minor / 100:.2f}",
        percent=lambda bp: f"{bp / 100:.1f} %",
    )  # fmt: skip
    mix, course = draw_mix(advice, names, words), draw_course(advice, words)
    risk = draw_risk(advice, words)
    assert {one.png[:4] for one in (mix, course, risk)} == {PNG}
    assert f"{advice.lines[0]['weight_bp'] / 100:.1f} %" in mix.alt
    assert "put in 5000.00" in course.alt
    assert f"{advice.risk['you']['vol_bp'] / 100:.1f} %" in risk.alt


def _wish() -> AdviceWish:
    market = town()[0].market
    return AdviceWish(
        customer_id=CustomerId("cu_1"), profile=STEADY, amount_minor=500_000, currency="EUR",
        horizon_years=10, risk_class_max=4, allowed=market[:20],
        room_minor={one.id: 500_000 for one in market[:20]}, others=market[20:],
    )  # fmt: skip
