"""Sealing of one conversation's lines, replies and button payloads under its own key.

The place of a value is table|conversation|number|column, so no sealed value can be moved to
another line. Without the key row every function here raises ChatErased.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bank.domain.conversations import ConversationKey, Message, NewMessage
from bank.domain.errors import ChatErased
from bank.domain.ids import ConversationId
from bank.ports import UnitOfWork, Vault


class ChatSeals:
    """One vault, many conversations."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def make_key_in(self, uow: UnitOfWork, conversation_id: str, *, now_utc: datetime) -> None:
        """Store a new data key for a conversation."""
        wrapped = self._vault.make_key(owner=conversation_id)
        uow.conversation_keys.add(
            ConversationKey(ConversationId(conversation_id), wrapped, now_utc)
        )

    def key_in(self, uow: UnitOfWork, conversation_id: str) -> bytes:
        """Return the wrapped key. Raises ChatErased."""
        held: ConversationKey | None = uow.conversation_keys.find(conversation_id)
        if held is None:
            raise ChatErased(conversation_id=conversation_id)
        return held.wrapped_key

    def seal_line(
        self, key: bytes, conversation_id: str, seq: int, line: NewMessage
    ) -> tuple[bytes, bytes, bytes]:
        """Return the sealed text, data and info of one line."""
        place = f"messages|{conversation_id}|{seq}"
        return (
            self._vault.seal(line.text.encode(), place=f"{place}|text", key=key),
            self._seal_json(line.data, place=f"{place}|data", key=key),
            self._seal_json(line.info, place=f"{place}|info", key=key),
        )

    def open_line(self, key: bytes, line: Message) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Return text, data and info of one stored line."""
        place = f"messages|{line.conversation_id}|{line.seq}"
        return (
            self._vault.open(line.text_enc, place=f"{place}|text", key=key).decode(),
            self._open_json(line.data_enc, place=f"{place}|data", key=key),
            self._open_json(line.info_enc, place=f"{place}|info", key=key),
        )

    def seal_value(self, key: bytes, value: Any, *, place: str) -> bytes:
        """Seal any JSON value of a conversation at a place."""
        return self._seal_json(value, place=place, key=key)

    def open_value(self, key: bytes, sealed: bytes, *, place: str) -> Any:
        return self._open_json(sealed, place=place, key=key)

    def _seal_json(
        self, value: Mapping[str, Any] | Sequence[Any], *, place: str, key: bytes
    ) -> bytes:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
        return self._vault.seal(text.encode(), place=place, key=key)

    def _open_json(self, sealed: bytes, *, place: str, key: bytes) -> Any:
        return json.loads(self._vault.open(sealed, place=place, key=key))
