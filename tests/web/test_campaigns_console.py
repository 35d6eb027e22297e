"""Campaigns in the console: the class is said, two people, the preview, sizes, honest results."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.web.house import error_code, make_customer

WORDS = json.loads(
    (Path(__file__).parents[2] / "web/static/i18n/en.json").read_text(encoding="utf-8")
)

FORM = {
    "name": "Spring",
    "message_class": "marketing",
    "purpose": "offers",
    "channels": ["mail"],
    "audience": {"segments": [], "segment_version": "", "rules": []},
    "variants": [{"code": "a", "share_bp": 10_000, "texts": {"mail": "campaign_savings"}}],
    "starts_at": "2020-01-01T00:00",
    "ends_at": "2090-01-01T00:00",
    "budget_minor": 100_000,
}  # fmt: skip


async def made(client, **changes):
    answer = await client.post("/api/campaigns", json={**FORM, **changes})
    assert answer.status == 200, await answer.text()
    return await answer.json()


async def test_given_a_draft_when_its_maker_approves_then_a_second_person_is_needed(branch):
    susi = await branch.staff("susi", roles=("supervisor",))
    other = await branch.staff("otto", roles=("supervisor",))
    make_customer(branch.bank)
    one = (await made(susi))["head"]["id"]

    refused = await susi.post(f"/api/campaigns/{one}/approve", json={})
    assert (refused.status, error_code(await refused.json())) == (409, "second_person_needed")
    done = await (await other.post(f"/api/campaigns/{one}/approve", json={})).json()
    again = await other.post(f"/api/campaigns/{one}/approve", json={})

    assert done["head"]["state"] == "approved"
    assert done["results"]["uplift"] is None  # nothing to read yet, and it says so
    assert again.status == 409


async def test_given_no_message_class_when_made_then_refused(branch):
    mila = await branch.staff()
    form = {key: value for key, value in FORM.items() if key != "message_class"}

    refused = await mila.post("/api/campaigns", json=form)

    assert refused.status == 400
    assert "message_class" in (await refused.json())["error"]["details"]


@pytest.mark.parametrize(
    "changes",
    [
        {"ends_at": "2020-01-02T00:00"},
        {"starts_at": "2026-13-41T00:00"},
        {"variants": [{"code": "a", "share_bp": 10_000, "texts": {"mail": "campaign_no_such"}}]},
        {"audience": {"rules": [{"feature": "risk_score", "op": "gte", "value": 1}]}},
        {"audience": {"rules": [{"any": [{"feature": "fraud", "op": "eq", "value": True}]}]}},
        {"audience": {"rules": [{"not": []}]}},
        {"variants": [{"code": "a", "share_bp": 9_000, "texts": {"mail": "campaign_savings"}}]},
        {"channels": ["pigeon"]},
    ],
)
async def test_given_a_form_that_cannot_be_when_made_then_400_and_nothing_is_kept(branch, changes):
    mila = await branch.staff()

    refused = await mila.post("/api/campaigns", json={**FORM, **changes})

    assert refused.status == 400, await refused.text()
    assert (await (await mila.get("/api/campaigns")).json())["campaigns"] == []


async def test_given_a_customer_without_consent_when_previewed_then_the_reason_and_the_letter(
    branch,
):
    mila = await branch.staff()
    make_customer(branch.bank)
    name = branch.bank.store.read(lambda uow: uow.customers.first()).login_name
    one = (await made(mila))["head"]["id"]

    told = await (
        await mila.post(f"/api/campaigns/{one}/preview", json={"login_name": name})
    ).json()

    assert told["is_member"] is True
    assert "no_consent" in told["lines"][0]["reasons"]
    assert told["lines"][0]["body"]


async def test_given_a_rule_nobody_fits_when_sized_then_nobody_and_no_difference(branch):
    mila = await branch.staff()
    make_customer(branch.bank)
    rules = [{"feature": "age_years", "op": "gte", "value": 200}]

    everybody = await mila.post("/api/campaigns/size", json={"audience": {}})
    nobody = await mila.post("/api/campaigns/size", json={"audience": {"rules": rules}})

    assert (await everybody.json())["count"] == 1
    told = await nobody.json()
    assert (told["count"], told["against_held_out_points"]) == (0, None)


async def test_given_segments_that_are_gone_when_sized_then_404(branch):
    mila = await branch.staff()
    make_customer(branch.bank)
    audience = {"segments": ["sg_1"], "segment_version": "20200101-000000", "rules": []}

    refused = await mila.post("/api/campaigns/size", json={"audience": audience})

    assert (refused.status, error_code(await refused.json())) == (404, "not_found")


async def test_given_no_segments_when_looked_at_then_an_honest_nothing(branch):
    mila = await branch.staff()
    susi = await branch.staff("susi", roles=("supervisor",))

    told = await (await mila.get("/api/segments")).json()

    assert (told["version"], told["segments"], told["may_export"]) == ("", [], False)
    assert (await mila.get("/api/segments/members.csv")).status == 403
    assert (await susi.get("/api/segments/members.csv")).status == 404


async def test_given_staff_of_another_desk_when_asking_then_refused(branch):
    kyc = await branch.staff("kim", roles=("kyc",))

    for path in ("/api/segments", "/api/campaigns"):
        assert (await kyc.get(path)).status == 403
    assert (await kyc.post("/api/campaigns", json=FORM)).status == 403


async def test_given_a_stopped_campaign_when_stopped_again_then_still_stopped(branch):
    mila = await branch.staff()
    one = (await made(mila))["head"]["id"]

    states = [
        (await (await mila.post(f"/api/campaigns/{one}/stop", json={})).json())["head"]["state"]
        for _ in range(2)
    ]

    assert states == ["stopped", "stopped"]


async def test_given_uneven_shares_when_sized_then_each_is_compared_with_the_first(branch):
    mila = await branch.staff()
    for number in range(150):
        make_customer(branch.bank, f"p{number}")

    async def sized(*shares_bp):
        asked = {"audience": {}, "shares_bp": list(shares_bp), "base_percent": 30}
        answer = await mila.post("/api/campaigns/size", json=asked)
        assert answer.status == 200, await answer.text()
        return await answer.json()

    even, uneven, turned = await sized(5000, 5000), await sized(9000, 1000), await sized(1000, 9000)
    three = await sized(6000, 3000, 1000)

    assert (even["variants"], uneven["variants"]) == ([71, 71], [127, 14])
    assert uneven["against_first_points"][0] > even["against_first_points"][0]
    assert turned["against_first_points"] == uneven["against_first_points"]
    assert len(three["against_first_points"]) == 2
    assert three["against_first_points"][1] > three["against_first_points"][0]


async def test_given_shares_that_do_not_add_up_when_sized_then_the_answer_names_them(branch):
    mila = await branch.staff()

    refused = await mila.post("/api/campaigns/size", json={"audience": {}, "shares_bp": [5000]})

    assert refused.status == 400
    assert (await refused.json())["error"]["details"]["field"] == "share_bp"


async def test_given_an_empty_audience_when_approved_then_the_reason_is_told(branch):
    susi = await branch.staff("susi", roles=("supervisor",))
    mila = await branch.staff()
    make_customer(branch.bank)
    rules = [{"not": {"feature": "kyc_tier", "op": "gte", "value": 0}}]
    one = (await made(mila, audience={"rules": rules}))["head"]["id"]

    refused = await susi.post(f"/api/campaigns/{one}/approve", json={})

    assert refused.status == 409
    assert (await refused.json())["error"]["details"]["reason"] == "empty_audience"


async def test_given_somebody_without_a_name_when_the_reach_is_asked_then_they_are_counted(branch):
    mila = await branch.staff()
    nameless = make_customer(branch.bank)
    make_customer(branch.bank, "berta")
    branch.bank.store.write(lambda uow: uow.customers.save(replace(nameless, given_name="")))
    one = (await made(mila))["head"]["id"]

    told = await (await mila.get(f"/api/campaigns/{one}/reach")).json()

    assert (told["count"], told["looked_at_count"]) == (2, 2)
    reasons = told["reasons"]["mail"]  # chance may hold somebody out, too
    assert (reasons["missing_fact"], reasons["no_consent"]) == (1, 2)


async def test_given_the_form_when_asked_then_every_choice_and_op_has_words(branch):
    mila = await branch.staff()

    form = (await (await mila.get("/api/campaigns")).json())["form"]

    keys = [f"campaigns.op.{op}" for op in form["ops"]]
    for name, feature in form["features"].items():
        keys.append(f"campaigns.feature.{name}")
        keys += [f"campaigns.choice.{name}.{one}" for one in feature["choices"]]
    assert [key for key in keys if key not in WORDS] == []
