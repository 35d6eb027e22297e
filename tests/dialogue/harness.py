"""Plays a story against the real thing: web's turn desk ─▶ a real Rasa ─▶ the real actions and bank.

    Branch    once a run: model, Rasa process, action server, bank over memory, turn desk
    Dialogue  once a story: a fresh customer, their session, the last replies, a transcript

Only two things are not production: the store is memory, and the clock can be moved.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from actions.registry import make_actions
from actions.server import ActionServer, start
from bank.bootstrap import Bank, make_bank
from bank.domain.challenges import CodeProof
from bank.policies import contacting
from bank.storage.memory import MemoryStore
from knowledge.shelf import make_librarian
from tests.dialogue import applicant, faces, facts
from tests.dialogue.persona import Persona, make_persona, newest_code
from tests.dialogue.processes import LoopThread, RasaProcess, free_port, train_if_stale
from tests.dialogue.stories import Step, Story
from web.assistant import RasaAssistant
from web.chat.replies import Reply
from web.chat.turns import TurnDesk, TurnResult
from web.utterances import load_utterances

#: Few and fixed: the stories' answers do not change with the bank's own articles.
ARTICLES = Path(__file__).parent / "articles"


class MovableClock:
    """The time in UTC, shifted."""

    def __init__(self) -> None:
        self.shift = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.shift


class Branch:
    """The whole bank, started once for all stories."""

    def __init__(self, home_dir: Path) -> None:
        train_if_stale()
        self.clock = MovableClock()
        # One customer in twenty hears no offer, by a key of this very branch. No story is of them.
        self._holding_out = patch.object(contacting, "is_held_out", return_value=False)
        self._holding_out.start()
        self.bank: Bank = make_bank(MemoryStore(), clock=self.clock)
        librarian = make_librarian(self.bank, home_dir, articles_folder=ARTICLES)
        librarian.refresh()  # now, so that no story waits for the index
        self.bank.library.use(librarian)
        self.loop = LoopThread()
        self.rasa = RasaProcess(home_dir, free_port())
        self.server = ActionServer(
            make_actions(self.bank, turn_key=self.rasa.turn_key), token=self.rasa.action_token
        )
        self.start_actions()
        self.rasa.start()
        self.assistant = RasaAssistant(self.rasa.base_url)
        self.desk = TurnDesk(
            self.bank, self.assistant, self.rasa.turn_key, utterances=load_utterances()
        )

    def start_actions(self) -> None:
        self._runner = self.loop.run(start(self.server, port=self.rasa.actions_port))

    def stop_actions(self) -> None:
        self.loop.run(self._runner.cleanup())

    def close(self) -> None:
        self._holding_out.stop()
        self.loop.run(self.assistant.close())
        self.rasa.stop()
        self.stop_actions()
        self.loop.close()


class StoryFailed(AssertionError):
    """The story did not go as written; the message is the transcript up to there."""


@dataclass
class Dialogue:
    """One story under way."""

    branch: Branch
    persona: Persona
    replies: list[Reply] = field(default_factory=list)
    transcript: list[str] = field(default_factory=list)
    heard: bool = True

    def play(self, story: Story) -> None:
        """Play all steps. Raises StoryFailed."""
        for number, step in enumerate(story.steps, 1):
            try:
                getattr(self, _METHODS.get(step.act, f"_{step.act}"))(step)
            except AssertionError as fault:
                said = "\n".join(self.transcript)
                raise StoryFailed(
                    f"{story.path.name}, step {number} ({step.act}: {step.value}): {fault}\n{said}"
                ) from None

    # --- what the customer does ---

    def _customer(self, step: Step) -> None:
        self._note("customer", step.value)
        self._hear(self._handle(text=str(step.value)))

    def _button(self, step: Step) -> None:
        buttons = [button for reply in self.replies for button in reply.buttons]
        pressed = next((one for one in buttons if one.title == step.value), None)
        assert pressed is not None, f"no such button among {[one.title for one in buttons]}"
        self._note("presses", step.value)
        self._hear(self._handle(button=pressed.token))

    def _code(self, step: Step) -> None:
        actor = self.persona.session.actor()
        challenge = self.branch.bank.step_up.pending(actor)
        assert challenge is not None, "no step-up is open"
        right = newest_code(self.branch.bank, self.persona)
        code = {"right": right, "wrong": _other_than(right)}.get(step.value, str(step.value))
        self._note("enters", f"code ({step.value})")
        self._hear(
            self.branch.loop.run(
                self.branch.desk.step_up(
                    self.persona.session, challenge_id=challenge.id, proof=CodeProof(code),
                    message_id=_message_id(),
                )
            )
        )  # fmt: skip

    def _logs_in(self, step: Step) -> None:
        self.persona.log_in(self.branch.bank, str(step.value))
        self._note("logs in", step.value)
        self._hear(self._event("EXTERNAL_logged_in", {}))

    # --- what an applicant does, and what becomes of it ---

    def _mailed_code(self, step: Step) -> None:
        right = applicant.mailed_code(self.branch, self.persona)
        code = {"right": right, "wrong": _other_than(right)}.get(step.value, str(step.value))
        self._note("types", f"the mailed code ({step.value})")
        self._hear(self._handle(text=code))

    def _picture(self, step: Step) -> None:
        self._note("sends", f"a picture ({step.value})")
        self._hear(applicant.send_picture(self.branch, self.persona, step.value))

    def _liveness(self, step: Step) -> None:
        self._note("moves", step.value)
        applicant.send_liveness(self.branch, self.persona)
        self._hear(self._event("EXTERNAL_liveness_done", {"outcome": "done"}))

    def _verdict(self, step: Step) -> None:
        self._note("checks", step.value)
        self._hear(applicant.give_verdict(self.branch, self.persona, step.value))

    def _kyc(self, step: Step) -> None:
        self._note("staff", step.value)
        self._hear(applicant.staff_decide(self.branch, self.persona, step.value))

    def _face(self, step: Step) -> None:
        self._note("moves", f"for a face key ({step.value})")
        self._hear(faces.perform(self.branch, self.persona, step.value))

    def _credentials(self, step: Step) -> None:
        self._note("fills in", "name and password")
        applicant.set_credentials(self.branch, self.persona, str(step.value))
        self._hear(self._event("EXTERNAL_credentials_set", {}))

    def _opens_link(self, step: Step) -> None:
        self._note("opens", f"the link of the {step.value}")
        applicant.open_link(self.branch, self.persona)
        self._hear(self._event("EXTERNAL_onboarding_resumed", {}))

    # --- what web, staff and time do ---

    def _event_of_web(self, step: Step) -> None:
        about = step.value if isinstance(step.value, dict) else {step.value: {}}
        [(name, told)] = about.items()
        self._note("web", f"{name} {told}")
        self._hear(self._event(name, told))

    def _notice(self, step: Step) -> None:
        notices, customer_id = self.branch.bank.notices, str(self.persona.customer.id)
        notices.make_due([customer_id])
        waiting = {str(one.kind): one for one in notices.pending(customer_id)}
        assert step.value in waiting, f"noticed were {sorted(waiting)}"
        notice = waiting[step.value]
        self._note("web", f"tells {notice.facts}")
        self._hear(self._event("EXTERNAL_notice", {"kind": str(notice.kind), **notice.facts}))

    def _staff_takes_over(self, step: Step) -> None:
        self._note("staff", f"{step.value} takes over")
        self.persona.staff_takes_over(self.branch.bank, str(step.value))

    def _staff_says(self, step: Step) -> None:
        self._note("staff", step.value)
        self.persona.staff_says(self.branch.bank, str(step.value))

    def _staff_hands_back(self, step: Step) -> None:
        self._note("staff", f"hands back: {step.value}")
        self.persona.staff_hands_back(self.branch.bank, str(step.value))
        self._hear(self._event("EXTERNAL_handed_back", {"summary": step.value}))

    def _staff_decides(self, step: Step) -> None:
        self._note("staff", f"decides: {step.value}")
        self.persona.staff_decides(self.branch.bank, str(step.value))

    def _minutes_later(self, step: Step) -> None:
        self._note("clock", f"{step.value} minutes later")
        self.branch.clock.shift += timedelta(minutes=step.value)

    # --- what is expected ---

    def _bot(self, step: Step) -> None:
        wanted = step.value if isinstance(step.value, list) else [step.value]
        assert [reply.utter for reply in self.replies] == wanted, (
            f"expected {wanted}, got {[reply.utter for reply in self.replies]}"
        )
        text = "\n".join(_visible(reply) for reply in self.replies)
        for part in _as_list(step.checks.get("says")):
            assert str(part) in text, f"not said: {part!r}"
        for part in _as_list(step.checks.get("never")):
            assert str(part) not in text, f"must not be said: {part!r}"
        if "kind" in step.checks:
            kinds = [reply.kind for reply in self.replies]
            assert step.checks["kind"] in kinds, f"kinds are {kinds}"
        titles = [button.title for reply in self.replies for button in reply.buttons]
        for title in _as_list(step.checks.get("buttons")):
            assert title in titles, f"no button {title!r} among {titles}"

    def _then(self, step: Step) -> None:
        for name, expected in step.value.items():
            actual = facts.read(name, self.branch, self.persona, expected)
            assert actual == expected, f"{name} is {actual!r}, expected {expected!r}"

    # --- small steps ---

    def _handle(self, **said: str) -> TurnResult:
        return self.branch.loop.run(
            self.branch.desk.handle(self.persona.session, message_id=_message_id(), **said)
        )

    def _event(self, name: str, about: dict[str, Any]) -> TurnResult:
        session = self.persona.session
        return self.branch.loop.run(
            self.branch.desk.event(
                session.actor(), conversation_id=str(session.conversation_id),
                message_id=_message_id(), name=name, facts=about,
            )
        )  # fmt: skip

    def _hear(self, result: TurnResult) -> None:
        self.replies = list(result.replies)
        for reply in self.replies:
            self._note("bot", f"[{reply.utter}] {_visible(reply)}")

    def _note(self, who: str, what: Any) -> None:
        self.transcript.append(f"  {who:>9}: {what}")


#: Acts whose name is a small step's already.
_METHODS = {"event": "_event_of_web"}


def play(branch: Branch, story: Story) -> None:
    """Play one story with a fresh customer; the clock is put right afterwards."""
    branch.clock.shift = timedelta()
    try:
        persona = make_persona(branch, story.given)
        if "application" in story.given:
            applicant.prepare(branch, persona, story.given["application"])
        if "face" in story.given:
            faces.prepare(branch, persona, story.given["face"])
        Dialogue(branch, persona).play(story)
    finally:
        branch.clock.shift = timedelta()
        faces.offer(allowed=False)


def _visible(reply: Reply) -> str:
    """What a customer can read or press in this reply, and its data."""
    parts = [reply.text or "", *(f"<{button.title}>" for button in reply.buttons)]
    if reply.kind != "text" or reply.data:
        parts.append(f"({reply.kind}: {reply.data})")
    return " ".join(part for part in parts if part)


def _as_list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _message_id() -> str:
    return f"m-{secrets.token_hex(8)}"


def _other_than(code: str | None) -> str:
    return "000000" if code != "000000" else "111111"
