"""One line of a conversation: who may write it, whether it is known, sealed and in clear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bank.domain.actors import Actor, ActorKind
from bank.domain.conversations import Conversation, Message, MessageView, NewMessage, Sender
from bank.domain.errors import ChatErased, NotPermitted
from bank.domain.ids import MessageId, StaffId, make_id
from bank.ports import UnitOfWork
from bank.services.chat_seals import ChatSeals

#: So many of the bot's newest lines are asked for their language.
LANGUAGE_MAX_LINES = 3

_SENDERS: dict[ActorKind, tuple[Sender, ...]] = {
    ActorKind.VISITOR: (Sender.CUSTOMER,),
    ActorKind.CUSTOMER: (Sender.CUSTOMER,),
    ActorKind.STAFF: (Sender.STAFF, Sender.SYSTEM),
    ActorKind.SYSTEM: (Sender.BOT, Sender.SYSTEM),
}


def check_sender(actor: Actor, sender: Sender) -> None:
    """Refuse a line in somebody else's name. Raises NotPermitted."""
    if sender not in _SENDERS[actor.kind]:
        raise NotPermitted(actor=actor.kind, sender=sender)


def find_repeated(uow: UnitOfWork, conversation_id: str, line: NewMessage) -> Message | None:
    """Return the stored line of a message id that came before, or None."""
    # A turn of the bot has several lines with one message id; `turns.finish` keeps those once.
    if line.message_id is None or line.sender not in (Sender.CUSTOMER, Sender.STAFF):
        return None
    found: Message | None = uow.messages.first(
        conversation_id=conversation_id, message_id=line.message_id, sender=line.sender
    )
    return found


def seal_line(
    seals: ChatSeals,
    conversation: Conversation,
    key: bytes,
    line: NewMessage,
    actor: Actor,
    *,
    at_utc: datetime,
) -> Message:
    """Return the line as it is stored, as number `conversation.last_seq`."""
    text_enc, data_enc, info_enc = seals.seal_line(
        key, conversation.id, conversation.last_seq, line
    )
    return Message(
        id=make_id("me"),
        conversation_id=conversation.id,
        seq=conversation.last_seq,
        sender=line.sender,
        staff_id=StaffId(actor.id) if actor.kind is ActorKind.STAFF else None,
        text_enc=text_enc,
        data_enc=data_enc,
        info_enc=info_enc,
        at_utc=at_utc,
        message_id=MessageId(line.message_id) if line.message_id else None,
    )


def view_line(
    seals: ChatSeals, line: Message, key: bytes, names: Mapping[str, str], actor: Actor
) -> MessageView:
    """Return the line in clear; what the bot understood is for staff and the bank."""
    text, data, info = seals.open_line(key, line)
    is_inside = actor.kind in (ActorKind.STAFF, ActorKind.SYSTEM)
    return MessageView(
        seq=line.seq,
        sender=line.sender,
        name=names.get(line.staff_id) if line.staff_id else None,
        text=text,
        data=data,
        info=info if is_inside else {},
        at_utc=line.at_utc,
        message_id=line.message_id,
    )


def find_language(uow: UnitOfWork, seals: ChatSeals, conversation_id: str) -> str | None:
    """Return the language the bot's newest lines say they are in; None: not known, or erased."""
    try:
        key = seals.key_in(uow, conversation_id)
    except ChatErased:
        return None
    lines = uow.messages.list(
        order_by="seq", descending=True, conversation_id=conversation_id,
        sender=Sender.BOT, limit=LANGUAGE_MAX_LINES,
    )  # fmt: skip
    told = (seals.open_line(key, line)[1].get("language") for line in lines)
    return next((str(language) for language in told if language), None)


def staff_names(uow: UnitOfWork, lines: Sequence[Message]) -> dict[str, str]:
    """Return the display names of the staff who wrote these lines."""
    ids = tuple({line.staff_id for line in lines if line.staff_id is not None})
    if not ids:
        return {}
    return {member.id: member.display_name for member in uow.staff.list(id=ids)}
