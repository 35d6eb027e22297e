"""What every store promises: bank/ports.py, line by line, on the fake and on SQLite."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from bank.domain.errors import AlreadyExists, NotFound
from bank.ports import Store
from tests.contracts.probes import NOON, Colour, Purse, a_probe

FULL = a_probe(
    7,
    colour=Colour.BLUE,
    key="k\N{EURO SIGN}",
    until_utc=NOON.replace(microsecond=123_457),
    born=date(1990, 2, 28),
    flag=True,
    ratio=0.1,
    blob=b"\x00\xff",
    data={"é": [1, None, {"deep": True}]},
    tags=("b", "a"),
    roles=frozenset({"agent", "supervisor"}),
)


def test_given_every_kind_of_field_when_stored_then_it_comes_back_equal(store: Store) -> None:
    store.write(lambda uow: uow.probes.add(FULL))

    back = store.read(lambda uow: uow.probes.get("pr_7"))

    assert back == FULL
    assert type(back.colour) is Colour
    assert type(back.flag) is bool


def test_given_another_time_zone_when_stored_then_it_comes_back_in_utc(store: Store) -> None:
    athens = timezone(timedelta(hours=2))
    store.write(lambda uow: uow.probes.add(a_probe(1, at_utc=NOON.astimezone(athens))))

    assert store.read(lambda uow: uow.probes.get("pr_1")).at_utc.isoformat() == NOON.isoformat()


def test_given_a_moment_without_zone_when_stored_then_it_is_a_bug(store: Store) -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001

    with pytest.raises(AssertionError, match="time zone"):
        store.write(lambda uow: uow.probes.add(a_probe(1, at_utc=naive)))


def test_given_json_with_a_tuple_inside_when_stored_then_it_is_a_list_as_json_has_it(
    store: Store,
) -> None:
    store.write(lambda uow: uow.probes.add(a_probe(1, data={"pair": (1, 2)})))

    assert store.read(lambda uow: uow.probes.get("pr_1")).data == {"pair": [1, 2]}


@pytest.mark.parametrize("second", [
    a_probe(1, number=2),              # the id
    a_probe(2, key="k"),               # a unique field
    a_probe(2, number=1),              # a unique pair
])  # fmt: skip
def test_given_a_taken_key_when_added_then_refused_and_the_work_may_go_on(
    store: Store, second: object
) -> None:
    def work(uow):
        uow.probes.add(a_probe(1, key="k"))
        with pytest.raises(AlreadyExists):
            uow.probes.add(second)
        uow.probes.add(a_probe(9))

    store.write(work)

    assert [p.id for p in store.read(lambda uow: uow.probes.list())] == ["pr_1", "pr_9"]


def test_given_a_taken_key_when_saved_then_refused_and_the_record_is_as_before(
    store: Store,
) -> None:
    def work(uow):
        uow.probes.add_many([a_probe(1, key="k"), a_probe(2)])
        with pytest.raises(AlreadyExists):
            uow.probes.save(a_probe(2, key="k", name="changed"))

    store.write(work)

    assert store.read(lambda uow: uow.probes.get("pr_2")) == a_probe(2)


def test_given_two_records_without_a_key_then_nothing_is_not_equal_to_nothing(
    store: Store,
) -> None:
    store.write(lambda uow: uow.probes.add_many([a_probe(1), a_probe(2)]))

    assert store.read(lambda uow: uow.probes.count(key=None)) == 2


def test_given_one_taken_key_among_many_when_added_then_none_is_added(store: Store) -> None:
    def work(uow):
        uow.probes.add(a_probe(3))
        with pytest.raises(AlreadyExists):
            uow.probes.add_many([a_probe(1), a_probe(2), a_probe(3), a_probe(4)])

    store.write(work)

    assert [p.number for p in store.read(lambda uow: uow.probes.list())] == [3]


def test_given_no_record_when_asked_then_find_is_none_and_get_save_refuse(store: Store) -> None:
    assert store.read(lambda uow: uow.probes.find("pr_1")) is None
    with pytest.raises(NotFound):
        store.read(lambda uow: uow.probes.get("pr_1"))
    with pytest.raises(NotFound):
        store.write(lambda uow: uow.probes.get("pr_1", lock=True))
    with pytest.raises(NotFound):
        store.write(lambda uow: uow.probes.save(a_probe(1)))
    store.write(lambda uow: uow.probes.remove("pr_1"))


def test_given_a_work_that_raises_then_nothing_of_it_remains(store: Store) -> None:
    store.write(lambda uow: uow.probes.add_many([a_probe(1), a_probe(2)]))

    def work(uow):
        uow.probes.add(a_probe(3))
        uow.probes.save(replace(a_probe(1), name="changed"))
        uow.probes.remove("pr_2")
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        store.write(work)

    assert store.read(lambda uow: uow.probes.list()) == [a_probe(1), a_probe(2)]


def test_given_a_read_when_it_writes_then_it_is_a_bug(store: Store) -> None:
    for write in (
        lambda uow: uow.probes.add(a_probe(1)),
        lambda uow: uow.probes.save(a_probe(1)),
        lambda uow: uow.probes.remove("pr_1"),
    ):
        with pytest.raises(AssertionError, match="inside read"):
            store.read(write)


def test_given_a_write_inside_a_write_or_a_read_then_it_is_a_bug_not_a_deadlock(
    store: Store,
) -> None:
    def nested(uow):
        store.write(lambda inner: inner.purses.add(Purse("pu_2", 1)))

    with pytest.raises(AssertionError, match="inside another"):
        store.write(nested)
    with pytest.raises(AssertionError, match="inside another"):
        store.read(nested)
    store.write(lambda uow: uow.purses.add(Purse("pu_3", 1)))
    assert store.read(lambda uow: uow.purses.count()) == 1


def test_given_a_read_inside_a_write_then_it_sees_what_was_written(store: Store) -> None:
    def work(uow):
        uow.purses.add(Purse("pu_1", 5))
        return store.read(lambda inner: inner.purses.total("amount_minor"))

    assert store.write(work) == 5


def test_given_filters_when_listed_then_each_means_what_the_port_says(store: Store) -> None:
    day = timedelta(days=1)
    store.write(lambda uow: uow.probes.add_many([
        a_probe(1, name="Ana Silva", colour=Colour.BLUE, at_utc=NOON),
        a_probe(2, name="ANNA Berg", at_utc=NOON + day, until_utc=NOON),
        a_probe(3, name="Straße", at_utc=NOON + 2 * day, key="k"),
    ]))  # fmt: skip

    def numbers(**asked):
        return [p.number for p in store.read(lambda uow: uow.probes.list(**asked))]

    assert numbers(colour=Colour.BLUE) == [1]
    assert numbers(colour="red") == [2, 3]
    assert numbers(number=(1, 3)) == [1, 3]
    assert numbers(number=()) == []
    assert numbers(key=("k", None), number__lt=3) == [1, 2]
    assert numbers(until_utc=None) == [1, 3]
    assert numbers(until_utc__lte=NOON) == [2]
    assert numbers(at_utc__gte=NOON, at_utc__lt=NOON + 2 * day) == [1, 2]
    assert numbers(at_utc__gt=NOON) == [2, 3]
    assert numbers(name__contains="an") == [1, 2]
    assert numbers(name__contains="STRASSE") == [3]
    assert numbers(key__contains="K") == [3]
    assert numbers(flag=True) == []
    assert numbers(order_by="until_utc") == [1, 3, 2]
    assert numbers(order_by="until_utc", descending=True) == [2, 3, 1]
    assert numbers(order_by="colour", descending=True, limit=2) == [3, 2]
    assert numbers(limit=1, offset=1) == [2]
    assert numbers(offset=2) == [3]
    assert numbers(limit=0) == []


def test_given_a_field_that_is_not_there_when_filtered_then_it_is_a_bug(store: Store) -> None:
    store.write(lambda uow: uow.probes.add(a_probe(1)))

    with pytest.raises(AssertionError, match="no field"):
        store.read(lambda uow: uow.probes.list(nmae="x"))


def test_given_numbers_when_summed_then_total_is_exact_and_zero_when_none(store: Store) -> None:
    purses = [Purse(f"pu_{n}", 9_007_199_254_740_993 * (-1) ** n) for n in range(3)]
    store.write(lambda uow: uow.purses.add_many(purses))

    assert store.read(lambda uow: uow.purses.total("amount_minor")) == 9_007_199_254_740_993
    assert store.read(lambda uow: uow.purses.total("amount_minor", id="pu_9")) == 0
    assert store.read(lambda uow: uow.purses.first(amount_minor__lt=0)) == purses[1]
    assert store.read(lambda uow: uow.purses.first(id="pu_9")) is None


def test_given_many_keys_when_the_latest_is_asked_then_each_with_a_match_has_its_greatest(
    store: Store,
) -> None:
    probes = [
        a_probe(n, name=f"name {n % 120}", at_utc=NOON + timedelta(hours=n)) for n in range(300)
    ]
    store.write(lambda uow: uow.probes.add_many(probes))
    keys = [f"name {n}" for n in range(250)]

    found = store.read(lambda uow: uow.probes.latest("at_utc", by="name", keys=keys))
    some = store.read(
        lambda uow: uow.probes.latest("at_utc", by="name", keys=keys[:3], number__lt=121)
    )
    none = store.read(lambda uow: uow.probes.latest("at_utc", by="name", keys=[]))

    assert found == {one.name: one.at_utc for one in probes}  # the last of a name is its greatest
    assert some == {one.name: one.at_utc for one in (probes[2], probes[120], probes[1])}
    assert none == {}


def test_given_a_name_that_is_no_table_then_it_is_a_bug(store: Store) -> None:
    with pytest.raises(AttributeError):
        store.read(lambda uow: uow.nothing)


def test_given_quotes_and_nul_in_a_text_then_it_is_only_text(store: Store) -> None:
    nasty = "'; DROP TABLE probes; --\x00\N{PILE OF POO}"
    store.write(lambda uow: uow.probes.add(a_probe(1, name=nasty)))

    assert store.read(lambda uow: uow.probes.first(name=nasty)).name == nasty
