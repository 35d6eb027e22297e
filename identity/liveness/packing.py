"""Frames of a liveness challenge as one file: a stored (uncompressed) ZIP.

    times.json      [0, 198, 401, …]   milliseconds since the challenge began
    0000.jpg …      one JPEG a frame, in order

The door packs, the checks unpack. Written by us only, yet read with the same care as anything
from outside: bounded count, bounded sizes, names we expect.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence

FRAMES_MOST = 60
FRAME_LIMIT_BYTES = 400_000
PACK_LIMIT_BYTES = FRAMES_MOST * FRAME_LIMIT_BYTES
_TIMES = "times.json"
#: ZIP cannot say an earlier year, and the time of packing is nobody's business.
_EPOCH = (1980, 1, 1, 0, 0, 0)


class FramesRefused(ValueError):
    """These frames cannot be used; the argument says why."""


def pack_frames(frames: Sequence[tuple[bytes, int]]) -> bytes:
    """Return (jpeg, at_ms) pairs as one file. Raises FramesRefused: none, too many, too large."""
    if not frames or len(frames) > FRAMES_MOST:
        raise FramesRefused("frames_count")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(_TIMES, _EPOCH), json.dumps([at for _, at in frames]))
        for number, (jpeg, _) in enumerate(frames):
            if len(jpeg) > FRAME_LIMIT_BYTES:
                raise FramesRefused("frame_too_large")
            archive.writestr(zipfile.ZipInfo(f"{number:04d}.jpg", _EPOCH), jpeg)
    return out.getvalue()


def unpack_frames(packed: bytes) -> list[tuple[bytes, int]]:
    """Return what `pack_frames` was given. Raises FramesRefused: not such a file."""
    if len(packed) > PACK_LIMIT_BYTES:
        raise FramesRefused("pack_too_large")
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            times = json.loads(archive.read(_TIMES))
            if not isinstance(times, list) or not 0 < len(times) <= FRAMES_MOST:
                raise FramesRefused("frames_count")
            infos = [archive.getinfo(f"{number:04d}.jpg") for number in range(len(times))]
            if any(info.file_size > FRAME_LIMIT_BYTES for info in infos):
                raise FramesRefused("frame_too_large")
            return [(archive.read(info), int(at)) for info, at in zip(infos, times, strict=True)]
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as fault:
        if isinstance(fault, FramesRefused):
            raise
        raise FramesRefused("not_a_pack") from fault
