"""The audit chain: whatever is done to it afterwards is found."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bank.domain.actors import SYSTEM, a_customer
from bank.domain.errors import BankError, NotPermitted
from bank.security.audit_chain import AnchorBroken, ChainKey, FileAnchor
from bank.services.audit import Audit
from bank.storage.memory import MemoryStore
from tests.bank.people.world import KEYRING, NOON, World

ENTRIES_COUNT = 40


def a_chain(tmp_path: Path) -> tuple[Audit, MemoryStore]:
    store = MemoryStore()
    audit = Audit(
        store,
        clock=lambda: NOON,
        sign=ChainKey(KEYRING).sign,
        anchor=FileAnchor(tmp_path / "head.json", KEYRING),
    )
    for number in range(ENTRIES_COUNT):
        store.write(
            lambda uow, number=number: audit.append_in(
                uow, SYSTEM, "card.freeze", f"cd_{number}", details={"n": number}
            )
        )
    audit.anchor()
    return audit, store


def changed(entry, **values):
    return type(entry)(**{**{name: getattr(entry, name) for name in entry.__slots__}, **values})


def edit(uow, chance: random.Random) -> None:
    entry = chance.choice(uow.audit.list())
    field, value = chance.choice(
        [
            ("actor_id", "cu_x"),
            ("action", "card.unfreeze"),
            ("resource", "cd_x"),
            ("outcome", "not_permitted"),
            ("why", "because"),
            ("details", {"n": -1}),
            ("at_utc", NOON.replace(year=2025)),
        ]
    )
    uow.audit.save(changed(entry, **{field: value}))


def delete(uow, chance: random.Random) -> None:
    uow.audit.remove(chance.choice(uow.audit.list()).id)


def insert(uow, chance: random.Random) -> None:
    """A forger without the key: everything after moves up by one and is signed with their own."""
    at = chance.randrange(1, ENTRIES_COUNT + 1)
    forger = ChainKey(type(KEYRING)(b"x" * 32))
    entries = uow.audit.list(order_by="number")
    for entry in entries[at - 1 :]:
        uow.audit.remove(entry.id)
    previous = entries[at - 2].hash if at > 1 else "0" * 64
    for number, entry in enumerate(
        [changed(entries[0], resource="forged"), *entries[at - 1 :]], at
    ):
        moved = changed(entry, id=f"au_{number:012d}", number=number, previous_hash=previous)
        moved = changed(moved, hash=forger.sign(repr(moved)))
        uow.audit.add(moved)
        previous = moved.hash


def swap(uow, chance: random.Random) -> None:
    one, two = chance.sample(uow.audit.list(), 2)
    uow.audit.remove(one.id)
    uow.audit.remove(two.id)
    uow.audit.add(changed(one, id=two.id, number=two.number))
    uow.audit.add(changed(two, id=one.id, number=one.number))


def truncate(uow, chance: random.Random) -> None:
    """Cut the tail and set the head back, so that the chain left behind is perfect in itself."""
    keep = chance.randrange(ENTRIES_COUNT)
    entries = uow.audit.list(order_by="number")
    for entry in entries[keep:]:
        uow.audit.remove(entry.id)
    head = uow.audit_heads.get("head")
    if keep:
        uow.audit_heads.save(changed(head, number=keep, hash=entries[keep - 1].hash))
    else:
        uow.audit_heads.remove("head")


def test_given_an_untouched_chain_when_verified_then_nothing_is_found(tmp_path: Path):
    audit, _ = a_chain(tmp_path)

    report = audit.verify()

    assert (report.ok, report.entries_count, report.anchored_number) == (True, 40, 40)


@pytest.mark.parametrize("tamper", [edit, delete, insert, swap, truncate])
@pytest.mark.parametrize("seed", range(20))
def test_given_any_change_when_verified_then_it_is_found(tmp_path: Path, tamper, seed):
    audit, store = a_chain(tmp_path)
    store.write(lambda uow: tamper(uow, random.Random(seed)))

    assert not audit.verify().ok


def test_given_one_edited_entry_then_the_fault_names_its_row(tmp_path: Path):
    audit, store = a_chain(tmp_path)
    store.write(
        lambda uow: uow.audit.save(changed(uow.audit.get("au_000000000007"), actor_id="cu_x"))
    )

    assert [(fault.number, fault.kind) for fault in audit.verify().faults] == [(7, "edited")]


def test_given_a_deleted_entry_then_the_fault_is_a_missing_one(tmp_path: Path):
    audit, store = a_chain(tmp_path)
    store.write(lambda uow: uow.audit.remove("au_000000000007"))

    assert (7, "missing") in [(fault.number, fault.kind) for fault in audit.verify().faults]


def test_given_an_anchor_edited_by_hand_then_it_is_refused(tmp_path: Path):
    audit, _ = a_chain(tmp_path)
    path = tmp_path / "head.json"
    path.write_text(path.read_text().replace('"number": 40', '"number": 3'))

    with pytest.raises(AnchorBroken):
        audit.verify()


def test_given_an_older_head_when_saved_then_the_anchor_stays(tmp_path: Path):
    anchor = FileAnchor(tmp_path / "head.json", KEYRING)
    anchor.save(7, "a" * 64)
    anchor.save(3, "b" * 64)

    assert anchor.load() == (7, "a" * 64)


def test_given_an_act_that_fails_then_its_entry_is_gone_too_and_the_chain_is_whole(world: World):
    amal = world.customer()

    def act(uow) -> None:
        world.bank.audit.append_in(uow, SYSTEM, "money.move", amal.id)
        raise BankError

    with pytest.raises(BankError):
        world.store.write(act)
    world.customer("berta")

    assert world.bank.audit.verify().ok
    assert [e.action for e in world.bank.audit.list(SYSTEM)] == ["customer.create"] * 2


def test_given_anybody_but_compliance_when_they_read_the_record_then_refused(world: World):
    for actor in (a_customer("cu_1"), world.staff()):
        with pytest.raises(NotPermitted):
            world.bank.audit.list(actor)
    assert world.bank.audit.list(world.staff("cora", ("compliance",)))
