"""Other wordings in a campaign: whatever the port says, what goes is fit or the template."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bank.delivery.texts import TomlTexts
from bank.domain.actors import SYSTEM
from bank.domain.campaigns import MessageClass
from bank.ports import RenderedText
from bank.services import wordings
from bank.services.outbox import place_of
from bank.services.wordings import unfilled
from tests.bank.campaigns.town import Town

TEXT = "campaign_savings_short"
TEXTS = ({"code": "a", "share_bp": 10_000, "texts": {"mail": TEXT}},)
TEMPLATE = unfilled(TomlTexts(), TEXT, locale="en")
FIT = RenderedText(
    TEMPLATE.subject,
    TEMPLATE.body.replace("a savings account pays", "did you know? A savings account pays"),
)


class Says:
    """A port that says this, and keeps what it was asked."""

    def __init__(self, words: RenderedText | None = FIT) -> None:
        self.words = words
        self.asked: list[tuple[RenderedText, str, str]] = []

    def word(self, letter: RenderedText, *, language: str, about: str) -> RenderedText | None:
        self.asked.append((letter, language, about))
        return self.words


@pytest.fixture
def town() -> Town:
    return Town()


def run(town: Town, port: Says, **changes: object) -> list[str]:
    town.bank.campaign_sends.use(port)
    town.approved(**({"variants": TEXTS} | changes))
    town.bank.campaign_sends.run_due()
    return bodies(town)


def bodies(town: Town) -> list[str]:
    items = town.store.read(lambda uow: uow.outbox.list())
    return [town.bank.vault.open(one.body_enc, place=place_of(one.id)).decode() for one in items]


def audited(town: Town) -> list[tuple[str, bool]]:
    found = [one for one in town.bank.audit.list(SYSTEM) if one.action == "campaign.letter"]
    return [(one.resource, one.details["is_worded"]) for one in found]


def test_given_a_fit_wording_then_it_is_filled_sent_and_audited_and_asked_for_once(town):
    people = [town.person(full_name="Ana Ruiz"), town.person(full_name="Lee Fox")]
    port = Says()

    sent = run(town, port)

    assert sorted(one.partition("\n")[0] for one in sent) == ["Hello Ana,", "Hello Lee,"]
    assert all("did you know? A savings account pays interest." in one for one in sent)
    assert port.asked == [(TEMPLATE, "en", "none")]
    ids = {one.id for person in people for one in town.sends(customer_id=person.id)}
    assert {resource for resource, is_worded in audited(town) if is_worded} == ids


def test_given_nobody_who_words_then_the_template_goes_and_nothing_is_noted(town):
    town.person()
    town.approved(variants=TEXTS)

    town.bank.campaign_sends.run_due()

    assert "did you know" not in bodies(town)[0]
    assert audited(town) == []


def test_given_no_wording_in_time_then_the_template_goes_and_the_audit_says_so(town):
    town.person()

    [sent] = run(town, Says(None))

    assert sent.startswith("Hello Ana,\n\na savings account pays interest.")
    assert [is_worded for _, is_worded in audited(town)] == [False]


@pytest.mark.parametrize("kind", [MessageClass.SERVICE, MessageClass.SECURITY])
def test_given_what_is_owed_then_it_is_never_worded(town, kind):
    town.person()
    port = Says()

    [sent] = run(town, port, message_class=kind)

    assert "did you know" not in sent
    assert port.asked == []


def test_given_a_language_without_lists_then_its_template_goes(town):
    town.person(locale="de")
    port = Says()

    [sent] = run(town, port)

    assert "did you know" not in sent
    assert port.asked == []


def test_given_a_language_changed_between_the_wording_and_the_write_then_the_template_goes(
    town, monkeypatch
):
    person = town.person()
    prepare = wordings.Wordings.prepare

    def and_then_they_change_it(self, campaign, due):
        found = prepare(self, campaign, due)
        town.store.write(lambda uow: uow.customers.save(replace(person, locale="es")))
        return found

    monkeypatch.setattr(wordings.Wordings, "prepare", and_then_they_change_it)

    [sent] = run(town, Says())

    assert sent.startswith("Hola, Ana:")
    assert [is_worded for _, is_worded in audited(town)] == [False]


def test_given_a_person_erased_between_the_wording_and_the_write_then_nothing_goes(
    town, monkeypatch
):
    person = town.person()
    prepare = wordings.Wordings.prepare

    def and_then_they_go(self, campaign, due):
        found = prepare(self, campaign, due)
        assert found
        town.store.write(lambda uow: uow.customers.remove(person.id))
        return found

    monkeypatch.setattr(wordings.Wordings, "prepare", and_then_they_go)

    assert run(town, Says()) == []


parts = st.sampled_from(
    [*re.split(r"(?<=[.,\n])", TEMPLATE.body), *re.split(r"(?<=[.,?])", FIT.body), "thank you. ",
     "It pays 5 %. ", "100 EUR ", "Double it. ", "{given_name} ", "{iban}", "{", "\n\n"]
)  # fmt: skip
letters = st.builds(
    RenderedText,
    st.sampled_from([TEMPLATE.subject, "Did you know?", "5 % a year", "{given_name}"]),
    st.one_of(
        st.lists(parts, max_size=9).map("".join),
        st.lists(parts, max_size=3).map(lambda some: "".join([*some, FIT.body])),
        st.text(max_size=300),
    ),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(letters)
def test_nothing_with_a_figure_outside_the_template_is_ever_sent_whatever_the_port_says(words):
    town = Town()
    town.person()

    [sent] = run(town, Says(words))

    assert not re.search(r"\d|%|EUR|[Dd]ouble", sent)
    assert sent.endswith(TEMPLATE.body.rpartition("\n\n")[2])
    assert sent == TEMPLATE.body.replace("{given_name}", "Ana") or audited(town)[0][1]
