"""The wall: segments know nothing of suspicion, fraud, complaints, or who somebody is."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.dataset import books_of
from analytics.features.books import Books, moments, us_of
from analytics.segments import rules
from analytics.segments.features import LEARNT, NAMES, segment_features
from bank.demo.paper import paper_town
from bank.demo.truth import Truth

ROOM = Path(__file__).resolve().parents[3] / "analytics" / "segments"
NOW = datetime(2026, 5, 20, 10, 30, tzinfo=UTC)
BEHIND_THE_WALL = (
    "analytics.fraud", "analytics.suspicion", "analytics.protection", "analytics.threats",
    "analytics.scores", "analytics.customer_scores", "analytics.alerts", "bank.domain.cases",
    "bank.domain.alerts", "bank.domain.fraud_findings", "bank.services", "identity",
)  # fmt: skip
NEVER = ("case", "complaint", "fraud", "alert", "aml", "suspic", "sanction", "age_years", "birth",
         "sex", "gender", "country", "language", "name", "merchant", "category")  # fmt: skip


def imports_of(source: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return found


def forbidden(source: str) -> set[str]:
    return {
        one
        for one in imports_of(source)
        if any(one == wall or one.startswith(f"{wall}.") for wall in BEHIND_THE_WALL)
    }


@pytest.mark.parametrize("path", sorted(ROOM.glob("*.py")), ids=lambda path: path.stem)
def test_given_a_file_of_the_room_then_it_imports_nothing_behind_the_wall(path: Path) -> None:
    assert forbidden(path.read_text(encoding="utf-8")) == set()


def test_given_a_breach_then_the_wall_would_find_it() -> None:
    assert forbidden("from analytics import fraud") == {"analytics.fraud"}
    assert forbidden("import bank.domain.cases") == {"bank.domain.cases"}


def test_given_the_features_then_none_is_of_what_must_not_be_known() -> None:
    assert [name for name in NAMES if any(word in name for word in NEVER)] == []
    assert set(LEARNT) < set(NAMES)


@pytest.fixture(scope="module")
def books() -> Books:
    [paper] = paper_town(12, now_utc=NOW, truth=Truth(7, NOW), months=3)
    found = books_of(
        paper.customers, paper.accounts, paper.postings, paper.cards, paper.cases, paper.login_days
    )
    return found.until(us_of(NOW))


def test_given_cases_of_fraud_and_complaints_when_features_are_made_then_not_a_digit_changes(
    books: Books,
) -> None:
    us = us_of(NOW)
    opened = moments([(place, us - 1_000_000, 3) for place in range(len(books.customers))])
    none = moments([])

    flagged = segment_features(replace(books, cases=opened, complaints=opened), as_of_us=us)
    clean = segment_features(replace(books, cases=none, complaints=none), as_of_us=us)

    pd.testing.assert_frame_equal(flagged, clean, check_exact=True)
    assert len(clean) > 5
    assert np.isfinite(clean.to_numpy()).all()


def test_given_a_rule_when_it_names_something_behind_the_wall_then_it_is_refused() -> None:
    told = {"name": "Risky", "all": [{"feature": "fraud_score", "is": "at_least", "value": 1}]}

    with pytest.raises(rules.BadRule, match="fraud_score"):
        rules.Rule.from_json(told)
