"""The console's identity cases: who sees them, what is shown, one person or two, marked pictures."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from PIL import Image, ImageChops

from bank.domain.actors import SYSTEM
from tests.web.applicants import a_picture, a_verdict, an_applicant, keep, submitted
from tests.web.house import bearer, error_code
from web.console.evidence import render


async def _case(branch, verdict=None):
    """An application a person has to decide; returns its actor and the case's id."""
    token, actor = await an_applicant(branch)
    job_id = submitted(branch.bank, actor)
    branch.bank.verdicts.record_verdict(job_id, verdict or a_verdict("needs_review"))
    return token, actor, branch.bank.onboarding.current(actor).case_id


async def _decide(client, case_id, outcome="approve", reason="identity_confirmed", **more):
    await client.post(f"/api/cases/{case_id}/claim")
    return await client.post(
        f"/api/cases/{case_id}/kyc/decision",
        json={"outcome": outcome, "reason_code": reason, **more},
    )


async def test_given_a_doubtful_application_when_opened_then_everything_stands_side_by_side(branch):
    _, actor, case_id = await _case(branch)
    nadia = await branch.staff("nadia", roles=("kyc",))

    shown = await (await nadia.get(f"/api/cases/{case_id}/kyc")).json()
    inbox = await (await nadia.get("/api/cases")).json()

    assert [one["kind"] for one in inbox["cases"]] == ["kyc"]
    assert shown["application"]["state"] == "in_review"
    assert {one["kind"] for one in shown["evidence"]} == {"document_front", "selfie", "liveness"}
    assert all(one["is_current"] for one in shown["evidence"])
    assert shown["comparison"][1] == {
        "field": "birth_date", "mrz": "1990-04-21", "visual": "1990-04-12", "barcode": "",
        "told": "1990-04-12", "agree": False,
    }  # fmt: skip
    assert shown["findings"][0]["breakdown"] == "face_comparison"
    assert {"name": "similarity", "value": 0.86, "threshold": 0.9} in shown["scores"]
    assert shown["screening"]["hits"][0]["reasons"][0]["text"] == "Birth year 1958, told 1990"
    assert shown["reasons"]["ask_again"]
    assert {"name": "surname", "value": "Haddad"} in shown["details"]
    assert shown["decisions"] == []
    assert branch.bank.onboarding.status(actor) == "in_review"


async def test_given_pictures_that_were_replaced_when_opened_then_they_stay_with_the_case(branch):
    _, actor = await an_applicant(branch)
    keep(branch.bank, actor, "selfie", a_picture((300, 300), mark=1))
    branch.bank.verdicts.record_verdict(submitted(branch.bank, actor), a_verdict("needs_review"))
    case_id = branch.bank.onboarding.current(actor).case_id
    nadia = await branch.staff("nadia", roles=("kyc",))

    shown = await (await nadia.get(f"/api/cases/{case_id}/kyc")).json()

    selfies = [one["is_current"] for one in shown["evidence"] if one["kind"] == "selfie"]
    assert sorted(selfies) == [False, True]


@pytest.mark.parametrize("roles", [("agent",), ("compliance",)])
async def test_given_another_desk_when_asking_for_an_identity_case_then_it_does_not_exist(branch, roles):
    _, actor, case_id = await _case(branch)
    other = await branch.staff("omar", roles=roles)
    picture_id = branch.bank.onboarding.current(actor).pictures["selfie"]

    page = await other.get(f"/api/cases/{case_id}/kyc")
    picture = await other.get(f"/console/evidence/{picture_id}")
    decision = await _decide(other, case_id)

    assert page.status in (403, 404)
    assert picture.status == 404
    assert decision.status in (403, 404)


async def test_given_one_person_is_enough_when_they_approve_then_the_applicant_is_a_customer(branch):
    _, actor, case_id = await _case(branch)
    nadia = await branch.staff("nadia", roles=("kyc",))

    response = await _decide(nadia, case_id, note="Called, all is well.")
    shown = await response.json()

    assert response.status == 200, shown
    assert shown["application"]["state"] == "approved"
    assert not shown["waits_for_decision"]
    assert [(one["state"], one["staff_name"], one["note"]) for one in shown["decisions"]] == [
        ("final", "Nadia Novak", "Called, all is well."),
    ]  # fmt: skip
    assert branch.bank.onboarding.status(actor) == "approved"
    assert branch.bank.cases.get(SYSTEM, case_id).state == "resolved"


