"""Sessions: started for visitors, customers and staff; verified on every request.

start_visitor ──▶ token, session      verify(token) ──▶ session ──▶ session.actor()
upgrade(token, customer) ──▶ a *new* token for the same conversation; the old one is dead
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bank.domain.actors import VISITOR, Actor, ActorKind, LoginLevel
from bank.domain.customers import Customer
from bank.domain.errors import SessionExpired
from bank.domain.habits import place_id
from bank.domain.ids import ConversationId, SessionId, make_id
from bank.domain.sessions import (
    SEEN_EVERY_S,
    SESSION_KEEP_S,
    SESSION_MAX_AGE_S,
    Session,
    check_session,
    hash_token,
    make_token,
)
from bank.domain.staff import StaffMember, StaffState
from bank.ports import Clock, Store, UnitOfWork
from bank.services.audit import Audit
from bank.services.conversations import Conversations
from bank.services.purging import purge

DEFAULT_TTL_S = 1800


class Sessions:
    """Who a token stands for, while it lasts."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        conversations: Conversations,
        audit: Audit,
        ttl_s: int = DEFAULT_TTL_S,
    ) -> None:
        self._store = store
        self._clock = clock
        self._conversations = conversations
        self._audit = audit
        self._ttl_s = ttl_s

    def start_visitor(
        self, *, conversation_id: str | None = None, channel: str = "web"
    ) -> tuple[str, Session]:
        """Return a token and a session of nobody yet, in a new conversation unless named."""

        def work(uow: UnitOfWork) -> tuple[str, Session]:
            chat = conversation_id or self._conversations.start_in(uow, VISITOR, channel).id
            return self._add_in(uow, VISITOR, conversation_id=chat)

        return self._store.write(work)

    def start_customer(
        self,
        customer: Customer,
        level: LoginLevel,
        *,
        conversation_id: str | None = None,
        channel: str = "web",
        place: str | None = None,
    ) -> tuple[str, Session]:
        """Return a token and a session of a customer whose login was checked by the caller.

        place: the digest of where it begins from, as Habits.note_login got it.
        """
        actor = Actor(ActorKind.CUSTOMER, customer.id, level)

        def work(uow: UnitOfWork) -> tuple[str, Session]:
            chat = self._chat_in(uow, actor, conversation_id, channel=channel)
            self._audit.append_in(uow, actor, "session.start", customer.id)
            return self._add_in(uow, actor, conversation_id=chat, place=place)

        return self._store.write(work)

    def start_staff(self, member: StaffMember) -> tuple[str, Session]:
        """Return a token and a session of a member of staff who gave password and code."""
        actor = Actor(ActorKind.STAFF, member.id, LoginLevel.STRONG, frozenset(member.roles))

        def work(uow: UnitOfWork) -> tuple[str, Session]:
            self._audit.append_in(uow, actor, "session.start", member.id)
            return self._add_in(uow, actor, conversation_id=None)

        return self._store.write(work)

    def verify(self, token: str) -> Session:
        """Return the session of a token. Raises SessionExpired: unknown, ended, too old.

        A member of staff who was frozen or whose roles changed is not what the session says,
        so staff sessions are compared with the staff record every time.
        """
        token_hash, now_utc = hash_token(token), self._clock()
        session = self._store.read(lambda uow: self._verified_in(uow, token_hash))
        if now_utc - session.last_seen_at_utc >= timedelta(seconds=SEEN_EVERY_S):
            session = self._store.write(lambda uow: self._touch_in(uow, token_hash))
        return session

    def upgrade(
        self, token: str, customer: Customer, *, level: LoginLevel = LoginLevel.PASSWORD,
        place: str | None = None,
    ) -> tuple[str, Session]:  # fmt: skip
        """Return a new token and session of the customer who logged in within this session.

        The conversation stays, unless it belongs to another customer: then a new one is started,
        because its lines are not theirs. The old token is ended (session fixation). place: as for
        `start_customer`.
        Raises SessionExpired.
        """
        actor = Actor(ActorKind.CUSTOMER, customer.id, level)

        def work(uow: UnitOfWork) -> tuple[str, Session]:
            old = self._verified_in(uow, hash_token(token))
            chat = self._chat_in(uow, actor, old.conversation_id, channel="web")
            uow.sessions.save(replace(old, ended_at_utc=self._clock()))
            self._audit.append_in(uow, actor, "session.upgrade", customer.id)
            return self._add_in(uow, actor, conversation_id=chat, place=place)

        return self._store.write(work)

    def strengthen(self, token: str) -> Session:
        """Return the session with login level strong: a code or passkey was right in it."""

        def work(uow: UnitOfWork) -> Session:
            session = self._verified_in(uow, hash_token(token))
            session = replace(session, login_level=LoginLevel.STRONG)
            uow.sessions.save(session)
            return session

        return self._store.write(work)

    def end(self, token: str) -> None:
        """End a session; silent when there is none."""

        def work(uow: UnitOfWork) -> None:
            session: Session | None = uow.sessions.first(token_hash=hash_token(token))
            if session is not None and session.ended_at_utc is None:
                uow.sessions.save(replace(session, ended_at_utc=self._clock()))
                self._audit.append_in(uow, session.actor(), "session.end", session.actor_id)

        self._store.write(work)

    def end_all_in(
        self, uow: UnitOfWork, actor_id: str, *, but: ConversationId | None = None
    ) -> int:
        """End every session of somebody, but those of one chat, in the caller's transaction.

        Returns how many.
        """
        held: list[Session] = uow.sessions.list(actor_id=actor_id, ended_at_utc=None)
        ended = [one for one in held if but is None or one.conversation_id != but]
        for session in ended:
            uow.sessions.save(replace(session, ended_at_utc=self._clock()))
        return len(ended)

    def purge(self) -> int:
        """Forget sessions that expired SESSION_KEEP_S ago. Returns how many."""
        until = self._clock() - timedelta(seconds=SESSION_KEEP_S)
        return purge(self._store, "sessions", expires_at_utc__lt=until)

    def _verified_in(self, uow: UnitOfWork, token_hash: str) -> Session:
        session: Session | None = uow.sessions.first(token_hash=token_hash)
        if session is None:
            raise SessionExpired
        check_session(session, ttl_s=self._ttl_s, now_utc=self._clock())
        if session.actor_kind is ActorKind.STAFF:
            member: StaffMember | None = uow.staff.find(session.actor_id)
            if member is None or member.state is not StaffState.ACTIVE:
                raise SessionExpired
            session = replace(session, roles=member.roles)
        return session

    def _touch_in(self, uow: UnitOfWork, token_hash: str) -> Session:
        session = replace(self._verified_in(uow, token_hash), last_seen_at_utc=self._clock())
        uow.sessions.save(session)
        return session

    def _chat_in(
        self, uow: UnitOfWork, actor: Actor, conversation_id: str | None, *, channel: str
    ) -> ConversationId:
        if conversation_id is not None and self._conversations.adopt_in(
            uow, conversation_id, customer_id=actor.id
        ):
            return ConversationId(conversation_id)
        return self._conversations.start_in(uow, actor, channel).id

    def _add_in(
        self, uow: UnitOfWork, actor: Actor, *, conversation_id: str | None,
        place: str | None = None,
    ) -> tuple[str, Session]:  # fmt: skip
        token, now_utc = make_token(), self._clock()
        session = Session(
            id=SessionId(make_id("se")),
            token_hash=hash_token(token),
            actor_kind=actor.kind,
            actor_id=actor.id,
            login_level=actor.login_level,
            conversation_id=ConversationId(conversation_id) if conversation_id else None,
            created_at_utc=now_utc,
            last_seen_at_utc=now_utc,
            expires_at_utc=now_utc + timedelta(seconds=SESSION_MAX_AGE_S),
            roles=tuple(sorted(actor.roles)),
            place_id=place_id(actor.id, place) if place is not None else None,
        )
        uow.sessions.add(session)
        return token, session
