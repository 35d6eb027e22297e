"""Barcodes of documents: the PDF417 on the back of a US or Canadian driving licence.

    picture ─▶ grey ─▶ read at 1,600 px ─▶ at 3,200 px ─▶ sharpened ─▶ AAMVA elements ─▶ fields

Reading stops at the first size that gives an AAMVA barcode. PDF417 corrects errors itself
(Reed-Solomon), so what is read is what was printed; that it was printed by the issuer is not said.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from identity.document.aamva import parse_aamva
from identity.document.reading import Picture
from identity.intake import downscaled

_PDF417 = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.PDF417)

#: Longer side in pixels of the first and the second look.
LOOKS_PX = (1_600, 3_200)


def read_barcode(picture: Picture) -> dict[str, str] | None:
    """Return what the licence's barcode says (see aamva.parse_aamva), None where there is none.

    picture: RGB, any orientation. Never raises on a picture.
    """
    for view in _views(picture):
        for barcode in zxingcpp.read_barcodes(view, formats=_PDF417):
            fields = parse_aamva(barcode.bytes)
            if fields is not None:
                return fields
    return None


def draw_barcode(content: bytes, *, module_px: int = 3) -> NDArray[np.uint8]:
    """Return a PDF417 of the content, grey, with its quiet zone (documents of our own making)."""
    barcode = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.PDF417)
    return np.array(barcode.to_image(scale=module_px), dtype=np.uint8)


def _views(picture: Picture) -> Iterator[NDArray[np.uint8]]:
    """Yield grey views, the cheapest first."""
    longest = max(picture.shape[:2])
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    first = downscaled(grey, LOOKS_PX[0])
    yield first
    if longest > LOOKS_PX[0]:
        first = downscaled(grey, LOOKS_PX[1])
        yield first
    yield _sharpened(first)


def _sharpened(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the picture with narrow bars pulled apart, enlarged where it is small."""
    if max(grey.shape) < LOOKS_PX[0]:
        grey = np.asarray(
            cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), dtype=np.uint8
        )
    soft = cv2.GaussianBlur(grey, (0, 0), 2.0)
    return np.asarray(cv2.addWeighted(grey, 2.0, soft, -1.0, 0), dtype=np.uint8)
