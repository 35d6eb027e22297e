"""The town's truth: product code never looks, and the ceilings read it rightly."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from analytics import ceilings
from bank.demo.paper import paper_town
from bank.demo.truth import Truth

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 5, 20, 10, 30, tzinfo=UTC)
ROOMS = ("bank/domain", "bank/policies", "bank/services", "bank/storage", "bank/delivery",
         "bank/security", "actions", "web", "identity", "knowledge", "bot", "analytics")  # fmt: skip
#: The folder and its tables by name, or the modules that make the town.
LOOKS = re.compile(
    r"""truth/|_dir / ["']truth["']|frauds\.parquet|churn\.parquet"""
    r"|bank\.demo\.(truth|fates|frauds|labels|paper|doings|town)"
    r"|bank\.demo import .*(truth|fates|frauds|labels|paper|doings|town)"
)
MAY_LOOK = {"analytics/ceilings.py"}


@cache
def product_files() -> list[str]:
    return [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if ".venv" not in path.parts
    ]


@pytest.mark.parametrize("room", ROOMS)
def test_given_product_code_then_it_knows_nothing_of_the_town_s_truth(room: str) -> None:
    guilty = [
        name
        for name in product_files()
        if name.startswith(f"{room}/")
        and name not in MAY_LOOK
        and LOOKS.search((ROOT / name).read_text(encoding="utf-8"))
    ]

    assert guilty == []


def test_given_the_one_who_may_look_then_the_search_would_find_it() -> None:
    [name] = MAY_LOOK

    assert name in product_files()
    assert LOOKS.search((ROOT / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("home")
    truth = Truth(7, NOW)
    for _ in paper_town(60, now_utc=NOW, truth=truth):
        pass
    truth.write(made)
    return made


def test_given_a_home_then_chances_are_those_of_the_last_step_before_the_moment(home: Path) -> None:
    moment = NOW - timedelta(days=90)
    who = [f"cu_paper{number:08d}" for number in range(5, 40)]

    at_begin = ceilings.churn_chances(home, who, as_of_utc=moment)
    later = ceilings.churn_chances(home, who, as_of_utc=moment + timedelta(days=20))

    assert at_begin is not None
    assert later is not None
    assert np.array_equal(at_begin, later, equal_nan=True)
    known = at_begin[~np.isnan(at_begin)]
    assert len(known) > 10
    assert ((known > 0) & (known < 1)).all()
    nobody = ceilings.churn_chances(home, ["cu_nobody"], as_of_utc=moment)
    assert nobody is not None
    assert np.isnan(nobody).all()


def test_given_labels_that_follow_the_chances_then_the_ceiling_is_whole(home: Path) -> None:
    who = [f"cu_paper{number:08d}" for number in range(5, 60)]
    moment = NOW - timedelta(days=90)
    chances = ceilings.churn_chances(home, who, as_of_utc=moment)
    assert chances is not None
    labels = (chances > np.nanmedian(chances)).astype(np.int8)

    found = ceilings.churn_ceiling(home, who, labels, as_of_utc=moment)

    assert found is not None
    assert found.roc_auc == 1.0
    assert found.rows == int((~np.isnan(chances)).sum())


def test_given_planted_frauds_then_whoever_knows_them_misses_only_what_was_never_found(
    home: Path,
) -> None:
    told = ceilings.fraud_truth(home)
    assert told is not None
    ids = [*told["posting_id"], *(f"po_{number}" for number in range(500))]
    labels = np.array([1] * len(told) + [0] * 500, np.int8)

    whole = ceilings.fraud_ceiling(home, ids, labels)
    labels[: len(told) // 2] = 0
    half = ceilings.fraud_ceiling(home, ids, labels)

    assert whole is not None
    assert half is not None
    assert whole.average_precision == 1.0
    assert half.average_precision < 0.7


def test_given_a_bank_without_a_town_then_there_is_no_ceiling(tmp_path: Path) -> None:
    moment = NOW - timedelta(days=90)
    labels = np.array([0, 1], np.int8)

    assert ceilings.churn_ceiling(tmp_path, ["a", "b"], labels, as_of_utc=moment) is None
    assert ceilings.fraud_ceiling(tmp_path, ["a", "b"], labels) is None
    assert ceilings.drift_at_utc(tmp_path) is None


def test_given_a_home_then_the_day_the_town_changes_is_told(home: Path) -> None:
    assert ceilings.drift_at_utc(home) == NOW - timedelta(days=180)
