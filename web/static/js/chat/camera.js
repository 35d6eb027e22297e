// The camera in a dialog of its own: live picture, a guide to fit face or document into, one still.
//
//     openCamera ──▶ live + guide ──take──▶ still ──use──▶ Blob (JPEG)
//         │                ▲                  │
//         │                └──────again───────┘
//         └─ denied, missing, busy ──▶ CameraRefused: the caller offers the other ways
//
// What the person sees of themselves is mirrored, as in a mirror; what is sent is not. The camera is
// let go whenever the dialog closes, however it closes.

import { el, icon } from "../shared/dom.js";
import { t } from "../shared/i18n.js";

const QUALITY = 0.92;
const WIDTH_PX = { user: 1280, environment: 1920 };
const REASONS = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "missing", OverconstrainedError: "missing", DevicesNotFoundError: "missing" };
let made = 0;

export class CameraRefused extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

export const hasCamera = () => Boolean(navigator.mediaDevices?.getUserMedia);

/** A running picture of the camera. Throws CameraRefused: denied, missing, busy. */
export async function openCamera(facing) {
  if (!hasCamera()) throw new CameraRefused("missing");
  const width = WIDTH_PX[facing];
  const video = { facingMode: facing, width: { ideal: width }, height: { ideal: Math.round((width * 9) / 16) } };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: false, video });
  } catch (fault) {
    throw new CameraRefused(REASONS[fault.name] ?? "busy");
  }
}

/** What the camera shows now, as a JPEG; at most `longestPx` on its longer side. */
export function stillOf(video, { longestPx = Infinity, quality = QUALITY } = {}) {
  const { videoWidth, videoHeight } = video;
  const scale = Math.min(1, longestPx / Math.max(videoWidth, videoHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(videoWidth * scale);
  canvas.height = Math.round(videoHeight * scale);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}

/** The dialog around a running camera: `foot` and `say` are its user's. Closing lets the camera go. */
export class CameraDialog {
  #stream; #onClose;

  constructor({ title, hint, guide, facing, onClose }) {
    made += 1;
    this.#onClose = onClose;
    this.facing = facing;
    this.video = el("video", { autoplay: true, playsinline: true, muted: true, "aria-label": t("camera.live") });
    this.video.muted = true; // the attribute alone is not heeded on an element made by script
    this.frame = el("div", { class: `camera-frame ${guide}` }, this.video, el("div", { class: `guide ${guide}`, "aria-hidden": "true" }));
    this.hint = el("p", { class: "camera-hint", id: `camera-hint-${made}` }, hint);
    this.foot = el("div", { class: "camera-foot" });
    const close = el("button", { type: "button", class: "button icon-only", "aria-label": t("camera.close"), onclick: () => this.close() }, icon("close"));
    this.dialog = el("dialog", { class: "dialog camera", "aria-labelledby": `camera-title-${made}`, "aria-describedby": this.hint.id },
      el("div", { class: "dialog-head" }, el("h2", { id: `camera-title-${made}` }, title), close), this.frame, this.hint, this.foot);
    this.dialog.addEventListener("close", () => this.#closed());
  }

  /** Asks for the camera first: a question of the browser's must not stand over an empty dialog. */
  async open() {
    this.#stream = await openCamera(this.facing);
    document.body.append(this.dialog);
    this.dialog.showModal();
    await this.#play();
    return this;
  }

  async turn() {
    this.#stop();
    this.facing = this.facing === "user" ? "environment" : "user";
    this.#stream = await openCamera(this.facing);
    await this.#play();
  }

  close() { this.dialog.close(); }

  async #play() {
    this.frame.classList.toggle("mirrored", this.facing === "user");
    this.video.srcObject = this.#stream;
    for (const track of this.#stream.getVideoTracks()) track.addEventListener("ended", () => this.close());
    await this.video.play().catch(() => {});
    if (!this.video.videoWidth) await new Promise((ready) => this.video.addEventListener("loadeddata", ready, { once: true }));
  }

  #stop() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
  }

  #closed() {
    this.#stop();
    this.video.srcObject = null;
    this.dialog.remove();
    this.#onClose?.();
  }
}

/** Lets the person take one picture; null when they close the dialog. Throws CameraRefused. */
export function takePicture({ title, hint, guide, facing }) {
  return new Promise((resolve, reject) => {
    let taken = null;
    const camera = new CameraDialog({ title, hint, guide, facing, onClose: () => resolve(taken) });
    const shot = el("img", { class: "still", alt: t("camera.still") });
    const status = el("p", { class: "unseen", role: "status" });
    let still = null;

    const live = () => {
      URL.revokeObjectURL(shot.src);
      shot.remove();
      status.textContent = "";
      camera.hint.textContent = hint;
      camera.foot.replaceChildren(take, turn, status);
      take.focus();
    };
    const show = async () => {
      still = await stillOf(camera.video);
      shot.src = URL.createObjectURL(still);
      camera.frame.append(shot);
      camera.foot.replaceChildren(use, again, status);
      status.textContent = t("camera.taken");
      camera.hint.textContent = t("camera.judge");
      use.focus();
    };
    const take = el("button", { type: "button", class: "primary", onclick: show }, t("camera.take"));
    const turn = el("button", { type: "button", class: "button plain", hidden: true, onclick: () => camera.turn().catch(() => camera.close()) }, t("camera.turn"));
    const again = el("button", { type: "button", class: "button", onclick: live }, t("camera.again"));
    const use = el("button", { type: "button", class: "primary", onclick: () => { taken = still; camera.close(); } }, t("camera.use"));

    camera.open().then(async () => {
      live();
      const devices = await navigator.mediaDevices.enumerateDevices();
      turn.hidden = devices.filter(({ kind }) => kind === "videoinput").length < 2;
    }, reject);
  });
}
