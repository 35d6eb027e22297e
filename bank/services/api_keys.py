"""API keys: made and revoked by the bank or its administrators, checked at every call.

    make ──▶ the key, once        verify(key, scope) ──▶ whose it is        revoke ──▶ over, at once

Making and revoking are in the audit record; a call is not, since a scoring system calls a hundred
times a second: web counts calls by key in its metrics.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bank.domain.actors import Actor
from bank.domain.api_keys import (
    DAYS_MAX,
    KEY_MARK,
    ApiKey,
    check_key,
    make_key_text,
    validate_key_name,
    validate_scopes,
)
from bank.domain.errors import InvalidInput, NotAuthenticated
from bank.domain.ids import ApiKeyId, make_id
from bank.domain.sessions import hash_token
from bank.policies import access
from bank.ports import Clock, Store, UnitOfWork
from bank.services.audit import Audit

DEFAULT_DAYS = 365


class ApiKeys:
    """Which systems may ask for what."""

    def __init__(self, store: Store, *, clock: Clock, audit: Audit) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit

    def make(
        self, actor: Actor, *, name: str, scopes: Sequence[str], days: int = DEFAULT_DAYS
    ) -> tuple[str, ApiKey]:
        """Return a new key's text and its record. The text is nowhere else.

        Raises NotPermitted, InvalidText (the name), InvalidInput (scopes, days).
        """
        reason = access.require(actor, "api_keys.make")
        if not 1 <= days <= DAYS_MAX:
            raise InvalidInput(field="days", allowed=f"1 to {DAYS_MAX}")
        text, now_utc = make_key_text(), self._clock()
        key = ApiKey(
            id=ApiKeyId(make_id("ak")),
            name=validate_key_name(name),
            key_hash=hash_token(text),
            scopes=validate_scopes(tuple(scopes)),
            made_at_utc=now_utc,
            expires_at_utc=now_utc + timedelta(days=days),
        )

        def work(uow: UnitOfWork) -> None:
            uow.api_keys.add(key)
            self._audit.append_in(
                uow, actor, "api_key.make", key.id, "done", reason,
                {"scopes": " ".join(key.scopes), "days": days},
            )  # fmt: skip

        self._store.write(work)
        return text, key

    def verify(self, text: str, *, scope: str) -> ApiKey:
        """Return whose key this is. Raises NotAuthenticated, SessionExpired, NotPermitted."""
        if not text.startswith(KEY_MARK):
            raise NotAuthenticated
        digest = hash_token(text)
        key: ApiKey | None = self._store.read(lambda uow: uow.api_keys.first(key_hash=digest))
        if key is None:
            raise NotAuthenticated
        check_key(key, scope=scope, now_utc=self._clock())
        return key

    def revoke(self, actor: Actor, key_id: str) -> ApiKey:
        """End a key now; a second time changes nothing. Raises NotPermitted, NotFound."""
        reason = access.require(actor, "api_keys.revoke")

        def work(uow: UnitOfWork) -> ApiKey:
            held: ApiKey = uow.api_keys.get(key_id, lock=True)
            if held.revoked_at_utc is not None:
                return held
            revoked = replace(held, revoked_at_utc=self._clock())
            uow.api_keys.save(revoked)
            self._audit.append_in(uow, actor, "api_key.revoke", held.id, "done", reason)
            return revoked

        return self._store.write(work)

    def list(self, actor: Actor) -> Sequence[ApiKey]:
        """Return all keys, also those that are over; oldest first. Raises NotPermitted."""
        access.require(actor, "api_keys.list")
        return self._store.read(lambda uow: uow.api_keys.list(limit=1_000))
