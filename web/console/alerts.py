"""The console's alert doors: all that speaks about an alert, the decision on it, the report.

Every rule is the bank's (alert_pages.py, alert_desk.py, sar_drafts.py): who may look, who holds the
case, what moves. To whoever is not of compliance the doors of the report answer as for a case that
is not there.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from bank.domain.cases import Case
from web.console import models
from web.console.alert_models import (
    AlertView,
    DecideAlert,
    SarView,
    WriteSar,
    show_alert,
    show_sar,
)
from web.console.doors import leave_chat
from web.guard import Caller, Door, Knock


async def alert(knock: Knock) -> AlertView:
    """What was seen, the days around it, whom the customer paid, the lines that were noticed."""

    def read() -> AlertView:
        page = knock.bank.alert_pages.open(knock.actor, _case_id(knock))
        return show_alert(page, names=knock.bank.staff.names())

    return await asyncio.to_thread(read)


async def decide(knock: Knock) -> models.CaseView:
    """It was the customer, or it was fraud: what waits goes out or is not carried out."""
    body: DecideAlert = knock.body

    def work() -> Case:
        return knock.bank.alert_desk.decide(
            knock.actor, _case_id(knock), body.outcome, body.note.strip()
        )

    return await leave_chat(knock, work)


async def sar(knock: Knock) -> SarView:
    """The report's newest version, or one that is prefilled. Compliance alone."""

    def read() -> SarView:
        opened = knock.bank.sar_drafts.open(knock.actor, _case_id(knock))
        return show_sar(opened, names=knock.bank.staff.names())

    return await asyncio.to_thread(read)


async def write_sar(knock: Knock) -> SarView:
    """Keep a new version; 409 conflict when somebody else wrote meanwhile. Compliance alone."""
    body: WriteSar = knock.body

    def work() -> SarView:
        opened = knock.bank.sar_drafts.write(
            knock.actor, _case_id(knock), body.parts.model_dump(),
            after_version=body.after_version,
        )  # fmt: skip
        return show_sar(opened, names=knock.bank.staff.names())

    return await asyncio.to_thread(work)


async def export_sar(knock: Knock) -> web.StreamResponse:
    """The newest version as a text file, for whoever files it. Compliance alone."""
    text = await asyncio.to_thread(knock.bank.sar_drafts.export, knock.actor, _case_id(knock))
    return web.Response(
        text=text,
        content_type="text/plain",
        headers={
            "Cache-Control": "no-store, private",
            "Content-Disposition": 'attachment; filename="draft.txt"',
        },
    )


def _case_id(knock: Knock) -> str:
    return knock.request.match_info["case_id"][:100]


_ONE = "/api/cases/{case_id}"
DOORS = [
    Door("GET", f"{_ONE}/alert", Caller.STAFF, alert, "All about an alert", answer=AlertView),
    Door(
        "POST", f"{_ONE}/decide", Caller.STAFF, decide, "Decide an alert",
        body=DecideAlert, answer=models.CaseView,
    ),
    Door("GET", f"{_ONE}/sar", Caller.STAFF, sar, "The report of an alert", answer=SarView),
    Door(
        "POST", f"{_ONE}/sar", Caller.STAFF, write_sar, "Write a version of the report",
        body=WriteSar, answer=SarView,
    ),
    Door("GET", f"{_ONE}/sar/text", Caller.STAFF, export_sar, "The report as a text file"),
]  # fmt: skip
