"""Passkeys: registered with a step-up, and their signature opens one act only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bank.domain.actors import Actor, LoginLevel
from bank.domain.challenges import CodeProof, PasskeyProof
from bank.domain.errors import (
    CodeExpired,
    InvalidInput,
    NotFound,
    StepUpRequired,
    TooManyTries,
    WrongCode,
)
from tests.bank.people.authenticator import USER_PRESENT, Authenticator
from tests.bank.people.world import BINDING, World


def strong(actor: Actor) -> Actor:
    return replace(actor, login_level=LoginLevel.STRONG)


def registered(world: World, who: Actor) -> Authenticator:
    device = Authenticator()
    options = world.bank.passkeys.register_options(strong(who))
    world.bank.passkeys.register(who, device.create(options), label="phone")
    return device


def signed(world: World, who: Actor, device: Authenticator, **about) -> PasskeyProof:
    challenge = world.challenge(who, **about)
    return PasskeyProof(device.get(world.bank.passkeys.assert_options(who, challenge.id)))


def test_given_a_password_session_when_a_passkey_is_added_then_a_code_is_asked_for(world: World):
    amal = world.chat(world.customer())
    with pytest.raises(StepUpRequired) as refusal:
        world.bank.passkeys.register_options(amal)
    assert refusal.value.details["sent_to"] == "••• 123"

    options = world.bank.passkeys.register_options(amal, proof=CodeProof(world.code()))
    made = world.bank.passkeys.register(amal, Authenticator().create(options), label="my phone")

    assert [key.label for key in world.bank.passkeys.list(amal)] == ["my phone"]
    assert made.transports == ("internal",)
    assert "passkey was added" in world.sent()[-1][1]


def test_given_a_passkey_when_it_signs_the_challenge_then_the_act_goes_through_once(world: World):
    amal = world.chat(world.customer())
    device = registered(world, amal)
    proof = signed(world, amal, device)

    world.consume(amal, proof)

    with pytest.raises(CodeExpired):
        world.consume(amal, proof)
    assert world.bank.passkeys.list(amal)[0].sign_count == 1


def test_given_a_signature_for_one_act_when_used_for_another_then_it_opens_nothing(world: World):
    amal = world.chat(world.customer())
    device = registered(world, amal)
    proof = signed(world, amal, device)
    other = {**BINDING, "amount_minor": 400_000}
    world.challenge(amal, binding=other)

    with pytest.raises(WrongCode):
        world.consume(amal, proof, binding=other)


def test_given_two_challenges_then_their_bytes_differ_even_for_one_act(world: World):
    amal = world.chat(world.customer())
    first = world.challenge(amal)
    world.clock.pass_s(301)
    second = world.challenge(amal)

    assert first.binding_digest == second.binding_digest
    assert first.passkey_bytes() != second.passkey_bytes()


def test_given_somebody_elses_passkey_then_it_opens_nothing(world: World):
    amal, mallory = world.chat(world.customer()), world.chat(world.customer("mallory"))
    registered(world, amal)
    theirs = registered(world, mallory)
    challenge = world.challenge(amal)
    options = world.bank.passkeys.assert_options(amal, challenge.id)

    with pytest.raises(WrongCode):
        world.consume(amal, PasskeyProof(theirs.get(options)))


def test_given_a_passkey_of_another_site_then_it_opens_nothing(world: World):
    amal = world.chat(world.customer())
    device = registered(world, amal)
    device.origin = "https://fl0rin.example"

    with pytest.raises(WrongCode):
        world.consume(amal, signed(world, amal, device))


def test_given_a_touch_without_a_fingerprint_or_pin_then_it_opens_nothing(world: World):
    amal = world.chat(world.customer())
    device = registered(world, amal)
    device.flags = USER_PRESENT

    with pytest.raises(WrongCode):
        world.consume(amal, signed(world, amal, device))


def test_given_a_copied_passkey_whose_count_goes_back_then_it_opens_nothing(world: World):
    amal = world.chat(world.customer())
    device = registered(world, amal)
    device.sign_count = 10
    world.consume(amal, signed(world, amal, device))
    device.sign_count = 3

    with pytest.raises(WrongCode):
        world.consume(
            amal,
            signed(world, amal, device, binding={"transfer_id": "tr_2"}),
            binding={"transfer_id": "tr_2"},
        )


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"id": 7}', '{"id": "AAAA"}', "x" * 999])
def test_given_no_assertion_at_all_when_tried_five_times_then_the_challenge_closes(
    world: World, text
):
    amal = world.chat(world.customer())
    world.challenge(amal)
    for _ in range(5):
        with pytest.raises(WrongCode):
            world.consume(amal, PasskeyProof(text))

    with pytest.raises(TooManyTries):
        world.consume(amal, CodeProof(world.code()))


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"id": "AAAA", "response": {}}'])
def test_given_no_registration_at_all_then_refused(world: World, text):
    amal = world.chat(world.customer())
    world.bank.passkeys.register_options(strong(amal))

    with pytest.raises(InvalidInput):
        world.bank.passkeys.register(amal, text)


def test_given_an_old_registration_when_finished_late_then_refused(world: World):
    amal = world.chat(world.customer())
    options = world.bank.passkeys.register_options(strong(amal))
    world.clock.pass_s(301)

    with pytest.raises(InvalidInput):
        world.bank.passkeys.register(amal, Authenticator().create(options))


def test_given_a_removed_passkey_then_it_opens_nothing_and_is_not_offered(world: World):
    amal, mallory = world.chat(world.customer()), world.chat(world.customer("mallory"))
    device = registered(world, amal)
    challenge = world.challenge(amal)
    options = world.bank.passkeys.assert_options(amal, challenge.id)
    [key] = world.bank.passkeys.list(amal)
    with pytest.raises(NotFound):
        world.bank.passkeys.remove(mallory, key.id)

    world.bank.passkeys.remove(amal, key.id)

    with pytest.raises(WrongCode):
        world.consume(amal, PasskeyProof(device.get(options)))
    with pytest.raises(NotFound):
        world.bank.passkeys.assert_options(amal, challenge.id)


def test_given_somebody_elses_challenge_when_options_are_asked_then_it_does_not_exist(world: World):
    amal, mallory = world.chat(world.customer()), world.chat(world.customer("mallory"))
    registered(world, mallory)
    challenge = world.challenge(amal)

    with pytest.raises(NotFound):
        world.bank.passkeys.assert_options(mallory, challenge.id)
