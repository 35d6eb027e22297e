"""Evidence as staff see it: one picture, the viewer's name drawn into it, kept by no browser.

    bank.evidence.open (role, audit) ─▶ ≤ 2,400 px ─▶ name and time across it ─▶ JPEG, no-store

A recording of frames is shown as one contact sheet with the time of each. The mark is part of the
pixels: a photograph of the screen says whose screen it was.
"""

from __future__ import annotations

import asyncio
import io
from datetime import datetime

from aiohttp import web
from PIL import Image, ImageDraw, ImageFont

from identity.liveness.packing import unpack_frames
from web.guard import Caller, Door, Knock
from web.keys import DECODERS

LONGEST_PX = 2400
QUALITY = 88
SHEET_COLUMNS = 6
SHEET_FRAMES_MOST = 30
SHEET_FRAME_PX = 320
_PACKED = b"PK\x03\x04"


async def show_evidence(knock: Knock) -> web.StreamResponse:
    """The picture, for staff who may review identities; every look is in the audit."""
    evidence_id = knock.request.match_info["evidence_id"][:100]
    raw = await asyncio.to_thread(lambda: knock.bank.evidence.open(knock.actor, evidence_id))
    member = await asyncio.to_thread(knock.bank.staff.get, knock.actor, knock.actor.id)
    async with knock.request.app[DECODERS]:
        jpeg = await asyncio.to_thread(render, raw, member.full_name, knock.bank.clock())
    return web.Response(
        body=jpeg,
        content_type="image/jpeg",
        headers={"Cache-Control": "no-store, private", "Content-Disposition": "inline"},
    )


def render(raw: bytes, viewer: str, at_utc: datetime) -> bytes:
    """Return what is shown of kept evidence: a marked JPEG."""
    picture = _contact_sheet(raw) if raw.startswith(_PACKED) else _picture(raw)
    marked = _mark(picture, f"{viewer}  {at_utc:%Y-%m-%d %H:%M} UTC")
    out = io.BytesIO()
    marked.save(out, format="JPEG", quality=QUALITY)
    return out.getvalue()


def _picture(raw: bytes) -> Image.Image:
    with Image.open(io.BytesIO(raw), formats=("JPEG",)) as opened:
        opened.draft("RGB", (LONGEST_PX, LONGEST_PX))
        picture = opened.convert("RGB")
    picture.thumbnail((LONGEST_PX, LONGEST_PX))
    return picture


def _contact_sheet(packed: bytes) -> Image.Image:
    """Return the frames in their order, each with its time; of many, every other one or so."""
    frames = unpack_frames(packed)
    step = -(-len(frames) // SHEET_FRAMES_MOST)
    shown = frames[::step]
    tiles = []
    for jpeg, at_ms in shown:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as opened:
            tile = opened.convert("RGB")
        tile.thumbnail((SHEET_FRAME_PX, SHEET_FRAME_PX))
        ImageDraw.Draw(tile).text(
            (6, 4), f"{at_ms / 1000:.1f} s", fill="white", stroke_fill="black", stroke_width=2,
            font=ImageFont.load_default(size=18),
        )  # fmt: skip
        tiles.append(tile)
    width, height = max(t.width for t in tiles), max(t.height for t in tiles)
    rows = -(-len(tiles) // SHEET_COLUMNS)
    sheet = Image.new("RGB", (width * min(SHEET_COLUMNS, len(tiles)), height * rows), "black")
    for number, tile in enumerate(tiles):
        sheet.paste(tile, ((number % SHEET_COLUMNS) * width, (number // SHEET_COLUMNS) * height))
    return sheet


def _mark(picture: Image.Image, words: str) -> Image.Image:
    """Return the picture with the words across it, faint enough to see what lies under them."""
    size_px = max(12, min(picture.size) // 24)
    font = ImageFont.load_default(size=size_px)
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)
    width_px = round(draw.textlength(words, font=font)) + size_px * 4
    for row, top in enumerate(range(0, picture.height, size_px * 6)):
        start = -(row % 2) * width_px // 2
        for left in range(start, picture.width, width_px):
            draw.text(
                (left, top), words, font=font, fill=(255, 255, 255, 70),
                stroke_width=1, stroke_fill=(0, 0, 0, 50),
            )  # fmt: skip
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


DOORS = [
    Door(
        "GET", "/console/evidence/{evidence_id}", Caller.STAFF, show_evidence,
        "A picture of an application, marked with the viewer's name (JPEG)",
    ),
]  # fmt: skip