async def test_given_a_case_nobody_claimed_when_decided_then_409(branch):
    _, _, case_id = await _case(branch)
    nadia = await branch.staff("nadia", roles=("kyc",))

    response = await nadia.post(
        f"/api/cases/{case_id}/kyc/decision",
        json={"outcome": "approve", "reason_code": "identity_confirmed"},
    )

    assert (response.status, error_code(await response.json())) == (409, "case_not_owned")


async def test_given_high_risk_when_approved_then_a_second_person_must_and_the_first_cannot(branch):
    _, actor, case_id = await _case(branch, a_verdict("needs_review", risk="edd", four_eyes=True))
    nadia = await branch.staff("nadia", roles=("kyc",))
    omar = await branch.staff("omar", roles=("kyc",))

    first = await (await _decide(nadia, case_id)).json()
    again = await _decide(nadia, case_id)
    to_omar = await (await omar.get(f"/api/cases/{case_id}/kyc")).json()
    nadia_now = await (await nadia.get(f"/api/cases/{case_id}/kyc")).json()
    await nadia.post(f"/api/cases/{case_id}/release")
    second = await (await _decide(omar, case_id, reason="seen_by_video")).json()

    assert first["four_eyes"]["proposed_by_name"] == "Nadia Novak"
    assert first["waits_for_decision"]
    assert (again.status, error_code(await again.json())) == (409, "second_person_needed")
    assert (nadia_now["four_eyes"]["viewer_may_approve"], to_omar["four_eyes"]["viewer_may_approve"]) == (False, True)
    assert second["application"]["state"] == "approved"
    assert [one["state"] for one in second["decisions"]] == ["proposed", "final"]
    assert branch.bank.onboarding.status(actor) == "approved"


async def test_given_a_reason_of_another_outcome_when_decided_then_invalid_input(branch):
    _, _, case_id = await _case(branch)
    nadia = await branch.staff("nadia", roles=("kyc",))

    wrong = await _decide(nadia, case_id, "reject", "identity_confirmed")
    unknown = await _decide(nadia, case_id, "solved", "identity_confirmed")

    for response in (wrong, unknown):
        assert (response.status, error_code(await response.json())) == (400, "invalid_input")


async def test_given_a_rejected_applicant_when_told_then_neutral_words_and_they_may_return(branch):
    token, actor, case_id = await _case(branch)
    nadia = await branch.staff("nadia", roles=("kyc",))

    await _decide(nadia, case_id, "reject", "document_altered", note="Font of the birth date differs.")
    history = await (await branch.client.get("/api/chat/history", headers=bearer(token))).text()

    assert branch.bank.onboarding.status(actor) == "closed"
    assert "document_altered" not in history
    assert "Font of" not in history
    assert branch.bank.onboarding.start(actor).state == "collecting"


async def test_given_evidence_when_opened_then_it_is_marked_kept_by_nobody_and_audited(branch):
    _, actor, _ = await _case(branch)
    nadia = await branch.staff("nadia", roles=("kyc",))
    pictures = branch.bank.onboarding.current(actor).pictures

    response = await nadia.get(f"/console/evidence/{pictures['selfie']}")
    film = await nadia.get(f"/console/evidence/{pictures['liveness']}")

    assert response.status == film.status == 200
    assert response.headers["Cache-Control"] == "no-store, private"
    assert response.content_type == "image/jpeg"
    assert Image.open(io.BytesIO(await film.read())).width > 64
    entries = branch.bank.store.read(lambda uow: uow.audit.list(action="evidence.read"))
    assert len(entries) == 2


def test_given_a_picture_when_shown_to_two_people_then_their_names_are_in_the_pixels():
    raw, now = a_picture((640, 480)), datetime(2026, 3, 2, 12, tzinfo=UTC)

    one, other = (Image.open(io.BytesIO(render(raw, name, now))) for name in ("Nadia", "Omar"))

    assert one.size == (640, 480)
    assert ImageChops.difference(one.convert("L"), other.convert("L")).getextrema()[1] > 10


def test_given_a_huge_picture_when_shown_then_it_is_made_smaller():
    shown = Image.open(io.BytesIO(render(a_picture((5000, 3000)), "Nadia", datetime.now(UTC))))

    assert max(shown.size) == 2400
