"""Photos sent in a messenger: fetched from the service, then through the page's upload door.

    caption names the kind? ─▶ fetch, ≤ 8 MB, from the service's own host ─▶ keep_picture
        └─ no ─▶ say which words to write beside it

The same checks as on the page (web/chat/uploads.py): judged by decoding, re-encoded, sealed.
Only linked accounts may send photos. A photo delivered twice is fetched and kept once.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from bank.domain.conversations import NewMessage, Sender
from bank.domain.sessions import Session
from bank.domain.turns import TurnStart
from web.api.errors import RequestRefused
from web.channels.parts import Incoming, Messenger, Photo, SendFailed, SendRefused
from web.chat.turn_parts import TurnInProgress
from web.chat.uploads import FILE_LIMIT_BYTES, keep_picture
from web.keys import BANK, UTTERANCES

if TYPE_CHECKING:
    from bank.bootstrap import Bank

#: Words of a caption, and the kind of picture they mean; the first that occurs counts.
KIND_WORDS = {
    "selfie": "selfie",
    "face": "selfie",
    "back": "document_back",
    "front": "document_front",
    "passport": "document_front",
}


def kind_of(caption: str) -> str | None:
    """Return the kind a caption names.

    >>> kind_of("The back of my card"), kind_of("Selfie!"), kind_of("look at this")
    ('document_back', 'selfie', None)
    """
    words = "".join(char if char.isalpha() else " " for char in caption.lower()).split()
    return next((kind for word, kind in KIND_WORDS.items() if word in words), None)


async def take_photo(
    app: web.Application, messenger: Messenger, session: Session, incoming: Incoming
) -> None:
    """Keep the photo and say so in the chat, once per message id.

    Raises RequestRefused, Unavailable, TurnInProgress: then the same delivery may come again.
    """
    assert incoming.photo is not None
    assert session.conversation_id is not None
    bank: Bank = app[BANK]
    conversation_id, message_id = session.conversation_id, incoming.message_id
    mark = f"photo\x00{incoming.photo.ref}\x00{incoming.photo.caption}"
    begun = await asyncio.to_thread(bank.turns.begin, conversation_id, message_id, mark)
    if begun.start is TurnStart.IN_PROGRESS:
        raise TurnInProgress(message_id=message_id)
    if begun.start is not TurnStart.NEW:
        return
    try:
        answer = await _keep(app, messenger, conversation_id, incoming.photo)
        await asyncio.to_thread(_tell, app, session, message_id, answer)
    except BaseException:
        await asyncio.shield(asyncio.to_thread(bank.turns.give_up, conversation_id, message_id))
        raise


async def _keep(
    app: web.Application, messenger: Messenger, conversation_id: str, photo: Photo
) -> str:
    """Return what to say about the photo: the name of the sentence in web.yml."""
    kind = kind_of(photo.caption)
    if kind is None:
        return "utter_web_messenger_photo_which"
    try:
        raw = await messenger.fetch_photo(photo, limit_bytes=FILE_LIMIT_BYTES)
        await keep_picture(app, conversation_id, kind, raw)
    except SendRefused:
        return "utter_web_invalid_picture"
    except SendFailed:
        return "utter_web_messenger_photo_failed"
    except RequestRefused as refusal:
        return f"utter_web_{refusal.code}"
    return "utter_web_messenger_photo_kept"


def _tell(app: web.Application, session: Session, message_id: str, answer: str) -> None:
    """Store that a photo came, and what we say to it. While a person speaks, only the first."""
    bank, utterances = app[BANK], app[UTTERANCES]
    conversation_id = str(session.conversation_id)
    sent = utterances.say("utter_web_messenger_photo_line")
    bank.conversations.append(
        session.actor(), conversation_id,
        NewMessage(Sender.CUSTOMER, sent, message_id=message_id),
    )  # fmt: skip
    line = NewMessage(Sender.BOT, utterances.say(answer), {"kind": "text"})
    bank.turns.finish(conversation_id, message_id, [{"text": line.text}], lines=[line])
