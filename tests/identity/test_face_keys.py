"""A customer's own face, compared by the process without a door. Everybody here is drawn."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from PIL import Image

from bank.domain.challenges import FaceProof
from bank.domain.errors import FaceNotAccepted
from bank.domain.face_keys import FaceStanding, TrialState
from identity import face_keys
from identity.desk import Desk
from identity.document.reading import Picture
from identity.liveness.challenges import Challenge
from identity.liveness.judging import judge
from identity.liveness.packing import pack_frames
from identity.liveness.simulation import attack, honest
from identity.liveness.watching import Frame
from identity.specimens.faces import render_face
from tests.bank.people.faces import Face, offer_faces
from tests.bank.people.world import World

CHALLENGE = Challenge(("turn_left", "blink", "smile"))
#: Two invented people.
WHO, OTHER = 7, 14


@cache
def films(person: int, count: int) -> tuple[tuple[Frame, ...], ...]:
    """Films of a person that pass for a live one; how often that fails is measured elsewhere."""
    made = (tuple(honest(300 + seed, CHALLENGE, person=person)) for seed in range(12))
    passed = (film for film in made if judge(film, CHALLENGE).passed)
    return tuple(film for _, film in zip(range(count), passed, strict=False))


@cache
def selfie(person: int = WHO) -> Picture:
    return render_face(person, size_px=480, sitting=9)


@cache
def kept():
    answer = face_keys.add(films(WHO, 2)[0], CHALLENGE, selfie())
    assert answer.passed, answer.codes
    return answer


def proved(film: Sequence[Frame], *, model: str | None = None):
    return face_keys.prove(film, CHALLENGE, kept().template, model=model or kept().model)


def test_given_a_live_face_like_the_selfie_when_added_then_a_template_of_one_shape():
    numbers = np.frombuffer(kept().template, dtype="<f8")

    assert numbers.shape == (128,)
    assert np.isfinite(numbers).all()
    assert kept().model.startswith("dlib ")


def test_given_somebody_elses_selfie_when_added_then_nothing_is_kept():
    answer = face_keys.add(films(WHO, 2)[0], CHALLENGE, selfie(OTHER))

    assert (answer.passed, answer.template, answer.codes) == (False, None, ("face_unclear",))


def test_given_a_selfie_without_a_face_when_added_then_nothing_is_kept():
    answer = face_keys.add(films(WHO, 2)[0], CHALLENGE, np.full((400, 400, 3), 90, np.uint8))

    assert not answer.passed


def test_given_another_film_of_the_same_person_when_proved_then_it_passes():
    assert proved(films(WHO, 2)[1]).passed


def test_given_another_person_when_proved_then_one_word_and_no_score():
    answer = proved(films(OTHER, 1)[0])

    assert (answer.passed, answer.codes, answer.template) == (False, ("face_unclear",), None)


@pytest.mark.parametrize("kind", ["print", "loop"])
def test_given_a_picture_of_the_right_person_when_proved_then_it_does_not_pass(kind):
    answer = proved(attack(WHO, kind, CHALLENGE))

    assert not answer.passed
    assert all(code == "face_unclear" or code.startswith("liveness_") for code in answer.codes)


def test_given_a_film_cut_short_when_proved_then_the_customer_hears_what_to_mend():
    assert proved(films(WHO, 2)[1][:8]).codes == ("liveness_few_frames",)


def test_given_a_template_of_another_matcher_when_proved_then_it_is_outdated():
    assert proved(films(WHO, 2)[1], model="other 2").codes == ("face_outdated",)


# --- the desk ---


def _jpeg(picture: Picture) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, format="JPEG", quality=92)
    return out.getvalue()


def _packed(film: Sequence[Frame]) -> bytes:
    return pack_frames([(_jpeg(frame.picture), frame.at_ms) for frame in film])


def test_given_a_customer_when_a_face_is_added_and_used_then_the_desk_judges_both(monkeypatch):
    offer_faces(monkeypatch)
    ana = Face.of(World(), selfie=_jpeg(selfie())).consents()
    desk = Desk(ana.world.bank, lists=None)
    added = ana.records(ana.starts(), _packed(films(WHO, 2)[0]))
    assert desk.run_once()
    assert ana.trials.get(ana.actor, added.id).state is TrialState.PASSED
    assert ana.keys.standing(ana.actor) is FaceStanding.KEPT

    challenge = ana.challenge()
    mine = ana.records(ana.starts(challenge), _packed(films(WHO, 2)[1]))
    theirs = ana.records(ana.starts(challenge), _packed(films(OTHER, 1)[0]))
    assert desk.run_once()
    assert desk.run_once()

    assert ana.recordings() == []
    assert ana.tries_left(challenge) == 4
    with pytest.raises(FaceNotAccepted):
        ana.world.consume(ana.actor, FaceProof(theirs.id))
    ana.world.consume(ana.actor, FaceProof(mine.id))


def test_given_frames_nobody_can_open_when_judged_then_given_up_and_erased(monkeypatch):
    offer_faces(monkeypatch)
    ana = Face.of(World(), selfie=_jpeg(selfie())).consents()
    trial = ana.records(ana.starts(), b"no frames at all")
    desk = Desk(ana.world.bank, lists=None)

    for _ in range(3):
        assert desk.run_once()
        ana.world.clock.pass_s(130)

    assert ana.trials.get(ana.actor, trial.id).state is TrialState.FAILED
    assert ana.recordings() == []
