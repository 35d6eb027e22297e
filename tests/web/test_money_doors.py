"""Money over HTTP: transfers in two requests, payees, and the search of one's own lines."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bank.domain.actors import a_customer
from bank.domain.transfers import PROPOSAL_TTL_S
from tests.web.house import PASSWORD, error_code, make_customer, start_chat
from tests.web.money import ELSEWHERE, FUNDS_MINOR, Amal, a_branch


@pytest.fixture
async def amal(tmp_path) -> AsyncIterator[Amal]:
    async with a_branch(tmp_path) as somebody:
        yield somebody


async def _proposed(amal: Amal) -> str:
    answer = await amal.propose()
    assert answer.status == 201, await answer.text()
    return (await answer.json())["id"]


async def test_given_a_payee_when_proposed_then_201_and_the_amount_is_held(amal):
    response = await amal.propose(4_000, payee_id=amal.payee.id, reference="lunch")
    transfer = await response.json()

    assert response.status == 201
    assert transfer["status"] == "proposed"
    assert transfer["amount"] == {"amount_minor": 4_000, "currency": "EUR", "text": "40.00 EUR"}
    assert (transfer["payee_name"], transfer["reference"]) == ("Ana Silva", "lunch")
    assert ELSEWHERE not in str(transfer)
    assert amal.balances() == (FUNDS_MINOR, FUNDS_MINOR - 4_000)


async def test_given_the_same_key_and_body_when_proposed_again_then_the_same_transfer(amal):
    first = await (await amal.propose()).json()

    again = await amal.propose()

    assert (again.status, (await again.json())["id"]) == (201, first["id"])
    assert amal.balances() == (FUNDS_MINOR, FUNDS_MINOR - 4_000)


@pytest.mark.parametrize("amount_minor", [4_001, 400])
async def test_given_the_same_key_and_another_body_when_proposed_then_409(amal, amount_minor):
    await amal.propose()

    response = await amal.propose(amount_minor)

    assert (response.status, error_code(await response.json())) == (409, "idempotency_mismatch")
    assert amal.balances() == (FUNDS_MINOR, FUNDS_MINOR - 4_000)


@pytest.mark.parametrize("key", ["", "short", "x" * 201, "with\ttab-key"])
async def test_given_an_unusable_key_when_proposed_then_it_is_asked_for(amal, key):
    response = await amal.propose(key=key)

    code = error_code(await response.json())
    assert (response.status, code) == (400, "idempotency_key_required")
    assert amal.balances() == (FUNDS_MINOR, FUNDS_MINOR)


@pytest.mark.parametrize(
    ("amount_minor", "to", "status", "code"),
    [
        (0, {}, 400, "invalid_amount"),
        (-500, {}, 400, "invalid_amount"),
        (FUNDS_MINOR * 2, {}, 409, "limit_exceeded"),
        (100, {"payee_id": "pa_nobody"}, 404, "not_found"),
        (100, {"payee_id": "pa_1", "to_account_id": "ac_1"}, 400, "invalid_input"),
    ],
)
async def test_given_a_transfer_that_cannot_be_when_proposed_then_its_own_code(
    amal, amount_minor, to, status, code
):
    response = await amal.propose(amount_minor, **to)

    assert (response.status, error_code(await response.json())) == (status, code)
    assert amal.balances() == (FUNDS_MINOR, FUNDS_MINOR)


async def test_given_no_code_when_confirmed_then_403_names_the_challenge_and_nothing_moves(amal):
    response = await amal.confirm(await _proposed(amal))

    error = (await response.json())["error"]
    assert (response.status, error["code"]) == (403, "step_up_required")
    assert error["details"]["challenge_id"].startswith("ch_")
    assert error["details"]["sent_to"].startswith("•••")
    assert amal.balances()[0] == FUNDS_MINOR


async def test_given_the_code_when_confirmed_twice_then_posted_once_and_the_same_answer(amal):
    transfer_id = await _proposed(amal)
    await amal.confirm(transfer_id)
    code = amal.code()

    first = await amal.confirm(transfer_id, code)
    again = await amal.confirm(transfer_id, code)

    assert (first.status, again.status) == (200, 200), await first.text()
    assert (await first.json()) == (await again.json())
    assert (await first.json())["status"] == "posted"
    assert amal.balances() == (FUNDS_MINOR - 4_000, FUNDS_MINOR - 4_000)


async def test_given_a_wrong_code_when_confirmed_then_403_counts_the_tries_until_it_is_closed(amal):
    transfer_id = await _proposed(amal)
    await amal.confirm(transfer_id)
    wrong = f"{(int(amal.code()) + 1) % 1_000_000:06d}"

    answers = [await amal.confirm(transfer_id, wrong) for _ in range(6)]

    errors = [(await answer.json())["error"] for answer in answers]
    assert {answer.status for answer in answers} == {403}
    assert [error["details"].get("tries_left") for error in errors[:4]] == ["4", "3", "2", "1"]
    assert errors[-1]["code"] == "too_many_tries"
    late = await amal.confirm(transfer_id, amal.code())
    assert (late.status, amal.balances()[0]) == (403, FUNDS_MINOR)


async def test_given_the_code_of_one_transfer_when_used_for_another_then_it_opens_nothing(amal):
    first = await _proposed(amal)
    other = (await (await amal.propose(90_000, key="key-00002")).json())["id"]
    await amal.confirm(first)
    code = amal.code()
    amal.clock.pass_s(1)
    await amal.confirm(other)

    response = await amal.confirm(other, code)

    assert (response.status, amal.balances()[0]) == (403, FUNDS_MINOR)


async def test_given_a_proposal_nobody_confirmed_when_late_then_409_and_the_hold_is_gone(amal):
    transfer_id = await _proposed(amal)
    await amal.confirm(transfer_id)
    code = amal.code()
    amal.clock.pass_s(PROPOSAL_TTL_S + 1)

    response = await amal.confirm(transfer_id, code)

    assert (response.status, error_code(await response.json())) == (409, "proposal_expired")
    amal.bank.transfers.expire_due()
    assert amal.balances() == (FUNDS_MINOR, FUNDS_MINOR)


async def test_given_somebody_elses_transfer_when_confirmed_then_it_does_not_exist(amal):
    transfer_id = await _proposed(amal)
    make_customer(amal.bank, "mallory")
    amal.token, _ = await start_chat(amal.client, customer="mallory", password=PASSWORD)

    response = await amal.confirm(transfer_id)

    assert (response.status, error_code(await response.json())) == (404, "not_found")


async def test_given_payees_when_listed_then_only_ones_own_with_masked_ibans(amal):
    mallory = make_customer(amal.bank, "mallory")
    amal.bank.payees.add(
        a_customer(mallory.id), name="Evil Corp", iban=ELSEWHERE, idempotency_key="payee-0002"
    )

    answer = await (await amal.get("/api/payees")).json()

    [payee] = answer["payees"]
    assert (payee["id"], payee["name"]) == (amal.payee.id, "Ana Silva")
    assert payee["iban_masked"].endswith(ELSEWHERE[-4:])
    assert ELSEWHERE not in str(answer)



@pytest.fixture
async def shopper(amal) -> Amal:
    """Amal with five purchases on five days."""
    for days_ago in range(1, 6):
        amal.book(-1_000 * days_ago, merchant=f"Shop {days_ago}", days_ago=days_ago)
    return amal


@pytest.mark.parametrize(
    ("query", "merchants", "spent_minor"),
    [
        ({"from": "2026-03-02"}, ["Employer", "Shop 1", "Shop 2"], 3_000),
        ({"from": "2026-03-01", "to": "2026-03-02"}, ["Shop 3"], 3_000),
        ({"to": "2026-03-01T00:00:00Z"}, ["Shop 4", "Shop 5"], 9_000),
        ({"q": "shop 2"}, ["Shop 2"], 2_000),
        ({"limit": "2", "to": "2026-03-04"}, ["Shop 1", "Shop 2"], 15_000),
        ({"from": "2027-01-01"}, [], None),
    ],
    ids=["from a day", "one day", "to a moment", "words", "a page of two", "the future"],
)
async def test_given_filters_when_searched_then_lines_newest_first_and_sums_over_all(
    shopper, query, merchants, spent_minor
):
    answer = await (await shopper.get("/api/transactions", **query)).json()

    assert [line["merchant"] for line in answer["transactions"]] == merchants
    assert [one["amount_minor"] for one in answer["spent"]] == (
        [] if spent_minor is None else [spent_minor]
    )


async def test_given_an_account_when_searched_then_only_ones_own_exists(shopper):
    own = await shopper.get("/api/transactions", account=shopper.current.id, limit="1")
    make_customer(shopper.bank, "mallory")
    shopper.token, _ = await start_chat(shopper.client, customer="mallory", password=PASSWORD)

    others = await shopper.get("/api/transactions", account=shopper.current.id)

    assert ((await own.json())["total_count"], own.status) == (6, 200)
    assert (others.status, error_code(await others.json())) == (404, "not_found")


@pytest.mark.parametrize("query", [{"from": "yesterday"}, {"to": "2026-13-01"}, {"limit": "-1"}])
async def test_given_a_filter_that_is_none_when_searched_then_400_names_it(amal, query):
    response = await amal.get("/api/transactions", **query)

    error = (await response.json())["error"]
    assert (response.status, error["code"]) == (400, "invalid_input")
    assert set(error["details"]) == set(query)
