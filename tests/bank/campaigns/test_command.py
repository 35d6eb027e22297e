"""`florin campaigns`: what a person at the terminal sees of a campaign."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from bank.cli import app, campaigns
from tests.bank.campaigns.town import Town


@pytest.fixture
def town(monkeypatch) -> Town:
    made = Town()
    monkeypatch.setattr(campaigns, "load_settings", lambda: None)
    monkeypatch.setattr(campaigns, "open_bank", lambda _settings: made.bank)
    monkeypatch.setattr(campaigns, "entry_points", lambda **_group: ())  # no segments are learnt
    return made


def said(*words: str) -> str:
    done = CliRunner().invoke(app, ["campaigns", *words])
    assert done.exit_code == 0, done.output
    return done.output


def test_given_a_campaign_when_run_from_the_terminal_then_every_command_tells_of_it(town):
    person = town.person()
    town.person(held_out=True)
    campaign = town.approved(name="Spring")

    assert json.loads(said("list", "--json"))["campaigns"][0]["state"] == "approved"
    assert "would go" in said("preview", campaign.id, person.login_name)
    assert "1 sent, 0 refused, 0 later" in said("run")
    report = json.loads(said("report", campaign.id, "--json"))
    assert report["states"]["sent"] == report["states"]["held_out"] == 1
    assert "uplift" in said("report", campaign.id)
    assert "Spring" in said("list")
    assert "no_consent" not in said("preview", campaign.id, person.login_name, "--json")
