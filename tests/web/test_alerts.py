"""The console's alert doors: what staff see and decide, what the report's wall hides, and that the
customer notices nothing of either."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bank.domain.accounts import AccountStatus
from bank.domain.actors import SYSTEM
from bank.domain.risk import RiskAct, RiskDecision, RiskSource
from bank.domain.transfers import TransferStatus
from bank.policies.tables import load_table
from bank.services.alert_timeline import MarkKind
from tests.bank.builders import ELSEWHERE
from tests.web.alerts import SAID, WORDS, a_held_payment, a_paused_payment, a_payer, pay
from tests.web.house import bearer, error_code
from tests.web.test_console_words import WORDS as CATALOGUE

SECRET = "He spoke of a man on the phone."
REPORT = {"after_version": 0, "parts": {"narrative": SECRET}}
COMPLIANCE = ("compliance",)


async def read(client, case_id: str, verb: str = "alert") -> dict:
    response = await client.get(f"/api/cases/{case_id}/{verb}")
    assert response.status == 200, await response.text()
    return await response.json()


async def decided(client, case_id: str, outcome: str = "genuine", note: str = "") -> tuple:
    response = await client.post(
        f"/api/cases/{case_id}/decide", json={"outcome": outcome, "note": note}
    )
    return response.status, await response.json()


# --- the page --------------------------------------------------------------------------------


async def test_given_a_held_payment_when_opened_then_each_signal_by_its_source_the_strongest_first(
    branch,
):
    held = a_held_payment(branch.bank)
    kim = await branch.staff("kim", roles=COMPLIANCE)

    alert = await read(kim, held.case_id)

    (act,) = alert["acts"]
    assert (act["act"], act["amount"]["text"], act["decision"], act["transfer_status"]) == (
        "transfer", "4,000.00 EUR", "hold", "processing",
    )  # fmt: skip
    assert act["model_version"] == "20261101-120000"
    assert [one["source"] for one in act["sources"]] == [
        "model", "conversation", "rule", "identity",
    ]  # fmt: skip
    adds = [one["adds"] for one in act["sources"]]
    assert adds == sorted(adds, reverse=True)
    assert act["sources"][0]["signals"] == [
        {"code": "model", "sentence": "Unlike what they pay.", "share": 9.0}
    ]
    assert act["one_in"] == 1
    assert (alert["waits"], alert["held"], alert["may_decide"], alert["may_draft"]) == (True,) * 4
    text = json.dumps(alert, ensure_ascii=False)
    assert ELSEWHERE not in text
    assert "DE•• 3000" in text


async def test_given_a_line_that_was_noticed_when_opened_then_its_place_fits_the_line_as_stored(
    branch,
):
    held = a_held_payment(branch.bank)
    kim = await branch.staff("kim", roles=COMPLIANCE)

    alert = await read(kim, held.case_id)
    lines = (await read(kim, held.case_id, "transcript"))["messages"]

    (flag,) = alert["flags"]
    line = next(one for one in lines if one["seq"] == flag["seq"])
    ((start, end),) = flag["spans"]
    assert line["text"] == SAID
    assert line["text"][start:end] == WORDS
    assert flag["text"] == "Is told to move money into a 'safe' account."


async def test_given_others_who_paid_the_account_when_opened_then_the_graph_has_them_nameless(
    branch,
):
    ben, session, _ = a_payer(branch.bank, "ben")
    pay(branch.bank, session, 55_000)
    held = a_held_payment(branch.bank)
    kim = await branch.staff("kim", roles=COMPLIANCE)

    graph = (await read(kim, held.case_id))["graph"]

    assert [one["kind"] for one in graph["nodes"]].count("other") == 1
    assert ben.id not in json.dumps(graph)
    assert "Ben Haddad" not in json.dumps(graph)
    assert [one["asked"] for one in graph["edges"]].count(True) == 1


async def test_given_roles_when_opening_then_only_those_of_the_queue_and_only_compliance_drafts(
    branch,
):
    held = a_held_payment(branch.bank)

    found = {}
    for role in ("agent", "supervisor", "compliance", "kyc", "admin", "model_owner"):
        who = await branch.staff(role, roles=(role,))
        response = await who.get(f"/api/cases/{held.case_id}/alert")
        may_draft = (await response.json()).get("may_draft")
        found[role] = (response.status, may_draft)

    assert found == {
        "agent": (403, None), "supervisor": (200, False), "compliance": (200, True),
        "kyc": (403, None), "admin": (403, None), "model_owner": (403, None),
    }  # fmt: skip


async def test_given_a_case_that_is_no_alert_or_none_when_opened_then_404(branch):
    other = branch.bank.cases.open(
        SYSTEM, kind="dispute", queue="disputes", subject="s", reason_code="duplicate", why="w"
    )
    kim = await branch.staff("kim", roles=COMPLIANCE)

    for case_id in (other.id, "ca_nowhere"):
        assert (await kim.get(f"/api/cases/{case_id}/alert")).status == 404


# --- the decision ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("genuine", TransferStatus.POSTED), ("fraud", TransferStatus.VOIDED)],
)
async def test_given_a_held_payment_when_decided_then_it_ends_so_and_the_case_is_resolved(
    branch, outcome, status
):
    held = a_held_payment(branch.bank)
    kim = await branch.staff("kim", roles=COMPLIANCE)
    await kim.post(f"/api/cases/{held.case_id}/claim", json={})

    answered, case = await decided(kim, held.case_id, outcome, "  Called them.  ")

    assert (answered, case["state"], case["outcome"]) == (200, "resolved", outcome)
    assert branch.bank.transfers.get(held.session.actor(), held.transfer.id).status is status
    (act,) = (await read(kim, held.case_id))["acts"]
    assert (act["outcome"], act["outcome_by"]) == (outcome, "Kim Novak")
    detail = await (await kim.get(f"/api/cases/{held.case_id}")).json()
    assert [one["text"] for one in detail["events"] if one["kind"] == "resolved"] == [
        "Called them."
    ]


async def test_given_a_case_nobody_claimed_when_decided_then_409_in_words_and_nothing_moves(branch):
    held = a_held_payment(branch.bank)
    kim = await branch.staff("kim", roles=COMPLIANCE)

    status, body = await decided(kim, held.case_id)

    assert (status, error_code(body)) == (409, "case_not_owned")
    assert body["error"]["message"].endswith(".")
    kept = branch.bank.transfers.get(held.session.actor(), held.transfer.id)
    assert kept.status is TransferStatus.HELD


async def test_given_an_account_closed_meanwhile_when_found_genuine_then_refused_and_still_held(
    branch,
):
    held = a_held_payment(branch.bank)
    kim = await branch.staff("kim", roles=COMPLIANCE)
    await kim.post(f"/api/cases/{held.case_id}/claim", json={})
    branch.bank.store.write(
        lambda uow: uow.accounts.save(
            replace(
                uow.accounts.get(held.transfer.from_account_id), status=AccountStatus.RESTRICTED
            )
        )
    )

    status, body = await decided(kim, held.case_id, "genuine")

    assert (status, error_code(body)) == (409, "account_not_active")
    assert CATALOGUE["alert.problem.account_not_active"]
    assert (await read(kim, held.case_id))["held"] is True
    assert (await decided(kim, held.case_id, "fraud"))[0] == 200


async def test_given_a_decision_when_made_again_then_refused(branch):
    held = a_held_payment(branch.bank)
    kim = await branch.staff("kim", roles=COMPLIANCE)
    await kim.post(f"/api/cases/{held.case_id}/claim", json={})
    await decided(kim, held.case_id, "fraud")

    status, body = await decided(kim, held.case_id, "genuine")

    assert (status, error_code(body)) == (400, "invalid_input")


@pytest.mark.parametrize(
    "body", [{}, {"outcome": "maybe"}, {"outcome": "fraud", "note": "x" * 4001}]
)
async def test_given_a_body_that_is_no_decision_then_400(branch, body):
    held = a_held_payment(branch.bank)
    kim = await branch.staff("kim", roles=COMPLIANCE)

    response = await kim.post(f"/api/cases/{held.case_id}/decide", json=body)

    assert response.status == 400


async def test_given_an_agent_when_deciding_then_refused_and_nothing_moves(branch):
    held = a_held_payment(branch.bank)
    mila = await branch.staff()

    status, _ = await decided(mila, held.case_id, "genuine")

    assert status in (403, 404)
    kept = branch.bank.transfers.get(held.session.actor(), held.transfer.id)
    assert kept.status is TransferStatus.HELD


async def test_given_a_paused_payment_when_decided_then_no_money_is_in_it(branch):
    case_id = a_paused_payment(branch.bank)
    kim = await branch.staff("kim", roles=COMPLIANCE)
    await kim.post(f"/api/cases/{case_id}/claim", json={})

    alert = await read(kim, case_id)
    status, case = await decided(kim, case_id, "fraud")

    assert (alert["waits"], alert["held"], alert["acts"][0]["decision"]) == (True, False, "pause")
    assert (status, case["outcome"]) == (200, "fraud")


async def test_given_staff_who_speak_when_they_decide_then_the_assistant_speaks_again(branch):
    held = a_held_payment(branch.bank)
    kim = await branch.staff("kim", roles=COMPLIANCE)
    taken = await kim.post(f"/api/cases/{held.case_id}/take-over", json={})
    assert taken.status == 200

    await decided(kim, held.case_id, "genuine")

    detail = await (await kim.get(f"/api/cases/{held.case_id}")).json()
    assert detail["conversation"]["speaker"] == "bot"


# --- the report's wall -----------------------------------------------------------------------


async def test_given_compliance_when_a_report_is_written_then_versions_and_a_text_file(branch):
    held = a_held_payment(branch.bank)
    kim = await branch.staff("kim", roles=COMPLIANCE)

    before = await read(kim, held.case_id, "sar")
    written = await (await kim.post(f"/api/cases/{held.case_id}/sar", json=REPORT)).json()
    late = await kim.post(f"/api/cases/{held.case_id}/sar", json=REPORT)
    text = await kim.get(f"/api/cases/{held.case_id}/sar/text")

    assert (before["version"], written["version"], written["written_by"]) == (0, 1, "Kim Novak")
    assert (late.status, error_code(await late.json())) == (409, "conflict")
    assert SECRET in await text.text()
    assert "attachment" in text.headers["Content-Disposition"]
    assert "no-store" in text.headers["Cache-Control"]


async def test_given_anybody_else_when_asking_for_the_report_then_as_for_no_case_at_all(branch):
    held = a_held_payment(branch.bank)
    kim = await branch.staff("kim", roles=COMPLIANCE)
    nobody = await kim.get("/api/cases/ca_nowhere/sar")
    nowhere = (nobody.status, await nobody.json())
    await kim.post(f"/api/cases/{held.case_id}/sar", json=REPORT)

    for role in ("agent", "supervisor", "kyc", "admin", "model_owner"):
        who = await branch.staff(role, roles=(role,))
        for case_id in (held.case_id, "ca_nowhere"):
            got = await who.get(f"/api/cases/{case_id}/sar")
            posted = await who.post(f"/api/cases/{case_id}/sar", json=REPORT)
            text = await who.get(f"/api/cases/{case_id}/sar/text")
            for response in (got, posted, text):
                assert (response.status, await response.json()) == nowhere, (role, case_id)


async def test_given_the_page_of_a_report_when_opened_by_anybody_then_it_holds_nothing_of_it(
    branch,
):
    held = a_held_payment(branch.bank)
    kim = await branch.staff("kim", roles=COMPLIANCE)
    await kim.post(f"/api/cases/{held.case_id}/sar", json=REPORT)

    page = await branch.client.get(f"/console/cases/{held.case_id}/report")
    other = await branch.client.get("/console/cases/ca_nowhere/report")

    assert (page.status, other.status) == (200, 200)
    text = (await page.text()).replace(held.case_id, "ca_nowhere")
    assert text == await other.text()


# --- the customer notices nothing ------------------------------------------------------------


async def _customer_sees(branch, token: str) -> list[tuple[int, str]]:
    doors = ("/api/chat/history", "/api/accounts", "/api/payees", "/api/transactions")
    seen = []
    for door in doors:
        response = await branch.client.get(door, headers=bearer(token))
        assert response.status == 200, door
        seen.append((response.status, await response.text()))
    return seen


async def test_given_looks_notes_and_a_report_when_the_customer_asks_then_every_byte_is_the_same(
    branch,
):
    held = a_held_payment(branch.bank)
    before = await _customer_sees(branch, held.token)
    kim = await branch.staff("kim", roles=COMPLIANCE)

    await kim.post(f"/api/cases/{held.case_id}/claim", json={})
    await read(kim, held.case_id)
    await kim.post(f"/api/cases/{held.case_id}/note", json={"text": "Looks like a scam."})
    await kim.post(f"/api/cases/{held.case_id}/sar", json=REPORT)
    await kim.get(f"/api/cases/{held.case_id}/sar/text")

    assert await _customer_sees(branch, held.token) == before


async def test_given_a_line_that_was_noticed_when_the_customer_reads_it_then_it_has_no_mark(branch):
    held = a_held_payment(branch.bank)

    seen = await _customer_sees(branch, held.token)

    assert json.loads(seen[0][1])["messages"][-1]["text"] == SAID
    for word in ("flag", "span", "safe_account", "Is told", "alert", "suspic", "risk", "fraud"):
        assert all(word not in text for _, text in seen), word


# --- words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key",
    [
        *(f"alert.act.{one}" for one in RiskAct),
        *(f"alert.decision.{one}" for one in RiskDecision),
        *(f"alert.source.{one}" for one in RiskSource),
        *(f"alert.mark.{one}" for one in MarkKind),
        *(f"alert.status.{one}" for one in TransferStatus),
        *(
            f"alert.effect.{outcome}.{effect}"
            for outcome in ("genuine", "fraud")
            for effect in ("held", "denied", "paused", "act")
        ),
        *(f"reason.{one}" for one in ("payment_held", "payment_paused", "act_paused")),
    ],
)
def test_given_a_word_of_the_desk_when_shown_then_it_is_not_a_code(key):
    assert CATALOGUE[key]


def test_given_the_sources_then_each_that_weighs_has_words():
    assert {f"alert.source.{one}" for one in load_table("protection")["weights"]} <= set(CATALOGUE)
