"""Face keys: kept by consent and a code only, sealed apart, gone at once when asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bank.domain.actors import SYSTEM
from bank.domain.challenges import FaceProof
from bank.domain.errors import (
    CodeExpired,
    Conflict,
    FaceNotAccepted,
    FaceNotOffered,
    NotFound,
    StepUpRequired,
)
from bank.domain.face_keys import FaceStanding, TrialState
from bank.policies.step_up import face_may_prove
from bank.policies.tables import load_table
from bank.security.vault import AesGcmVault, SealBroken
from tests.bank.onboarding.branch import staff
from tests.bank.people.faces import PASSED, REFUSED, TEMPLATE, Face, offer_faces
from tests.bank.people.world import BINDING, KEYRING


@pytest.fixture(autouse=True)
def offered(monkeypatch):
    offer_faces(monkeypatch)


@pytest.fixture
def ana(world):
    return Face.of(world)


# --- who may keep one ---


def test_given_the_table_as_shipped_then_no_face_confirms_anything(monkeypatch, world):
    monkeypatch.undo()

    assert load_table("step_up")["face"]["allowed"] is False
    assert not face_may_prove("transfer", BINDING)
    assert world.bank.face_keys.standing(world.chat(world.customer())) is FaceStanding.NOT_OFFERED


def test_given_somebody_approved_by_their_face_when_asked_then_they_may_keep_one(ana):
    assert ana.keys.standing(ana.actor) is FaceStanding.MAY_ADD


def test_given_a_face_unlike_the_document_when_asked_then_there_is_nothing_to_compare_with(world):
    bea = Face.of(world, name="bea", similarity=0.5)

    assert bea.keys.standing(bea.actor) is FaceStanding.NO_PORTRAIT
    with pytest.raises(FaceNotOffered):
        bea.keys.ask(bea.actor)


def test_given_a_customer_who_never_applied_here_when_asked_then_nothing_to_compare_with(world):
    amal = world.chat(world.customer())

    assert world.bank.face_keys.standing(amal) is FaceStanding.NO_PORTRAIT


def test_given_a_selfie_whose_time_is_over_when_asked_then_nothing_to_compare_with(ana):
    bank = ana.world.bank
    selfie = bank.store.read(lambda uow: uow.evidence.first(kind="selfie"))
    bank.evidence.erase([selfie.id])

    assert ana.keys.standing(ana.actor) is FaceStanding.NO_PORTRAIT


# --- adding one ---


def test_given_consent_when_said_then_a_code_is_asked_for_first(ana):
    with pytest.raises(StepUpRequired):
        ana.keys.ask(ana.actor)

    assert "let your face confirm" in ana.world.sent()[-1][1]
    with pytest.raises(FaceNotOffered):
        ana.starts()


def test_given_consent_and_a_code_when_recorded_and_matched_then_the_key_is_kept_sealed(ana):
    trial = ana.keeps_key().world.bank.store.read(lambda uow: uow.face_trials.list())[0]

    key = ana.world.bank.store.read(lambda uow: uow.face_keys.get(ana.actor.id))
    assert trial.state is TrialState.PASSED
    assert ana.keys.standing(ana.actor) is FaceStanding.KEPT
    assert TEMPLATE not in key.sealed
    assert ana.keys.template(key) == TEMPLATE
    assert "Your face can confirm" in ana.world.sent()[-1][0].subject
    assert ("face_key.consent", "done") in ana.audited()
    assert ana.audited()[-2:] == [("face_key.add", "done"), ("face.add", "passed")]


def test_given_a_kept_key_when_opened_with_the_key_of_everything_else_then_it_stays_shut(ana):
    ana.keeps_key()
    key = ana.world.bank.store.read(lambda uow: uow.face_keys.get(ana.actor.id))

    with pytest.raises(SealBroken):
        AesGcmVault(KEYRING).open(key.sealed, place=f"face_keys|{key.id}|template")


def test_given_a_recording_when_judged_then_it_is_erased_whatever_it_showed(ana):
    ana.consents()
    trial = ana.records(ana.starts())
    assert len(ana.recordings()) == 1

    ana.is_judged(trial, REFUSED)

    assert ana.recordings() == []
    with pytest.raises(NotFound):
        ana.world.bank.evidence.open(SYSTEM, str(trial.evidence_id))


def test_given_a_refused_recording_when_tried_again_within_the_time_then_the_key_is_kept(ana):
    ana.consents()
    assert ana.performs(answer=REFUSED).codes == ("face_unclear",)

    assert ana.performs().state is TrialState.PASSED


def test_given_leave_that_is_over_when_recorded_then_it_is_not_taken(ana):
    ana.consents()
    trial = ana.starts()
    ana.world.clock.pass_s(1_801)

    with pytest.raises(Conflict):
        ana.records(trial)
    with pytest.raises(FaceNotOffered):
        ana.starts()


def test_given_staff_of_the_desk_when_opening_a_recording_then_it_does_not_exist_for_them(ana):
    trial = ana.records(ana.consents().starts())

    with pytest.raises(NotFound):
        ana.world.bank.evidence.open(staff("kim", "kyc", "supervisor"), str(trial.evidence_id))


# --- forgetting ---


def test_given_a_key_when_forgotten_then_nothing_of_the_face_is_left(ana):
    ana.keeps_key()
    challenge = ana.challenge()
    proof = ana.proves(challenge)
    waiting = ana.records(ana.starts(challenge))

    assert ana.keys.forget(ana.actor)

    store = ana.world.bank.store
    left = store.read(lambda uow: (uow.face_keys.list(), uow.face_trials.list()))
    assert left == ([], [])
    assert ana.recordings() == []
    with pytest.raises(FaceNotAccepted):
        ana.world.consume(ana.actor, proof)
    assert ana.world.bank.face_answers.task_of(str(waiting.job_id)) is None
    ana.world.bank.face_answers.record(str(waiting.job_id), PASSED)
    assert ana.keys.standing(ana.actor) is FaceStanding.MAY_ADD
    assert ("face_key.remove", "done") in ana.audited()


def test_given_consent_taken_back_while_judged_when_the_answer_comes_then_no_key_is_kept(ana):
    trial = ana.records(ana.consents().starts())
    ana.keys.forget(ana.actor)

    ana.world.bank.face_answers.record(str(trial.job_id), PASSED)

    assert ana.keys.standing(ana.actor) is FaceStanding.MAY_ADD


def test_given_nothing_kept_when_forgotten_then_it_says_so(ana):
    assert not ana.keys.forget(ana.actor)


def test_given_a_key_forgotten_and_kept_anew_then_a_proof_of_before_is_of_no_use(ana):
    ana.keeps_key()
    challenge = ana.challenge()
    trial = ana.performs(challenge)
    ana.keys.forget(ana.actor)
    ana.world.clock.pass_s(1)
    store = ana.world.bank.store
    store.write(lambda uow: uow.face_trials.add(replace(trial)))
    ana.keeps_key()

    with pytest.raises((FaceNotAccepted, CodeExpired)):
        ana.world.consume(ana.actor, FaceProof(trial.id))


def test_given_a_day_later_when_tidied_then_the_key_stays_and_its_trials_are_gone(ana):
    ana.keeps_key()
    ana.world.clock.pass_s(86_401)

    assert ana.trials.tidy_due() == 1
    assert ana.trials.tidy_due() == 0
    assert ana.keys.standing(ana.actor) is FaceStanding.KEPT


def test_given_leave_that_was_not_used_when_tidied_then_it_is_gone(ana):
    ana.consents()
    ana.world.clock.pass_s(1_801)

    assert ana.trials.tidy_due() == 1
