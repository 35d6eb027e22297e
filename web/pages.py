"""Pages for people: the templates hold the markup, scripts fetch the facts from the JSON doors.

A page holds no secret: whoever is not logged in to the console gets the same empty page and
is sent to the login by the first refused request.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web

from bank.demo.phone import DemoPhone
from bank.security.totp import STEP_S
from bank.services.staff import open_totp_secret
from bank.settings import Delivery, Settings
from web.channels import switched_on
from web.guard import Caller, Door, Handler, Knock
from web.keys import SETTINGS

HERE = Path(__file__).resolve().parent
TEMPLATES_DIR = HERE / "templates"
STATIC_DIR = HERE / "static"
PHONE_LINES = 30


def _page(template: str) -> Handler:
    async def show(knock: Knock) -> web.StreamResponse:
        context = {
            "page": template.removesuffix(".html"),
            "case_id": knock.request.match_info.get("case_id", ""),
            "customer_id": knock.request.match_info.get("customer_id", ""),
            "campaign_id": knock.request.match_info.get("campaign_id", ""),
            "article_id": knock.request.match_info.get("article_id", ""),
            "demo_phone": is_demo(knock.request.app),
            "messengers_enabled": bool(switched_on(knock.request.app[SETTINGS])),
        }
        return await aiohttp_jinja2.render_template_async(template, knock.request, context)

    return show


def is_demo(app: web.Application) -> bool:
    """Whether messages to customers go to the demonstration phone instead of the world."""
    return app[SETTINGS].delivery is Delivery.DEMO_PHONE


async def favicon(_knock: Knock) -> web.StreamResponse:
    path = STATIC_DIR / "img" / "favicon.svg"
    if not path.exists():
        raise web.HTTPNotFound
    return web.FileResponse(path)


PAGES = [
    Door("GET", "/", Caller.PUBLIC, _page("chat.html"), "Customer chat", page=True),
    # The mailed link of an application: the page takes the token out of the address and posts it.
    Door("GET", "/onboarding/resume", Caller.PUBLIC, _page("chat.html"), page=True),
    Door("GET", "/console/login", Caller.PUBLIC, _page("console_login.html"), page=True),
    Door("GET", "/console", Caller.PUBLIC, _page("console.html"), page=True),
    Door("GET", "/console/language", Caller.PUBLIC, _page("console_language.html"), page=True),
    Door("GET", "/console/library", Caller.PUBLIC, _page("console_library.html"), page=True),
    Door(
        "GET", "/console/library/{article_id}", Caller.PUBLIC, _page("console_article.html"),
        page=True,
    ),
    Door("GET", "/console/segments", Caller.PUBLIC, _page("console_segments.html"), page=True),
    Door("GET", "/console/campaigns", Caller.PUBLIC, _page("console_campaigns.html"), page=True),
    Door(
        "GET", "/console/campaigns/{campaign_id}", Caller.PUBLIC, _page("console_campaign.html"),
        page=True,
    ),
    Door("GET", "/console/cases/{case_id}", Caller.PUBLIC, _page("console_case.html"), page=True),
    Door(
        "GET", "/console/cases/{case_id}/report", Caller.PUBLIC, _page("console_sar.html"),
        page=True,
    ),
    Door(
        "GET", "/console/customers/{customer_id}", Caller.PUBLIC, _page("console_customer.html"),
        page=True,
    ),
    Door("GET", "/favicon.ico", Caller.PUBLIC, favicon, page=True),
]  # fmt: skip


def set_up_pages(app: web.Application) -> None:
    """Load the templates and serve the assets."""
    aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(TEMPLATES_DIR),
        autoescape=True,
        enable_async=True,
        undefined=jinja2.StrictUndefined,
    )
    app.router.add_static("/static/", STATIC_DIR, follow_symlinks=False, append_version=False)


def demo_pages(settings: Settings) -> list[Door]:
    """Return the demonstration phone's page; none unless messages go there."""
    if settings.delivery is not Delivery.DEMO_PHONE:
        return []
    return [
        Door("GET", "/demo/phone", Caller.PUBLIC, _page("demo_phone.html"), page=True),
        Door("GET", "/demo/phone.json", Caller.PUBLIC, demo_phone, page=True),
    ]


async def demo_phone(knock: Knock) -> web.StreamResponse:
    """What the invented customers' phones got, and the codes of the invented staff."""
    return web.json_response(await asyncio.to_thread(_demo_content, knock))


def _demo_content(knock: Knock) -> dict[str, object]:
    bank = knock.bank
    phone = DemoPhone(bank.store, clock=bank.clock, vault=bank.vault)
    now_utc = bank.clock()
    codes = [
        {
            "name": member.full_name,
            "login_name": member.login_name,
            "code": bank.totp.code_at(open_totp_secret(member, bank.vault), now_utc),
        }
        for member in bank.store.read(lambda uow: uow.staff.list(order_by="login_name"))
        if member.totp_secret_enc is not None and member.totp_confirmed
    ]
    return {
        "messages": [
            {
                "kind": line.kind.value,
                "to": line.to,
                "customer_name": line.customer_name,
                "subject": line.subject,
                "body": line.body,
                "at": line.at_utc.isoformat(),
            }
            for line in phone.list_newest(limit=PHONE_LINES)
        ],
        "codes": codes,
        "seconds_left": STEP_S - int(now_utc.timestamp()) % STEP_S,
    }
