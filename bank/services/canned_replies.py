"""Canned replies: what staff may send with one key, in the customer's language.

Only approved texts are listed for sending. A supervisor approves; a changed text waits for
approval again.
"""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

from bank.domain.actors import Actor, ActorKind
from bank.domain.canned_replies import CannedReply
from bank.domain.errors import InvalidInput
from bank.domain.ids import make_id
from bank.domain.staff import Role
from bank.ports import Store, UnitOfWork
from bank.services.audit import Audit

TEXT_MAX_CHARS = 1_000


class CannedReplies:
    """Texts of the console."""

    def __init__(self, store: Store, *, audit: Audit) -> None:
        self._store = store
        self._audit = audit

    def list(self, actor: Actor, *, locale: str | None = None) -> list[CannedReply]:
        """Return the approved replies; supervisors see the others too."""
        if actor.kind is not ActorKind.SYSTEM:
            actor.require_staff()
        filters: dict[str, Any] = {}
        if locale is not None:
            filters["locale"] = locale
        if Role.SUPERVISOR not in actor.roles:
            filters["approved"] = True
        return self._store.read(
            lambda uow: uow.canned_replies.list(order_by="title", limit=500, **filters)
        )

    def put(
        self, actor: Actor, *, reply_id: str | None, locale: str, title: str, text: str
    ) -> CannedReply:
        """Write a reply; it waits for approval. Raises InvalidInput."""
        if actor.kind is not ActorKind.SYSTEM:
            actor.require_staff()
        if not title.strip() or not text.strip() or len(text) > TEXT_MAX_CHARS:
            raise InvalidInput(field="text", max_chars=TEXT_MAX_CHARS)
        reply = CannedReply(reply_id or make_id("cr"), locale, title.strip(), text.strip(), False)

        def work(uow: UnitOfWork) -> CannedReply:
            _store_in(uow, reply)
            self._audit.append_in(uow, actor, "canned_reply.put", reply.id)
            return reply

        return self._store.write(work)

    def approve(self, actor: Actor, reply_id: str) -> CannedReply:
        """Let a reply be sent. Supervisors."""
        if actor.kind is not ActorKind.SYSTEM:
            actor.require_staff(Role.SUPERVISOR)

        def work(uow: UnitOfWork) -> CannedReply:
            held: CannedReply = uow.canned_replies.get(reply_id, lock=True)
            reply = CannedReply(held.id, held.locale, held.title, held.text, True)
            uow.canned_replies.save(reply)
            self._audit.append_in(uow, actor, "canned_reply.approve", reply.id)
            return reply

        return self._store.write(work)

    def load_defaults(self) -> int:
        """Store the replies of `canned_replies.toml` that are not there yet; return how many."""
        text = resources.files("bank.policies").joinpath("canned_replies.toml").read_text("utf-8")
        wanted = [
            CannedReply(f"cr_{locale}_{name}", locale, reply["title"], reply["text"], True)
            for locale, replies in tomllib.loads(text).items()
            for name, reply in replies.items()
        ]

        def work(uow: UnitOfWork) -> int:
            missing = [reply for reply in wanted if uow.canned_replies.find(reply.id) is None]
            uow.canned_replies.add_many(missing)
            return len(missing)

        return self._store.write(work)


def _store_in(uow: UnitOfWork, reply: CannedReply) -> None:
    if uow.canned_replies.find(reply.id) is None:
        uow.canned_replies.add(reply)
    else:
        uow.canned_replies.save(reply)
