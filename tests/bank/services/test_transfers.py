"""Transfers: what a proposal holds, what a confirmation moves, and when each is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bank.domain import errors
from bank.domain.accounts import AccountStatus
from bank.domain.actors import SYSTEM, VISITOR
from bank.domain.challenges import CodeProof
from bank.domain.money import Money
from bank.domain.transfers import PROPOSAL_TTL_S, TransferStatus
from bank.services.ledger import check
from tests.bank.builders import World, eur


@pytest.fixture
def world() -> World:
    return World()


def test_given_a_proposal_when_looked_at_then_available_is_lower_and_posted_is_not(world):
    amal = world.person(funds_minor=150_000)

    world.propose(amal, 4_000, payee_id=world.payee(amal).id)

    account = world.bank.accounts.get(amal.actor, amal.current.id)
    assert (account.posted, account.available) == (eur(150_000), eur(146_000))


def test_given_forty_euros_to_ana_when_confirmed_without_a_code_then_one_is_asked_for(world):
    amal = world.person()
    transfer = world.propose(amal, 4_000, payee_id=world.payee(amal).id)

    with pytest.raises(errors.StepUpRequired) as asked:
        world.bank.transfers.confirm(amal.actor, transfer.id)

    assert world.posted_minor(amal.current) == 150_000
    assert asked.value.details["challenge_id"].startswith("ch_")


def test_given_the_right_code_when_confirmed_then_the_money_leaves_and_the_books_agree(world):
    amal = world.person(funds_minor=150_000)
    transfer = world.propose(amal, 4_000, payee_id=world.payee(amal).id)

    posted = world.confirm(amal, transfer)

    assert posted.status is TransferStatus.POSTED
    account = world.bank.accounts.get(amal.actor, amal.current.id)
    assert (account.posted, account.available) == (eur(146_000), eur(146_000))
    assert check(world.store) == []


def test_given_a_wrong_code_when_confirmed_then_the_try_is_counted_and_nothing_moves(world):
    amal = world.person()
    transfer = world.propose(amal, 4_000, payee_id=world.payee(amal).id)
    with pytest.raises(errors.StepUpRequired) as asked:
        world.bank.transfers.confirm(amal.actor, transfer.id)
    right = world.code(amal, asked.value)
    wrong = CodeProof("000000" if right != "000000" else "000001")

    for left in ("4", "3", "2", "1", "0"):
        with pytest.raises(errors.WrongCode) as refusal:
            world.bank.transfers.confirm(amal.actor, transfer.id, proof=wrong)
        assert refusal.value.details["tries_left"] == left

    with pytest.raises(errors.TooManyTries):
        world.bank.transfers.confirm(amal.actor, transfer.id, proof=CodeProof(right))
    assert world.posted_minor(amal.current) == 150_000


def test_given_a_code_for_another_amount_when_used_then_it_opens_nothing(world):
    amal = world.person()
    payee = world.payee(amal)
    small = world.propose(amal, 4_000, payee_id=payee.id)
    with pytest.raises(errors.StepUpRequired) as asked:
        world.bank.transfers.confirm(amal.actor, small.id)
    code = CodeProof(world.code(amal, asked.value))
    large = world.bank.transfers.amend(
        amal.actor, small.id, amount=eur(40_000), idempotency_key=world.key()
    )

    with pytest.raises(errors.StepUpRefused):
        world.bank.transfers.confirm(amal.actor, large.id, proof=code)

    assert world.posted_minor(amal.current) == 150_000


def test_given_a_posted_transfer_when_confirmed_again_then_it_is_returned_and_nothing_moves(world):
    amal = world.person()
    transfer = world.propose(amal, 4_000, payee_id=world.payee(amal).id)
    posted = world.confirm(amal, transfer)

    again = world.bank.transfers.confirm(amal.actor, transfer.id, proof=CodeProof("000000"))

    assert again == posted
    assert check(world.store) == []


def test_given_a_payee_of_this_bank_when_paid_then_their_account_grows_with_the_senders_name(world):
    amal, ben = world.person(), world.person(funds_minor=0)
    payee = world.payee(amal, "Ben", ben.current.iban)

    world.confirm(amal, world.propose(amal, 4_000, payee_id=payee.id, reference="lunch"))

    line = world.store.read(lambda uow: uow.postings.first(account_id=ben.current.id))
    assert (line.amount, line.merchant, line.description) == (
        eur(4_000), "Person A", "Person A · lunch"
    )


def test_given_own_accounts_when_money_moves_between_them_then_no_code_is_asked(world):
    amal = world.person()

    transfer = world.propose(amal, 4_000, to_account_id=amal.savings.id)
    world.bank.transfers.confirm(amal.actor, transfer.id)

    assert world.posted_minor(amal.savings) == 4_000


def test_given_a_payee_paid_with_a_code_when_paid_a_little_then_no_code_until_the_sum_is_full(world):
    amal = world.person()
    payee = world.payee(amal)
    world.confirm(amal, world.propose(amal, 4_000, payee_id=payee.id))

    needs = []
    for _ in range(4):
        transfer = world.propose(amal, 3_000, payee_id=payee.id)
        needs.append(transfer.needs_step_up)
        world.confirm(amal, transfer)

    assert needs == [False, False, False, True]


def test_given_small_proposals_made_together_when_confirmed_then_the_last_ones_need_a_code(world):
    amal = world.person()
    payee = world.payee(amal)
    world.confirm(amal, world.propose(amal, 4_000, payee_id=payee.id))
    proposals = [world.propose(amal, 3_000, payee_id=payee.id) for _ in range(4)]

    for transfer in proposals[:3]:
        world.bank.transfers.confirm(amal.actor, transfer.id)

    with pytest.raises(errors.StepUpRequired):
        world.bank.transfers.confirm(amal.actor, proposals[3].id)


def test_given_five_minutes_when_nobody_confirms_then_the_hold_is_released(world):
    amal = world.person(funds_minor=10_000)
    transfer = world.propose(amal, 10_000, to_account_id=amal.savings.id)

    world.clock.turn(seconds=PROPOSAL_TTL_S)

    assert world.bank.transfers.get(amal.actor, transfer.id).status is TransferStatus.EXPIRED
    assert world.available_minor(amal, amal.current) == 10_000
    with pytest.raises(errors.ProposalExpired):
        world.bank.transfers.confirm(amal.actor, transfer.id)
    assert check(world.store) == []


def test_given_overdue_proposals_when_the_worker_runs_then_all_holds_go_and_it_says_how_many(world):
    amal = world.person()
    for _ in range(3):
        world.propose(amal, 1_000, to_account_id=amal.savings.id)
    world.clock.turn(seconds=PROPOSAL_TTL_S)

    assert world.bank.transfers.expire_due() == 3
    assert world.bank.transfers.expire_due() == 0


def test_given_a_cancelled_proposal_when_confirmed_then_it_is_refused(world):
    amal = world.person()
    transfer = world.propose(amal, 4_000, to_account_id=amal.savings.id)
    world.bank.transfers.void(amal.actor, transfer.id)

    with pytest.raises(errors.ProposalVoided):
        world.bank.transfers.confirm(amal.actor, transfer.id)

    assert world.available_minor(amal, amal.current) == 150_000


def test_given_a_refused_amendment_when_looked_at_then_the_old_proposal_stands(world):
    amal = world.person(funds_minor=10_000)
    transfer = world.propose(amal, 4_000, to_account_id=amal.savings.id)

    with pytest.raises(errors.InsufficientFunds):
        world.bank.transfers.amend(
            amal.actor, transfer.id, amount=eur(10_001), idempotency_key=world.key()
        )

    assert world.bank.transfers.get(amal.actor, transfer.id).status is TransferStatus.PROPOSED
    assert world.available_minor(amal, amal.current) == 6_000


def test_given_the_same_key_and_body_when_proposed_again_then_it_is_the_same_transfer(world):
    amal = world.person()

    first = world.propose(amal, 4_000, to_account_id=amal.savings.id, key="k")
    again = world.propose(amal, 4_000, to_account_id=amal.savings.id, key="k")

    assert first == again
    assert world.available_minor(amal, amal.current) == 146_000


def test_given_the_same_key_and_another_body_when_proposed_then_it_is_refused(world):
    amal = world.person()
    world.propose(amal, 4_000, to_account_id=amal.savings.id, key="k")

    with pytest.raises(errors.IdempotencyMismatch):
        world.propose(amal, 4_001, to_account_id=amal.savings.id, key="k")


def test_given_anothers_key_when_used_then_it_is_never_read(world):
    amal, ben = world.person(), world.person()
    mine = world.propose(amal, 4_000, to_account_id=amal.savings.id, key="k")

    theirs = world.propose(ben, 9_900, to_account_id=ben.savings.id, key="k")

    assert theirs.id != mine.id


def test_given_one_key_and_fifty_at_once_when_proposed_then_there_is_one_transfer(world):
    amal = world.person()

    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(
            lambda _: world.propose(amal, 4_000, to_account_id=amal.savings.id, key="k"), range(50)
        ))

    assert len({transfer.id for transfer in made}) == 1
    assert world.available_minor(amal, amal.current) == 146_000


def test_given_one_proposal_and_twenty_confirmations_at_once_then_money_moves_once(world):
    amal = world.person()
    transfer = world.propose(amal, 4_000, to_account_id=amal.savings.id)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(
            lambda _: world.bank.transfers.confirm(amal.actor, transfer.id), range(20)
        ))

    assert world.posted_minor(amal.savings) == 4_000
    assert check(world.store) == []


@pytest.mark.parametrize("amount_minor", [0, -1, 10**12 + 1])
def test_given_an_amount_that_is_none_when_proposed_then_it_is_invalid(world, amount_minor):
    amal = world.person()

    with pytest.raises(errors.InvalidAmount):
        world.propose(amal, amount_minor, to_account_id=amal.savings.id)


def test_given_one_cent_too_little_when_proposed_then_the_refusal_says_both_amounts(world):
    amal = world.person(funds_minor=12_499)

    with pytest.raises(errors.InsufficientFunds) as refusal:
        world.propose(amal, 12_500, to_account_id=amal.savings.id)

    assert refusal.value.details == {"available": "124.99 EUR", "needed": "125.00 EUR"}


def test_given_money_promised_already_when_proposed_again_then_it_cannot_be_promised_twice(world):
    amal = world.person(funds_minor=10_000)
    world.propose(amal, 6_000, to_account_id=amal.savings.id)

    with pytest.raises(errors.InsufficientFunds):
        world.propose(amal, 6_000, to_account_id=amal.savings.id)


@pytest.mark.parametrize(
    ("kyc_tier", "amount_minor", "period"),
    [(0, 1, "transfer"), (1, 100_001, "transfer"), (2, 1_000_001, "transfer")],
)
def test_given_a_tier_when_more_is_sent_at_once_then_it_is_refused(
    world, kyc_tier, amount_minor, period
):
    amal = world.person(kyc_tier=kyc_tier, funds_minor=5_000_000)
    payee = world.payee(amal)

    with pytest.raises(errors.LimitExceeded) as refusal:
        world.propose(amal, amount_minor, payee_id=payee.id)

    assert refusal.value.details["period"] == period


def test_given_a_full_day_when_more_is_proposed_then_headroom_is_told_and_tomorrow_it_goes(world):
    amal = world.person(kyc_tier=1, funds_minor=5_000_000)
    payee = world.payee(amal)
    for _ in range(2):
        world.propose(amal, 95_000, payee_id=payee.id)

    with pytest.raises(errors.LimitExceeded) as refusal:
        world.propose(amal, 20_000, payee_id=payee.id)
    world.clock.turn(days=1)
    world.propose(amal, 20_000, payee_id=payee.id)

    assert refusal.value.details["headroom"] == "100.00 EUR"


def test_given_a_payee_of_today_when_sent_more_than_a_little_then_it_cools_off(world):
    amal = world.person()
    payee = world.payee(amal, is_new=True)
    world.propose(amal, 20_000, payee_id=payee.id)

    with pytest.raises(errors.PayeeCoolingOff) as refusal:
        world.propose(amal, 5_001, payee_id=payee.id)

    assert refusal.value.details["headroom"] == "50.00 EUR"


def test_given_a_payee_removed_and_added_again_when_paid_then_the_first_days_sum_goes_on(world):
    amal = world.person()
    payee = world.payee(amal, is_new=True)
    world.confirm(amal, world.propose(amal, 25_000, payee_id=payee.id))
    world.bank.payees.remove(amal.actor, payee.id)
    again = world.payee(amal, is_new=True)

    with pytest.raises(errors.PayeeCoolingOff):
        world.propose(amal, 1_000, payee_id=again.id)


def test_given_the_account_itself_as_target_when_proposed_then_it_is_refused(world):
    amal = world.person()

    with pytest.raises(errors.SameAccount):
        world.propose(amal, 1_000, to_account_id=amal.current.id)


def test_given_a_restricted_account_when_proposed_or_confirmed_then_it_is_refused(world):
    amal = world.person()
    transfer = world.propose(amal, 1_000, to_account_id=amal.savings.id)
    held = world.store.read(lambda uow: uow.accounts.get(amal.current.id))
    world.store.write(
        lambda uow: uow.accounts.save(replace(held, status=AccountStatus.RESTRICTED))
    )

    with pytest.raises(errors.AccountNotActive):
        world.propose(
            amal, 1_000, to_account_id=amal.savings.id, from_account_id=amal.current.id
        )
    with pytest.raises(errors.AccountNotActive):
        world.bank.transfers.confirm(amal.actor, transfer.id)


def test_given_another_currency_when_proposed_then_it_is_refused_not_converted(world):
    amal = world.person()

    with pytest.raises(errors.CurrencyMismatch):
        world.bank.transfers.propose(
            amal.actor, amount=Money(1_000, "USD"), to_account_id=amal.savings.id,
            idempotency_key="k",
        )


def test_given_somebody_elses_things_when_used_then_they_do_not_exist(world):
    amal, mallory = world.person(), world.person()
    payee, transfer = world.payee(amal), world.propose(amal, 1_000, to_account_id=amal.savings.id)
    bank = world.bank

    for act in (
        lambda: world.propose(mallory, 1, payee_id=payee.id),
        lambda: world.propose(mallory, 1, to_account_id=amal.savings.id),
        lambda: world.propose(
            mallory, 1, to_account_id=mallory.savings.id, from_account_id=amal.current.id
        ),
        lambda: bank.transfers.get(mallory.actor, transfer.id),
        lambda: bank.transfers.confirm(mallory.actor, transfer.id),
        lambda: bank.transfers.confirm(mallory.actor, transfer.id, proof=CodeProof("000000")),
        lambda: bank.transfers.void(mallory.actor, transfer.id),
        lambda: bank.transfers.amend(mallory.actor, transfer.id, idempotency_key="k"),
        lambda: bank.accounts.get(mallory.actor, amal.current.id),
        lambda: bank.payees.remove(mallory.actor, payee.id),
    ):
        with pytest.raises(errors.NotFound):
            act()


def test_given_nobody_or_the_system_when_it_proposes_then_it_is_refused(world):
    amal = world.person()

    for actor, refusal in ((VISITOR, errors.NotAuthenticated), (SYSTEM, errors.NotPermitted)):
        with pytest.raises(refusal):
            world.bank.transfers.propose(
                actor, amount=eur(1), to_account_id=amal.savings.id, idempotency_key="k"
            )
