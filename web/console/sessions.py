"""Staff come and go: password and TOTP, a cookie no script can read, and who am I.

The first login of a member without an authenticator is refused with `totp_enrolment` and what
the app needs (address, secret, QR code); the first right code from it opens the door.
"""

from __future__ import annotations

import asyncio
import io

import segno
from aiohttp import web

from bank.domain.actors import Actor, ActorKind, LoginLevel
from bank.domain.errors import TotpEnrolmentRequired
from bank.domain.staff import StaffMember
from bank.policies.access import decide
from web.addresses import client_address
from web.api.errors import error_body
from web.console.models import ConfirmTotp, LoggedOutStaff, StaffLogIn, StaffView
from web.guard import STAFF_COOKIE, Caller, Door, Knock, check_own_page
from web.keys import LIMITS, SETTINGS, UTTERANCES
from web.sentinel import TRIED_NAME


async def login(knock: Knock) -> web.StreamResponse:
    """Password, and the code of the authenticator."""
    check_own_page(knock.request)
    body: StaffLogIn = knock.body
    knock.request[TRIED_NAME] = f"staff:{body.name}"
    address = _count_login(knock)
    try:
        token, member = await asyncio.to_thread(
            lambda: knock.bank.staff.login(
                body.name, body.password, code=body.code, ip_hash=address,
                source_ip=client_address(knock.request),
            )
        )
    except TotpEnrolmentRequired:
        return await _enrolment(knock, body, address)
    return _welcome(knock, token, member)


async def confirm_totp(knock: Knock) -> web.StreamResponse:
    """The first code of a new authenticator: from now on it is asked for."""
    check_own_page(knock.request)
    body: ConfirmTotp = knock.body
    address = _count_login(knock)
    token, member = await asyncio.to_thread(
        lambda: knock.bank.staff.confirm_totp(
            body.name, body.password, code=body.code, ip_hash=address,
            source_ip=client_address(knock.request),
        )
    )
    return _welcome(knock, token, member)


async def logout(knock: Knock) -> web.StreamResponse:
    await asyncio.to_thread(knock.bank.sessions.end, knock.token)
    response = web.json_response(text=LoggedOutStaff().model_dump_json())
    response.del_cookie(STAFF_COOKIE, path="/")
    return response


async def me(knock: Knock) -> StaffView:
    member = await asyncio.to_thread(
        lambda: knock.bank.staff.get(knock.actor, knock.require_session().actor_id)
    )
    return show_member(member)


def show_member(member: StaffMember) -> StaffView:
    actor = Actor(ActorKind.STAFF, member.id, LoginLevel.STRONG, frozenset(member.roles))
    return StaffView(
        id=member.id,
        name=member.full_name,
        first_name=member.display_name,
        roles=list(member.roles),
        may_label=decide(actor, "readings.label").allowed,
        may_view_customers=decide(actor, "customers.view").allowed,
    )


def _count_login(knock: Knock) -> str:
    limits = knock.request.app[LIMITS]
    address = limits.hash_address(client_address(knock.request))
    limits.check("login", address)
    return address


def _welcome(knock: Knock, token: str, member: StaffMember) -> web.Response:
    response = web.json_response(text=show_member(member).model_dump_json())
    response.set_cookie(
        STAFF_COOKIE,
        token,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=knock.request.app[SETTINGS].public_url.startswith("https://"),
    )
    return response


async def _enrolment(knock: Knock, body: StaffLogIn, address: str) -> web.Response:
    enrolment = await asyncio.to_thread(
        lambda: knock.bank.staff.begin_totp(body.name, body.password, ip_hash=address)
    )
    answer = error_body(knock.request.app[UTTERANCES], TotpEnrolmentRequired.code, {})
    answer["error"]["details"] = {
        "otpauth_uri": enrolment.uri,
        "secret": enrolment.secret,
        "qr_svg": _qr_svg(enrolment.uri),
    }
    return web.json_response(answer, status=TotpEnrolmentRequired.http_status)


def _qr_svg(text: str) -> str:
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", scale=5, border=2, xmldecl=False)
    return out.getvalue().decode()


DOORS = [
    Door(
        "POST", "/api/staff/login", Caller.PUBLIC, login, "Log in to the console",
        body=StaffLogIn, answer=StaffView,
    ),
    Door(
        "POST", "/api/staff/totp/confirm", Caller.PUBLIC, confirm_totp,
        "Finish setting up the authenticator", body=ConfirmTotp, answer=StaffView,
    ),
    Door(
        "POST", "/api/staff/logout", Caller.STAFF, logout, "Leave the console",
        answer=LoggedOutStaff,
    ),
    Door("GET", "/api/staff/me", Caller.STAFF, me, "Who is logged in", answer=StaffView),
]  # fmt: skip
