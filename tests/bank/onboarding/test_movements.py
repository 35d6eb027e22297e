"""Movements before the camera: in time, in an order of the bank's, and not drawn until they fit."""

from __future__ import annotations

import pytest

from bank.domain.errors import Conflict, RateLimited


def test_given_a_recording_after_its_time_then_it_is_refused(ana):
    ana.tells().confirms()
    ana.onboarding.choose_document(ana.actor, "passport")
    challenge_id = ana.onboarding.start_liveness(ana.actor, ["blink"], 20)
    kept = ana.world.bank.evidence.keep(
        ana.actor.conversation_id, "liveness", b"x", width=1, height=1, sha256="x"
    )
    ana.world.clock.pass_s(200)

    with pytest.raises(Conflict):
        ana.onboarding.attach_liveness(ana.actor, kept.id, challenge_id=challenge_id)


def test_given_many_orders_drawn_when_another_is_asked_for_then_not_before_a_day(ana):
    ana.tells().confirms()
    ana.onboarding.choose_document(ana.actor, "passport")
    for _ in range(12):
        ana.onboarding.start_liveness(ana.actor, ["blink"], 20)

    with pytest.raises(RateLimited) as refusal:
        ana.onboarding.start_liveness(ana.actor, ["blink"], 20)

    ana.world.clock.pass_s(int(refusal.value.details["retry_after_s"]))
    assert ana.onboarding.start_liveness(ana.actor, ["blink"], 20)
