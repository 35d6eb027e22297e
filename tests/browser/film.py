"""A camera with an invented person before it, who does what the page asks.

    getUserMedia ─▶ a canvas's stream ─▶ poses of one rendered head, chosen by the step on the page

Chromium's own fake camera plays one film over and over; a challenge has a new order every time, so
the person has to react, as people do. Nothing in the product knows of it.
"""

from __future__ import annotations

import base64
import io
import json
from functools import cache

from PIL import Image

from identity.specimens.faces import render_face

SIZE_PX = 480
#: What the head does in each step: a name of POSES for every moment; the last one stays.
MOVES = {
    "turn_left": ["ahead", "left1", "left2", "left2", "left2", "left2", "left1", "ahead"],
    "turn_right": ["ahead", "right1", "right2", "right2", "right2", "right2", "right1", "ahead"],
    "blink": ["ahead", "ahead", "blink", "blink", "ahead", "ahead"],
    "smile": ["ahead", "smile1", "smile", "smile", "smile", "smile", "smile1", "ahead"],
}
POSES = {
    "ahead": {}, "left1": {"yaw_deg": 11}, "left2": {"yaw_deg": 22}, "right1": {"yaw_deg": -11},
    "right2": {"yaw_deg": -22}, "blink": {"blink": 1.0}, "smile1": {"smile": 0.5},
    "smile": {"smile": 1.0},
}  # fmt: skip

_SCRIPT = """
(() => {
  const { poses, moves } = %s;
  const images = Object.fromEntries(Object.entries(poses).map(([name, source]) =>
    [name, Object.assign(new Image(), { src: source })]));
  let step = "", began = 0;
  const draw = (context) => {
    const shown = document.querySelector("[data-step]")?.dataset.step ?? "";
    if (shown !== step) { step = shown; began = performance.now(); }
    const track = moves[step] ?? ["ahead"];
    const at = Math.floor((performance.now() - began - 500) / 280);
    const image = images[track[Math.min(Math.max(at, 0), track.length - 1)]];
    const s = performance.now() / 1000;
    const { width, height } = context.canvas;
    context.save();
    context.translate(width / 2 + 5 * Math.sin(1.3 * s), height / 2 + 3 * Math.cos(0.9 * s));
    context.rotate(0.02 * Math.sin(1.7 * s));
    const size = height * (1.02 + 0.012 * Math.sin(1.1 * s));
    context.drawImage(image, -size / 2, -size / 2, size, size);
    context.restore();
  };
  navigator.mediaDevices.getUserMedia = async () => {
    const canvas = document.createElement("canvas");
    canvas.width = 640; canvas.height = 480;
    const context = canvas.getContext("2d");
    context.fillStyle = "#c4cad2"; context.fillRect(0, 0, 640, 480);
    setInterval(() => draw(context), 66);
    draw(context);
    return canvas.captureStream(15);
  };
})();
"""


@cache
def person_before_camera(face_seed: int) -> str:
    """Return the script that puts this invented person before the browser's camera."""
    poses = {name: _data_url(face_seed, pose) for name, pose in POSES.items()}
    return _SCRIPT % json.dumps({"poses": poses, "moves": MOVES})


def _data_url(face_seed: int, pose: dict[str, float]) -> str:
    """One pose. What lives between two frames, a sway of the head, the page's canvas adds."""
    picture = render_face(face_seed, size_px=SIZE_PX, sitting=5, **pose)
    out = io.BytesIO()
    Image.fromarray(picture).save(out, format="JPEG", quality=92)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()
