"""Staff: password and authenticator, each code once; and what belongs to their desk."""

from __future__ import annotations

import pytest

from bank.domain.actors import SYSTEM, Actor
from bank.domain.errors import (
    AlreadyExists,
    InvalidInput,
    NotPermitted,
    RateLimited,
    SessionExpired,
    TotpEnrolmentRequired,
    TotpRequired,
    WrongCredentials,
)
from bank.domain.staff import StaffState
from bank.services.staff import open_totp_secret
from tests.bank.people.world import PASSWORD, World

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def a_member(world: World, *, enrolled: bool = True):
    return world.bank.staff.create(
        SYSTEM,
        login_name="bea",
        full_name="Bea Blum",
        roles=("agent",),
        password=PASSWORD,
        totp_secret=SECRET if enrolled else None,
    )


def code(world: World, secret: str = SECRET) -> str:
    return world.bank.totp.code_at(secret, world.clock())


def log_in(world: World, totp: str | None = None, password: str = PASSWORD):
    return world.bank.staff.login("bea", password, code=totp, ip_hash="ip1")


def test_given_password_and_code_when_logged_in_then_the_session_has_the_roles(world: World):
    member = a_member(world)

    token, who = log_in(world, code(world))

    actor: Actor = world.bank.sessions.verify(token).actor()
    assert (actor.id, actor.roles, who.id) == (member.id, frozenset({"agent"}), member.id)


def test_given_the_password_alone_then_the_code_is_asked_for(world: World):
    a_member(world)

    with pytest.raises(TotpRequired):
        log_in(world)


def test_given_the_code_with_a_wrong_password_then_it_never_says_which(world: World):
    a_member(world)

    with pytest.raises(WrongCredentials):
        log_in(world, code(world), password="wrong horse battery")


def test_given_a_code_when_used_twice_then_the_second_time_is_refused(world: World):
    a_member(world)
    log_in(world, code(world))

    with pytest.raises(WrongCredentials):
        log_in(world, code(world))
    world.clock.pass_s(30)

    assert log_in(world, code(world))


def test_given_an_older_code_after_a_newer_one_then_it_is_refused(world: World):
    a_member(world)
    older = code(world)
    world.clock.pass_s(30)
    log_in(world, code(world))

    with pytest.raises(WrongCredentials):
        log_in(world, older)


def test_given_a_code_two_minutes_old_then_it_is_refused(world: World):
    a_member(world)
    old = code(world)
    world.clock.pass_s(120)

    with pytest.raises(WrongCredentials):
        log_in(world, old)


def test_given_five_wrong_codes_then_the_right_one_must_wait(world: World):
    a_member(world)
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            log_in(world, "000000" if code(world) != "000000" else "111111")

    with pytest.raises(RateLimited):
        log_in(world, code(world))


def test_given_a_new_colleague_when_enrolled_then_the_first_code_opens_the_door(world: World):
    a_member(world, enrolled=False)
    with pytest.raises(TotpEnrolmentRequired):
        log_in(world)

    enrolment = world.bank.staff.begin_totp("bea", PASSWORD)
    assert enrolment.uri.startswith("otpauth://totp/Florin:bea?secret=")
    with pytest.raises(WrongCredentials):
        world.bank.staff.confirm_totp("bea", PASSWORD, code="abcdef")
    world.bank.staff.confirm_totp("bea", PASSWORD, code=code(world, enrolment.secret))

    with pytest.raises(TotpRequired):
        log_in(world)
    with pytest.raises(NotPermitted):
        world.bank.staff.begin_totp("bea", PASSWORD)


def test_given_a_wrong_first_code_then_the_authenticator_is_not_set_up(world: World):
    a_member(world, enrolled=False)
    world.bank.staff.begin_totp("bea", PASSWORD)
    with pytest.raises(WrongCredentials):
        world.bank.staff.confirm_totp("bea", PASSWORD, code="abcdef")

    with pytest.raises(TotpEnrolmentRequired):
        log_in(world)


def test_given_a_frozen_colleague_then_they_are_out_at_once_and_stay_out(world: World):
    member = a_member(world)
    token, _ = log_in(world, code(world))

    world.bank.staff.set_state(SYSTEM, member.id, StaffState.FROZEN)

    with pytest.raises(SessionExpired):
        world.bank.sessions.verify(token)
    world.clock.pass_s(30)
    with pytest.raises(WrongCredentials):
        log_in(world, code(world))


def test_given_a_secret_when_stored_then_it_is_sealed(world: World):
    member = a_member(world)

    assert SECRET not in world.store.read(lambda uow: repr(uow.staff.list()))
    assert open_totp_secret(member, world.bank.vault) == SECRET


def test_given_a_lost_phone_when_an_admin_resets_then_enrolment_starts_anew(world: World):
    member = a_member(world)
    admin = world.staff("ada", ("admin",))

    world.bank.staff.reset_totp(admin, member.id)

    with pytest.raises(TotpEnrolmentRequired):
        log_in(world)
    with pytest.raises(NotPermitted):
        world.bank.staff.reset_totp(world.staff("carl"), member.id)


def test_given_nonsense_when_a_colleague_is_made_then_refused(world: World):
    a_member(world)
    about = {"login_name": "dan", "full_name": "Dan D", "password": PASSWORD}

    with pytest.raises(InvalidInput):
        world.bank.staff.create(SYSTEM, **about, roles=("king",))
    with pytest.raises(InvalidInput):
        world.bank.staff.create(SYSTEM, **{**about, "password": "short"}, roles=("agent",))
    with pytest.raises(AlreadyExists):
        world.bank.staff.create(SYSTEM, **{**about, "login_name": "BEA"}, roles=("agent",))
    with pytest.raises(NotPermitted):
        world.bank.staff.create(world.staff("carl"), **about, roles=("agent",))


def test_given_canned_replies_then_only_approved_ones_are_listed_for_agents(world: World):
    bea, sue = world.staff(), world.staff("sue", ("supervisor",))
    loaded = world.bank.canned_replies.load_defaults()
    new = world.bank.canned_replies.put(
        bea, reply_id=None, locale="en", title="Thanks", text="Thank you."
    )

    assert world.bank.canned_replies.load_defaults() == 0
    assert len(world.bank.canned_replies.list(bea, locale="en")) == loaded
    with pytest.raises(NotPermitted):
        world.bank.canned_replies.approve(bea, new.id)
    world.bank.canned_replies.approve(sue, new.id)
    assert len(world.bank.canned_replies.list(bea, locale="en")) == loaded + 1


def test_given_an_approved_reply_when_reworded_then_it_waits_for_approval_again(world: World):
    bea = world.staff()
    world.bank.canned_replies.load_defaults()
    reply = world.bank.canned_replies.list(bea)[0]

    world.bank.canned_replies.put(
        bea, reply_id=reply.id, locale="en", title=reply.title, text="You are under suspicion."
    )

    assert reply.id not in [one.id for one in world.bank.canned_replies.list(bea)]
