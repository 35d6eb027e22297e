"""Conversations: lines stored and read, the speaker asked, a person called.

Every line gets its number in the write that stores it. The bot's line is refused while a
person speaks and the other way round; a customer's line with a known message id is not
stored twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bank.domain.actors import Actor, ActorKind
from bank.domain.cases import UNRESOLVED, Case, CaseKind
from bank.domain.conversations import (
    Change,
    ChangeKind,
    Conversation,
    Message,
    MessageView,
    NewMessage,
    Sender,
    Speaker,
    SpeakerView,
    check_may_see,
    check_may_speak,
)
from bank.domain.errors import NotPermitted
from bank.domain.ids import ConversationId, CustomerId, StaffId, make_id
from bank.policies.escalation import priority_of, queue_of
from bank.ports import Clock, Digests, Store, UnitOfWork
from bank.services.audit import Audit
from bank.services.cases import Cases
from bank.services.changes import Changes, note_change
from bank.services.chat_lines import (
    check_sender,
    find_language,
    find_repeated,
    seal_line,
    staff_names,
    view_line,
)
from bank.services.chat_seals import ChatSeals
from bank.services.readings import forget_in

HISTORY_MAX_LINES = 500


class Conversations:
    """Chats of every channel."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        seals: ChatSeals,
        digests: Digests,
        cases: Cases,
        audit: Audit,
    ) -> None:
        self._store = store
        self._clock = clock
        self._seals = seals
        self._digests = digests
        self._cases = cases
        self._audit = audit
        self._changes = Changes(store, clock=clock)

    def start(self, actor: Actor, channel: str) -> Conversation:
        """Start a chat of a visitor or customer; the bot speaks first."""
        return self._store.write(lambda uow: self.start_in(uow, actor, channel))

    def start_in(
        self, uow: UnitOfWork, actor: Actor, channel: str, *, external_hash: str | None = None
    ) -> Conversation:
        """The same in the caller's transaction."""
        now_utc = self._clock()
        conversation = Conversation(
            id=ConversationId(make_id("cv")),
            customer_id=CustomerId(actor.id) if actor.kind is ActorKind.CUSTOMER else None,
            channel=channel,
            speaker=Speaker.BOT,
            speaker_since_utc=now_utc,
            staff_id=None,
            version=1,
            last_seq=0,
            created_at_utc=now_utc,
            external_hash=external_hash,
        )
        uow.conversations.add(conversation)
        self._seals.make_key_in(uow, conversation.id, now_utc=now_utc)
        return conversation

    def of_external(self, channel: str, external_id: str) -> Conversation:
        """Return the one chat of a messenger account, started on its first message."""
        external_hash = self._digests.digest(f"external/{channel}", external_id)

        def work(uow: UnitOfWork) -> Conversation:
            found: Conversation | None = uow.conversations.first(
                channel=channel, external_hash=external_hash
            )
            if found is not None:
                return found
            visitor = Actor(ActorKind.VISITOR, "visitor")
            return self.start_in(uow, visitor, channel, external_hash=external_hash)

        return self._store.write(work)

    def adopt_in(self, uow: UnitOfWork, conversation_id: str, *, customer_id: str) -> bool:
        """Make a visitor's chat the customer's. False when it is another customer's."""
        conversation: Conversation = uow.conversations.get(conversation_id, lock=True)
        if conversation.customer_id is None:
            owned = replace(conversation, customer_id=CustomerId(customer_id))
            uow.conversations.save(owned)
            self._cases.adopt_in(uow, conversation_id, customer_id=customer_id)
            return True
        return conversation.customer_id == customer_id

    def get(self, actor: Actor, conversation_id: str) -> Conversation:
        """Return a conversation to its two sides. Raises NotFound."""
        conversation: Conversation = self._store.read(
            lambda uow: uow.conversations.get(conversation_id)
        )
        check_may_see(actor, conversation)
        return conversation

    def speaker(self, conversation_id: str) -> Speaker:
        """Return who speaks for the bank now. Asked before every turn (trust rule 8)."""
        conversation: Conversation = self._store.read(
            lambda uow: uow.conversations.get(conversation_id)
        )
        return conversation.speaker

    def who_speaks(self, conversation_id: str) -> SpeakerView:
        """Return the speaker with the name the customer sees; the bot has none."""

        def work(uow: UnitOfWork) -> SpeakerView:
            conversation: Conversation = uow.conversations.get(conversation_id)
            member = uow.staff.find(conversation.staff_id) if conversation.staff_id else None
            return SpeakerView(conversation.speaker, member.display_name if member else None)

        return self._store.read(work)

    def append(
        self,
        actor: Actor,
        conversation_id: str,
        line: NewMessage | None = None,
        *,
        sender: Sender | str = Sender.CUSTOMER,
        text: str = "",
        data: Mapping[str, Any] | None = None,
        message_id: str | None = None,
        info: Mapping[str, Any] | None = None,
    ) -> Message:
        """Store one line, given whole or by its parts, and return it with its number.

        Customers and visitors write as `customer`; staff as `staff`, and only while they speak,
        or `system` ("… has joined"); the bank (SYSTEM) as `bot` or `system`. A repeated message
        id of a customer or of staff returns the line stored before.

        Raises NotFound, NotPermitted, NotSpeaker, ChatErased.
        """
        made = line or NewMessage(Sender(sender), text, data or {}, info or {}, message_id)
        return self._store.write(
            lambda uow: self.append_in(uow, actor, conversation_id, (made,))[0]
        )

    def append_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        conversation_id: str,
        lines: Sequence[NewMessage],
    ) -> list[Message]:
        """Store lines in order, in the caller's transaction."""
        conversation: Conversation = uow.conversations.get(conversation_id, lock=True)
        check_may_see(actor, conversation)
        key = self._seals.key_in(uow, conversation_id)
        stored: list[Message] = []
        for line in lines:
            check_sender(actor, line.sender)
            known = find_repeated(uow, conversation_id, line)
            if known is not None:
                stored.append(known)
                continue
            check_may_speak(conversation, line.sender, staff_id=actor.id)
            conversation = replace(conversation, last_seq=conversation.last_seq + 1)
            message = seal_line(self._seals, conversation, key, line, actor, at_utc=self._clock())
            uow.messages.add(message)
            stored.append(message)
            note_change(
                uow,
                ChangeKind.MESSAGE,
                at_utc=message.at_utc,
                conversation_id=conversation_id,
                customer_id=conversation.customer_id,
                data={"seq": message.seq, "sender": message.sender},
            )
        uow.conversations.save(conversation)
        if actor.kind is ActorKind.STAFF:
            self._cases.keep_in(uow, conversation_id, staff_id=StaffId(actor.id))
        return stored

    def transcript(
        self,
        actor: Actor,
        conversation_id: str,
        after_seq: int = 0,
        *,
        limit: int = HISTORY_MAX_LINES,
    ) -> list[MessageView]:
        """Return the lines after `after_seq`, oldest first, in clear.

        `info` (what the bot understood) is empty for customers. Raises NotFound, ChatErased.
        """

        def work(uow: UnitOfWork) -> list[MessageView]:
            conversation: Conversation = uow.conversations.get(conversation_id)
            check_may_see(actor, conversation)
            key = self._seals.key_in(uow, conversation_id)
            lines = uow.messages.list(
                order_by="seq", conversation_id=conversation_id, seq__gt=after_seq, limit=limit
            )
            names = staff_names(uow, lines)
            return [view_line(self._seals, line, key, names, actor) for line in lines]

        return self._store.read(work)

    def language(self, conversation_id: str) -> str | None:
        """Return what the bot spoke last; None: not known, or erased."""
        return self._store.read(lambda uow: self.language_in(uow, conversation_id))

    def language_in(self, uow: UnitOfWork, conversation_id: str) -> str | None:
        """Return the same in the caller's transaction."""
        return find_language(uow, self._seals, conversation_id)

    def handoff(
        self, actor: Actor, conversation_id: str, reason_code: str, why: str, *, subject: str = ""
    ) -> Case:
        """Call a person: open a handoff case, or return the one that is still open.

        `why` is read by staff. The bot goes on speaking until somebody takes over.
        """

        def work(uow: UnitOfWork) -> Case:
            conversation: Conversation = uow.conversations.get(conversation_id, lock=True)
            check_may_see(actor, conversation)
            known: Case | None = uow.cases.first(
                conversation_id=conversation_id, kind=CaseKind.HANDOFF, state=UNRESOLVED
            )
            if known is not None:
                return known
            return self._cases.open_in(
                uow,
                kind=CaseKind.HANDOFF,
                queue=queue_of(CaseKind.HANDOFF),
                subject=subject or reason_code,
                reason_code=reason_code,
                why=why,
                customer_id=conversation.customer_id,
                conversation_id=conversation_id,
                priority=priority_of(reason_code),
                idempotency_key=None,
                actor=actor,
            )

        return self._store.write(work)

    def changes(self, after: int, *, limit: int = 500) -> list[Change]:
        """Return the feed after a number: messages, cases, speakers, notices. For `web` itself."""
        return self._changes.after(after, limit=limit)

    def newest_change(self) -> int:
        """Return where the feed stands, for a reader that starts now."""
        return self._changes.newest()

    def erase(self, actor: Actor, conversation_id: str) -> None:
        """Erase a chat by deleting its key. Nothing brings it back. The bank only."""
        if actor.kind is not ActorKind.SYSTEM:
            raise NotPermitted(actor=actor.kind)

        def work(uow: UnitOfWork) -> None:
            conversation: Conversation = uow.conversations.get(conversation_id, lock=True)
            uow.conversation_keys.remove(conversation_id)
            for chat in uow.messenger_chats.list(conversation_id=conversation_id):
                uow.messenger_chats.remove(chat.id)  # its address goes with it
            forget_in(uow, conversation_id)
            uow.conversations.save(replace(conversation, erased_at_utc=self._clock()))
            self._audit.append_in(uow, actor, "conversation.erase", conversation_id)

        self._store.write(work)
