"""Live trackers: a turn costs the same at turn 10 and at turn 1,000.

Rasa replays every event of a conversation several times a turn (each action copies the tracker).
So the live tracker is folded at a turn's end: old turns give way to the slot values they left.

    [start] u1 … u2 … u3 … u4 … u5 …      more than FOLD_ABOVE_TURNS
    [start] [slots after u3]  u4 … u5 …   the latest KEEP_TURNS stay, the rest is in the database

A fold never cuts a form in two: it looks for a turn that began outside any form. Rules and
memorised stories look back a few turns only, fewer than are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Optional

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

KEEP_TURNS = 6
FOLD_ABOVE_TURNS = 12
MAX_LIVE = 500


@dataclass
class LiveTracker:
    """A tracker in memory, how much of it is stored, and what sealing its next turn needs."""

    tracker: DialogueStateTracker
    stored_events_count: int
    key: bytes
    next_seq: int

    @property
    def is_clean(self) -> bool:
        """Whether memory and database agree; a turn that broke off leaves more in memory."""
        return len(self.tracker.events) == self.stored_events_count


class LiveTrackers:
    """The most recently used trackers, at most `max_live`. Dropping one loses nothing."""

    def __init__(self, max_live: int = MAX_LIVE) -> None:
        assert max_live > 0, max_live
        self._max_live = max_live
        self._live: OrderedDict[str, LiveTracker] = OrderedDict()

    def __len__(self) -> int:
        return len(self._live)

    def get(self, conversation_id: str) -> Optional[LiveTracker]:
        """Return the live tracker, or None when it is not here or not as stored."""
        live = self._live.get(conversation_id)
        if live is None:
            return None
        if not live.is_clean:
            self.drop(conversation_id)
            return None
        self._live.move_to_end(conversation_id)
        return live

    def peek(self, conversation_id: str) -> Optional[LiveTracker]:
        """Return what is here, clean or not, without counting it as used."""
        return self._live.get(conversation_id)

    def put(self, conversation_id: str, live: LiveTracker) -> None:
        self._live[conversation_id] = live
        self._live.move_to_end(conversation_id)
        while len(self._live) > self._max_live:
            self._live.popitem(last=False)

    def drop(self, conversation_id: str) -> None:
        self._live.pop(conversation_id, None)


def fold(tracker: DialogueStateTracker, domain: Domain) -> DialogueStateTracker:
    """Return `tracker` without its old turns, or itself when it is short enough.

    Slots, active form and the kept turns are the same before and after.
    """
    events = list(tracker.events)
    cut = _cut_before(events)
    if cut is None:
        return tracker
    dropped = DialogueStateTracker.from_events(tracker.sender_id, events[:cut], domain.slots)
    initial = {slot.name: slot.initial_value for slot in domain.slots}
    kept_slots = [
        SlotSet(name, value)
        for name, value in dropped.current_slot_values().items()
        if value != initial.get(name)
    ]
    start = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted(), *kept_slots]
    moment = events[cut].timestamp
    for event in start:
        event.timestamp = moment
    folded = DialogueStateTracker.from_events(tracker.sender_id, start + events[cut:], domain.slots)
    folded.model_id, folded.assistant_id = tracker.model_id, tracker.assistant_id
    folded.followup_action = tracker.followup_action
    return folded


def _cut_before(events: list[Event]) -> Optional[int]:
    """Return the index of the `listen` that opens the oldest turn to keep; None to keep all."""
    turns: list[tuple[int, bool]] = []  # where a turn begins, and whether a form was active
    in_form = False
    for index, event in enumerate(events):
        if isinstance(event, ActiveLoop):
            in_form = event.name is not None
        elif isinstance(event, (SessionStarted, Restarted)):
            in_form = False
        elif isinstance(event, UserUttered):
            turns.append((_listen_before(events, index), in_form))
    if len(turns) <= FOLD_ABOVE_TURNS:
        return None
    for begin, was_in_form in reversed(turns[1 : len(turns) - KEEP_TURNS + 1]):
        if not was_in_form:
            return begin
    return None


def _listen_before(events: list[Event], index: int) -> int:
    for earlier in range(index - 1, -1, -1):
        event = events[earlier]
        if isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN_NAME:
            return earlier
    return index
