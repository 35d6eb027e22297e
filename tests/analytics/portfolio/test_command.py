"""`florin analytics evaluate portfolio`: on a file somebody brings, or with a sentence why not."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from typer.testing import CliRunner

from analytics.portfolio.optimising import Optimiser
from bank.cli import app
from tests.analytics.portfolio.worlds import closes_of, returns_of


def a_file(tmp_path, returns):
    closes = closes_of(returns)
    table = pd.DataFrame(closes.minor, columns=list(closes.instrument_ids))
    table.insert(0, "day", closes.days.astype("datetime64[s]"))
    path = tmp_path / "closes.parquet"
    table.to_parquet(path)
    return path


def evaluated(path, *words):
    return CliRunner().invoke(
        app, ["analytics", "evaluate", "portfolio", "--data", str(path), *words]
    )


def test_given_one_instrument_when_evaluated_then_its_risk_is_tested_and_nothing_compared(tmp_path):
    result = evaluated(a_file(tmp_path, returns_of(0.2, days=1600)), "--json")

    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert found["days"] == 1600
    assert [one["days"] for one in found["var"]["filtered"]] == [600, 600]
    assert found["mixes"]["mixes"] == 100
    assert found["optimisers"] == []


def test_given_some_instruments_when_evaluated_then_equal_weight_stands_first(tmp_path):
    result = evaluated(a_file(tmp_path, returns_of(0.1, 0.2, days=1300)))

    assert result.exit_code == 0
    first_words = [line.split()[0] for line in result.stdout.splitlines() if line.strip()]
    optimisers = [word for word in first_words if word in list(Optimiser)]
    assert optimisers == list(Optimiser)


def test_given_too_few_days_or_a_split_when_evaluated_then_it_says_where_and_why(tmp_path):
    short = evaluated(a_file(tmp_path, returns_of(0.2, days=300)))
    jump = returns_of(0.2, days=1600)
    jump[700] = np.log(10)
    split = evaluated(a_file(tmp_path, jump))

    assert short.exit_code == split.exit_code == 1
    assert "in_0" in short.stderr
    assert "1250" in short.stderr
    assert "Column 'in_0', row 702" in split.stderr
    assert "Traceback" not in short.stderr + split.stderr
