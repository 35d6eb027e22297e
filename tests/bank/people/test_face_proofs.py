"""A face as proof: of one act, once, for a moment; refused, it counts like a wrong code."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.domain.challenges import CodeProof, FaceProof
from bank.domain.errors import (
    CodeExpired,
    Conflict,
    FaceNotAccepted,
    FaceNotOffered,
    NotFound,
    RateLimited,
    TooManyTries,
    WrongCode,
)
from bank.domain.face_keys import TrialState
from bank.policies.step_up import NEVER_BY_FACE, face_may_prove
from tests.bank.people.faces import PASSED, REFUSED, Face, offer_faces
from tests.bank.people.world import BINDING, World

OTHER = {**BINDING, "transfer_id": "tr_2"}


@pytest.fixture(autouse=True)
def offered(monkeypatch):
    offer_faces(monkeypatch)


@pytest.fixture
def ana(world):
    return Face.of(world)


def test_given_a_face_when_it_proves_the_act_then_the_act_goes_through_once(ana):
    ana.keeps_key()
    challenge = ana.challenge()
    proof = ana.proves(challenge)

    ana.world.consume(ana.actor, proof)

    with pytest.raises(CodeExpired):
        ana.world.consume(ana.actor, proof)
    assert ana.trials.get(ana.actor, proof.trial_id).state is TrialState.SPENT
    entries = ana.world.bank.store.read(lambda uow: uow.audit.list(action="step_up.consume"))
    assert entries[-1].details["by"] == "face"


def test_given_no_key_when_an_act_waits_then_no_face_is_offered(ana):
    challenge = ana.challenge()

    assert not ana.trials.is_offered(ana.actor, challenge.id)
    with pytest.raises(FaceNotOffered):
        ana.starts(challenge)


@pytest.mark.parametrize(
    ("purpose", "binding", "may"),
    [
        ("transfer", {**BINDING, "amount_minor": 100_000}, True),
        ("transfer", {**BINDING, "amount_minor": 100_001}, False),
        ("transfer", {**BINDING, "amount_minor": 100_000, "currency": "GBP"}, False),
        ("card_unfreeze", {"card_id": "cd_1"}, True),
        ("pin_letter", {"card_id": "cd_1"}, False),
        ("passkey_add", {"customer_id": "cu_1"}, False),
    ],
)
def test_given_an_act_then_the_table_says_whether_a_face_may_prove_it(ana, purpose, binding, may):
    ana.keeps_key()
    challenge = ana.challenge(purpose=purpose, binding=binding)

    assert ana.trials.is_offered(ana.actor, challenge.id) is may


def test_given_a_table_that_names_them_then_keys_are_still_never_added_by_a_face(monkeypatch):
    offer_faces(monkeypatch, purposes=sorted(NEVER_BY_FACE))

    assert not any(face_may_prove(purpose, {}) for purpose in NEVER_BY_FACE)


def test_given_a_refused_face_when_judged_then_it_costs_a_try_like_a_wrong_code(ana):
    ana.keeps_key()
    challenge = ana.challenge()

    trial = ana.performs(challenge, REFUSED)

    assert ana.tries_left(challenge) == 4
    assert (trial.state, trial.codes) == (TrialState.REFUSED, ("face_unclear",))
    with pytest.raises(FaceNotAccepted) as refusal:
        ana.world.consume(ana.actor, FaceProof(trial.id))
    assert refusal.value.details["tries_left"] == "3"


def test_given_three_refused_faces_when_asked_again_then_only_the_code_is_left(ana):
    ana.keeps_key()
    challenge = ana.challenge()
    code = ana.world.code()
    for _ in range(3):
        ana.performs(challenge, REFUSED)

    assert not ana.trials.is_offered(ana.actor, challenge.id)
    with pytest.raises(FaceNotOffered):
        ana.starts(challenge)
    ana.world.consume(ana.actor, CodeProof(code))


def test_given_steps_drawn_again_and_again_for_an_old_film_then_no_more_are_drawn(ana):
    ana.keeps_key()
    challenge = ana.challenge()
    drawn = [ana.starts(challenge) for _ in range(5)]

    with pytest.raises(FaceNotOffered):
        ana.starts(challenge)
    with pytest.raises(Conflict):
        ana.records(drawn[0])
    assert ana.is_judged(ana.records(drawn[-1])).state is TrialState.PASSED


def test_given_recordings_sent_at_once_when_judged_then_every_one_was_counted(ana):
    ana.keeps_key()
    challenge = ana.challenge()
    waiting = [ana.records(ana.starts(challenge)) for _ in range(3)]

    with pytest.raises(FaceNotOffered):
        ana.starts(challenge)
    for trial in waiting:
        ana.is_judged(trial, REFUSED)
    assert ana.tries_left(challenge) == 2


def test_given_wrong_codes_when_the_challenge_is_closed_then_no_face_opens_it(ana):
    ana.keeps_key()
    challenge = ana.challenge()
    proof = ana.proves(challenge)
    for _ in range(5):
        with pytest.raises(WrongCode):
            ana.world.consume(ana.actor, CodeProof("not it"))

    with pytest.raises(TooManyTries):
        ana.world.consume(ana.actor, proof)


def test_given_a_match_when_a_moment_has_passed_then_it_proves_nothing(ana):
    ana.keeps_key()
    proof = ana.proves(ana.challenge())
    ana.world.clock.pass_s(121)

    with pytest.raises(FaceNotAccepted):
        ana.world.consume(ana.actor, proof)


def test_given_a_bank_that_stops_taking_faces_when_a_proof_comes_then_it_is_refused(
    ana, monkeypatch
):
    ana.keeps_key()
    proof = ana.proves(ana.challenge())
    offer_faces(monkeypatch, allowed=False)

    with pytest.raises(FaceNotAccepted):
        ana.world.consume(ana.actor, proof)


def test_given_the_recording_of_before_when_sent_again_then_it_is_not_judged(ana):
    ana.keeps_key()
    challenge = ana.challenge()
    ana.is_judged(ana.records(ana.starts(challenge), b"a film"), REFUSED)

    with pytest.raises(Conflict) as refusal:
        ana.records(ana.starts(challenge), b"a film")

    assert refusal.value.details["because"] == "seen_before"


def test_given_one_trial_when_two_recordings_come_then_the_first_counts(ana):
    ana.keeps_key()
    trial = ana.starts(ana.challenge())
    ana.records(trial)

    with pytest.raises(Conflict):
        ana.records(trial)


def test_given_a_recording_that_comes_late_when_sent_then_it_is_not_taken(ana):
    ana.keeps_key()
    trial = ana.starts(ana.challenge())
    ana.world.clock.pass_s(106)

    with pytest.raises(Conflict):
        ana.records(trial)


def test_given_a_judge_that_died_when_asked_then_it_counts_for_nothing_and_is_erased(ana):
    ana.keeps_key()
    challenge = ana.challenge()
    trial = ana.records(ana.starts(challenge))

    ana.world.bank.face_answers.record_failure(str(trial.job_id))

    assert ana.trials.get(ana.actor, trial.id).state is TrialState.FAILED
    assert (ana.tries_left(challenge), ana.recordings()) == (5, [])
    assert ana.trials.is_offered(ana.actor, challenge.id)


def test_given_an_answer_recorded_twice_then_it_is_counted_once(ana):
    ana.keeps_key()
    challenge = ana.challenge()
    trial = ana.performs(challenge, REFUSED)

    again = ana.is_judged(trial, PASSED)

    assert (again.state, ana.tries_left(challenge)) == (TrialState.REFUSED, 4)


def test_given_many_faces_that_did_not_match_then_the_door_is_shut_for_the_day(ana):
    ana.keeps_key()

    def strangers():
        for _ in range(3):
            challenge = ana.challenge()
            for _ in range(3):
                ana.performs(challenge, REFUSED)
            ana.world.clock.pass_s(3_601)

    with pytest.raises(RateLimited):
        strangers()

    assert ana.audited().count(("face.proof", "refused")) == 8


# --- somebody else's ---


def test_given_somebody_elses_challenge_when_a_face_is_started_for_it_then_it_does_not_exist(world):
    ana, bea = Face.of(world).keeps_key(), Face.of(world, name="bea").keeps_key()
    challenge = ana.challenge()

    assert not bea.trials.is_offered(bea.actor, challenge.id)
    with pytest.raises(NotFound):
        bea.starts(challenge)


def test_given_somebody_elses_trial_when_used_then_it_proves_nothing(world):
    ana, bea = Face.of(world).keeps_key(), Face.of(world, name="bea").keeps_key()
    proof = ana.proves(ana.challenge())
    bea.challenge()

    with pytest.raises(FaceNotAccepted):
        world.consume(bea.actor, proof)
    with pytest.raises(NotFound):
        bea.trials.get(bea.actor, proof.trial_id)


@given(
    made=st.sampled_from([BINDING, OTHER, {**BINDING, "amount_minor": 4_001}]),
    used=st.sampled_from([BINDING, OTHER, {**BINDING, "amount_minor": 4_001}]),
    renewed=st.booleans(),
)
def test_a_proof_for_one_challenge_never_serves_another(made, used, renewed):
    with pytest.MonkeyPatch.context() as patch:
        offer_faces(patch)
        ana = Face.of(World()).keeps_key()
        first = ana.challenge(binding=made)
        proof = ana.proves(first)
        if renewed:
            ana.world.clock.pass_s(60)
            ana.challenge(binding={**BINDING, "transfer_id": "tr_3"})  # supersedes the first
        second = ana.challenge(binding=used)

        if second.id == first.id:
            ana.world.consume(ana.actor, proof, binding=used)
        else:
            with pytest.raises(FaceNotAccepted):
                ana.world.consume(ana.actor, proof, binding=used)


@given(st.binary(min_size=1, max_size=30).map(bytes.hex))
def test_no_invented_trial_proves_anything(trial_id):
    world = World()
    amal = world.chat(world.customer())
    world.challenge(amal)

    with pytest.raises(FaceNotAccepted):
        world.consume(amal, FaceProof(trial_id))
