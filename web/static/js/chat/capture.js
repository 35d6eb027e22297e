// The card that asks for one picture: camera, file, or a picture dropped on it. All three end in
// POST /api/chat/uploads; what comes of the look at it is said by the assistant, not here.
//
//     asked ──camera│file│drop──▶ preview + bar ──201──▶ received ──(another one)──▶ asked
//       ▲                              └─refused: a sentence─┘
//       └─ retired: a newer card has the stage

import { el, icon } from "../shared/dom.js";
import { known, t } from "../shared/i18n.js";
import { CameraRefused, hasCamera, takePicture } from "./camera.js";
import { ACCEPTED, fitting, LIMIT_BYTES, sendPicture } from "./photos.js";
import { takeStage } from "./stage.js";

const KINDS = new Set(["selfie", "document_front", "document_back"]);
let made = 0;

export function makeCapture(line, desk) {
  const { picture, document_type } = line.data ?? {};
  if (!KINDS.has(picture)) return null;
  const card = new Capture(picture, document_type ?? "", desk);
  takeStage(card);
  return card.node;
}

class Capture {
  #kind; #type; #desk; #isOver = false; #isBusy = false; #shown = null;

  constructor(kind, type, desk) {
    made += 1;
    this.#kind = kind;
    this.#type = type;
    this.#desk = desk;
    this.title = titleOf(kind, type);
    this.problem = el("p", { class: "problem", role: "alert", id: `capture-problem-${made}` });
    this.status = el("p", { class: "capture-state", role: "status" });
    this.file = el("input", { type: "file", class: "unseen", id: `capture-file-${made}`, accept: ACCEPTED, "aria-describedby": this.problem.id, onchange: () => this.#chosen() });
    this.camera = hasCamera() ? el("button", { type: "button", class: "primary", onclick: () => this.#shoot() }, icon("camera"), t("capture.camera")) : null;
    this.drop = el("div", { class: "drop" },
      el("div", { class: "drop-buttons" }, this.camera,
        el("label", { class: this.camera ? "choice file" : "primary file", for: this.file.id }, t("capture.file")), this.file),
      el("p", { class: "hint" }, t("capture.drop")));
    this.bar = el("progress", { max: 1, value: 0, "aria-label": t("capture.sending") });
    this.preview = el("figure", { class: "preview" });
    this.work = el("div", { class: "capture-work" }, this.drop, this.problem);
    this.node = el("section", { class: `card capture ${kind}`, "aria-label": this.title },
      el("h3", {}, this.title),
      el("ul", { class: "tips" }, tipsOf(kind).map((tip) => el("li", {}, tip))), this.work, this.status);
    this.#listenToDrops();
  }

  retire() {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#forget();
    this.work.remove();
    this.another?.remove();
    this.node.querySelector(".tips")?.remove();
    this.status.textContent = this.sent ? t("capture.received") : t("capture.over");
    this.status.className = "done-note";
  }

  async #shoot() {
    this.problem.textContent = "";
    const isSelfie = this.#kind === "selfie";
    try {
      const picture = await takePicture({
        title: this.title,
        hint: t(isSelfie ? "camera.hint_selfie" : "camera.hint_document"),
        guide: isSelfie ? "oval" : this.#type === "passport" ? "page" : "plastic",
        facing: isSelfie ? "user" : "environment",
      });
      if (picture) await this.#send(picture);
    } catch (fault) {
      if (!(fault instanceof CameraRefused)) throw fault;
      this.#refuse(t(`camera.${fault.reason}`));
    }
  }

  #chosen() {
    const [file] = this.file.files;
    this.file.value = "";
    if (file) this.#send(file);
  }

  #listenToDrops() {
    const over = (is) => this.drop.classList.toggle("over", is);
    this.node.addEventListener("dragover", (event) => {
      if (this.#isOver || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      over(true);
    });
    this.node.addEventListener("dragleave", () => over(false));
    this.node.addEventListener("drop", (event) => {
      if (this.#isOver) return;
      event.preventDefault();
      over(false);
      const [file] = event.dataTransfer?.files ?? [];
      if (file) this.#send(file);
    });
  }

  async #send(chosen) {
    if (this.#isBusy || this.#isOver) return;
    this.#isBusy = true;
    this.problem.textContent = "";
    this.#show(chosen);
    try {
      const picture = await fitting(chosen);
      if (picture.size > LIMIT_BYTES) return this.#refuse(t("capture.too_large"));
      await sendPicture(this.#desk.session, this.#kind, picture, (share) => { this.bar.value = share; });
      this.#received();
    } catch (refusal) {
      this.#refuse(refusal.message);
    } finally {
      this.#isBusy = false;
    }
  }

  /** The picture with a bar under it; a format the browser cannot draw is shown by its name. */
  #show(file) {
    this.#forget();
    this.#shown = URL.createObjectURL(file);
    const image = el("img", { src: this.#shown, alt: t("capture.preview", { picture: this.title }) });
    image.addEventListener("error", () => image.replaceWith(el("figcaption", {}, file.name ?? t("capture.unseen"))));
    this.bar.value = 0;
    this.preview.replaceChildren(image, this.bar);
    this.drop.replaceWith(this.preview);
    this.status.textContent = t("capture.sending");
  }

  #received() {
    if (this.#isOver) return;
    this.sent = true;
    this.bar.remove();
    this.status.textContent = t("capture.looking");
    this.another = el("button", { type: "button", class: "link", onclick: () => this.#ask() }, t("capture.another"));
    this.node.append(this.another);
    this.node.scrollIntoView({ block: "nearest" });
  }

  #refuse(words) {
    if (this.#isOver) return;
    this.#ask();
    this.problem.textContent = words;
    (this.camera ?? this.file).focus();
  }

  #ask() {
    this.#forget();
    this.status.textContent = "";
    this.another?.remove();
    if (this.preview.isConnected) this.preview.replaceWith(this.drop);
  }

  #forget() {
    if (this.#shown) URL.revokeObjectURL(this.#shown);
    this.#shown = null;
  }
}

function titleOf(kind, type) {
  const exact = `capture.title.${kind}.${type}`;
  return known(exact) ? t(exact) : t(`capture.title.${kind}`);
}

const tipsOf = (kind) => ["1", "2", "3"].map((number) => `capture.tip.${kind === "selfie" ? "selfie" : "document"}.${number}`).filter(known).map((key) => t(key));
