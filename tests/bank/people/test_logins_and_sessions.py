"""Logging in, and what a session's token is worth."""

from __future__ import annotations

import statistics
import time

import pytest

from bank.domain.actors import SYSTEM, ActorKind, LoginLevel, a_customer
from bank.domain.errors import (
    AlreadyExists,
    NotFound,
    NotPermitted,
    RateLimited,
    SessionExpired,
    WrongCredentials,
)
from bank.security.passwords import Argon2Passwords
from tests.bank.people.world import PASSWORD, World


def log_in(world: World, name: str = "amal", password: str = PASSWORD, ip: str = "ip1"):
    return world.bank.logins.login(name, password, ip_hash=ip)


def test_given_the_right_password_when_logged_in_then_the_session_is_the_customers(world: World):
    amal = world.customer()

    done = log_in(world, " AMAL ")

    actor = world.bank.sessions.verify(done.token).actor("m1")
    assert (actor.kind, actor.id, actor.login_level) == (
        ActorKind.CUSTOMER,
        amal.id,
        LoginLevel.PASSWORD,
    )
    assert actor.message_id == "m1"


@pytest.mark.parametrize(
    ("name", "password"),
    [("amal", "wrong horse battery"), ("nobody", PASSWORD), ("", ""), ("a b\x00", "x" * 5_000)],
)
def test_given_anything_else_when_logged_in_then_it_never_says_what_was_wrong(
    world: World, name, password
):
    world.customer()

    with pytest.raises(WrongCredentials) as refusal:
        log_in(world, name, password)

    assert refusal.value.details == {}


def test_given_an_unknown_name_when_checked_then_it_takes_as_long_as_a_known_one():
    passwords = Argon2Passwords(time=2, memory_kib=4_096)
    known = passwords.hash(PASSWORD)

    def seconds(password_hash: str | None) -> float:
        began = time.perf_counter()
        passwords.verify(password_hash, "wrong horse battery")
        return time.perf_counter() - began

    pairs = [(seconds(known), seconds(None)) for _ in range(15)]

    median_known, median_unknown = (statistics.median(side) for side in zip(*pairs, strict=True))
    assert 0.5 < median_unknown / median_known < 2


def test_given_five_wrong_passwords_from_one_address_then_that_address_must_wait(world: World):
    world.customer()
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            log_in(world, password="wrong horse battery")

    with pytest.raises(RateLimited):
        log_in(world)
    log_in(world, ip="the customer's own")
    world.clock.pass_s(901)

    log_in(world)


def test_given_many_names_from_one_address_then_the_address_must_wait(world: World):
    for number in range(50):
        with pytest.raises(WrongCredentials):
            log_in(world, f"name{number}")

    with pytest.raises(RateLimited):
        log_in(world, "name99")


def test_given_tries_when_stored_then_the_typed_name_is_not(world: World):
    with pytest.raises(WrongCredentials):
        log_in(world, "my-secret-password")

    assert "my-secret-password" not in world.store.read(lambda uow: repr(uow.attempts.list()))


def test_given_a_session_when_stored_then_its_token_is_not(world: World):
    world.customer()
    token = log_in(world).token

    assert token not in world.store.read(lambda uow: repr(uow.sessions.list()))


def test_given_an_unused_session_when_the_ttl_has_passed_then_it_is_over(world: World):
    world.customer()
    token = log_in(world).token
    for _ in range(3):
        world.clock.pass_s(1_700)
        world.bank.sessions.verify(token)
    world.clock.pass_s(1_801)

    with pytest.raises(SessionExpired):
        world.bank.sessions.verify(token)


def test_given_a_session_used_all_the_time_when_twelve_hours_have_passed_then_it_is_over(
    world: World,
):
    world.customer()
    token = log_in(world).token

    for _ in range(12 * 4 - 1):
        world.clock.pass_s(900)
        world.bank.sessions.verify(token)
    world.clock.pass_s(900)

    with pytest.raises(SessionExpired):
        world.bank.sessions.verify(token)


def test_given_a_visitor_when_upgraded_then_the_chat_stays_and_the_old_token_is_dead(world: World):
    amal = world.customer()
    token, visitor = world.bank.sessions.start_visitor()

    fresh, session = world.bank.sessions.upgrade(token, amal)

    assert session.conversation_id == visitor.conversation_id
    assert world.bank.sessions.verify(fresh).actor_id == amal.id
    with pytest.raises(SessionExpired):
        world.bank.sessions.verify(token)


def test_given_a_chat_of_another_customer_when_upgraded_then_a_new_chat_begins(world: World):
    amal, mallory = world.customer(), world.customer("mallory")
    token, visitor = world.bank.sessions.start_visitor()
    token, _ = world.bank.sessions.upgrade(token, amal)

    _, session = world.bank.sessions.upgrade(token, mallory)

    assert session.conversation_id != visitor.conversation_id
    with pytest.raises(NotFound):
        world.bank.conversations.transcript(session.actor(), visitor.conversation_id)


def test_given_a_new_password_then_every_session_ends_and_the_old_one_is_worth_nothing(
    world: World,
):
    amal = world.customer()
    token = log_in(world).token

    world.bank.logins.set_password(
        a_customer(amal.id), amal.id, "another fine password", old_password=PASSWORD
    )

    with pytest.raises(SessionExpired):
        world.bank.sessions.verify(token)
    with pytest.raises(WrongCredentials):
        log_in(world)
    assert log_in(world, password="another fine password").customer.id == amal.id


def test_given_somebody_else_when_they_set_a_password_then_refused(world: World):
    amal, mallory = world.customer(), world.customer("mallory")

    with pytest.raises(NotPermitted):
        world.bank.logins.set_password(a_customer(mallory.id), amal.id, "another fine password")


def test_given_a_weaker_hash_when_logged_in_then_it_is_renewed(world: World):
    amal = world.customer()
    weak = Argon2Passwords(time=1, memory_kib=16).hash(PASSWORD)
    world.store.write(
        lambda uow: uow.logins.save(type(uow.logins.get(amal.id))(amal.id, weak, world.clock()))
    )

    log_in(world)

    assert world.store.read(lambda uow: uow.logins.get(amal.id)).password_hash != weak


def test_given_a_taken_login_name_when_created_in_other_case_then_it_exists(world: World):
    world.customer()

    with pytest.raises(AlreadyExists):
        world.bank.customers.create(
            SYSTEM, login_name="AMAL", full_name="A B", email="", phone="", password=PASSWORD
        )


def test_given_another_customer_when_read_then_they_do_not_exist(world: World):
    amal, mallory = world.customer(), world.customer("mallory")

    with pytest.raises(NotFound):
        world.bank.customers.get(a_customer(mallory.id), amal.id)
