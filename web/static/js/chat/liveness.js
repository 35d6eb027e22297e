// The cards of a ceremony: of an application, and of a customer who wants their face for payments.
//
//     card ──start──▶ ceremony.js ──▶ sent, and told in the chat what came of it
//      ▲                  │ closed, too late, refused
//      └────── again ─────┘

import { el, icon } from "../shared/dom.js";
import { call } from "../shared/http.js";
import { t } from "../shared/i18n.js";
import { CameraRefused, hasCamera } from "./camera.js";
import { Ceremony, sendFrames } from "./ceremony.js";
import { takeStage } from "./stage.js";

const APPLICATION = {
  words: "liveness",
  door: "/api/chat/liveness",
  id: ({ challenge_id }) => challenge_id,
  hasOtherWay: true, // a person instead
};
const FACE = { words: "face", door: "/api/chat/face", id: ({ trial_id }) => trial_id, hasOtherWay: false };

export const makeLiveness = (_line, desk) => makeCard(APPLICATION, desk);
export const makeFace = (_line, desk) => makeCard(FACE, desk);

function makeCard(kind, desk) {
  const card = new CeremonyCard(kind, desk);
  takeStage(card);
  return card.node;
}

class CeremonyCard {
  #kind; #desk; #isOver = false; #ceremony = null;

  constructor(kind, desk) {
    this.#kind = kind;
    this.#desk = desk;
    this.problem = el("p", { class: "problem", role: "alert" });
    this.status = el("p", { class: "capture-state", role: "status" });
    this.start = el("button", { type: "button", class: "primary", onclick: () => this.#begin(), disabled: !hasCamera() }, icon("camera"), t("liveness.start"));
    this.work = el("div", { class: "capture-work" },
      el("p", {}, this.#t("how")),
      el("div", { class: "honest" }, el("h4", {}, t("liveness.honest_title")), el("p", {}, this.#t("honest"))),
      this.problem,
      el("div", { class: "drop-buttons" }, this.start, kind.hasOtherWay
        ? el("button", { type: "button", class: "link", onclick: () => desk.say(t("liveness.person_words")) }, t("liveness.person")) : null));
    this.node = el("section", { class: "card liveness", "aria-label": this.#t("title") }, el("h3", {}, this.#t("title")), this.work, this.status);
    if (!hasCamera()) this.problem.textContent = this.#t("missing");
  }

  retire() { this.#finish(t("liveness.over")); }

  async #begin() {
    const { door, id } = this.#kind;
    const { token } = this.#desk.session;
    this.start.disabled = true;
    this.problem.textContent = "";
    this.#ceremony = new Ceremony({
      title: this.#t("title"),
      ask: () => call("POST", door, { token, body: {} }),
      send: (challenge, frames) => {
        this.status.textContent = t("liveness.sending");
        return sendFrames(`${door}/${encodeURIComponent(id(challenge))}/frames`, frames, { token });
      },
    });
    try {
      if (await this.#ceremony.run()) this.#finish(this.#t("received"));
    } catch (fault) {
      this.#refuse(fault);
    } finally {
      if (!this.#isOver) this.start.disabled = false;
    }
  }

  #refuse(fault) {
    this.status.textContent = "";
    if (fault instanceof CameraRefused) this.problem.textContent = this.#t(fault.reason);
    else if (fault.code === "conflict") this.problem.textContent = t("liveness.too_late");
    else if (fault.code) this.problem.textContent = fault.message;
    else throw fault;
    this.start.replaceChildren(icon("camera"), t("liveness.again"));
  }

  #finish(words) {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ceremony?.close();
    this.work.remove();
    this.status.textContent = words;
    this.status.className = "done-note";
  }

  #t(name) { return t(`${this.#kind.words}.${name}`); }
}
