"""Quality: can this picture be used, and if not, what should the customer do about it?

    picture ─▶ 1,000 px ─▶ where is the page? ─▶ size · edges · light · sharpness · glare · colour
          └──▶ as it came ─▶ moiré of a screen

Two kinds of finding. `retry` is for what the customer can mend and what makes reading or comparing
fail; `hint` is for what is soft and has an error rate. Codes are closed (CODES); `text` is for
staff, the customer reads the response of that code.

Thresholds are chosen on simulated distortions (picture_rates.py measures them): ordinary pictures,
and small ones, must pass. Blur is told from where the machine-readable zone is no longer read.
Small print is lost at half of that; what is lost then is asked for as unread, by the checks of the
document. Nothing is judged by a face here: `identity/face` says whether there is one.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from bank.domain.findings import Breakdown, Finding, Weight
from identity import measures
from identity.document.forensics import screen_moire
from identity.document.reading import Picture
from identity.framing import SIDES
from identity.intake import downscaled
from identity.views import KINDS, View, view_of

#: Code → what staff read. Those of RETRY have a response for the customer.
CODES = {
    "blurred": "The picture is out of focus or shaken.",
    "glare": "A reflection hides a part of the document.",
    "glare_on_portrait": "A reflection lies on the portrait.",
    "glare_on_text": "A reflection lies on the text.",
    "too_dark": "The picture is too dark.",
    "too_bright": "The picture is overexposed.",
    "low_contrast": "The picture has hardly any contrast.",
    "too_small": "The picture has too few pixels.",
    "document_too_small": "The document fills too little of the picture.",
    "document_not_found": "There is no print in the picture: it shows no document.",
    "edge_cut_left": "The left edge of the document is cut off.",
    "edge_cut_top": "The top edge of the document is cut off.",
    "edge_cut_right": "The right edge of the document is cut off.",
    "edge_cut_bottom": "The bottom edge of the document is cut off.",
    "black_and_white_copy": "The picture has no colour: perhaps a photocopy.",
    "screen_moire": "A grid shows: perhaps photographed from a screen.",
}


#: Longer side in pixels below which nothing can be read, or compared.
LONGEST_LEAST_PX = {"selfie": 160, "document_front": 240, "document_back": 240}
#: Sigma of blur, in thousandths of the page's longer side (document) or of the picture's (selfie).
BLUR_MOST = {"selfie": 9.0, "document_front": 4.4, "document_back": 4.4}
#: A small picture is never sharper than its pixels: so much blur, in pixels, is let through.
BLUR_FREE_PX = {"selfie": 4.6, "document_front": 3.1, "document_back": 3.1}
DARK_BRIGHTEST, DARK_MOST = 70.0, 40.0
CONTRAST_LEAST = 45.0
GLARE_SHARE_DOCUMENT, GLARE_SHARE_SELFIE = 0.006, 0.06
CHROMA_LEAST = 2.0
PAGE_PX_LEAST, PAGE_SHARE_LEAST = 420, 0.2
CUT_SHARE_LEAST = 0.15
#: A line of print that tells of a cut is at least this long, over the picture's longer side.
CUT_LINE_LEAST = 0.12
#: How deep what is seen of a page that runs out of the picture must be, over its length along that
#: side, to hold a whole data page: an open passport may be cut through its other half.
DEPTH_LEAST = {"along": 0.68, "across": 1.36}
MOIRE_LEAST = {"selfie": 0.75, "document_front": 0.5, "document_back": 0.5}


def look_at(
    picture: Picture, *, kind: str, portrait_box: measures.Box | None = None
) -> list[Finding]:
    """Return what is wrong with the picture, heaviest first; [] where nothing is.

    kind: one of KINDS. `portrait_box` is where the portrait lies in the picture, if it is known.
    Raises ValueError on another kind.
    """
    if kind not in KINDS:
        raise ValueError(kind)
    view = view_of(picture, kind)
    found = [*_size(view), *_light(view), *_sharpness(view), *_glare(view, portrait_box)]
    if view.is_document:
        found += [*_framing(view), *_colour(view)]
    found += _moire(view)
    return sorted(found, key=lambda one: one.weight is not Weight.RETRY)


def _size(view: View) -> Iterator[Finding]:
    longest = max(view.picture.shape[:2])
    least = LONGEST_LEAST_PX[view.kind]
    if longest < least:
        yield _retry("too_small", view, 1.0 - longest / least)
    elif view.page is not None:
        page_px = view.page.longest_px / view.scale
        if page_px < PAGE_PX_LEAST and view.page.area_share < PAGE_SHARE_LEAST:
            yield _retry("document_too_small", view, 1.0 - page_px / PAGE_PX_LEAST)


def _light(view: View) -> Iterator[Finding]:
    values = view.grey[view.region]
    dark, middle, most, bright = (float(one) for one in np.percentile(values, (2, 50, 85, 98)))
    if bright < DARK_BRIGHTEST or most < DARK_MOST:
        yield _retry("too_dark", view, 1.0 - min(bright, most) / 255)
    elif bright - dark < CONTRAST_LEAST:
        yield _retry(
            "too_bright" if middle > 215 else "low_contrast", view, 1.0 - (bright - dark) / 255
        )
    elif not view.is_document and middle > 235:
        yield _retry("too_bright", view, middle / 255)


def _sharpness(view: View) -> Iterator[Finding]:
    blur = measures.blur_px(view.grey, region=view.region)
    if blur is None:
        return
    longest = view.page.longest_px if view.page is not None else max(view.grey.shape)
    most = max(BLUR_MOST[view.kind] * longest / 1000, BLUR_FREE_PX[view.kind])
    if blur > most:
        yield _retry("blurred", view, 1.0 - 0.5 * most / blur)


def _glare(view: View, portrait_box: measures.Box | None) -> Iterator[Finding]:
    least = GLARE_SHARE_DOCUMENT if view.is_document else GLARE_SHARE_SELFIE
    patches = measures.glares(view.small, region=view.region, least=least)
    if not patches:
        return
    score = min(1.0, 0.5 + sum(one.area_share for one in patches) / (8 * least))
    if not view.is_document:
        yield _retry("glare", view, score)
        return
    portrait = None if portrait_box is None else [round(one * view.scale) for one in portrait_box]
    codes = set()
    for patch in patches:
        if portrait is not None and _overlap(
            patch.box, (portrait[0], portrait[1], portrait[2], portrait[3])
        ):
            codes.add("glare_on_portrait")
        elif any(_overlap(patch.box, row) for row in view.rows + view.columns):
            codes.add("glare_on_text")
    for code in sorted(codes) or ["glare"]:
        yield _retry(code, view, score)


def _overlap(one: measures.Box, other: measures.Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _framing(view: View) -> Iterator[Finding]:
    """Yield which edge is cut, where something is lost by it.

    A side of the picture the page runs into is told where print runs into it as well, or where
    what is left is not deep enough for a data page. Where no page stands out (it fills the
    picture), two lines of print that run into one side are needed.
    """
    if not view.rows and not view.columns:
        if view.page is None:
            yield _retry("document_not_found", view, None)
        return
    shape = view.grey.shape
    ends = {side: _lines_into(side, view, shape) for side in SIDES}
    if view.page is None:
        for side, count in ends.items():
            if max(shape) >= PAGE_PX_LEAST and count >= 2 and side in view.across:
                yield _retry(f"edge_cut_{side}", view, None)
        return
    cut = {side: share for side, share in view.page.touches.items() if share >= CUT_SHARE_LEAST}
    if len(cut) > 2:
        return
    width, height = np.ptp(view.page.polygon, axis=0)
    for side, share in cut.items():
        depth = height / width if side in {"top", "bottom"} else width / height
        shallow = depth < DEPTH_LEAST["across" if side in view.across else "along"]
        if ends[side] or (view.reads and shallow):
            yield _retry(f"edge_cut_{side}", view, share)


def _lines_into(side: str, view: View, shape: tuple[int, ...]) -> int:
    """Return how many lines of print end at that side of the picture."""
    rim = max(2, round(max(shape) * 0.006))
    height, width = shape[:2]
    lines = view.rows if view.reads != "columns" else view.columns
    least = CUT_LINE_LEAST * max(shape)
    count = 0
    for left, top, right, bottom in lines:
        margins = {"left": left, "top": top, "right": width - right, "bottom": height - bottom}
        if margins[side] <= rim and max(right - left, bottom - top) >= least:
            count += 1
    return count


def _colour(view: View) -> Iterator[Finding]:
    coarse = downscaled(view.small, 400)
    shape = (coarse.shape[1], coarse.shape[0])
    page = cv2.resize(view.region.astype(np.uint8), shape, interpolation=cv2.INTER_NEAREST)
    # Without the rim, where the table shines through.
    inner = cv2.erode(page, np.ones((9, 9), np.uint8)).astype(bool)
    spread = measures.chroma_spread(coarse, region=inner)
    if spread < CHROMA_LEAST:
        yield _hint("black_and_white_copy", view, 1.0 - 0.5 * spread / CHROMA_LEAST)


def _moire(view: View) -> Iterator[Finding]:
    score = screen_moire(view.picture)
    if score >= MOIRE_LEAST[view.kind]:
        yield _hint("screen_moire", view, score)


def _retry(code: str, view: View, score: float | None) -> Finding:
    return _finding(code, view, score, Breakdown.IMAGE_INTEGRITY, Weight.RETRY)


def _hint(code: str, view: View, score: float) -> Finding:
    return _finding(code, view, score, Breakdown.VISUAL_AUTHENTICITY, Weight.HINT)


def _finding(
    code: str, view: View, score: float | None, breakdown: Breakdown, weight: Weight
) -> Finding:
    bounded = None if score is None else min(1.0, max(0.0, score))
    return Finding(code, breakdown, weight, CODES[code], score=bounded, about=view.kind)
