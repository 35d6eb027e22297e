"""The console's doors: the inbox, one case, and what its owner may do with it.

    open ──claim──▶ mine ──take-over──▶ I speak ──hand-back──▶ the bot speaks ──resolve──▶ done

Every rule (roles, ownership, versions) is the bank's; here are its words over HTTP: a claim
that came second and a reply by a non-owner are 409 case_not_owned.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bank.domain.actors import SYSTEM
from bank.domain.cases import Case
from bank.domain.conversations import MessageView, Sender
from bank.domain.errors import CaseNotOwned, InvalidInput, InvalidText
from web.chat.lines import RAW_LIMIT_CHARS
from web.console import models
from web.console.case_page import read_case
from web.console.names import display_names
from web.console.socket import console_socket
from web.guard import Caller, Door, Knock, query_int
from web.keys import DESK, FEED, UTTERANCES

LIST_MOST = 200


async def cases(knock: Knock) -> models.CaseList:
    """The inbox: what waits longest past its promise comes first."""
    query = knock.request.query
    limit = query_int(knock.request, "limit", default=100, most=LIST_MOST)
    viewer = knock.require_session().actor_id
    found = await asyncio.to_thread(
        lambda: knock.bank.cases.list(
            knock.actor,
            queue=query.get("queue") or None,
            state=query.get("state") or None,
            kind=query.get("kind") or None,
            assignee=viewer if query.get("mine") in ("1", "true") else None,
            limit=limit,
        )
    )
    names = await asyncio.to_thread(display_names, knock.bank, knock.actor, found)
    return models.CaseList(
        cases=[models.show_case(case, viewer_id=viewer, names=names) for case in found]
    )


async def case(knock: Knock) -> models.CaseDetail:
    """One case with its history, its customer and its conversation."""
    return await asyncio.to_thread(read_case, knock.bank, knock.actor, _case_id(knock))


async def transcript(knock: Knock) -> models.Transcript:
    """What was said, with what the assistant understood and did."""
    after = query_int(knock.request, "after", default=0, most=2**53)

    def read() -> list[MessageView]:
        found = knock.bank.cases.get(knock.actor, _case_id(knock))
        if found.conversation_id is None:
            return []
        return knock.bank.conversations.transcript(
            knock.actor, found.conversation_id, after_seq=after
        )

    lines = await asyncio.to_thread(read)
    return models.Transcript(messages=models.show_transcript(lines))


async def claim(knock: Knock) -> models.CaseView:
    """Take a case. Of many who press at once, one gets it; the others 409 case_not_owned."""
    return await _pass(knock, lambda: knock.bank.cases.claim(knock.actor, _case_id(knock)))


async def take_over(knock: Knock) -> models.CaseView:
    """From now on this member of staff speaks, and Rasa is not called."""
    return await _pass(knock, lambda: knock.bank.cases.take_over(knock.actor, _case_id(knock)))


async def hand_back(knock: Knock) -> models.CaseView:
    """Let the assistant speak again; it is told the summary, and says that it is no person."""
    body: models.HandBack = knock.body
    return await leave_chat(
        knock,
        lambda: knock.bank.cases.hand_back(knock.actor, _case_id(knock), body.summary),
        summary=body.summary,
    )


async def release(knock: Knock) -> models.CaseView:
    """Put the case back into its queue; if its owner was speaking, the assistant does again."""
    return await leave_chat(
        knock, lambda: knock.bank.cases.release(knock.actor, _case_id(knock))
    )


async def resolve(knock: Knock) -> models.CaseView:
    """Finish the case; if its owner was speaking, the assistant does again."""
    body: models.Resolve = knock.body
    return await leave_chat(
        knock,
        lambda: knock.bank.cases.resolve(
            knock.actor, _case_id(knock), body.outcome, body.note
        ),
    )


async def leave_chat(
    knock: Knock, work: Callable[[], Case], *, summary: str = ""
) -> models.CaseView:
    """Run `work`, which may end this person's turn to speak, and let the customer know."""
    before = await asyncio.to_thread(
        lambda: knock.bank.cases.get(knock.actor, _case_id(knock))
    )
    if before.conversation_id is None:
        return await _change(knock, work)
    after = await knock.request.app[DESK].let_bot_speak(
        before.conversation_id,
        work,
        summary=summary,
        farewell=lambda: _announce(
            knock, before, "utter_web_staff_left", name=_first_name(knock, knock.actor.id)
        ),
    )
    return await _show(knock, after)


async def _pass(knock: Knock, work: Callable[[], Case]) -> models.CaseView:
    """Run `work`, after which another person may speak, and tell the customer their name."""

    def passed() -> Case:
        before = _speaking_staff(knock)
        changed = work()
        after = _speaking_staff(knock)
        if after is not None and after != before:
            name = _first_name(knock, after)
            _announce(knock, changed, "utter_web_staff_joined", name=name)
        return changed

    return await _change(knock, passed)


def _speaking_staff(knock: Knock) -> str | None:
    """Return who of staff speaks in the case's conversation. Raises NotFound."""
    found = knock.bank.cases.get(knock.actor, _case_id(knock))
    if found.conversation_id is None:
        return None
    return knock.bank.conversations.get(SYSTEM, found.conversation_id).staff_id


def _first_name(knock: Knock, staff_id: str) -> str:
    return knock.bank.staff.get(SYSTEM, staff_id).display_name


