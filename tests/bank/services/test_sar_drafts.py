"""SAR drafts behind their wall: to nobody but compliance is there one."""

from __future__ import annotations

import pytest

from bank.domain import errors
from bank.domain.actors import SYSTEM, VISITOR, Actor, ActorKind, LoginLevel
from bank.domain.ids import make_id
from bank.domain.sar import PART_MAX_CHARS, PARTS
from tests.bank.builders import ELSEWHERE, World
from tests.bank.services.test_alert_pages import AGENT, OFFICER, SUPERVISOR, held

SECRET = "He was told to hurry by a man on the phone."
ADMIN = Actor(ActorKind.STAFF, "st_4", LoginLevel.STRONG, roles=frozenset({"admin"}))
BOTH = Actor(
    ActorKind.STAFF, "st_5", LoginLevel.STRONG, roles=frozenset({"compliance", "supervisor"})
)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def amal(world):
    return world.person(funds_minor=900_000)


@pytest.fixture
def case(world, amal):
    return held(world, amal)


def write(world, case, actor=OFFICER, after_version=0, text=SECRET):
    return world.bank.sar_drafts.write(
        actor, case.id, {"narrative": text}, after_version=after_version
    )


def test_given_an_alert_when_the_draft_is_opened_then_it_holds_what_the_bank_knows(
    world, amal, case
):
    draft = world.bank.sar_drafts.open(OFFICER, case.id)

    assert draft.version == 0
    assert tuple(draft.parts) == PARTS
    assert amal.current.iban in draft.parts["subject"]
    assert ELSEWHERE in draft.parts["activity"]  # in full: the authority needs it
    assert draft.parts["grounds"].splitlines()[0] == "- Unlike them."
    assert "Payment held for a person" in draft.parts["chronology"]
    assert draft.parts["narrative"] == ""
    assert world.store.read(lambda uow: uow.sar_drafts.count()) == 0


def test_given_versions_when_written_then_each_stays_and_the_newest_is_opened(world, case):
    write(world, case)
    second = write(world, case, actor=BOTH, after_version=1, text="Another word.")

    draft = world.bank.sar_drafts.open(OFFICER, case.id)

    assert (second.version, draft.version, draft.written_by) == (2, 2, "st_5")
    assert draft.parts["narrative"] == "Another word."
    assert world.store.read(lambda uow: uow.sar_drafts.count(case_id=case.id)) == 2


def test_given_two_who_write_at_once_when_the_second_saves_then_nothing_is_overwritten(world, case):
    write(world, case)

    with pytest.raises(errors.Conflict):
        write(world, case, actor=BOTH, after_version=0, text="Mine.")

    assert world.bank.sar_drafts.open(OFFICER, case.id).parts["narrative"] == SECRET


def test_given_a_draft_when_stored_then_sealed_for_its_place_by_a_vault_of_its_own(world, case):
    write(world, case)

    (kept,) = world.store.read(lambda uow: uow.sar_drafts.list())

    assert SECRET.encode() not in kept.parts_enc
    with pytest.raises(ValueError, match="parts"):
        world.bank.vault.open(kept.parts_enc, place=f"sar_drafts|{kept.id}|parts")


def test_given_looks_and_words_when_done_then_the_record_holds_ids_and_versions_only(world, case):
    world.bank.sar_drafts.open(OFFICER, case.id)
    write(world, case)
    text = world.bank.sar_drafts.export(OFFICER, case.id)

    noted = [
        (one.action, one.details)
        for one in reversed(world.bank.audit.list(SYSTEM, resource=case.id))
        if one.action.startswith("sar.")
    ]
    assert noted == [
        ("sar.open", {"version": 0}),
        ("sar.write", {"version": 1}),
        ("sar.export", {"version": 1}),
    ]
    assert SECRET in text


@pytest.mark.parametrize(
    "actor", [SUPERVISOR, AGENT, ADMIN, SYSTEM, VISITOR], ids=lambda one: one.id or "visitor"
)
def test_given_anybody_else_when_they_try_then_as_for_a_case_that_does_not_exist(
    world, amal, case, actor
):
    write(world, case)
    rooms = world.bank.sar_drafts

    def refusals(case_id: str) -> list[tuple[str, dict]]:
        found = []
        for attempt in (
            lambda: rooms.open(actor, case_id),
            lambda: rooms.write(actor, case_id, {}, after_version=1),
            lambda: rooms.export(actor, case_id),
        ):
            with pytest.raises(errors.NotFound) as refused:
                attempt()
            found.append((refused.value.code, refused.value.details))
        return found

    nowhere = make_id("ca")
    assert refusals(case.id) == refusals(nowhere)
    with pytest.raises(errors.NotFound) as officers:
        rooms.open(OFFICER, nowhere)
    assert refusals(case.id)[0] == (officers.value.code, officers.value.details)


def test_given_the_customer_when_they_try_then_there_is_nothing(world, amal, case):
    write(world, case)

    with pytest.raises(errors.NotFound):
        world.bank.sar_drafts.open(amal.actor, case.id)


def test_given_a_draft_when_other_staff_look_at_the_case_then_nothing_of_it_shows(world, case):
    before = _seen_by_supervisor(world, case)

    write(world, case)
    write(world, case, after_version=1, text="More.")
    world.bank.sar_drafts.export(OFFICER, case.id)

    assert _seen_by_supervisor(world, case) == before


def _seen_by_supervisor(world, case) -> str:
    bank = world.bank
    page = bank.alert_pages.open(SUPERVISOR, case.id)
    changes = world.store.read(lambda uow: uow.changes.count())
    return repr((bank.cases.get(SUPERVISOR, case.id), bank.cases.events(SUPERVISOR, case.id), page,
                 changes))  # fmt: skip


@pytest.mark.parametrize(
    "parts", [{"secret": "x"}, {"narrative": "x" * (PART_MAX_CHARS + 1)}], ids=["unknown", "long"]
)
def test_given_parts_that_are_none_when_written_then_refused(world, case, parts):
    with pytest.raises(errors.InvalidInput):
        world.bank.sar_drafts.write(OFFICER, case.id, parts, after_version=0)
