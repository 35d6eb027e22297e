"""Step-up: one code, one act, one use; and the ways in which it is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.domain.challenges import ChallengeState, CodeProof, digest_binding
from bank.domain.errors import (
    BankError,
    CodeExpired,
    InsufficientFunds,
    RateLimited,
    StepUpRequired,
    TooManyTries,
    WrongCode,
)
from bank.domain.money import Money
from bank.domain.outbox import OutboxKind
from tests.bank.people.world import BINDING, World


def wrong(code: str) -> CodeProof:
    return CodeProof(f"{(int(code) + 1) % 10**6:06d}")


def test_given_a_transfer_when_challenged_then_the_sms_names_amount_and_payee(world: World):
    amal = world.chat(world.customer())

    challenge = world.challenge(amal)

    item, body = world.sent()[-1]
    assert item.to == "+49 30 5550123"
    assert "40.00 EUR" in body
    assert BINDING["payee_iban"] in body
    assert challenge.sent_to == "••• 123"


def test_given_a_customer_without_a_phone_when_challenged_then_the_code_comes_by_mail(
    world: World,
):
    customer = world.customer()
    world.store.write(lambda uow: uow.customers.save(replace(customer, phone="")))
    amal = world.chat(customer)

    challenge = world.challenge(amal)

    item, body = world.sent()[-1]
    assert (item.kind, item.to) == (OutboxKind.MAIL, customer.email)
    assert item.subject
    assert "40.00 EUR" in body
    assert challenge.sent_to.endswith("@example.org")
    world.consume(amal, CodeProof(world.code()))


def test_given_a_challenge_when_stored_then_the_code_is_nowhere_in_clear(world: World):
    amal = world.chat(world.customer())
    world.challenge(amal)
    code = world.code()

    held = world.store.read(
        lambda uow: repr((uow.challenges.list(), uow.outbox.list(), uow.audit.list()))
    )

    assert code not in held


def test_given_the_right_code_with_spaces_when_consumed_then_the_challenge_is_spent(world: World):
    amal = world.chat(world.customer())
    challenge = world.challenge(amal)
    code = world.code()

    world.consume(amal, CodeProof(f" {code[:3]} {code[3:]}"))

    assert world.bank.step_up.get(amal, challenge.id).state is ChallengeState.CONSUMED
    assert world.bank.step_up.pending(amal) is None


def test_given_a_used_code_when_replayed_then_it_is_refused(world: World):
    amal = world.chat(world.customer())
    world.challenge(amal)
    proof = CodeProof(world.code())
    world.consume(amal, proof)

    with pytest.raises(CodeExpired):
        world.consume(amal, proof)


@pytest.mark.parametrize(
    "change",
    [{"amount_minor": 4_001}, {"currency": "USD"}, {"payee_iban": "DE0"}, {"transfer_id": "tr_2"}],
)
def test_given_a_right_code_when_the_act_differs_then_it_opens_nothing(world: World, change):
    amal = world.chat(world.customer())
    world.challenge(amal)

    with pytest.raises(StepUpRequired):
        world.consume(amal, CodeProof(world.code()), binding={**BINDING, **change})


def test_given_a_right_code_when_the_purpose_differs_then_it_opens_nothing(world: World):
    amal = world.chat(world.customer())
    world.challenge(amal)

    with pytest.raises(StepUpRequired):
        world.consume(amal, CodeProof(world.code()), purpose="card_replace")


def test_given_somebody_elses_code_when_used_then_it_opens_nothing(world: World):
    amal, mallory = world.chat(world.customer()), world.chat(world.customer("mallory"))
    world.challenge(amal)

    with pytest.raises(StepUpRequired):
        world.consume(mallory, CodeProof(world.code()))


def test_given_five_wrong_codes_when_the_right_one_comes_then_it_is_too_late(world: World):
    amal = world.chat(world.customer())
    world.challenge(amal)
    code = world.code()
    left = []
    for _ in range(5):
        with pytest.raises(WrongCode) as refusal:
            world.consume(amal, wrong(code))
        left.append(refusal.value.details["tries_left"])

    with pytest.raises(TooManyTries):
        world.consume(amal, CodeProof(code))

    assert left == ["4", "3", "2", "1", "0"]


def test_given_a_hundred_parallel_guesses_then_five_are_looked_at(world: World):
    amal = world.chat(world.customer())
    world.challenge(amal)
    proof = wrong(world.code())

    def guess(_: int) -> str:
        try:
            world.consume(amal, proof)
        except BankError as refusal:
            return refusal.code
        return "through"

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(guess, range(100)))

    assert answers.count("wrong_code") == 5
    assert answers.count("too_many_tries") == 95


def test_given_a_caller_that_only_consumes_when_it_counts_then_the_count_outlives_the_rollback(
    world: World,
):
    amal = world.chat(world.customer())
    challenge = world.challenge(amal)
    proof = wrong(world.code())

    for _ in range(5):
        with pytest.raises(WrongCode) as refusal:
            world.store.write(
                lambda uow: world.bank.step_up.consume_in(
                    uow, amal, purpose="transfer", binding=BINDING, proof=proof
                )
            )
        world.bank.step_up.count_failure(refusal.value.details["challenge_id"])

    assert world.bank.step_up.get(amal, challenge.id).state is ChallengeState.CLOSED


def test_given_an_act_that_is_refused_after_the_proof_then_the_code_still_counts(world: World):
    amal = world.chat(world.customer())
    world.challenge(amal)
    proof = CodeProof(world.code())

    def act(uow) -> None:
        world.bank.step_up.consume_in(uow, amal, purpose="transfer", binding=BINDING, proof=proof)
        raise InsufficientFunds(available=Money(0, "EUR"), needed=Money(4_000, "EUR"))

    with pytest.raises(InsufficientFunds):
        world.store.write(act)

    world.consume(amal, proof)


@pytest.mark.parametrize(("age_s", "is_refused"), [(299, False), (300, False), (301, True)])
def test_given_a_code_of_some_age_when_used_then_five_minutes_are_the_limit(
    world: World, age_s, is_refused
):
    amal = world.chat(world.customer())
    world.challenge(amal)
    world.clock.pass_s(age_s)

    if is_refused:
        with pytest.raises(CodeExpired):
            world.consume(amal, CodeProof(world.code()))
    else:
        world.consume(amal, CodeProof(world.code()))


def test_given_an_open_challenge_when_asked_again_then_no_second_sms_goes_out(world: World):
    amal = world.chat(world.customer())

    first, second = world.challenge(amal), world.challenge(amal)

    assert first.id == second.id
    assert len(world.sent()) == 1


def test_given_a_corrected_amount_when_challenged_then_the_older_code_is_dead(world: World):
    amal = world.chat(world.customer())
    world.challenge(amal)
    old = CodeProof(world.code())
    world.challenge(amal, binding={**BINDING, "amount_minor": 1_400})

    with pytest.raises(CodeExpired):
        world.consume(amal, old)


def test_given_three_unanswered_challenges_in_an_hour_when_a_fourth_is_asked_then_not_yet(
    world: World,
):
    amal = world.chat(world.customer())
    for number in range(3):
        world.challenge(amal, binding={"transfer_id": f"tr_{number}"})
        world.clock.pass_s(600)

    with pytest.raises(RateLimited) as refusal:
        world.challenge(amal, binding={"transfer_id": "tr_9"})
    world.clock.pass_s(int(refusal.value.details["retry_after_s"]))

    assert world.challenge(amal, binding={"transfer_id": "tr_9"})


def test_given_answered_challenges_then_they_do_not_count_against_the_rate(world: World):
    amal = world.chat(world.customer())

    for number in range(8):
        binding = {"transfer_id": f"tr_{number}"}
        world.challenge(amal, binding=binding)
        world.consume(amal, CodeProof(world.code()), binding=binding)

    assert world.bank.step_up.pending(amal) is None


def test_given_fifty_confirms_at_once_then_one_goes_through(world: World):
    amal = world.chat(world.customer())
    world.challenge(amal)
    proof = CodeProof(world.code())

    def confirm(_: int) -> bool:
        try:
            world.consume(amal, proof)
        except BankError:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(confirm, range(50))) == 1


values = st.one_of(st.text(max_size=8), st.integers(), st.booleans(), st.none())


@given(st.dictionaries(st.text(max_size=6), values), st.dictionaries(st.text(max_size=6), values))
def test_two_bindings_share_a_digest_only_when_they_are_equal(one, other):
    # Python says True == 1; JSON, and the customer, do not.
    same = repr(sorted(one.items())) == repr(sorted(other.items()))

    assert (digest_binding("transfer", one) == digest_binding("transfer", other)) is same
