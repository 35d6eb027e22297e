"""Segments in the console: what they are like as pictures, who moved, and the file of who is where.

    GET /api/segments ─▶ Showroom (drawn at most once an hour) ─▶ words, figures, pictures
    GET /api/segments/members.csv ─▶ written to the audit first, then handed out
    POST /api/segments/hand-over ─▶ pages and audit record in one write ─▶ the outbox's worker
                                    signs and sends them; GET …?since= says how that goes

The libraries of pictures load with the first question, not with the process.
"""

from __future__ import annotations

import asyncio
import base64
import math
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aiohttp import web

from bank.domain.errors import Conflict, InvalidInput, NotFound, Unavailable
from bank.policies import access
from web.console.investing import PictureView
from web.guard import Answer, Caller, Door, Knock
from web.keys import SEGMENTS, SETTINGS

if TYPE_CHECKING:
    from analytics.segments.showing import Shown


class SegmentView(Answer):
    id: str
    name: str
    description: str
    count: int


class SegmentsView(Answer):
    """version: "" where none was learnt yet. stayed_share: None where nobody was here before."""

    version: str
    learnt_at: datetime | None
    as_of: datetime | None
    stability: float | None
    is_stable: bool
    before: str
    stayed_share: float | None
    segments: list[SegmentView]
    pictures: list[PictureView]
    may_export: bool
    may_hand_over: bool


class HandOverView(Answer):
    """A hand-over by webhook. since: what `GET` is to be asked with. to: the receiver's host.

    waiting_count: pages still tried; fault: what the receiver, or the way to it, last said.
    """

    since: datetime
    to: str
    people_count: int | None
    delivered_count: int
    waiting_count: int
    dead_count: int
    fault: str | None


async def segments(knock: Knock) -> SegmentsView:
    """The current version as it is today."""

    def read() -> SegmentsView:
        access.require(knock.actor, "segments.read")
        from analytics.errors import AnalyticsError  # noqa: PLC0415  see the head

        try:
            shown = knock.request.app[SEGMENTS].room().show()
        except AnalyticsError as fault:
            raise Unavailable(reason=fault.code) from fault
        may_export = access.decide(knock.actor, "segments.export").allowed
        may_hand_over = may_export and bool(_webhook(knock))
        return _view(shown, may_export=may_export, may_hand_over=may_hand_over)

    return await asyncio.to_thread(read)


async def members(knock: Knock) -> web.StreamResponse:
    """Who is in which segment now: ids and segments, nothing more of a person."""

    def read() -> str:
        access.require(knock.actor, "segments.export")
        from analytics.errors import AnalyticsError  # noqa: PLC0415  see the head

        try:
            text = knock.request.app[SEGMENTS].room().csv()
        except AnalyticsError as fault:
            raise Unavailable(reason=fault.code) from fault
        if text is None:
            raise NotFound(table="segments")
        knock.bank.campaigns.note_export(knock.actor, people_count=text.count("\n") - 1)
        return text

    return web.Response(
        text=await asyncio.to_thread(read),
        content_type="text/csv",
        headers={
            "Cache-Control": "no-store, private",
            "Content-Disposition": 'attachment; filename="segments.csv"',
        },
    )


async def hand_over(knock: Knock) -> HandOverView:
    """Queue who is in which segment for the receiver of the settings: the pages of the command.

    Refused where no receiver is set, or nothing was learnt.
    """

    def work() -> HandOverView:
        access.require(knock.actor, "segments.export")
        from analytics.errors import AnalyticsError  # noqa: PLC0415  see the head
        from analytics.segments.handing import call_out  # noqa: PLC0415  see the head

        to = _webhook(knock)
        if not to:
            raise Conflict(reason="no_webhook")
        try:
            found = knock.request.app[SEGMENTS].room().pages()
        except AnalyticsError as fault:
            raise Unavailable(reason=fault.code) from fault
        if found is None:
            raise NotFound(table="segments")
        people_count, pages = found
        bank, since_utc = knock.bank, knock.bank.clock()
        call_out(
            bank.store, bank.outbox, pages, to=to,
            note_in=lambda uow: bank.campaigns.note_hand_over_in(
                uow, knock.actor, people_count=people_count, pages_count=len(pages)
            ),
        )  # fmt: skip
        return _delivery(knock, since_utc, people_count=people_count)

    return await asyncio.to_thread(work)


async def delivery(knock: Knock) -> HandOverView:
    """How the pages handed over since a moment go."""

    def read() -> HandOverView:
        access.require(knock.actor, "segments.export")
        try:
            since_utc = datetime.fromisoformat(knock.request.query.get("since", ""))
        except ValueError:
            raise InvalidInput(field="since", allowed="a moment") from None
        if since_utc.tzinfo is None:
            raise InvalidInput(field="since", allowed="a moment with its time zone")
        return _delivery(knock, since_utc, people_count=None)

    return await asyncio.to_thread(read)


def _delivery(knock: Knock, since_utc: datetime, *, people_count: int | None) -> HandOverView:
    from analytics.segments.handing import delivery_of  # noqa: PLC0415  see the head

    found = delivery_of(knock.bank.store, since_utc)
    return HandOverView(
        since=since_utc, to=urlsplit(_webhook(knock)).hostname or "", people_count=people_count,
        delivered_count=found.delivered_count, waiting_count=found.waiting_count,
        dead_count=found.dead_count, fault=found.fault,
    )  # fmt: skip


def _webhook(knock: Knock) -> str:
    return knock.request.app[SETTINGS].segments_webhook


def _view(shown: Shown | None, *, may_export: bool, may_hand_over: bool) -> SegmentsView:
    if shown is None:
        return SegmentsView(
            version="", learnt_at=None, as_of=None, stability=None, is_stable=False, before="",
            stayed_share=None, segments=[], pictures=[], may_export=False, may_hand_over=False,
        )  # fmt: skip
    return SegmentsView(
        version=shown.version,
        learnt_at=shown.learnt_at_utc,
        as_of=shown.as_of_utc,
        stability=_known(shown.stability),
        is_stable=shown.is_stable,
        before=shown.before,
        stayed_share=_known(shown.stayed_share),
        segments=[
            SegmentView(id=one.id, name=one.name, description=one.description, count=one.count)
            for one in shown.segments
        ],
        pictures=[
            PictureView(
                alt=one.alt,
                source=f"data:image/png;base64,{base64.b64encode(one.png).decode()}",
            )
            for one in shown.pictures
        ],
        may_export=may_export,
        may_hand_over=may_hand_over,
    )


def _known(figure: float) -> float | None:
    return None if math.isnan(figure) else figure


DOORS = [
    Door(
        "GET", "/api/segments", Caller.STAFF, segments, "The segments of customers as pictures",
        answer=SegmentsView,
    ),
    Door(
        "GET", "/api/segments/members.csv", Caller.STAFF, members,
        "Who is in which segment, as a file",
    ),
    Door(
        "POST", "/api/segments/hand-over", Caller.STAFF, hand_over,
        "Hand who is in which segment to the webhook", answer=HandOverView,
    ),
    Door(
        "GET", "/api/segments/hand-over", Caller.STAFF, delivery, "How a hand-over goes",
        answer=HandOverView, query=("since",),
    ),
]  # fmt: skip
