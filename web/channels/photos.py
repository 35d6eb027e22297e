"""Photos sent in a messenger: fetched from the service, then through the page's upload door.

    an open application? ─▶ which picture: caption, or what is asked for now ─▶ fetch, ≤ 8 MB
        └─ no: a sentence        └─ neither: say which words to write             │
                                                          keep_picture ◀──────────┘

The same checks as on the page (web/chat/uploads.py): judged by decoding, re-encoded, sealed. What
the look at it finds comes as a message of its own. A photo delivered twice is kept once.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from bank.domain.conversations import NewMessage, Sender
from bank.domain.errors import BankError, Unavailable
from bank.domain.sessions import Session
from bank.domain.turns import TurnStart
from identity.intake import FILE_LIMIT_BYTES
from web.api.errors import RequestRefused
from web.channels.parts import Incoming, Messenger, Photo, SendFailed, SendRefused
from web.chat.turn_parts import TurnInProgress
from web.chat.uploads import keep_picture
from web.keys import BANK, UTTERANCES
from web.utterances import Utterances

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
        answer = await _keep(app, messenger, session, incoming.photo)
        await asyncio.to_thread(_tell, app, session, message_id, answer)
    except BaseException:
        await asyncio.shield(asyncio.to_thread(bank.turns.give_up, conversation_id, message_id))
        raise


async def _keep(
    app: web.Application, messenger: Messenger, session: Session, photo: Photo
) -> str:
    """Return what to say about the photo. Raises Unavailable."""
    actor = session.actor()
    utterances = await asyncio.to_thread(_words, app, session)
    try:
        needed = await asyncio.to_thread(app[BANK].onboarding.needed_picture, actor)
        kind = kind_of(photo.caption) or needed
        if kind is None:
            return utterances.say("utter_web_messenger_photo_which")
        raw = await messenger.fetch_photo(photo, limit_bytes=FILE_LIMIT_BYTES)
        await keep_picture(app, actor, kind, raw)
    except Unavailable:
        raise
    except SendRefused:
        return utterances.say("utter_web_invalid_picture")
    except SendFailed:
        return utterances.say("utter_web_messenger_photo_failed")
    except (BankError, RequestRefused) as refusal:
        return utterances.refusal(refusal.code, refusal.details)
    return utterances.say("utter_web_messenger_photo_kept")


def _tell(app: web.Application, session: Session, message_id: str, answer: str) -> None:
    """Store that a photo came, and what we say to it. While a person speaks, only the first."""
    bank = app[BANK]
    conversation_id = str(session.conversation_id)
    sent = _words(app, session).say("utter_web_messenger_photo_line")
    bank.conversations.append(
        session.actor(), conversation_id,
        NewMessage(Sender.CUSTOMER, sent, message_id=message_id),
    )  # fmt: skip
    line = NewMessage(Sender.BOT, answer, {"kind": "text"})
    bank.turns.finish(conversation_id, message_id, [{"text": line.text}], lines=[line])


def _words(app: web.Application, session: Session) -> Utterances:
    """Return web's sentences in the conversation's language."""
    language = app[BANK].conversations.language(str(session.conversation_id))
    return app[UTTERANCES].spoken(language)
