"""The words of the turn desk: what a message is, who handles it, what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bank.domain.actors import Actor
from bank.domain.conversations import Speaker
from bank.domain.errors import Conflict
from bank.domain.ids import ConversationId
from web.chat.replies import Reply


class TurnInProgress(Conflict):
    """The message is being answered just now; ask again with the same message id."""

    code = "turn_in_progress"


@dataclass(frozen=True, slots=True)
class TurnResult:
    """What came of one message. `seq` is the newest line of the conversation it made."""

    message_id: str
    replies: tuple[Reply, ...]
    speaker: Speaker
    seq: int
    replayed: bool = False
    failed: bool = False
    outcome: str = ""  # of a step-up: done, or the code of its refusal
    details: Mapping[str, str] = field(default_factory=dict)


class Announcer(Protocol):
    """Tells whoever looks at a conversation; see web/feed.py."""

    def wake(self, conversation_id: str) -> None: ...

    def typing(self, conversation_id: str, who: str) -> None: ...


class Nobody:
    def wake(self, conversation_id: str) -> None: ...

    def typing(self, conversation_id: str, who: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Said:
    """A message after reading it: the line to store, and what Rasa gets."""

    shown: str
    text: str
    payload: dict[str, Any] | None = None
    code: str | None = None
    button: str | None = None


@dataclass(slots=True)
class Run:
    """One turn under way."""

    actor: Actor
    conversation_id: ConversationId
    message_id: str
    channel: str
    seq: int = 0  # of the customer's line, once it is stored
    speaker: Speaker | None = None  # as of that write
    began_s: float = field(default_factory=time.monotonic)
    on_stored: Callable[[], None] | None = None
