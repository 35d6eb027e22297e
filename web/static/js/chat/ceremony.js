// The ceremony before the camera: a few movements in an order the server made up, as single frames.
//
//     camera ──▶ ask() {steps, limit_s} ──▶ step after step ──▶ send(challenge, frames)
//        └── closed on the way: nothing is sent
//
// The camera is opened before the challenge is fetched: its time limit must not run while a browser
// asks for permission. What the frames show is judged on the server only.

import { el } from "../shared/dom.js";
import { known, t } from "../shared/i18n.js";
import { sendForm } from "../shared/sending.js";
import { CameraDialog, stillOf } from "./camera.js";

const EVERY_MS = 200;
const FRAMES_MOST = 60;
const FRAME_PX = 640; // 640 × 480, or upright 480 × 640
const FRAME_QUALITY = 0.85;
const READY_MS = 1_200;
const STEP_MOST_MS = 3_500;
const SPARE_MS = 1_500; // of the limit: left for sending

export class Ceremony {
  #title; #ask; #send; #dialog = null; #isClosed = false;

  /** `ask` fetches the challenge; `send` gets it with the frames. */
  constructor({ title, ask, send }) {
    this.#title = title;
    this.#ask = ask;
    this.#send = send;
  }

  /** What `send` gave; null when the dialog was closed on the way. Throws CameraRefused, Refusal. */
  async run() {
    try {
      const taken = await this.#perform();
      return taken && await this.#send(taken.challenge, taken.frames);
    } finally {
      this.close();
    }
  }

  close() { this.#dialog?.close(); }

  async #perform() {
    const camera = new CameraDialog({ title: this.#title, hint: t("liveness.fit"), guide: "oval", facing: "user", onClose: () => { this.#isClosed = true; } });
    this.#dialog = await camera.open();
    const step = el("p", { class: "step", role: "alert" }, t("liveness.ready"));
    const bar = el("progress", { max: 1, value: 0, "aria-hidden": "true" });
    camera.foot.replaceChildren(step, bar);
    await pause(READY_MS);
    if (this.#isClosed) return null;
    const challenge = await this.#ask();
    const recorder = new Recorder(camera.video);
    for (const { name, lasts_ms } of planOf(challenge)) {
      step.textContent = wordsOf(name);
      step.dataset.step = name;
      await recorder.run(lasts_ms, (share) => { bar.value = 1 - share; }, () => this.#isClosed);
      if (this.#isClosed) return null;
    }
    step.textContent = t("liveness.sending");
    return { challenge, frames: recorder.frames };
  }
}

/** Posts the frames with their times, as every door of a ceremony takes them. */
export function sendFrames(path, frames, { token }) {
  const form = new FormData();
  form.append("times", JSON.stringify(frames.map(({ at_ms }) => at_ms)));
  for (const { jpeg } of frames) form.append("frame", jpeg, "frame.jpg");
  return sendForm(path, form, { token });
}

/** Takes a frame every EVERY_MS while a step runs. Times count from the first step's beginning. */
class Recorder {
  frames = [];
  #video; #began = performance.now();

  constructor(video) { this.#video = video; }

  async run(lastsMs, onShare, isOver) {
    const began = performance.now();
    while (!isOver()) {
      const now = performance.now();
      if (now - began >= lastsMs) return;
      onShare((now - began) / lastsMs);
      if (this.frames.length < FRAMES_MOST) {
        const jpeg = await stillOf(this.#video, { longestPx: FRAME_PX, quality: FRAME_QUALITY });
        if (jpeg) this.frames.push({ jpeg, at_ms: Math.round(now - this.#began) });
      }
      await pause(Math.max(0, EVERY_MS - (performance.now() - now)));
    }
  }
}

/** A moment of looking straight ahead, then each step for its share of the time there is. */
function planOf({ steps, limit_s }) {
  const spare = limit_s * 1000 - SPARE_MS - READY_MS;
  const most = Math.min(spare, (FRAMES_MOST - 3) * EVERY_MS - READY_MS);
  const lasts_ms = Math.floor(Math.min(STEP_MOST_MS, most / steps.length));
  return [{ name: "straight", lasts_ms: READY_MS }, ...steps.map((name) => ({ name, lasts_ms }))];
}

const wordsOf = (name) => (known(`liveness.step.${name}`) ? t(`liveness.step.${name}`) : name.replaceAll("_", " "));
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
