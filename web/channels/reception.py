"""Reception: one verified thing a messenger account did, to one turn of the turn desk.

    open the chat (whose account?) ─▶ rate limit ─▶ ┬ link code, unlink ─▶ linking
                                                    ├ photo ─▶ photos
                                                    ├ "2" after numbered choices ─▶ that button
                                                    └ text, button ─▶ TurnDesk.handle
                                     ─▶ delivery sends what was said

The account is a visitor until it is linked; the link is read again with every message. There
is no session to steal: the service's signature is checked on every delivery.

A delivery counts as taken only when it was answered: `Unavailable` and `TurnInProgress` leave
here, the service sends the same message again, and the turn desk runs it once.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog
from aiohttp import web

from bank.domain.actors import SYSTEM, ActorKind, LoginLevel, a_customer
from bank.domain.conversations import NewMessage, Sender
from bank.domain.errors import (
    BankError,
    CodeExpired,
    IdempotencyMismatch,
    RateLimited,
    Unavailable,
    WrongCode,
)
from bank.domain.ids import SessionId
from bank.domain.messenger_chats import OpenChat
from bank.domain.sessions import Session
from bank.domain.turns import TurnStart
from web.api.errors import RequestRefused
from web.channels.delivery import Deliveries
from web.channels.linking import find_code, is_unlink
from web.channels.parts import Choice, Incoming, Messenger, SendFailed, SendRefused
from web.channels.photos import take_photo
from web.channels.showing import choices_of
from web.chat.turns import TurnInProgress
from web.keys import BANK, DESK, LIMITS, UTTERANCES
from web.utterances import Utterances

log = structlog.get_logger(__name__)

LINES_BACK = 12  # numbered choices are looked for this far back
TOLD_MOST = 10_000
TELL_AGAIN_S = 60.0


class Reception:
    """Takes what comes from all messengers."""

    def __init__(self, app: web.Application, deliveries: Deliveries) -> None:
        self._app = app
        self._bank = app[BANK]
        self._deliveries = deliveries
        self._told_s: dict[str, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, messenger: Messenger, incoming: Incoming) -> None:
        """Answer one thing. Raises Unavailable and TurnInProgress: deliver it again."""
        opened = await self._open(messenger, incoming)
        try:
            self._app[LIMITS].check("message", opened.chat.id)
            await self._take(messenger, opened, incoming)
        except (Unavailable, TurnInProgress):
            raise
        except IdempotencyMismatch:
            log.warning("messenger_message_changed", channel=messenger.name)
        except RateLimited as refusal:
            await self._tell_seldom(opened, refusal)
        except (BankError, RequestRefused) as refusal:
            await self._deliveries.say(opened.chat, await self._refusal(opened, refusal))
        finally:
            self._deliveries.wake(opened.chat.id)
            self._acknowledge(messenger, incoming)

    async def _take(self, messenger: Messenger, opened: OpenChat, incoming: Incoming) -> None:
        text = incoming.text or ""
        code = find_code(text)
        if code is not None:
            await self._link(messenger, opened, incoming, code)
        elif is_unlink(text):
            await self._unlink(messenger, opened, incoming)
        elif incoming.photo is not None:
            await self._photo(messenger, opened, incoming)
        elif incoming.text is None and incoming.button is None:
            await self._deliveries.say(opened.chat, await self._say(opened, "messenger_only_text"))
        else:
            await self._turn(messenger, opened, incoming)

    async def _turn(self, messenger: Messenger, opened: OpenChat, incoming: Incoming) -> None:
        desk, session = self._app[DESK], self._session(opened)
        is_start = (incoming.text or "").strip() == "/start"
        if opened.is_new:
            await desk.greet(session, channel=messenger.name)
        elif is_start:
            await self._event(messenger, opened, f"greet-{incoming.message_id}", "EXTERNAL_greet")
        if is_start:
            return
        text, button = incoming.text, incoming.button
        if text is not None and not messenger.has_buttons:
            chosen = await self._numbered(opened, incoming)
            text, button = (None, chosen.token) if chosen else (text, None)
        await desk.handle(
            session,
            message_id=incoming.message_id,
            text=text,
            button=button,
            channel=messenger.name,
        )

    async def _numbered(self, opened: OpenChat, incoming: Incoming) -> Choice | None:
        """Return the choice a bare number means: of the last question, and only right after it."""
        typed = (incoming.text or "").strip().rstrip(".)")
        if not (typed.isascii() and typed.isdigit() and len(typed) <= 2):
            return None
        conversation = await asyncio.to_thread(
            self._bank.conversations.get, SYSTEM, opened.chat.conversation_id
        )
        lines = await asyncio.to_thread(
            lambda: self._bank.conversations.transcript(
                SYSTEM, conversation.id, after_seq=max(0, conversation.last_seq - LINES_BACK)
            )
        )
        # A second delivery finds its own line already there: it asks about the time before it.
        own = next((n for n, line in enumerate(lines) if line.message_id == incoming.message_id
                    and line.sender is Sender.CUSTOMER), len(lines))  # fmt: skip
        for line in reversed(lines[:own]):
            if line.sender is Sender.CUSTOMER:
                return None
            choices = choices_of(line)
            if choices:
                place = int(typed)
                return choices[place - 1] if 1 <= place <= len(choices) else None
        return None

    async def _link(
        self, messenger: Messenger, opened: OpenChat, incoming: Incoming, code: str
    ) -> None:
        """Redeem the code, once per message: a second delivery must not find it used."""
        message_id, mark = f"link-{incoming.message_id}", f"link\x00{code}"
        turns, chat_id = self._bank.turns, opened.chat.conversation_id
        begun = await asyncio.to_thread(turns.begin, chat_id, message_id, mark)
        if begun.start is TurnStart.IN_PROGRESS:
            raise TurnInProgress(message_id=message_id)
        if begun.start is not TurnStart.NEW:
            return
        try:
            await asyncio.to_thread(
                self._bank.links.redeem, messenger.name, incoming.external_id, code
            )
        except (WrongCode, CodeExpired):
            await asyncio.to_thread(turns.finish, chat_id, message_id, [])
            await self._deliveries.say(opened.chat, await self._say(opened, "messenger_link_wrong"))
            return
        except BaseException:
            await asyncio.shield(asyncio.to_thread(turns.give_up, chat_id, message_id))
            raise
        linked = await self._open(messenger, incoming)
        if linked.chat.conversation_id != chat_id:  # it was somebody else's: a chat of their own
            chat_id = linked.chat.conversation_id
            await asyncio.to_thread(turns.begin, chat_id, message_id, mark)
        await asyncio.to_thread(turns.finish, chat_id, message_id, [])
        await self._note(linked, "messenger_linked")
        await self._event(messenger, linked, f"linked-{message_id}", "EXTERNAL_logged_in")
        self._deliveries.wake(linked.chat.id)

    async def _unlink(self, messenger: Messenger, opened: OpenChat, incoming: Incoming) -> None:
        if opened.customer_id is not None:
            owner = a_customer(opened.customer_id)
            await asyncio.to_thread(self._bank.links.remove, owner, messenger.name)
            opened = await self._open(messenger, incoming)
        await self._deliveries.say(opened.chat, await self._say(opened, "messenger_unlinked"))

    async def _photo(self, messenger: Messenger, opened: OpenChat, incoming: Incoming) -> None:
        session = self._session(opened)
        if opened.customer_id is None:
            applies = await asyncio.to_thread(self._bank.onboarding.current, session.actor())
            if applies is None:
                first = await self._say(opened, "messenger_link_first")
                await self._deliveries.say(opened.chat, first)
                return
        self._app[LIMITS].check("upload", opened.chat.id)
        await take_photo(self._app, messenger, session, incoming)

    # --- small steps ---

    async def _open(self, messenger: Messenger, incoming: Incoming) -> OpenChat:
        opened = await asyncio.to_thread(
            lambda: self._bank.messenger_chats.open(
                messenger.name, incoming.external_id, address=incoming.address
            )
        )
        if opened.customer_id is not None:
            self._deliveries.keep_open([opened.chat.conversation_id], others=True)
        return opened

    def _session(self, opened: OpenChat) -> Session:
        """Return who speaks in this chat, for this one message. It is stored nowhere."""
        customer_id, now_utc = opened.customer_id, self._bank.clock()
        visitor = Session(
            id=SessionId(opened.chat.id),
            token_hash="",
            actor_kind=ActorKind.VISITOR,
            actor_id="visitor",
            login_level=LoginLevel.NONE,
            conversation_id=opened.chat.conversation_id,
            created_at_utc=now_utc,
            last_seen_at_utc=now_utc,
            expires_at_utc=now_utc,
        )
        if customer_id is None:
            return visitor
        return replace(
            visitor,
            actor_kind=ActorKind.CUSTOMER,
            actor_id=customer_id,
            login_level=LoginLevel.PASSWORD,
        )

    async def _event(
        self, messenger: Messenger, opened: OpenChat, message_id: str, name: str
    ) -> None:
        await self._app[DESK].event(
            self._session(opened).actor(),
            conversation_id=opened.chat.conversation_id,
            message_id=message_id,
            name=name,
            facts={},
            channel=messenger.name,
        )

    def _acknowledge(self, messenger: Messenger, incoming: Incoming) -> None:
        """Beside the answer: a service that is out must not hold its own webhook up."""
        if incoming.press_id is not None:
            task = asyncio.create_task(_acknowledge(messenger, incoming))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _note(self, opened: OpenChat, state: str) -> None:
        line = NewMessage(Sender.SYSTEM, await self._say(opened, state), {"kind": state})
        await asyncio.to_thread(
            self._bank.conversations.append, SYSTEM, opened.chat.conversation_id, line
        )

    async def _tell_seldom(self, opened: OpenChat, refusal: RateLimited) -> None:
        """Answer a flood with one sentence a minute, not with a flood."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self._told_s.get(opened.chat.id, -TELL_AGAIN_S) < TELL_AGAIN_S:
            return
        if len(self._told_s) >= TOLD_MOST:
            self._told_s.clear()
        self._told_s[opened.chat.id] = now_s
        await self._deliveries.say(opened.chat, await self._refusal(opened, refusal))

    async def _refusal(self, opened: OpenChat, refusal: BankError | RequestRefused) -> str:
        return (await self._words(opened)).refusal(refusal.code, refusal.details)

    async def _say(self, opened: OpenChat, state: str) -> str:
        return (await self._words(opened)).say(f"utter_web_{state}")

    async def _words(self, opened: OpenChat) -> Utterances:
        """Return web's sentences in the chat's language."""
        language = await asyncio.to_thread(
            self._bank.conversations.language, opened.chat.conversation_id
        )
        return self._app[UTTERANCES].spoken(language)


async def _acknowledge(messenger: Messenger, incoming: Incoming) -> None:
    try:
        await messenger.acknowledge(incoming)
    except (SendFailed, SendRefused) as fault:
        log.info("messenger_press_not_acknowledged", channel=messenger.name, reason=fault.reason)
