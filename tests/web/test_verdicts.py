"""Telling what the checks found: in the applicant's conversation, once, whoever dies on the way."""

from __future__ import annotations

import pytest

from bank.domain.actors import SYSTEM
from tests.web.applicants import (
    a_picture,
    a_verdict,
    an_application,
    confirm_address,
    finding,
    keep,
    look_ends,
    mailed_link,
    submitted,
)
from tests.web.house import TURN_KEY, House, echo, fails, make_house, make_staff, staff_actor
from web import verdicts
from web.chat.turns import TurnDesk
from web.utterances import load_utterances
from web.verdicts import JobTeller


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(verdicts, "AGAIN_AFTER_S", (0.0,))


@pytest.fixture
def house() -> House:
    return make_house()


def a_teller(house: House, *, own_desk: bool = False) -> JobTeller:
    desk = house.desk
    if own_desk:
        desk = TurnDesk(house.bank, house.assistant, TURN_KEY, utterances=load_utterances())
    return JobTeller(house.bank, desk)


def jobs(house: House, kind: str) -> list[str]:
    return [one.id for one in house.bank.store.read(lambda uow: uow.identity_jobs.list(kind=kind))]


def events(house: House) -> list[tuple[str, dict]]:
    return [(turn.payload["intent"], turn.payload["entities"]) for turn in house.assistant.turns]


async def test_given_a_good_picture_when_looked_at_then_the_bot_is_told_once(house):
    session = house.visitor()
    an_application(house.bank, session.actor())
    keep(house.bank, session.actor(), "document_front")
    look_ends(house.bank, jobs(house, "look")[0])
    teller = a_teller(house)

    told = [await teller.tell_all() for _ in range(3)]

    assert told == [1, 0, 0]
    facts = {"kind": "document_front", "outcome": "ok", "codes": ""}
    assert events(house) == [("EXTERNAL_picture_looked", facts)]
    assert house.said(session) == [("bot", "event EXTERNAL_picture_looked")]


async def test_given_a_poor_picture_when_looked_at_then_the_codes_say_what_to_mend(house):
    session = house.visitor()
    an_application(house.bank, session.actor())
    keep(house.bank, session.actor(), "selfie")
    look_ends(house.bank, jobs(house, "look")[0], [finding("blurred"), finding("too_dark")])

    await a_teller(house).tell_all()

    facts = {"kind": "selfie", "outcome": "retry", "codes": "blurred,too_dark"}
    assert events(house) == [("EXTERNAL_picture_looked", facts)]


async def test_given_a_picture_replaced_meanwhile_when_looked_at_then_nothing_is_said_of_it(house):
    session = house.visitor()
    an_application(house.bank, session.actor())
    keep(house.bank, session.actor(), "selfie")
    second = jobs(house, "look")[0]

    keep(house.bank, session.actor(), "selfie", a_picture((300, 200), mark=3))
    look_ends(house.bank, second, [finding("blurred")])

    await a_teller(house).tell_all()

    assert events(house) == []
    assert house.bank.identity_jobs.untold() == []


async def test_given_a_look_that_failed_when_told_then_it_holds_nobody_up(house):
    session = house.visitor()
    an_application(house.bank, session.actor())
    keep(house.bank, session.actor(), "selfie")
    house.bank.verdicts.record_failure(jobs(house, "look")[0])

    await a_teller(house).tell_all()

    assert events(house)[0][1]["outcome"] == "ok"


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("approved", "approved"), ("needs_review", "in_review"), ("rejected", "in_review"), ("needs_retry", "collecting")],
)
async def test_given_a_verdict_when_told_then_only_the_closed_set_of_words_is(house, outcome, status):
    session = house.visitor()
    an_application(house.bank, session.actor())
    house.bank.verdicts.record_verdict(submitted(house.bank, session.actor()), a_verdict(outcome))

    await a_teller(house).tell_all()

    name, facts = events(house)[-1]
    assert (name, facts["status"]) == ("EXTERNAL_onboarding_decided", status)
    assert "face_unlike" not in str(facts)


