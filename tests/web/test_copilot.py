"""The copilot's door: drafts only, redacted, and nothing behind the wall of tipping-off."""

from __future__ import annotations

import pytest

from bank.domain.actors import SYSTEM, a_customer
from bank.domain.answers import Audience
from bank.domain.cases import CaseKind
from bank.domain.conversations import NewMessage, Sender
from tests.bank.articles.writing import MILA, SUSI, a_text
from tests.web.house import make_customer, make_staff, staff_actor, without_shipped_articles


@pytest.fixture(autouse=True)
def bare(tmp_path, monkeypatch):
    without_shipped_articles(tmp_path, monkeypatch)


def said(branch, *lines: tuple[str, str, dict]) -> str:
    """A conversation somebody is called to; returns the case's id."""
    customer = make_customer(branch.bank)
    actor = a_customer(customer.id)
    chat = branch.bank.conversations.start(actor, "web")
    for at, (who, text, nlu) in enumerate(lines):
        side = actor if who == "customer" else SYSTEM
        line = NewMessage(Sender(who), text, {}, {"nlu": nlu} if nlu else {}, f"m{at // 2}")
        branch.bank.conversations.append(side, chat.id, line)
    return branch.bank.conversations.handoff(actor, chat.id, "customer_asked", "a person").id


TRANSFER = {
    "intent": "transfer_money", "confidence": 0.9,
    "entities": [{"entity": "iban", "value": "DE89370400440532013000"}],
    "actions": [{"name": "action_transfer_money"}],
}  # fmt: skip


async def told(client, case_id):
    answer = await client.get(f"/api/cases/{case_id}/copilot")
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def test_given_an_open_task_when_read_then_its_facts_redacted_and_nothing_is_sent(branch):
    case_id = said(
        branch, ("customer", "send 40 to DE89 3704 0044 0532 0130 00", {}),
        ("bot", "From which account?", TRANSFER),
    )  # fmt: skip
    mila = await branch.staff()
    before = branch.bank.conversations.newest_change()

    shown = await told(mila, case_id)

    assert shown["summary"]["open_task"]["action"] == "transfer_money"
    assert shown["summary"]["open_task"]["facts"] == {"iban": "•••"}
    assert "3704" not in str(shown)
    assert branch.bank.conversations.newest_change() == before


async def test_given_a_published_article_when_asked_about_then_a_draft_cites_it(branch):
    articles = branch.bank.articles
    made = articles.begin(MILA, a_text(), base_version=0)
    made = articles.submit(MILA, made.id, edit=made.edit)
    articles.publish(SUSI, made.id, edit=made.edit)
    case_id = said(branch, ("customer", "what does a new card cost?", {}))
    mila = await branch.staff()

    drafts = (await told(mila, case_id))["suggestions"]

    assert drafts[0]["citation"]["article_id"] == "card-fees"
    assert "5 EUR" in drafts[0]["text"]
    assert drafts[0]["for_staff"] is False


async def test_given_an_article_for_staff_when_it_fits_then_it_is_not_to_be_sent(branch):
    articles = branch.bank.articles
    made = articles.begin(MILA, a_text(audience=Audience.STAFF), base_version=0)
    made = articles.submit(MILA, made.id, edit=made.edit)
    articles.publish(SUSI, made.id, edit=made.edit)
    case_id = said(branch, ("customer", "what does a new card cost?", {}))
    mila = await branch.staff()

    drafts = (await told(mila, case_id))["suggestions"]

    assert drafts[0]["for_staff"] is True


def closed(branch, staff, kind: CaseKind, queue: str, subject: str) -> str:
    case = branch.bank.cases.open(
        SYSTEM, kind=kind, queue=queue, subject=subject, reason_code="customer_asked", why=subject
    )
    branch.bank.cases.claim(staff, case.id)
    branch.bank.cases.resolve(staff, case.id, "solved", "Ring +49 30 5550123, paid back")
    return case.id


async def test_given_closed_cases_when_read_then_alike_ones_and_no_alert_for_an_agent(branch):
    officer = staff_actor(
        branch.bank, make_staff(branch.bank, "olga", roles=("compliance", "supervisor", "agent"))
    )
    open_one = closed(branch, officer, CaseKind.HANDOFF, "chat", "double charge at a hotel")
    secret = closed(branch, officer, CaseKind.ALERT, "alerts", "double charge at a hotel")
    case_id = said(branch, ("customer", "why is there a double charge at the hotel?", {}))
    mila = await branch.staff()
    olga = await branch.staff("olga2", roles=("compliance", "supervisor", "agent"))

    for_mila = [one["id"] for one in (await told(mila, case_id))["similar"]]
    for_olga = [one["id"] for one in (await told(olga, case_id))["similar"]]

    assert (open_one in for_mila, secret in for_mila) == (True, False)
    assert secret in for_olga
    assert "5550123" not in str(await told(mila, case_id))


async def test_given_a_case_of_another_desk_when_read_then_it_does_not_exist(branch):
    case_id = said(branch, ("customer", "what does a new card cost?", {}))
    kyc = await branch.staff("kai", roles=("kyc",))

    assert (await kyc.get(f"/api/cases/{case_id}/copilot")).status == 404
