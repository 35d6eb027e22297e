"""Screening again when a list changes, and not asking twice what was answered."""

from __future__ import annotations

from identity.screening import HitState, screen
from identity.screening.rescreening import (
    Person,
    changed_entries,
    in_chunks,
    open_hits,
    rescreen,
    settle,
)
from tests.identity.screening.builders import SDN, some_lists

PEOPLE = [
    Person("cu_1", "Ottilie Brandner"),
    Person("cu_2", "Viktor Zelenkov"),
    Person("cu_3", "Konrad Feldwieser"),
]


def test_given_all_people_when_rescreened_then_those_with_hits_come():
    found = {person.person_id: hits[0].entry_id for person, hits in rescreen(some_lists(), PEOPLE)}

    assert found == {"cu_2": "ofac:101", "cu_3": "ofac:105"}


def test_given_the_same_lists_when_rescreened_then_nobody_is_asked():
    assert list(rescreen(some_lists(), PEOPLE, previous=some_lists())) == []


def test_given_one_changed_and_one_new_entry_when_rescreened_then_only_these_are_looked_at():
    changed = SDN.replace("DOB 1958 to 1960", "DOB 1959") + SDN.splitlines()[2].replace(
        "103", "106"
    ).replace("ORVAND PETROLEUM LTD", "BRANDNER, Ottilie").replace(
        '-0- ,"IRAN"', '"individual","IRAN"'
    )
    lists = some_lists(sdn=changed)

    change = changed_entries(some_lists(), lists)
    found = {person.person_id for person, _ in rescreen(lists, PEOPLE, previous=some_lists())}

    assert (change.added, change.changed, change.removed) == (
        {"ofac:106"},
        {"ofac:105"},
        frozenset(),
    )
    assert found == {"cu_1", "cu_3"}


def test_given_a_no_hit_when_rescreened_then_it_is_not_asked_again_until_the_entry_changes():
    hit = screen(some_lists(), "Konrad Feldwieser")[0]
    settled = {settle("cu_3", hit, HitState.NO_HIT)}
    changed = some_lists(sdn=SDN.replace("DOB 1958 to 1960", "DOB 1959"))

    again = [person.person_id for person, _ in rescreen(some_lists(), PEOPLE, settled=settled)]
    after = [person.person_id for person, _ in rescreen(changed, PEOPLE, settled=settled)]

    assert again == ["cu_2"]
    assert after == ["cu_2", "cu_3"]


def test_given_a_confirmed_hit_when_settled_then_nothing_is_forgotten():
    hit = screen(some_lists(), "Konrad Feldwieser")[0]

    assert settle("cu_3", hit, HitState.CONFIRMED_HIT) is None
    assert open_hits("cu_3", [hit], frozenset()) == [hit]


def test_given_somebody_else_s_no_hit_when_open_hits_are_asked_then_it_does_not_count():
    hit = screen(some_lists(), "Konrad Feldwieser")[0]

    assert open_hits("cu_9", [hit], {settle("cu_3", hit, HitState.NO_HIT)}) == [hit]


def test_given_many_people_when_chunked_then_nobody_is_lost():
    assert [len(chunk) for chunk in in_chunks(PEOPLE * 3, size=4)] == [4, 4, 1]
