"""The console's language page: who sees it, what is shown, what a label does."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from bank.domain.actors import SYSTEM, VISITOR
from bank.domain.readings import Why
from tests.web.house import error_code, make_customer, start_chat

RANKING = [("check_balance", 0.31), ("list_accounts", 0.27), ("list_cards", 0.2)]


def noted(branch, text="the money thing", *, why=Why.NOT_UNDERSTOOD, click=None) -> str:
    """A message somebody sent in a new conversation; returns its reading's id."""
    time.sleep(0.002)  # ids sort by the millisecond they were made in
    chat = branch.bank.conversations.start(VISITOR, "web")
    who = replace(VISITOR, conversation_id=chat.id)
    reading_id = branch.bank.readings.note(
        who, conversation_id=chat.id, message_id="m1", text=text, ranking=RANKING, why=why
    )
    if click:
        branch.bank.readings.meant(who, reading_id, intent=click)
    return reading_id


def a_label(**changes):
    return {"intent": "check_balance", "sentence": "my money", "language": "en", **changes}


async def test_given_readings_when_listed_then_words_ranking_click_counters_and_titles(branch):
    noted(branch, click="list_accounts")
    noted(branch, "cards", why=Why.CORRECTED)
    mila = await branch.staff()

    shown = await (await mila.get("/api/readings")).json()

    newest, oldest = shown["readings"]
    assert (newest["text"], newest["why"], newest["meant"]) == ("cards", "corrected", None)
    assert oldest["meant"] == "list_accounts"
    assert oldest["ranking"][0] == {"intent": "check_balance", "confidence": 0.31}
    assert shown["tally"]["by_state"]["open"] == 2
    assert shown["tally"]["open_by_why"] == {
        "low_confidence": 0, "not_understood": 1, "corrected": 1,
    }  # fmt: skip
    assert {"name": "check_balance", "title": "My balance"} in shown["intents"]
    assert {"name": "greet", "title": None} in shown["intents"]
    assert not [one for one in shown["intents"] if one["name"].startswith("EXTERNAL_")]
    assert "en" in shown["languages"]


async def test_given_a_customers_message_when_listed_then_nobody_is_named(branch):
    customer = make_customer(branch.bank)
    chat = branch.bank.conversations.start(VISITOR, "web")
    who = replace(VISITOR, conversation_id=chat.id)
    branch.bank.readings.note(
        who, conversation_id=chat.id, message_id="m1", text="my money", ranking=[],
        why=Why.CORRECTED,
    )  # fmt: skip
    mila = await branch.staff()

    told = await (await mila.get("/api/readings")).text()

    assert chat.id not in told
    assert customer.id not in told


async def test_given_filters_when_listed_then_only_what_they_name_page_by_page(branch):
    first = noted(branch)
    second = noted(branch, why=Why.CORRECTED)
    mila = await branch.staff()
    await mila.post(f"/api/readings/{first}/dismiss", json={"state": "skipped"})

    async def ids(query: str) -> list[str]:
        answer = await (await mila.get(f"/api/readings?{query}")).json()
        return [one["id"] for one in answer["readings"]]

    assert await ids("state=open&why=corrected") == [second]
    assert await ids("state=skipped") == [first]
    assert await ids("state=open&why=low_confidence") == []
    assert await ids(f"before={second}&state=skipped") == [first]
    assert await ids("limit=0") == []
    for wrong in ("state=shut", "why=because", "limit=-1"):
        assert (await mila.get(f"/api/readings?{wrong}")).status == 400


async def test_given_a_label_when_set_then_it_is_shown_learnt_and_audited(branch):
    reading_id = noted(branch, "show Maria my money")
    mila = await branch.staff()

    response = await mila.post(
        f"/api/readings/{reading_id}/label", json=a_label(sentence="show her my money")
    )
    shown = await response.json()

    assert response.status == 200, shown
    assert (shown["state"], shown["intent"]) == ("labelled", "check_balance")
    assert (shown["text"], shown["sentence"]) == ("show Maria my money", "show her my money")
    assert shown["decided_by_name"].startswith("Mila")
    [example] = branch.bank.readings.examples(SYSTEM)
    assert example.text == "show her my money"
    assert len(branch.bank.store.read(lambda uow: uow.audit.list(action="reading.label"))) == 1


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("label", a_label(intent="rob_the_bank")),
        ("label", a_label(intent="EXTERNAL_greet")),
        ("label", a_label(language="xx")),
        ("label", a_label(sentence="")),
        ("label", a_label(sentence="?!")),
        ("label", a_label(sentence="x" * 301)),
        ("dismiss", {"state": "open"}),
        ("dismiss", {}),
    ],
)
async def test_given_what_teaches_nothing_when_sent_then_400_and_the_reading_stays_open(
    branch, act, body
):
    reading_id = noted(branch)
    mila = await branch.staff()

    response = await mila.post(f"/api/readings/{reading_id}/{act}", json=body)

    assert response.status == 400, await response.text()
    answer = await (await mila.get("/api/readings?state=open")).json()
    assert [one["id"] for one in answer["readings"]] == [reading_id]


async def test_given_no_such_reading_when_labelled_then_404(branch):
    mila = await branch.staff()

    response = await mila.post("/api/readings/re_unknown/label", json=a_label())

    assert (response.status, error_code(await response.json())) == (404, "not_found")


@pytest.mark.parametrize("roles", [("kyc",), ("compliance",), ("admin",)])
async def test_given_another_desk_when_asking_then_refused_and_no_link_is_offered(branch, roles):
    reading_id = noted(branch)
    other = await branch.staff("omar", roles=roles)

    page = await other.get("/api/readings")
    act = await other.post(f"/api/readings/{reading_id}/label", json=a_label())
    who = await (await other.get("/api/staff/me")).json()

    assert (page.status, act.status, who["may_label"]) == (403, 403, False)


async def test_given_an_agent_when_asking_who_they_are_then_the_page_may_offer_the_link(branch):
    mila = await branch.staff()

    assert (await (await mila.get("/api/staff/me")).json())["may_label"] is True


async def test_given_the_page_when_opened_by_anybody_then_it_holds_no_words_of_customers(branch):
    noted(branch, "walrus")

    page = await branch.client.get("/console/language")

    assert page.status == 200
    assert "walrus" not in await page.text()


async def test_given_a_customers_session_when_asking_then_refused(branch):
    token, _ = await start_chat(branch.client)

    response = await branch.client.get(
        "/api/readings", headers={"Authorization": f"Bearer {token}"}
    )

    assert response.status in (401, 403)
