"""The fake and the database, side by side, under random work: same answers, same contents."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bank.domain.errors import BankError
from bank.storage.database import open_store
from bank.storage.memory import MemoryStore
from tests.contracts.probes import NOON, PROBES, Colour, a_probe

NUMBERS = st.integers(0, 5)
PROBE = st.builds(
    lambda number, other, **rest: a_probe(number, number=other, **rest),
    NUMBERS,
    NUMBERS,
    key=st.sampled_from([None, "k", "K", "\N{LATIN SMALL LETTER SHARP S}"]),
    group=st.sampled_from(["g", "h"]),
    name=st.sampled_from(["Ana", "anna", "Zoë", "ss", ""]),
    colour=st.sampled_from(Colour),
    until_utc=st.sampled_from([None, NOON, NOON.replace(microsecond=1)]),
    ratio=st.sampled_from([0.0, -1.5, 1e300]),
    data=st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
STEP = st.one_of(
    st.tuples(st.just("add"), PROBE),
    st.tuples(st.just("save"), PROBE),
    st.tuples(st.just("remove"), NUMBERS.map(lambda n: f"pr_{n}")),
    st.tuples(st.just("add_many"), st.lists(PROBE, max_size=3)),
)
FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "number": st.one_of(NUMBERS, st.lists(NUMBERS, max_size=3).map(tuple)),
        "key": st.sampled_from([None, "k", (None, "K")]),
        "name__contains": st.sampled_from(["a", "SS", "\N{LATIN SMALL LETTER SHARP S}", ""]),
        "until_utc__gte": st.just(NOON),
        "ratio__lt": st.just(0.0),
        "colour": st.sampled_from(Colour),
    },
)


class GivenUpError(Exception):
    """The unit of work changes its mind at the end."""


class TwoStores(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "bank.db"
        self.stores = [
            MemoryStore(PROBES),
            open_store(f"sqlite:///{path}", records=PROBES, create=True),
        ]

    @rule(steps=st.lists(STEP, max_size=5), goes_on=st.booleans(), gives_up=st.booleans())
    def work(self, *, steps: list[tuple[str, Any]], goes_on: bool, gives_up: bool) -> None:
        def work(uow: Any) -> list[str]:
            heard = []
            for verb, argument in steps:
                try:
                    getattr(uow.probes, verb)(argument)
                    heard.append("done")
                except BankError as refusal:
                    if not goes_on:
                        raise
                    heard.append(refusal.code)
            if gives_up:
                raise GivenUpError
            return heard

        self.same(lambda store: store.write(work))

    @rule(
        filters=FILTERS,
        order_by=st.sampled_from(["id", "name", "until_utc", "key", "ratio"]),
        descending=st.booleans(),
        limit=st.sampled_from([None, 0, 2]),
        offset=st.sampled_from([0, 1]),
    )
    def ask(self, filters: dict[str, Any], **how: Any) -> None:
        self.same(lambda store: store.read(lambda uow: uow.probes.list(**filters, **how)))
        self.same(lambda store: store.read(lambda uow: uow.probes.first(**filters)))
        self.same(lambda store: store.read(lambda uow: uow.probes.count(**filters)))
        self.same(lambda store: store.read(lambda uow: uow.probes.total("number", **filters)))

    @invariant()
    def hold_the_same(self) -> None:
        self.same(lambda store: store.read(lambda uow: uow.probes.list()))

    def teardown(self) -> None:
        for store in self.stores:
            store.close()
        self.folder.cleanup()

    def same(self, asked: Callable[[Any], Any]) -> None:
        answers = []
        for store in self.stores:
            try:
                answers.append(asked(store))
            except (BankError, GivenUpError) as refusal:
                answers.append(repr(refusal))
        assert answers[0] == answers[1]


TestTwoStores = TwoStores.TestCase
TestTwoStores.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
