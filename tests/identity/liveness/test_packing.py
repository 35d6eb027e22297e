"""Packing frames: what goes in comes out, and nothing else is believed."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.liveness.packing import FRAMES_MOST, FramesRefused, pack_frames, unpack_frames

frames = st.lists(
    st.tuples(st.binary(max_size=200), st.integers(0, 60_000)), min_size=1, max_size=8
)


@given(frames)
def test_packed_frames_come_back(some):
    assert unpack_frames(pack_frames(some)) == some


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_refused_not_believed(raw):
    with pytest.raises(FramesRefused):
        unpack_frames(raw)


@pytest.mark.parametrize("some", [[], [(b"x", 0)] * (FRAMES_MOST + 1), [(b"x" * 500_000, 0)]])
def test_given_none_too_many_or_too_large_when_packed_then_refused(some):
    with pytest.raises(FramesRefused):
        pack_frames(some)


def test_given_a_pack_without_its_times_when_unpacked_then_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("0000.jpg", b"x")

    with pytest.raises(FramesRefused, match="not_a_pack"):
        unpack_frames(out.getvalue())
