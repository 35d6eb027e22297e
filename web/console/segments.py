"""Segments in the console: what they are like as pictures, who moved, and the file of who is where.

    GET /api/segments ─▶ Showroom (drawn at most once an hour) ─▶ words, figures, pictures
    GET /api/segments/members.csv ─▶ written to the audit first, then handed out

The libraries of pictures load with the first question, not with the process.
"""

from __future__ import annotations

import asyncio
import base64
import math
from datetime import datetime
from typing import TYPE_CHECKING

from aiohttp import web

from bank.domain.errors import NotFound, Unavailable
from bank.policies import access
from web.console.investing import PictureView
from web.guard import Answer, Caller, Door, Knock
from web.keys import SEGMENTS

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


async def segments(knock: Knock) -> SegmentsView:
    """The current version as it is today."""

    def read() -> SegmentsView:
        access.require(knock.actor, "segments.read")
        from analytics.errors import AnalyticsError  # noqa: PLC0415  see the head

        try:
            shown = knock.request.app[SEGMENTS].room().show()
        except AnalyticsError as fault:
            raise Unavailable(reason=fault.code) from fault
        return _view(shown, may_export=access.decide(knock.actor, "segments.export").allowed)

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


def _view(shown: Shown | None, *, may_export: bool) -> SegmentsView:
    if shown is None:
        return SegmentsView(
            version="", learnt_at=None, as_of=None, stability=None, is_stable=False, before="",
            stayed_share=None, segments=[], pictures=[], may_export=False,
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
]  # fmt: skip
