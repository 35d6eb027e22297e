"""The tracker store: sealed in the database, live in memory.

    retrieve ─▶ live? ─▶ yes: the very object          no: unseal the session's turns, replay, fold
    save     ─▶ seal what is new as one row ─▶ commit ─▶ fold the live tracker

One row is one turn. In clear: conversation id, message id, time, place in the conversation. Text,
intents, entities, slots and replies are inside the sealed box (bot/sealing.py).

Fails closed: an error of the database is an error of the turn. Stock Rasa would go on in memory,
or start the conversation anew. A turn whose action failed is not kept (bot/action_endpoint.py).
One process writes a conversation; a second one would collide on (conversation, seq) and fail.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from typing import Any, Optional

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SessionStarted, UserUttered, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import declarative_base

from bot.action_endpoint import require_sound_turn
from bot.keys import home_dir, load_key
from bot.live_trackers import LiveTracker, LiveTrackers, fold
from bot.sealing import make_key, seal, unseal, wrapping_key

_Base = declarative_base()


class ConversationKey(_Base):
    """The wrapped key; without it the turns are noise."""

    __tablename__ = "conversation_keys"
    conversation_id = sa.Column(sa.String(64), primary_key=True)
    wrapped_key = sa.Column(sa.LargeBinary, nullable=False)


class SealedTurn(_Base):
    """The events of one turn."""

    __tablename__ = "sealed_turns"
    id = sa.Column(sa.Integer, primary_key=True)
    conversation_id = sa.Column(sa.String(64), nullable=False)
    seq = sa.Column(sa.Integer, nullable=False)
    message_id = sa.Column(sa.String(128))
    starts_session = sa.Column(sa.Boolean, nullable=False)
    at_s = sa.Column(sa.Float, nullable=False, index=True)
    box = sa.Column(sa.LargeBinary, nullable=False)
    __table_args__ = (
        sa.UniqueConstraint("conversation_id", "seq"),
        # A message runs once, whatever the process believes (trust rule 3).
        sa.UniqueConstraint("conversation_id", "message_id"),
    )


_turns, _keys = SealedTurn.__table__, ConversationKey.__table__
# Made once: SQLAlchemy takes half a millisecond to look at a statement it has not seen.
_INSERT_KEY, _INSERT_TURN = _keys.insert(), _turns.insert()
_KEY_OF = sa.select(_keys.c.wrapped_key).where(
    _keys.c.conversation_id == sa.bindparam("conversation_id")
)
_TURN_OF_MESSAGE = sa.select(_turns).where(
    _turns.c.conversation_id == sa.bindparam("conversation_id"),
    _turns.c.message_id == sa.bindparam("message_id"),
)


class EncryptedTrackerStore(SQLTrackerStore):
    """Rasa's SQL store with its tables and its reading and writing replaced."""

    Base = _Base
    SQLEvent = SealedTurn

    def __init__(
        self, domain: Optional[Domain] = None, host: Optional[str] = None, **kwargs: Any
    ) -> None:
        self._wrapping_key = wrapping_key(load_key("master_key"))
        self._live = LiveTrackers()
        super().__init__(domain=domain, host=host or tracker_url())
        if self.engine.dialect.name == "sqlite":
            # SQLAlchemy 1.4 opens a file anew for every use; one kept connection is 1 ms cheaper.
            self.engine = sa.create_engine(self.engine.url, poolclass=sa.pool.QueuePool)
            sa.event.listen(self.engine, "connect", _prepare_sqlite)

    # --- Rasa's interface ---

    async def keys(self) -> Iterable[str]:
        with self.engine.connect() as connection:
            return list(connection.execute(sa.select(_keys.c.conversation_id)).scalars())

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        live = self._live.get(sender_id) or self._load(sender_id)
        return live.tracker if live is not None else None

    async def retrieve_full_tracker(self, conversation_id: str) -> Optional[DialogueStateTracker]:
        with self.engine.connect() as connection:
            key = self._find_key(connection, conversation_id)
            if key is None:
                return None
            rows = connection.execute(_rows_of(conversation_id)).all()
        events = [event for row in rows for event in _open_row(key, row)]
        return DialogueStateTracker.from_events(conversation_id, events, self.domain.slots)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store what is new since the last save. Raises TurnFailed, database errors."""
        require_sound_turn()
        live = self._live.peek(tracker.sender_id)
        if live is None or live.tracker is not tracker:
            live = self._adopt(tracker)
        fresh = list(tracker.events)[live.stored_events_count :]
        if not fresh:
            return
        self._write(live, fresh)
        live.tracker = fold(tracker, self.domain)
        live.stored_events_count = len(live.tracker.events)
        self._live.put(tracker.sender_id, live)

    # --- ours ---

    def events_of_message(self, conversation_id: str, message_id: str) -> Optional[list[Event]]:
        """Return the events of the turn this message was answered in, or None if it never ran."""
        asked = {"conversation_id": conversation_id, "message_id": message_id}
        with self.engine.connect() as connection:
            row = connection.execute(_TURN_OF_MESSAGE, asked).first()
            if row is None:
                return None
            live = self._live.peek(conversation_id)
            key = live.key if live else self._find_key(connection, conversation_id)
        return None if key is None else _open_row(key, row)

    def forget(self, conversation_id: str) -> None:
        """Drop the tracker from memory; the next turn reads it from the database."""
        self._live.drop(conversation_id)

    def erase(self, conversation_id: str) -> None:
        """Delete the conversation and its key: no copy of the rows can be read any more."""
        self.forget(conversation_id)
        with self.engine.begin() as connection:
            connection.execute(
                sa.delete(_keys).where(_keys.c.conversation_id == conversation_id)
            )
            connection.execute(
                sa.delete(_turns).where(_turns.c.conversation_id == conversation_id)
            )

    def expire(self, *, idle_s: float) -> int:
        """Erase conversations without a turn for `idle_s` seconds; return how many."""
        last_turn_s = sa.func.max(_turns.c.at_s)
        idle = (
            sa.select(_turns.c.conversation_id)
            .group_by(_turns.c.conversation_id)
            .having(last_turn_s < time.time() - idle_s)
        )
        with self.engine.connect() as connection:
            conversation_ids = list(connection.execute(idle).scalars())
        for conversation_id in conversation_ids:
            self.erase(conversation_id)
        return len(conversation_ids)

    def _load(self, conversation_id: str) -> Optional[LiveTracker]:
        """Read the latest session into memory."""
        with self.engine.connect() as connection:
            key = self._find_key(connection, conversation_id)
            if key is None:
                return None
            rows = connection.execute(_session_rows_of(conversation_id)).all()
        events = [event for row in rows for event in _open_row(key, row)]
        tracker = DialogueStateTracker.from_events(conversation_id, events, self.domain.slots)
        tracker = fold(tracker, self.domain)
        live = LiveTracker(
            tracker, len(tracker.events), key, next_seq=rows[-1].seq + 1 if rows else 0
        )
        self._live.put(conversation_id, live)
        return live

    def _adopt(self, tracker: DialogueStateTracker) -> LiveTracker:
        """Take over a tracker that did not come from here: new, or built by somebody else."""
        stored = self._load(tracker.sender_id)
        if stored is None:
            return LiveTracker(tracker, 0, make_key(), next_seq=0)
        return LiveTracker(tracker, len(stored.tracker.events), stored.key, stored.next_seq)

    def _write(self, live: LiveTracker, fresh: list[Event]) -> None:
        conversation_id, seq = live.tracker.sender_id, live.next_seq
        heard = [event for event in fresh if isinstance(event, UserUttered)]
        for event in heard:
            # The turn's token has done its work; it need not outlive its minute.
            event.metadata = _without_token(event.metadata)
            event.parse_data["metadata"] = _without_token(event.parse_data.get("metadata"))
        plain = json.dumps([event.as_dict() for event in fresh], default=str).encode()
        row = {
            "conversation_id": conversation_id,
            "seq": seq,
            "message_id": heard[-1].message_id if heard else None,
            "starts_session": any(isinstance(event, SessionStarted) for event in fresh),
            "at_s": time.time(),
            "box": seal(live.key, plain, place=_place(conversation_id, seq)),
        }
        with self.engine.begin() as connection:
            if seq == 0:
                wrapped = seal(self._wrapping_key, live.key, place=_key_place(conversation_id))
                connection.execute(
                    _INSERT_KEY, {"conversation_id": conversation_id, "wrapped_key": wrapped}
                )
            connection.execute(_INSERT_TURN, row)
        live.next_seq = seq + 1

    def _find_key(self, connection: Any, conversation_id: str) -> Optional[bytes]:
        wrapped = connection.execute(_KEY_OF, {"conversation_id": conversation_id}).scalar()
        if wrapped is None:
            return None
        return unseal(self._wrapping_key, wrapped, place=_key_place(conversation_id))


def tracker_url() -> str:
    """Return FLORIN_TRACKER_URL, or the SQLite file in the home folder."""
    url = os.environ.get("FLORIN_TRACKER_URL")
    if url:
        return url
    home_dir().mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{(home_dir() / 'conversations.db').resolve()}"


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # NORMAL: a power cut may cost the last turns of the dialogue, never their consistency. The
    # money is in the bank's own database, which syncs fully.
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")


def _without_token(metadata: Optional[dict[str, Any]]) -> dict[str, Any]:
    return {key: value for key, value in (metadata or {}).items() if key != "turn"}


def _place(conversation_id: str, seq: int) -> str:
    return f"{conversation_id}|{seq}"


def _key_place(conversation_id: str) -> str:
    return f"{conversation_id}|key"


def _rows_of(conversation_id: str) -> Any:
    return (
        sa.select(_turns)
        .where(_turns.c.conversation_id == conversation_id)
        .order_by(_turns.c.seq)
    )


def _session_rows_of(conversation_id: str) -> Any:
    """Rows from the one in which the latest session started; all when none did."""
    latest_start = (
        sa.select(sa.func.coalesce(sa.func.max(_turns.c.seq), 0))
        .where(_turns.c.conversation_id == conversation_id, _turns.c.starts_session.is_(True))
        .scalar_subquery()
    )
    return _rows_of(conversation_id).where(_turns.c.seq >= latest_start)


def _open_row(key: bytes, row: Any) -> list[Event]:
    plain = unseal(key, row.box, place=_place(row.conversation_id, row.seq))
    return deserialise_events(json.loads(plain))