async def test_given_checks_that_failed_when_told_then_a_person_looks_and_the_words_say_so(house):
    session = house.visitor()
    an_application(house.bank, session.actor())
    house.bank.verdicts.record_failure(submitted(house.bank, session.actor()))

    await a_teller(house).tell_all()

    assert events(house)[-1][1]["status"] == "in_review"


async def test_given_a_silent_assistant_when_told_then_it_is_tried_again_and_said_once(house):
    session = house.visitor()
    an_application(house.bank, session.actor())
    keep(house.bank, session.actor(), "selfie")
    look_ends(house.bank, jobs(house, "look")[0])
    teller = a_teller(house)
    house.assistant.script = fails

    assert await teller.tell_all() == 0
    assert house.said(session) == []
    house.assistant.script = echo

    assert await teller.tell_all() == 1
    assert house.said(session) == [("bot", "event EXTERNAL_picture_looked")]


async def test_given_a_crash_before_it_was_marked_when_started_again_then_it_is_said_once(
    house, monkeypatch
):
    session = house.visitor()
    an_application(house.bank, session.actor())
    keep(house.bank, session.actor(), "selfie")
    look_ends(house.bank, jobs(house, "look")[0])

    def crash(_job_id):
        raise OSError("the process died here")

    with monkeypatch.context() as patch:
        patch.setattr(house.bank.identity_jobs, "mark_told", crash)
        assert await a_teller(house).tell_all() == 0

    assert await a_teller(house, own_desk=True).tell_all() == 1
    assert house.said(session) == [("bot", "event EXTERNAL_picture_looked")]
    assert house.bank.identity_jobs.untold() == []


async def test_given_a_person_speaks_when_decided_then_the_bot_stays_silent_and_it_is_done(house):
    session = house.visitor()
    an_application(house.bank, session.actor())
    keep(house.bank, session.actor(), "selfie")
    house.taken_over(session)
    look_ends(house.bank, jobs(house, "look")[0])

    assert await a_teller(house).tell_all() == 1

    assert house.said(session) == []
    assert house.bank.identity_jobs.untold() == []


async def test_given_a_mailed_link_was_followed_when_decided_then_it_is_told_where_they_are(house):
    session = house.visitor()
    an_application(house.bank, session.actor())
    confirm_address(house.bank, session.actor())
    keep(house.bank, session.actor(), "selfie")
    house.bank.onboarding.resume_link(session.actor())
    now = house.visitor()
    house.bank.onboarding.resume(mailed_link(house.bank), now.conversation_id)
    look_ends(house.bank, jobs(house, "look")[0])

    await a_teller(house).tell_all()

    assert house.said(session) == []
    assert house.said(now) == [("bot", "event EXTERNAL_picture_looked")]


async def test_given_a_person_decides_when_told_then_the_words_are_the_checks_own(house):
    session = house.visitor()
    an_application(house.bank, session.actor())
    house.bank.verdicts.record_verdict(submitted(house.bank, session.actor()), a_verdict("needs_review"))
    kyc = staff_actor(house.bank, make_staff(house.bank, roles=("kyc",)))
    case = house.bank.cases.list(kyc)[0]
    house.bank.cases.claim(kyc, case.id)
    house.bank.kyc.decide(kyc, case.id, outcome="approve", reason_code="identity_confirmed")

    await a_teller(house).tell_all()

    assert [facts["status"] for name, facts in events(house) if name == "EXTERNAL_onboarding_decided"] == [
        "in_review", "approved",
    ]  # fmt: skip
    assert house.bank.onboarding.status(session.actor()) == "approved"
    assert house.bank.identity_jobs.untold() == []
    assert house.bank.identity_jobs.result(SYSTEM, jobs(house, "decide")[0])["status"] == "approved"
