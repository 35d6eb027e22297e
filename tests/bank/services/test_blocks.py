"""Blocks: bounded, audited, taken back, over by themselves; never on a score alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.bootstrap import Bank, make_bank
from bank.domain.actors import SYSTEM, VISITOR
from bank.domain.blocks import BlockKind, address_subject, is_active
from bank.domain.cases import CaseKind, Priority
from bank.domain.errors import (
    Conflict,
    InvalidInput,
    NotAuthenticated,
    NotPermitted,
    RateLimited,
    StepUpRequired,
)
from bank.domain.outbox import OutboxKind
from bank.policies.blocks import rule_of
from bank.storage.memory import MemoryStore
from tests.bank.builders import TurnedClock, World
from tests.web.house import make_settings, make_staff, staff_actor

ADDRESS = "203.0.113.7"
COUNTED = {"names_count": 40}


@pytest.fixture
def bank(tmp_path) -> Bank:
    settings = make_settings(
        tmp_path, siem_url="tls://siem.bank.example:6514", trusted_proxies="10.0.0.0/8"
    )
    return make_bank(MemoryStore(), settings=settings, clock=TurnedClock())


def put_automatic(bank: Bank, subject: str = ADDRESS, kind: BlockKind = BlockKind.IP, **more):
    told = {"reason": "password_spraying", "evidence": COUNTED, **more}
    return bank.blocks.put_automatic(SYSTEM, kind, subject, **told)


def events(bank: Bank) -> list[str]:
    return [
        one.subject for one in bank.store.read(lambda uow: uow.outbox.list(kind=OutboxKind.SIEM))
    ]


def test_given_a_block_when_its_time_is_over_then_the_door_is_open_by_itself(bank):
    block = put_automatic(bank)
    assert bank.blocks.active("ip", ADDRESS) == block

    bank.clock.turn(seconds=rule_of(BlockKind.IP).default_s)

    assert bank.blocks.active("ip", ADDRESS) is None
    assert bank.blocks.list_active() == []
    assert [one.id for one in bank.blocks.list(SYSTEM, only_active=False)] == [block.id]


def test_given_a_block_when_put_and_lifted_then_audit_and_security_desk_have_both(bank):
    supervisor = staff_actor(bank, make_staff(bank, roles=("supervisor",)))
    block = put_automatic(bank)

    lifted = bank.blocks.lift(supervisor, block.id, reason="office_nat")

    assert (lifted.lifted_by, bank.blocks.active("ip", ADDRESS)) == (supervisor.id, None)
    assert events(bank) == ["blocked", "unblocked"]
    put, lift = reversed(bank.audit.list(SYSTEM, resource=ADDRESS))
    assert (put.action, lift.action, lift.actor_id) == ("block.put", "block.lift", supervisor.id)
    assert lift.details["reason"] == "office_nat"
    with pytest.raises(Conflict):
        bank.blocks.lift(supervisor, block.id)


def test_given_the_bound_of_an_hour_when_it_is_met_then_nothing_more_is_closed_and_a_person_is_called(
    bank,
):
    most = rule_of(BlockKind.IP).per_hour
    for number in range(most):
        put_automatic(bank, f"198.51.100.{number}")

    for number in range(3):
        with pytest.raises(RateLimited) as refusal:
            put_automatic(bank, f"203.0.113.{number}")
        assert refusal.value.details["reason"] == "automatic_blocks"

    assert len(bank.blocks.list_active()) == most
    (case,) = bank.store.read(lambda uow: uow.cases.list(kind=CaseKind.ALERT))
    assert (case.reason_code, case.priority) == ("blocks_bound", Priority.URGENT)
    assert events(bank).count("block_refused") == 3
    # Other kinds have a bound of their own, a person has none, and the next hour is a new one.
    put_automatic(bank, "203.0.113.1", BlockKind.RATE_LIMIT)
    bank.blocks.put(SYSTEM, "ip", "203.0.113.1", reason="scanning")
    bank.clock.turn(hours=1)
    put_automatic(bank, "203.0.113.2")


def test_given_an_address_that_is_closed_when_a_program_asks_again_then_it_costs_nothing_of_the_bound(
    bank,
):
    first = put_automatic(bank)

    for _ in range(rule_of(BlockKind.IP).per_hour + 1):
        assert put_automatic(bank) == first


@pytest.mark.parametrize("evidence", [{}, {"score": "0.99"}, {"count": 0}])
def test_given_a_score_alone_then_no_program_closes_a_door(bank, evidence):
    with pytest.raises(InvalidInput):
        put_automatic(bank, evidence=evidence)


@pytest.mark.parametrize("subject", ["127.0.0.1", "::1", "169.254.1.1"])
def test_given_the_machines_own_address_then_no_program_locks_it_out(bank, subject):
    with pytest.raises(InvalidInput):
        put_automatic(bank, subject)


@pytest.mark.parametrize("subject", ["10.1.2.3", "::ffff:10.1.2.3"])
def test_given_a_proxy_of_the_bank_then_nobody_closes_the_door_of_everybody(bank, subject):
    with pytest.raises(InvalidInput):
        bank.blocks.put(SYSTEM, "ip", subject, reason="scanning")


@pytest.mark.parametrize(
    "subject", ["", "localhost", "203.0.113.0/24", "224.0.0.1", "0.0.0.0", "cu_1"]
)
def test_given_no_address_of_one_machine_then_it_cannot_be_blocked(bank, subject):
    with pytest.raises(InvalidInput):
        bank.blocks.put(SYSTEM, "ip", subject, reason="scanning")


def test_given_a_block_by_hand_beside_an_automatic_one_then_lifting_one_leaves_the_other(bank):
    automatic, by_hand = (
        put_automatic(bank),
        bank.blocks.put(SYSTEM, "ip", ADDRESS, reason="scanning"),
    )

    assert bank.blocks.active("ip", ADDRESS).id == by_hand.id
    bank.blocks.lift(SYSTEM, by_hand.id)

    assert bank.blocks.active("ip", ADDRESS).id == automatic.id


def test_given_a_second_reason_when_put_by_hand_then_the_later_end_counts(bank):
    first = bank.blocks.put(SYSTEM, "ip", ADDRESS, reason="scanning", lasts_s=7_200)

    again = bank.blocks.put(SYSTEM, "ip", ADDRESS, reason="fraud", lasts_s=60)

    assert (again.id, again.expires_at_utc) == (first.id, first.expires_at_utc)


def test_given_a_customer_who_must_step_up_then_small_payments_ask_for_a_code_until_it_is_over():
    world = World()
    amal = world.person()
    payee = world.payee(amal)
    world.confirm(amal, world.propose(amal, 4_000, payee_id=payee.id))

    def asks() -> bool:
        return world.propose(amal, 1_000, payee_id=payee.id).needs_step_up

    assert not asks()
    before = world.propose(amal, 1_000, payee_id=payee.id)
    put_automatic(world.bank, amal.actor.id, BlockKind.CUSTOMER_STEP_UP)

    assert asks()
    with pytest.raises(StepUpRequired):  # also what was proposed before
        world.bank.transfers.confirm(amal.actor, before.id)
    world.clock.turn(seconds=rule_of(BlockKind.CUSTOMER_STEP_UP).default_s)
    assert not asks()


def test_given_who_may_not_then_no_door_is_closed_opened_or_looked_at(bank):
    agent = staff_actor(bank, make_staff(bank))
    block = put_automatic(bank)
    acts = (
        lambda who: bank.blocks.put(who, "ip", ADDRESS, reason="x"),
        lambda who: bank.blocks.lift(who, block.id),
        bank.blocks.list,
    )

    for act in acts:
        with pytest.raises(NotPermitted):
            act(agent)
        with pytest.raises(NotAuthenticated):
            act(VISITOR)
    supervisor = staff_actor(bank, make_staff(bank, "sofia", roles=("supervisor",)))
    with pytest.raises(NotPermitted):
        bank.blocks.put_automatic(supervisor, "ip", ADDRESS, reason="x", evidence=COUNTED)


@given(st.sampled_from(BlockKind), st.integers(1, 10**9))
def test_no_automatic_block_lasts_longer_than_its_rule_whatever_is_asked(kind, lasts_s):
    bank = make_bank(MemoryStore(), clock=TurnedClock())
    subject = "cu_1" if kind is BlockKind.CUSTOMER_STEP_UP else ADDRESS

    block = put_automatic(bank, subject, kind, lasts_s=lasts_s)

    lasts = block.expires_at_utc - block.at_utc
    assert 0 < lasts.total_seconds() <= rule_of(kind).automatic_s
    assert is_active(block, bank.clock())
    assert not is_active(block, block.expires_at_utc)


@given(st.ip_addresses(v=6))
def test_every_address_of_a_subscribers_network_is_kept_under_one_name(address):
    if address.is_multicast or address.is_unspecified or address.ipv4_mapped:
        return
    neighbour = type(address)(int(address) ^ 1)

    if not (neighbour.is_unspecified or neighbour.ipv4_mapped):
        assert address_subject(str(address)) == address_subject(str(neighbour))
    assert address_subject(address_subject(str(address))) == address_subject(str(address))
