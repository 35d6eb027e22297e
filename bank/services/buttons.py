"""Buttons: an opaque token goes out, the payload stays here, one press spends the group.

The press remembers which message spent it, so a retry of the same message finds its payload
again, and any other press of the question is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bank.domain.errors import ButtonUsed
from bank.domain.ids import ConversationId, make_id
from bank.domain.turns import (
    BUTTON_KEEP_S,
    BUTTON_TTL_S,
    ButtonRecord,
    PressedButton,
    make_button_token,
)
from bank.ports import Clock, Store, UnitOfWork
from bank.services.chat_seals import ChatSeals
from bank.services.purging import purge

_PRESSED_BEFORE = "another press"


class Buttons:
    """Tokens of the buttons customers see."""

    def __init__(self, store: Store, *, clock: Clock, seals: ChatSeals) -> None:
        self._store = store
        self._clock = clock
        self._seals = seals

    def issue(
        self, conversation_id: str, payload: Mapping[str, Any], title: str, group: str
    ) -> str:
        """Return the token of one button. Buttons of one question share a `group`."""
        return self._store.write(
            lambda uow: self.issue_in(uow, conversation_id, [(title, payload)], group=group)
        )[0]

    def issue_group(
        self, conversation_id: str, buttons: Sequence[tuple[str, Mapping[str, Any]]]
    ) -> list[str]:
        """Return the tokens of one question's buttons, given as (title, payload)."""
        return self._store.write(lambda uow: self.issue_group_in(uow, conversation_id, buttons))

    def issue_group_in(
        self,
        uow: UnitOfWork,
        conversation_id: str,
        buttons: Sequence[tuple[str, Mapping[str, Any]]],
    ) -> list[str]:
        """The same in the caller's transaction."""
        return self.issue_in(uow, conversation_id, buttons, group=make_id("bg"))

    def issue_in(
        self,
        uow: UnitOfWork,
        conversation_id: str,
        buttons: Sequence[tuple[str, Mapping[str, Any]]],
        *,
        group: str,
    ) -> list[str]:
        """Return the tokens of buttons that share `group`, in the caller's transaction."""
        key = self._seals.key_in(uow, conversation_id)
        expires = self._clock() + timedelta(seconds=BUTTON_TTL_S)
        tokens = []
        for title, payload in buttons:
            token = make_button_token()
            record_id = _hash(token)
            place = f"buttons|{conversation_id}|{record_id}"
            uow.buttons.add(
                ButtonRecord(
                    id=record_id,
                    conversation_id=ConversationId(conversation_id),
                    group_id=group,
                    title_enc=self._seals.seal_value(key, title, place=f"{place}|title"),
                    payload_enc=self._seals.seal_value(
                        key, dict(payload), place=f"{place}|payload"
                    ),
                    expires_at_utc=expires,
                )
            )
            tokens.append(token)
        return tokens

    def redeem(
        self, conversation_id: str, token: str, *, message_id: str | None = None
    ) -> dict[str, Any]:
        """Return a button's payload and spend its group; see `press`."""
        return self.press(conversation_id, token, message_id=message_id).payload

    def press(
        self, conversation_id: str, token: str, *, message_id: str | None = None
    ) -> PressedButton:
        """Return title and payload, and spend the group.

        The same message may press again (its turn was cut off). Raises ButtonUsed: pressed
        before, expired, of another conversation, or no button at all; never says which.
        """
        spent_by = message_id or make_id("bp")

        def work(uow: UnitOfWork) -> PressedButton:
            button: ButtonRecord | None = uow.buttons.find(_hash(token))
            if button is None or button.conversation_id != conversation_id:
                raise ButtonUsed
            if button.spent_by != spent_by:
                if button.spent_by is not None or button.expires_at_utc <= self._clock():
                    raise ButtonUsed
                for other in uow.buttons.list(
                    group_id=button.group_id, conversation_id=conversation_id
                ):
                    mark = spent_by if other.id == button.id else _PRESSED_BEFORE
                    uow.buttons.save(replace(other, spent_by=mark))
            return self._open(uow, button)

        return self._store.write(work)

    def purge(self) -> int:
        """Forget buttons that are long expired, spent or not. Returns how many."""
        until = self._clock() - timedelta(seconds=BUTTON_KEEP_S)
        return purge(self._store, "buttons", expires_at_utc__lt=until)

    def _open(self, uow: UnitOfWork, button: ButtonRecord) -> PressedButton:
        key = self._seals.key_in(uow, button.conversation_id)
        place = f"buttons|{button.conversation_id}|{button.id}"
        return PressedButton(
            title=self._seals.open_value(key, button.title_enc, place=f"{place}|title"),
            payload=self._seals.open_value(key, button.payload_enc, place=f"{place}|payload"),
        )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
