"""Laws of takeover: over any interleaving of people and messages, exactly one side speaks."""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bank.domain.conversations import ChangeKind
from bank.domain.errors import BankError
from tests.web.house import APOLOGY, make_house, make_staff, says, staff_actor

_STEPS = st.lists(
    st.sampled_from(["message", "slow message", "silent message", "take over", "hand back", "reply", "yield"]),
    min_size=3, max_size=14,
)  # fmt: skip


class _Play:
    """One conversation, and what everybody in it does."""

    def __init__(self):
        self.house = make_house(self._script)
        self.session = self.house.visitor()
        self.conversation_id = str(self.session.conversation_id)
        member = make_staff(self.house.bank)
        self.staff = staff_actor(self.house.bank, member)
        self.case = self.house.bank.conversations.handoff(
            self.session.actor(), self.conversation_id, "customer_asked", "w"
        )
        self.sent = []
        self.tasks = []

    async def _script(self, turn):
        for _ in range(6 if "slow" in turn.text else 0):
            await asyncio.sleep(0)
        return [] if "silent" in turn.text else [says(f"heard: {turn.text}")]

    def step(self, name):
        if name.endswith("message"):
            message_id = f"m{len(self.sent)}"
            self.sent.append(f"{name} {message_id}")
            work = self.house.desk.handle(
                self.session, message_id=message_id, text=self.sent[-1]
            )
        elif name == "take over":
            work = asyncio.to_thread(self.house.bank.cases.take_over, self.staff, self.case.id)
        elif name == "hand back":
            work = self.house.desk.let_bot_speak(
                self.conversation_id,
                lambda: self.house.bank.cases.hand_back(self.staff, self.case.id, "s"),
            )
        elif name == "reply":
            work = asyncio.to_thread(
                lambda: self.house.bank.conversations.append(
                    self.staff, self.conversation_id, sender="staff", text="a person"
                )
            )
        else:
            work = asyncio.sleep(0.001)
        self.tasks.append(asyncio.create_task(self._allowed_to_be_refused(work)))

    async def _allowed_to_be_refused(self, work):
        try:
            return await work
        except BankError:
            return None

    def check(self, results):
        """Replay the bank's own order of changes and look at every line in it."""
        bank = self.house.bank
        lines = {line.seq: line for line in self.house.lines(self.session)}
        speaker, heard_by_staff = "bot", set()
        for change in bank.conversations.changes(0):
            if change.kind is ChangeKind.SPEAKER:
                assert change.data["speaker"] != speaker, "the speaker changed to itself"
                speaker = change.data["speaker"]
            elif change.kind is ChangeKind.MESSAGE:
                line = lines[change.data["seq"]]
                if line.sender in ("bot", "staff"):
                    assert line.sender == speaker, f"{line.sender} spoke while {speaker} did"
        answered = [line.text for line in lines.values() if line.sender == "bot"]
        spoken_by_bot = {r.message_id for r in results if r is not None and r.replies}
        for place, text in enumerate(self.sent):
            stored = [line for line in lines.values() if line.text == text]
            assert len(stored) == 1, f"{text!r} is stored {len(stored)} times"
            result = next(r for r in results if r is not None and r.message_id == f"m{place}")
            if f"m{place}" in spoken_by_bot:
                wanted = APOLOGY if "silent" in text else f"heard: {text}"
                assert [reply.text for reply in result.replies] == [wanted]
                assert wanted in answered
            else:
                assert result.speaker == "staff", f"nobody answers {text!r}"
                heard_by_staff.add(text)
        assert answered.count(APOLOGY) == sum(
            "silent" in text and f"m{place}" in spoken_by_bot
            for place, text in enumerate(self.sent)
        )


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=_STEPS)
def test_never_two_speakers_never_none(steps):
    async def play():
        game = _Play()
        for name in steps:
            game.step(name)
            if name == "yield":
                await asyncio.sleep(0)
        results = [
            result if hasattr(result, "replies") else None
            for result in await asyncio.gather(*game.tasks)
        ]
        game.check(results)

    asyncio.run(play())
