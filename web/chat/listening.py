"""The risk ear: each line a customer writes is heard before it is answered.

    line, after those before it ─▶ listener ─┬▶ a scammer's script, coercion, bait … ─▶ risk notes
                                             └▶ somebody who struggles ─▶ a person is offered

What was heard is never said and changes no answer: only payments, later, and who is offered a
person. Of a visitor nothing is noted; the security desk is told, each kind once a chat. A line
that cannot be heard (no detector yet, a bad moment of the database) is answered all the same; the
log says that it was not heard.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from analytics.errors import AnalyticsError
from bank.domain.actors import SYSTEM, ActorKind
from bank.domain.errors import BankError
from bank.domain.risk import RiskSource
from bank.policies import protection as policy
from web.chat.turn_parts import Run

if TYPE_CHECKING:
    from analytics.suspicion import Detector, Finding, Listener
    from analytics.suspicion.listening import Looker
    from bank.bootstrap import Bank

#: Conversations whose last lines are kept in mind; the longest silent one is forgotten first.
LISTENED_MOST = 2_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a line sounded like. is_vulnerable: somebody who should be offered a person."""

    codes: tuple[str, ...] = ()
    is_vulnerable: bool = False


@dataclass(slots=True)
class _Chat:
    """A conversation that is listened to. told: kinds the security desk has heard of."""

    listener: Listener
    told: set[str] = field(default_factory=set)


class Deaf:
    """Hears nothing: a branch without a detector, and most tests."""

    def hear(self, run: Run, text: str) -> Heard:
        del run, text
        return Heard()


class Ear:
    """Listens for one process. The detector loads in `warm`, beside the first turns."""

    def __init__(self, bank: Bank, load: Callable[[], Looker]) -> None:
        self._bank = bank
        self._load = load
        self._detector: Looker | None = None
        self._loading = threading.Lock()
        self._chats: OrderedDict[str, _Chat] = OrderedDict()
        self._choosing = threading.Lock()

    @property
    def is_ready(self) -> bool:
        return self._detector is not None

    def warm(self) -> None:
        """Load the detector. Blocking; a branch that has none stays deaf and says so once."""
        with self._loading:
            if self._detector is not None:
                return
            try:
                self._detector = self._load()
            except (AnalyticsError, ImportError, OSError) as fault:  # the chat goes on
                log.warning("ear.deaf", reason=type(fault).__name__)

    def hear(self, run: Run, text: str) -> Heard:
        """Hear one line of a customer's, and note what weighs. Blocking, some milliseconds."""
        if self._detector is None or not text.strip():
            return Heard()
        try:
            chat = self._chat_of(self._detector, run.conversation_id)
            return self._note(run, chat, self._heard(chat, text))
        except BankError as refusal:
            log.warning("ear.not_noted", code=refusal.code)
        except Exception:  # a bug of the ear must not silence the bank
            log.exception("ear.failed")
        return Heard()

    def _chat_of(self, detector: Looker, conversation_id: str) -> _Chat:
        from analytics.suspicion.listening import Listener  # noqa: PLC0415  libraries load with it

        with self._choosing:  # a conversation's own turns follow each other (web/chat/running.py)
            chat = self._chats.pop(conversation_id, None) or _Chat(Listener(detector))
            self._chats[conversation_id] = chat
            if len(self._chats) > LISTENED_MOST:
                self._chats.popitem(last=False)
        return chat

    def _heard(self, chat: _Chat, text: str) -> Sequence[Finding]:
        from analytics.suspicion.listening import CUSTOMER, Line  # noqa: PLC0415

        return chat.listener.hear(Line(CUSTOMER, text, self._bank.clock()))

    def _note(self, run: Run, chat: _Chat, found: Sequence[Finding]) -> Heard:
        from analytics.suspicion.kinds import CARE, KINDS  # noqa: PLC0415  libraries load with it

        is_customer = run.actor.kind is ActorKind.CUSTOMER
        weighed = []
        for one in found:
            if not policy.knows(RiskSource.CONVERSATION, one.kind):
                continue
            weighed.append(one.kind)
            if policy.weight(RiskSource.CONVERSATION, one.kind) <= 0:
                continue
            strength = min(1.0, max(one.probability, 1e-6))
            if is_customer:
                self._bank.risk_notes.note(
                    SYSTEM, run.actor.id, source=RiskSource.CONVERSATION, code=one.kind,
                    strength=strength, conversation_id=run.conversation_id,
                    evidence={
                        "seq": run.seq,
                        "spans": [[span.start, span.end] for span in one.spans],
                        "sentence": KINDS[one.kind].sentence,
                    },
                )  # fmt: skip
            elif one.kind not in chat.told:
                chat.told.add(one.kind)
                self._bank.risk_notes.hear_visitor(
                    run.conversation_id, code=one.kind, strength=strength
                )
        is_vulnerable = any(KINDS[one.kind].weight == CARE for one in found)
        return Heard(tuple(weighed), is_vulnerable)


def load_detector(folder: Path) -> Detector:
    """Return the detector of this folder. Raises AnalyticsError where there is none."""
    from analytics.suspicion import Detector  # noqa: PLC0415  libraries load with it

    return Detector.load(folder)


def offer_of(run: Run, now_utc: datetime) -> dict[str, Any]:
    """Return the event that offers a person: once a conversation and day, after the answer."""
    return {
        "conversation_id": run.conversation_id,
        "message_id": f"offer-{run.conversation_id}-{now_utc.date()}",
        "name": "EXTERNAL_offer_person", "facts": {}, "channel": run.channel,
    }  # fmt: skip
