"""A law of the console: one side speaks, in any order of takeovers, lines and lost leases."""

from __future__ import annotations

import contextlib

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bank.domain.actors import SYSTEM, Actor
from bank.domain.cases import LEASE_S, UNRESOLVED, Case
from bank.domain.conversations import Sender, Speaker
from bank.domain.errors import (
    BankError,
    NotSpeaker,
)
from tests.bank.people.world import World


class OneSpeaker(RuleBasedStateMachine):
    """Any order of takeovers, hand-backs, lines and lost leases: one speaker, always."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    @initialize()
    def open_the_branch(self) -> None:
        self.amal = self.world.chat(self.world.customer())
        self.staff = [self.world.staff(f"agent{number}") for number in range(2)]
        self.sue = self.world.staff("sue", ("supervisor",))
        self.world.handoff(self.amal)
        self.world.bank.cases.open(
            SYSTEM,
            kind="complaint",
            queue="complaints",
            subject="s",
            reason_code="r",
            why="w",
            conversation_id=self.amal.conversation_id,
        )
        self.spoken: list[tuple[Sender, str | None]] = []

    who = st.integers(0, 1)
    which = st.integers(0, 1)

    def _case(self, which: int) -> Case:
        """Return one of the chat's newest cases."""
        chat = self.amal.conversation_id
        found = self.world.store.read(lambda uow: uow.cases.list(conversation_id=chat))
        return found[-1 - which]

    def _try(self, act: str, actor: Actor, case: Case, *args: str) -> None:
        with contextlib.suppress(BankError):
            getattr(self.world.bank.cases, act)(actor, case.id, *args)

    @rule(who=who, which=which, act=st.sampled_from(("take_over", "take_over", "claim")))
    def somebody_reaches_for_a_case(self, who: int, which: int, act: str) -> None:
        self._try(act, self.staff[who], self._case(which))

    @rule(which=which, act=st.sampled_from(("hand_back", "release", "resolve", "reopen")))
    def its_owner_lets_go(self, which: int, act: str) -> None:
        case = self._case(which)
        owner = next((one for one in self.staff if one.id == case.assignee), self.staff[0])
        self._try(act, owner, case, *(["done"] if act in ("hand_back", "resolve") else []))

    @rule(who=who, which=which, act=st.sampled_from(("hand_back", "release", "resolve")))
    def anybody_tries_to_let_go(self, who: int, which: int, act: str) -> None:
        self._try(act, self.staff[who], self._case(which), *(["x"] if act != "release" else []))

    @rule(which=which, to=who)
    def a_supervisor_assigns(self, which: int, to: int) -> None:
        self._try("assign", self.sue, self._case(which), self.staff[to].id)

    @rule()
    def customer_asks_for_a_person(self) -> None:
        self.world.handoff(self.amal)

    @rule()
    def customer_writes(self) -> None:
        self.world.bank.conversations.append(self.amal, self.amal.conversation_id, text="hello?")

    @rule(share=st.sampled_from((0.6, 1.1)))
    def time_passes(self, share: float) -> None:
        self.world.clock.pass_s(LEASE_S * share)

    @rule()
    def leases_expire(self) -> None:
        self.world.bank.cases.expire_leases()

    @rule(who=who)
    def everybody_tries_to_speak(self, who: int) -> None:
        chat = self.amal.conversation_id
        through = []
        for actor, sender in ((SYSTEM, "bot"), *((member, "staff") for member in self.staff)):
            try:
                self.world.bank.conversations.append(actor, chat, sender=sender, text="me")
            except NotSpeaker:
                continue
            through.append(actor.id)
        assert len(through) == 1, through

    @invariant()
    def the_speaker_holds_a_case_here(self) -> None:
        if not hasattr(self, "spoken"):
            return
        chat = self.world.bank.conversations.get(SYSTEM, self.amal.conversation_id)
        holders = self.world.store.read(
            lambda uow: {
                case.assignee for case in uow.cases.list(conversation_id=chat.id, state=UNRESOLVED)
            }
        )
        assert (chat.speaker is Speaker.STAFF) == (chat.staff_id is not None)
        assert chat.staff_id is None or chat.staff_id in holders


OneSpeaker.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestOneSpeaker = OneSpeaker.TestCase
