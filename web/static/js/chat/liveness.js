// The liveness ceremony: a few movements in an order the server made up, recorded as single frames.
//
//     card ──start──▶ camera ──▶ challenge {steps, limit_s} ──▶ step after step ──▶ frames ──▶ sent
//      ▲                │                                          │ too late, refused
//      └── refused ─────┴──────────────── again ──────────────────┘
//
// The camera is opened before the challenge is fetched: its time limit must not run while a browser
// asks for permission. What the frames show is judged on the server only.

import { el, icon } from "../shared/dom.js";
import { call } from "../shared/http.js";
import { known, t } from "../shared/i18n.js";
import { sendForm } from "../shared/sending.js";
import { CameraDialog, CameraRefused, hasCamera, stillOf } from "./camera.js";
import { takeStage } from "./stage.js";

const EVERY_MS = 200;
const FRAMES_MOST = 60;
const FRAME_PX = 640; // 640 × 480, or upright 480 × 640
const FRAME_QUALITY = 0.85;
const READY_MS = 1_200;
const STEP_MOST_MS = 3_500;
const SPARE_MS = 1_500; // of the limit: left for sending

export function makeLiveness(line, desk) {
  const card = new Liveness(line.data ?? {}, desk);
  takeStage(card);
  return card.node;
}

class Liveness {
  #desk; #isOver = false; #dialog = null;

  constructor(_data, desk) {
    this.#desk = desk;
    this.problem = el("p", { class: "problem", role: "alert" });
    this.status = el("p", { class: "capture-state", role: "status" });
    this.start = el("button", { type: "button", class: "primary", onclick: () => this.#begin(), disabled: !hasCamera() }, icon("camera"), t("liveness.start"));
    this.work = el("div", { class: "capture-work" },
      el("p", {}, t("liveness.how")),
      el("div", { class: "honest" }, el("h4", {}, t("liveness.honest_title")), el("p", {}, t("liveness.honest"))),
      this.problem,
      el("div", { class: "drop-buttons" }, this.start,
        el("button", { type: "button", class: "link", onclick: () => desk.say(t("liveness.person_words")) }, t("liveness.person"))));
    this.node = el("section", { class: "card liveness", "aria-label": t("liveness.title") }, el("h3", {}, t("liveness.title")), this.work, this.status);
    if (!hasCamera()) this.problem.textContent = t("liveness.missing");
  }

  retire() { this.#finish(t("liveness.over")); }

  async #begin() {
    this.start.disabled = true;
    this.problem.textContent = "";
    try {
      const taken = await this.#perform();
      if (taken) await this.#send(taken);
    } catch (fault) {
      this.#refuse(fault);
    } finally {
      this.#dialog?.close();
      this.#dialog = null;
      if (!this.#isOver) this.start.disabled = false;
    }
  }

  /** Runs the steps before the open camera; null when the dialog was closed on the way. */
  async #perform() {
    let isClosed = false;
    const camera = new CameraDialog({ title: t("liveness.title"), hint: t("liveness.fit"), guide: "oval", facing: "user", onClose: () => { isClosed = true; } });
    this.#dialog = await camera.open();
    const step = el("p", { class: "step", role: "alert" }, t("liveness.ready"));
    const bar = el("progress", { max: 1, value: 0, "aria-hidden": "true" });
    camera.foot.replaceChildren(step, bar);
    await pause(READY_MS);
    if (isClosed) return null;
    const challenge = await call("POST", "/api/chat/liveness", { token: this.#desk.session.token, body: {} });
    const recorder = new Recorder(camera.video);
    for (const { name, lasts_ms } of planOf(challenge)) {
      step.textContent = wordsOf(name);
      step.dataset.step = name;
      await recorder.run(lasts_ms, (share) => { bar.value = 1 - share; }, () => isClosed);
      if (isClosed) return null;
    }
    step.textContent = t("liveness.sending");
    return { challenge, frames: recorder.frames };
  }

  async #send({ challenge, frames }) {
    const form = new FormData();
    form.append("times", JSON.stringify(frames.map(({ at_ms }) => at_ms)));
    for (const { jpeg } of frames) form.append("frame", jpeg, "frame.jpg");
    this.status.textContent = t("liveness.sending");
    await sendForm(`/api/chat/liveness/${encodeURIComponent(challenge.challenge_id)}/frames`, form, { token: this.#desk.session.token });
    this.#finish(t("liveness.received"));
  }

  #refuse(fault) {
    this.status.textContent = "";
    if (fault instanceof CameraRefused) this.problem.textContent = t(`liveness.${fault.reason}`);
    else if (fault.code === "conflict") this.problem.textContent = t("liveness.too_late");
    else if (fault.code) this.problem.textContent = fault.message;
    else throw fault;
    this.start.replaceChildren(icon("camera"), t("liveness.again"));
  }

  #finish(words) {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#dialog?.close();
    this.work.remove();
    this.status.textContent = words;
    this.status.className = "done-note";
  }
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
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