async def reply(knock: Knock) -> models.Replied:
    """Say something to the customer. Only whoever owns the case and has taken over may."""
    body: models.ReplyToCustomer = knock.body
    if not body.text.strip() or len(body.text) > RAW_LIMIT_CHARS:
        raise InvalidText(reason="empty")

    def work() -> tuple[str, int]:
        found = knock.bank.cases.get(knock.actor, _case_id(knock))
        if found.assignee != knock.actor.id:
            raise CaseNotOwned(case_id=found.id, version=found.version)
        if found.conversation_id is None:
            raise InvalidInput(case="no_conversation")
        stored = knock.bank.conversations.append(
            knock.actor,
            found.conversation_id,
            sender=Sender.STAFF,
            text=body.text.strip(),
            message_id=body.message_id,
        )
        return found.conversation_id, stored.seq

    conversation_id, seq = await asyncio.to_thread(work)
    knock.request.app[FEED].wake(conversation_id)
    return models.Replied(message_id=body.message_id, seq=seq)


async def note(knock: Knock) -> models.CaseView:
    """Write a private note: it belongs to the case and never enters the conversation."""
    body: models.AddNote = knock.body

    def work() -> Case:
        knock.bank.cases.note(knock.actor, _case_id(knock), body.text)
        return knock.bank.cases.get(knock.actor, _case_id(knock))

    return await _change(knock, work)


async def reopen(knock: Knock) -> models.CaseView:
    return await _change(knock, lambda: knock.bank.cases.reopen(knock.actor, _case_id(knock)))


async def assign(knock: Knock) -> models.CaseView:
    """Give the case to a colleague, who speaks from now on if the owner before did."""
    body: models.Assign = knock.body
    return await _pass(
        knock, lambda: knock.bank.cases.assign(knock.actor, _case_id(knock), body.staff_id)
    )


async def canned_replies(knock: Knock) -> models.CannedReplies:
    found = await asyncio.to_thread(knock.bank.canned_replies.list, knock.actor)
    return models.CannedReplies(
        replies=[
            models.CannedReplyView(id=r.id, locale=r.locale, title=r.title, text=r.text)
            for r in found
        ]
    )


def _announce(knock: Knock, about: Case, utterance: str, *, name: str) -> None:
    if about.conversation_id is None:
        return
    language = knock.bank.conversations.language(about.conversation_id)
    text = knock.request.app[UTTERANCES].spoken(language).say(utterance, name=name)
    knock.bank.conversations.append(
        SYSTEM,
        about.conversation_id,
        sender=Sender.SYSTEM,
        text=text,
        data={"kind": utterance.removeprefix("utter_web_")},
    )


async def _change(knock: Knock, work: Callable[[], Case]) -> models.CaseView:
    return await _show(knock, await asyncio.to_thread(work))


async def _show(knock: Knock, changed: Case) -> models.CaseView:
    if changed.conversation_id is not None:
        knock.request.app[FEED].wake(changed.conversation_id)
    names = await asyncio.to_thread(display_names, knock.bank, knock.actor, [changed])
    return models.show_case(changed, viewer_id=knock.actor.id, names=names)


def _case_id(knock: Knock) -> str:
    return knock.request.match_info["case_id"]


_ONE = "/api/cases/{case_id}"
DOORS = [
    Door(
        "GET", "/api/cases", Caller.STAFF, cases, "The inbox",
        answer=models.CaseList, query=("queue", "state", "kind", "mine", "limit"),
    ),
    Door("GET", _ONE, Caller.STAFF, case, "One case", answer=models.CaseDetail),
    Door(
        "GET", f"{_ONE}/transcript", Caller.STAFF, transcript, "What was said",
        answer=models.Transcript, query=("after",),
    ),
    Door("POST", f"{_ONE}/claim", Caller.STAFF, claim, "Take the case", answer=models.CaseView),
    Door("POST", f"{_ONE}/release", Caller.STAFF, release, "Give it back", answer=models.CaseView),
    Door(
        "POST", f"{_ONE}/take-over", Caller.STAFF, take_over, "Speak instead of the assistant",
        answer=models.CaseView,
    ),
    Door(
        "POST", f"{_ONE}/hand-back", Caller.STAFF, hand_back, "Let the assistant speak again",
        body=models.HandBack, answer=models.CaseView,
    ),
    Door(
        "POST", f"{_ONE}/reply", Caller.STAFF, reply, "Say something to the customer",
        body=models.ReplyToCustomer, answer=models.Replied,
    ),
    Door(
        "POST", f"{_ONE}/note", Caller.STAFF, note, "Write a private note",
        body=models.AddNote, answer=models.CaseView,
    ),
    Door(
        "POST", f"{_ONE}/resolve", Caller.STAFF, resolve, "Finish the case",
        body=models.Resolve, answer=models.CaseView,
    ),
    Door("POST", f"{_ONE}/reopen", Caller.STAFF, reopen, "Open it again", answer=models.CaseView),
    Door(
        "POST", f"{_ONE}/assign", Caller.STAFF, assign, "Give it to a colleague",
        body=models.Assign, answer=models.CaseView,
    ),
    Door(
        "GET", "/api/canned-replies", Caller.STAFF, canned_replies, "Approved sentences",
        answer=models.CannedReplies,
    ),
    Door("GET", "/api/console/ws", Caller.STAFF, console_socket, "Live changes (WebSocket)"),
]  # fmt: skip
