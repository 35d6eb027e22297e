"""Who may knock where: the table of doors, the router, and every wrong kind of caller."""

from __future__ import annotations

import re

from aiohttp.web import StaticResource

from tests.web.house import PASSWORD, bearer, make_customer, make_staff, start_chat
from web.app import all_doors
from web.guard import Caller

#: What each wrong caller may hear; 404 where the thing named does not exist for them.
_REFUSED = (401, 403, 404)


def _concrete(path: str) -> str:
    return re.sub(r"\{\w+\}", "no_such_thing", path)


async def test_given_the_router_when_listed_then_every_route_has_its_rule(branch):
    declared = {(door.method, door.path) for door in all_doors(branch.settings)}
    declared |= {("HEAD", path) for method, path in declared if method == "GET"}

    routed = {
        (route.method, route.resource.canonical)
        for route in branch.app.router.routes()
        if not isinstance(route.resource, StaticResource)
    }

    assert routed <= declared, routed - declared


async def test_given_no_identity_when_calling_any_private_door_then_401_or_403(branch):
    for door in all_doors(branch.settings):
        if door.caller in (Caller.PUBLIC, Caller.HELLO):
            continue
        response = await branch.client.request(door.method, _concrete(door.path), json={})
        assert response.status in (401, 403), (door.method, door.path, response.status)


async def test_given_a_forged_or_ended_token_when_calling_any_private_door_then_401(branch):
    ended, _ = await start_chat(branch.client)
    await branch.client.post("/api/chat/logout", headers=bearer(ended))
    for door in all_doors(branch.settings):
        if door.caller not in (Caller.VISITOR, Caller.CUSTOMER, Caller.SIGNED):
            continue
        for token in (ended, "A" * 43, "eyJhbGciOiJub25lIn0.e30.", "x" * 5000):
            response = await branch.client.request(
                door.method, _concrete(door.path), json={}, headers=bearer(token)
            )
            assert response.status == 401, (door.method, door.path, token[:9], response.status)


async def test_given_a_visitor_when_calling_a_customers_door_then_401(branch):
    token, _ = await start_chat(branch.client)
    for door in all_doors(branch.settings):
        if door.caller is not Caller.CUSTOMER:
            continue
        response = await branch.client.request(
            door.method, _concrete(door.path), json={}, headers=bearer(token)
        )
        assert response.status == 401, (door.method, door.path, response.status)


async def test_given_a_customers_token_when_calling_a_staff_door_then_refused(branch):
    make_customer(branch.bank)
    token, _ = await start_chat(branch.client, customer="amal", password=PASSWORD)
    branch.client.session.cookie_jar.update_cookies(
        {"florin_staff": token}, branch.client.make_url("/")
    )
    for door in all_doors(branch.settings):
        if door.caller is not Caller.STAFF:
            continue
        response = await branch.client.request(
            door.method, _concrete(door.path), json={},
            headers={**bearer(token), "X-Florin-CSRF": "1"},
        )  # fmt: skip
        assert response.status in _REFUSED, (door.method, door.path, response.status)


async def test_given_a_staff_token_when_used_as_bearer_then_refused(branch):
    token, _ = branch.bank.sessions.start_staff(make_staff(branch.bank))
    for door in all_doors(branch.settings):
        if door.caller not in (Caller.VISITOR, Caller.CUSTOMER, Caller.SIGNED):
            continue
        response = await branch.client.request(
            door.method, _concrete(door.path), json={}, headers=bearer(token)
        )
        assert response.status in (401, 403), (door.method, door.path, response.status)


async def test_given_a_staff_cookie_without_our_header_when_writing_then_csrf_required(branch):
    staff = await branch.staff()
    staff.session.headers.pop("X-Florin-CSRF")
    for door in all_doors(branch.settings):
        if door.caller is not Caller.STAFF or door.method == "GET":
            continue
        response = await staff.request(door.method, _concrete(door.path), json={})
        body = await response.json()
        assert (response.status, body["error"]["code"]) == (403, "csrf_required"), door.path


async def test_given_another_origin_when_writing_as_staff_then_csrf_required(branch):
    staff = await branch.staff()

    response = await staff.post(
        "/api/cases/x/claim", headers={"Origin": "https://evil.example"}
    )

    assert response.status == 403


async def test_given_any_page_or_door_when_answered_then_the_guarding_headers_are_there(branch):
    for path in ("/", "/console", "/api/openapi.json", "/api/nothing", "/healthz"):
        response = await branch.client.get(path)
        policy = response.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "style-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        for allowed in ("camera", "publickey-credentials-get", "publickey-credentials-create"):
            assert f"{allowed}=(self)" in response.headers["Permissions-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
