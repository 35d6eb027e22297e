"""Messenger chats: found by their account, opened for whom the link names, sent line by line.

    open ─▶ link ─▶ whose? ─┬─ nobody's chat, now linked ─▶ it becomes the customer's
                            ├─ somebody else's, or unlinked ─▶ a new chat
                            └─ the same ─▶ the same chat

Who an account speaks for is read from the link in the same write, on every message; nothing
the messenger says about the account counts. Sending is claimed with a lease, so two processes
do not send the same line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bank.domain.actors import VISITOR, Actor, a_customer
from bank.domain.conversations import Conversation
from bank.domain.ids import CustomerId
from bank.domain.links import ChannelLink
from bank.domain.messenger_chats import (
    LOOK_BACK_S,
    OPEN_S,
    SEND_LEASE_S,
    MessengerChat,
    OpenChat,
    may_send,
    postponed,
    sent,
)
from bank.ports import Clock, Digests, Store, UnitOfWork, Vault
from bank.services.conversations import Conversations
from bank.services.links import link_id_of

_SEEN_EVERY = timedelta(seconds=60)  # `seen_at_utc` is written at most this often


class MessengerChats:
    """Chats of messenger accounts. Addresses are sealed; accounts are known by a keyed hash."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        vault: Vault,
        digests: Digests,
        conversations: Conversations,
    ) -> None:
        self._store = store
        self._clock = clock
        self._vault = vault
        self._digests = digests
        self._conversations = conversations

    def open(self, channel: str, external_id: str, *, address: str) -> OpenChat:
        """Return the account's chat, begun or begun anew when its customer changed."""
        chat_id = link_id_of(self._digests, channel, external_id)

        def work(uow: UnitOfWork) -> OpenChat:
            link: ChannelLink | None = uow.channel_links.find(chat_id)
            customer_id = link.customer_id if link else None
            chat: MessengerChat | None = uow.messenger_chats.find(chat_id)
            if chat is None or not self._adopt_in(uow, chat, customer_id):
                chat = self._begin_in(uow, chat_id, channel, customer_id)
            chat = self._seen(chat, address)
            uow.messenger_chats.remove(chat_id)
            uow.messenger_chats.add(chat)
            conversation: Conversation = uow.conversations.get(chat.conversation_id)
            return OpenChat(chat, customer_id, conversation.last_seq == 0)

        known = self._store.read(lambda uow: self._known_in(uow, chat_id, address))
        return known or self._store.write(work)

    def address_of(self, chat: MessengerChat) -> str:
        """Return where the chat's lines are sent."""
        return self._vault.open(chat.address_enc, place=_place(chat.id)).decode()

    def of_conversation(self, conversation_id: str) -> MessengerChat | None:
        """Return the chat that shows this conversation, or None."""
        found: MessengerChat | None = self._store.read(
            lambda uow: uow.messenger_chats.first(conversation_id=conversation_id)
        )
        return found

    def claim(self, chat_id: str) -> MessengerChat | None:
        """Return the chat for sending, with a lease; None when there is nothing to send.

        Nothing is sent to an account that no longer speaks for the conversation's customer.
        """

        def ready(uow: UnitOfWork) -> MessengerChat | None:
            chat: MessengerChat | None = uow.messenger_chats.find(chat_id)
            if chat is None or not may_send(chat, now_utc=self._clock()):
                return None
            return chat if self._has_unsent_in(uow, chat) else None

        def work(uow: UnitOfWork) -> MessengerChat | None:
            chat = ready(uow)
            if chat is None:
                return None
            until = self._clock() + timedelta(seconds=SEND_LEASE_S)
            leased = replace(chat, lease_until_utc=until)
            uow.messenger_chats.save(leased)
            return leased

        return self._store.write(work) if self._store.read(ready) is not None else None

    def mark_sent(self, chat: MessengerChat, seq: int, *, last: bool) -> MessengerChat | None:
        """Note that line `seq` is done with; `last` gives the lease back. None: chat replaced."""

        def step(held: MessengerChat) -> MessengerChat:
            lease = None if last else self._clock() + timedelta(seconds=SEND_LEASE_S)
            return replace(sent(held, seq), lease_until_utc=lease)

        return self._change(chat, step)

    def postpone(self, chat: MessengerChat, *, at_least_s: float = 0) -> MessengerChat | None:
        """Try the next line again later; the pause grows."""
        now_utc = self._clock()
        return self._change(
            chat, lambda held: postponed(held, now_utc=now_utc, at_least_s=at_least_s)
        )

    def list_due(self) -> list[str]:
        """Return the chats whose pause is over."""
        now_utc = self._clock()
        found: list[MessengerChat] = self._store.read(
            lambda uow: uow.messenger_chats.list(due_at_utc__lt=now_utc)
        )
        return [chat.id for chat in found]

    def list_unsent(self) -> list[str]:
        """Return the chats of the last days that wait for a line."""
        since = self._clock() - timedelta(seconds=LOOK_BACK_S)
        return self._store.read(
            lambda uow: [
                chat.id
                for chat in uow.messenger_chats.list(seen_at_utc__gt=since)
                if self._has_unsent_in(uow, chat)
            ]
        )

    def list_open(self) -> list[str]:
        """Return the conversations of linked accounts that wrote within OPEN_S."""
        since = self._clock() - timedelta(seconds=OPEN_S)
        return self._store.read(
            lambda uow: [
                chat.conversation_id
                for chat in uow.messenger_chats.list(seen_at_utc__gt=since)
                if uow.channel_links.find(chat.id) is not None and self._is_owner_in(uow, chat)
            ]
        )

    # --- inside a transaction ---

    def _known_in(self, uow: UnitOfWork, chat_id: str, address: str) -> OpenChat | None:
        """Return the chat when opening it would change nothing: most messages, no write."""
        chat: MessengerChat | None = uow.messenger_chats.find(chat_id)
        if chat is None or self._clock() - chat.seen_at_utc >= _SEEN_EVERY:
            return None
        link: ChannelLink | None = uow.channel_links.find(chat_id)
        conversation: Conversation = uow.conversations.get(chat.conversation_id)
        customer_id = link.customer_id if link else None
        same = conversation.customer_id == customer_id and conversation.erased_at_utc is None
        if not same or self.address_of(chat) != address:
            return None
        return OpenChat(chat, customer_id, conversation.last_seq == 0)

    def _adopt_in(
        self, uow: UnitOfWork, chat: MessengerChat, customer_id: CustomerId | None
    ) -> bool:
        """Whether the chat may go on for this customer, or for nobody."""
        conversation: Conversation = uow.conversations.get(chat.conversation_id)
        if conversation.erased_at_utc is not None:
            return False
        if customer_id is None:
            return conversation.customer_id is None
        return self._conversations.adopt_in(uow, conversation.id, customer_id=customer_id)

    def _begin_in(
        self, uow: UnitOfWork, chat_id: str, channel: str, customer_id: CustomerId | None
    ) -> MessengerChat:
        actor: Actor = a_customer(customer_id) if customer_id else VISITOR
        conversation = self._conversations.start_in(uow, actor, channel)
        return MessengerChat(chat_id, channel, conversation.id, b"", 0, 0, self._clock())

    def _seen(self, chat: MessengerChat, address: str) -> MessengerChat:
        sealed = self._vault.seal(address.encode(), place=_place(chat.id))
        return replace(chat, address_enc=sealed, seen_at_utc=self._clock())

    def _has_unsent_in(self, uow: UnitOfWork, chat: MessengerChat) -> bool:
        conversation: Conversation = uow.conversations.get(chat.conversation_id)
        waits = conversation.last_seq > chat.sent_seq and conversation.erased_at_utc is None
        return waits and self._is_owner_in(uow, chat)

    def _is_owner_in(self, uow: UnitOfWork, chat: MessengerChat) -> bool:
        conversation: Conversation = uow.conversations.get(chat.conversation_id)
        link: ChannelLink | None = uow.channel_links.find(chat.id)
        return conversation.customer_id == (link.customer_id if link else None)

    def _change(
        self, chat: MessengerChat, step: Callable[[MessengerChat], MessengerChat]
    ) -> MessengerChat | None:
        def work(uow: UnitOfWork) -> MessengerChat | None:
            held: MessengerChat | None = uow.messenger_chats.find(chat.id)
            if held is None or held.conversation_id != chat.conversation_id:
                return None
            changed = step(held)
            uow.messenger_chats.save(changed)
            return changed

        return self._store.write(work)


def _place(chat_id: str) -> str:
    return f"messenger_chats|{chat_id}|address"
