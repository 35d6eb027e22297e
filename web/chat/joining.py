"""How an applicant comes in: the mailed link of a paused application, and the login they choose.

    /onboarding/resume?t=… ─▶ the page posts the token ─▶ a visitor's session with the application
    approved ─▶ name and password ─▶ the visitor's session becomes the customer's, a new token

The password goes from the form to the bank; no line, no event and no log has it.
"""

from __future__ import annotations

import asyncio
from typing import Annotated

from pydantic import StringConstraints

from web.chat import models
from web.chat.doors import address_of, started
from web.chat.entry import Entrance
from web.chat.views import show_replies
from web.guard import Body, Caller, Door, Knock
from web.keys import DESK, FEED, LIMITS, SIGNER


class ResumeApplication(Body):
    token: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SetCredentials(Body):
    login_name: models.LoginName
    password: models.PasswordText


async def resume(knock: Knock) -> models.SessionStarted:
    """Go on with the application of a mailed link, once."""
    body: ResumeApplication = knock.body
    knock.request.app[LIMITS].check("session", address_of(knock))
    knock.request.app[LIMITS].check("login", address_of(knock))

    def enter() -> Entrance:
        token, session = knock.bank.sessions.start_visitor()
        try:
            knock.bank.onboarding.resume(body.token, str(session.conversation_id))
        except BaseException:
            knock.bank.sessions.end(token)
            raise
        return Entrance(token, session)

    entrance = await asyncio.to_thread(enter)
    session = entrance.session
    result = await knock.request.app[DESK].event(
        session.actor(),
        conversation_id=str(session.conversation_id),
        message_id=f"resumed-{session.id}",
        name="EXTERNAL_onboarding_resumed",
        facts={},
    )
    return started(entrance, show_replies(result.replies, knock.request.app[SIGNER], None))


async def credentials(knock: Knock) -> models.SessionStarted:
    """Set name and password of the new customer; from here on this chat is theirs."""
    body: SetCredentials = knock.body
    knock.request.app[LIMITS].check("login", address_of(knock))
    visitor = knock.require_session()

    def enter() -> Entrance:
        customer = knock.bank.onboarding.set_credentials(
            visitor.actor(), body.login_name, body.password
        )
        token, session = knock.bank.sessions.upgrade(knock.token, customer)
        return Entrance(token, session, customer.given_name)

    entrance = await asyncio.to_thread(enter)
    session = entrance.session
    knock.request.app[FEED].wake(str(session.conversation_id))
    result = await knock.request.app[DESK].event(
        session.actor(),
        conversation_id=str(session.conversation_id),
        message_id=f"credentials-{session.id}",
        name="EXTERNAL_credentials_set",
        facts={},
    )
    replies = show_replies(result.replies, knock.request.app[SIGNER], session.actor_id)
    return started(entrance, replies)


DOORS = [
    Door(
        "POST", "/api/chat/resume", Caller.PUBLIC, resume, "Go on with a paused application",
        body=ResumeApplication, answer=models.SessionStarted,
    ),
    Door(
        "POST", "/api/chat/credentials", Caller.VISITOR, credentials,
        "Choose name and password once approved",
        body=SetCredentials, answer=models.SessionStarted,
    ),
]  # fmt: skip
