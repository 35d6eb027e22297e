"""A face in the dialogue: who is asked, what is said of a recording, what a refusal leaves open."""

from __future__ import annotations

import pytest

from actions.faces import AddFace, ForgetFace, TellFace
from actions.onboarding import OpenAccount
from actions.step_ups import TellStepUpFailed
from bank.domain.actors import LoginLevel
from bank.domain.face_keys import FaceStanding
from bank.security.turns import Turn, mint_turn
from tests.actions.running import TURN_KEY, TURNS, a_tracker, run


class Keys:
    """The face keys of a bank: how the customer stands, and what was done."""

    def __init__(self, standing: FaceStanding = FaceStanding.MAY_ADD) -> None:
        self.kept = standing
        self.forgotten = 0

    def standing(self, _actor):
        return self.kept

    def forget(self, _actor):
        self.forgotten += 1
        return self.kept is FaceStanding.KEPT


class Bank:
    def __init__(self, **about) -> None:
        self.face_keys = Keys(**about)


def facts(**about):
    return [{"entity": name, "value": value} for name, value in about.items()]


@pytest.mark.parametrize(
    "standing", [FaceStanding.NOT_OFFERED, FaceStanding.KEPT, FaceStanding.NO_PORTRAIT]
)
async def test_given_somebody_who_may_not_when_asked_for_then_it_says_why_and_asks_nothing(standing):
    action = AddFace(Bank(standing=standing), TURNS)

    events, said = await run(action, a_tracker(actor="cu_1", intent="add_face"))

    assert said == [f"utter_faces_{standing.value}"]
    assert events[-1]["value"] == []


async def test_given_a_messenger_when_asked_for_then_the_way_to_the_page():
    turn = Turn("cv_1", "m1", "use my face", "cu_1", LoginLevel.PASSWORD, channel="telegram")
    tracker = a_tracker(actor="cu_1", intent="add_face", token=mint_turn(TURN_KEY, turn))

    _, said = await run(AddFace(Bank(), TURNS), tracker)

    assert said == ["utter_faces_page"]


async def test_given_a_visitor_when_asked_for_then_the_login_comes_first():
    _, said = await run(AddFace(Bank(), TURNS), a_tracker(intent="add_face"))

    assert said == ["utter_not_authenticated"]


@pytest.mark.parametrize(
    ("outcome", "codes", "words"),
    [
        ("passed", "", ["utter_faces_added"]),
        ("refused", "face_unclear", ["utter_onboarding_retry_face_unclear", "utter_faces_again"]),
        ("refused", "face_outdated", ["utter_onboarding_retry_face_outdated", "utter_faces_again"]),
        ("failed", "", ["utter_faces_failed"]),
        ("forgotten", "", []),
    ],
)
async def test_given_what_came_of_a_recording_when_told_then_in_words(outcome, codes, words):
    tracker = a_tracker(
        actor="cu_1", intent="EXTERNAL_face_judged", entities=facts(outcome=outcome, codes=codes)
    )

    assert (await run(TellFace(Bank(), TURNS), tracker))[1] == words


@pytest.mark.parametrize(
    ("standing", "words"),
    [(FaceStanding.KEPT, "utter_faces_forgotten"), (FaceStanding.MAY_ADD, "utter_faces_nothing_kept")],
)
async def test_given_a_wish_to_be_forgotten_then_it_is_done_at_once(standing, words):
    bank = Bank(standing=standing)

    _, said = await run(ForgetFace(bank, TURNS), a_tracker(actor="cu_1", intent="forget_face"))

    assert (said, bank.face_keys.forgotten) == ([words], 1)


async def test_given_a_customer_who_takes_consent_back_then_their_face_is_forgotten():
    bank = Bank(standing=FaceStanding.KEPT)
    tracker = a_tracker(actor="cu_1", intent="withdraw_application")

    _, said = await run(OpenAccount(bank, TURNS), tracker)

    assert (said, bank.face_keys.forgotten) == (["utter_faces_forgotten"], 1)


async def test_given_a_face_that_did_not_count_when_told_then_the_transfer_still_waits():
    about = facts(code="face_not_accepted", tries_left="3", transfer_id="tr_1")
    tracker = a_tracker(actor="cu_1", intent="EXTERNAL_step_up_failed", entities=about)

    events, said = await run(TellStepUpFailed(Bank(), TURNS), tracker)

    assert (events, said) == ([], ["utter_face_not_accepted"])
