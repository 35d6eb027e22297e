"""Wording: whatever the model does, it is told nobody's name, and only a letter comes back.

The clients are the real ones; the server is ours (fake_llm.py). Whether a letter may be sent is the
bank's to say: tests/bank/campaigns/test_wordings.py.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bank.campaign_ports import NoWording
from bank.domain.outbox import OutboxItem
from bank.ports import RenderedText
from bank.services.outbox import place_of
from bank.settings import Settings
from knowledge import wording as room
from knowledge.budget import Budget
from knowledge.models import make_model
from knowledge.wording import ModelWording, make_wording
from tests.bank.campaigns.town import Town
from tests.knowledge.fake_llm import FakeModel, running

LETTER = RenderedText(
    "A savings account",
    "Hello {given_name},\n\na savings account pays interest.\n\nTo end it, write: stop offers.",
)
GOOD = f"Subject: {LETTER.subject}\n\n{LETTER.body}\n"
OPT_OUT = (
    "You get this because you agreed to offers. To end all of them, write in the chat: stop offers."
)
#: A fit wording of campaign_savings_short.
WORDED = (
    "Subject: Did you know? A savings account\n\nHello {given_name},\n\nthank you for being with "
    "us. A savings account pays interest. Open the chat and write: savings account.\n\n" + OPT_OUT
)
LIES = {
    "rate": WORDED.replace("pays interest.", "pays 5 % interest."),
    "rate in letters": WORDED.replace("pays interest.", "pays double interest."),
    "promise": WORDED.replace("Did you know?", "Guaranteed:"),
    "link": WORDED.replace("being with us.", "being with us: https://evil.example/login."),
    "urgency": WORDED.replace("Did you know?", "Last chance:"),
    "markup": WORDED.replace("A savings account pays", "**A savings account** pays"),
    "no way out": WORDED.replace(OPT_OUT, "Thank you."),
    "another name": WORDED.replace("Hello {given_name}", "Hello Peter"),
}
TEXTS = ({"code": "a", "share_bp": 10_000, "texts": {"mail": "campaign_savings_short"}},)


@pytest.fixture(scope="module")
def server() -> Iterator[FakeModel]:
    with running() as fake:
        yield fake


@pytest.fixture
def fake(server: FakeModel) -> FakeModel:
    says(server, GOOD)
    server.asked.clear()
    server.paths.clear()
    return server


def says(fake: FakeModel, text: str) -> None:
    fake.mode, fake.lie = "liar", lambda _passages: text


def a_wording(
    fake: FakeModel, tmp_path: Path, *, name: str = "openai:fake", timeout_s: float = 5.0,
    per_day: int = 1_000_000,
) -> ModelWording:  # fmt: skip
    url = f"{fake.url}/v1" if name.startswith("openai") else fake.url
    return ModelWording(
        make_model(name, url=url, key="k", timeout_s=timeout_s),
        budget=Budget(tmp_path / "budget.json", per_day=per_day), timeout_s=timeout_s,
    )  # fmt: skip


def word(wording: ModelWording, about: str = "saver") -> RenderedText | None:
    return wording.word(LETTER, language="en", about=about)


@pytest.mark.parametrize("name", ["openai:fake", "ollama:fake"])
def test_given_a_model_that_answers_then_its_letter_comes_back_and_is_asked_for_once(
    fake, tmp_path, name
):
    wording = a_wording(fake, tmp_path, name=name)

    assert word(wording) == LETTER
    assert word(wording) == LETTER
    assert len(fake.asked) == 1
    assert not fake.asked[0].get("tools")
    word(wording, "investor")
    assert len(fake.asked) == 2


@pytest.mark.parametrize("mode", ["down", "rate_limited", "nonsense", "markup", "empty", "injection"])
def test_given_a_model_that_fails_then_there_is_no_wording(fake, tmp_path, mode):
    fake.mode = mode

    assert word(a_wording(fake, tmp_path)) is None
    assert len(fake.asked) == 1


def test_given_a_model_that_is_slow_then_nobody_waits_longer_than_said(fake, tmp_path):
    fake.mode = "slow"
    begun_s = time.monotonic()

    assert word(a_wording(fake, tmp_path, timeout_s=0.5)) is None
    assert time.monotonic() - begun_s < 3


def test_given_a_model_that_never_ends_then_it_is_dropped(fake, tmp_path):
    says(fake, GOOD + "more and more " * 1_000)

    assert word(a_wording(fake, tmp_path)) is None


def test_given_faults_in_a_row_then_the_model_is_left_alone(fake, tmp_path):
    fake.mode = "down"
    wording = a_wording(fake, tmp_path)

    for _ in range(room.FAULTS_MOST + 3):
        assert word(wording) is None

    assert len(fake.asked) == room.FAULTS_MOST


def test_given_a_spent_budget_then_nobody_is_asked(fake, tmp_path):
    assert word(a_wording(fake, tmp_path, per_day=10)) is None
    assert fake.asked == []


def test_given_the_switch_is_off_or_no_model_named_then_nobody_words(fake, tmp_path):
    def made(**more: object) -> object:
        return make_wording(Settings(_env_file=None, home_dir=tmp_path, **more))

    assert isinstance(made(llm_model="openai:fake", llm_url=f"{fake.url}/v1"), NoWording)
    assert isinstance(made(campaign_wording=True), NoWording)
    assert isinstance(made(llm_model="openai:fake", campaign_wording=True), ModelWording)


def test_given_a_campaign_and_an_honest_model_then_the_worded_letter_goes_and_no_name_is_told(
    fake, tmp_path
):
    says(fake, WORDED)
    town = a_town(a_wording(fake, tmp_path), people=3)

    town.bank.campaign_sends.run_due()

    subjects, bodies = letters(town)
    assert subjects == ["Did you know? A savings account"] * 3
    assert all("Hello Ana,\n\nthank you for being with us." in one for one in bodies)
    assert len(fake.asked) == 1
    told = json.dumps(fake.asked)
    assert "Ana" not in told
    assert "example.org" not in told


@pytest.mark.parametrize("lie", sorted(LIES))
def test_given_a_campaign_and_a_model_that_lies_then_the_template_goes(fake, tmp_path, lie):
    says(fake, LIES[lie])
    town = a_town(a_wording(fake, tmp_path))

    town.bank.campaign_sends.run_due()

    subjects, [body] = letters(town)
    assert subjects == ["A savings account"]
    assert body.startswith("Hello Ana,\n\na savings account pays interest.")
    assert len(fake.asked) == 1


@pytest.mark.parametrize("mode", ["down", "slow", "markup", "empty"])
def test_given_a_campaign_and_a_model_that_fails_then_the_template_goes(fake, tmp_path, mode):
    fake.mode = mode
    town = a_town(a_wording(fake, tmp_path, timeout_s=0.3))

    town.bank.campaign_sends.run_due()

    assert letters(town)[0] == ["A savings account"]


def a_town(wording: ModelWording, *, people: int = 1) -> Town:
    town = Town()
    town.bank.campaign_sends.use(wording)
    for _ in range(people):
        town.person()
    town.approved(variants=TEXTS)
    return town


def letters(town: Town) -> tuple[list[str], list[str]]:
    items: list[OutboxItem] = town.store.read(lambda uow: uow.outbox.list())
    opened = [town.bank.vault.open(one.body_enc, place=place_of(one.id)).decode() for one in items]
    return [one.subject for one in items], opened
