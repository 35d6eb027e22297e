"""Recordings without pictures: curves drawn by hand, for rules that read curves."""

from __future__ import annotations

import numpy as np

from identity.liveness.watching import Watch

OPEN, MOUTH = 0.30, 0.80


def a_watch(count: int = 30, **curves) -> Watch:
    """Return a still, straight face; `curves` maps a name to {frame: value}."""
    yaw = np.zeros(count)
    eyes, smile, side = np.full(count, OPEN), np.full(count, MOUTH), np.zeros(count)
    for name, values in curves.items():
        curve = {"yaw": yaw, "eyes": eyes, "smile": smile, "side": side}[name]
        for frame, value in values.items():
            curve[frame] = value
    rng = np.random.default_rng(5)
    return Watch(
        at_ms=np.arange(count) * 220.0,
        points=np.tile(rng.uniform(100, 300, (1, 68, 2)), (count, 1, 1)),
        width=np.full(count, 200.0), second=np.zeros(count), centre=np.ones((count, 2)),
        yaw=yaw, pitch=np.zeros(count), eyes=eyes, smile=smile, mouth=np.zeros(count),
        side=side,
        thumbs=rng.uniform(0, 255, (count, 36, 48)).astype(np.float32),
    )  # fmt: skip


def turn(first: int, degrees: float, frames: int = 4) -> dict[int, float]:
    return {first + place: degrees for place in range(frames)}
