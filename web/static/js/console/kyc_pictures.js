// The evidence side by side: every picture can be made larger and turned, by mouse and by keyboard.
//
//     + and −  larger, smaller     R  a quarter turn     0  as it was     arrows  move within
//
// The server has drawn the viewer's name into each picture; there is no button to save one.

import { byId, el, icon } from "../shared/dom.js";
import { moment } from "../shared/format.js";
import { known, t } from "../shared/i18n.js";

const ORDER = ["document_front", "portrait", "selfie", "document_back", "liveness"];
const ZOOMS = [1, 1.5, 2, 3, 4, 6];
const STEP_PX = 60;

export function drawPictures(evidence, me) {
  const draw = (place, shown) => place.replaceChildren(...shown.map((one) => new Viewer(one, me).node));
  const current = ORDER.flatMap((kind) => evidence.filter((one) => one.kind === kind && one.is_current));
  draw(byId("kyc-pictures"), current);
  if (!current.length) byId("kyc-pictures").append(el("p", { class: "empty" }, t("kyc.no_pictures")));
  // Those that were replaced stay with the case; they are fetched only when somebody wants them.
  const earlier = evidence.filter((one) => !one.is_current);
  const part = byId("kyc-earlier");
  part.hidden = earlier.length === 0;
  part.ontoggle = () => { if (part.open) draw(byId("kyc-earlier-pictures"), earlier); };
  if (part.open) draw(byId("kyc-earlier-pictures"), earlier);
}

class Viewer {
  #zoom = 0; #turns = 0;

  constructor({ id, kind, kept_at, erased, width, height }, me) {
    const name = known(`kyc.evidence.${kind}`) ? t(`kyc.evidence.${kind}`) : kind;
    this.status = el("span", { class: "unseen", role: "status" });
    const head = el("figcaption", {}, el("span", {}, name), el("span", { class: "muted small" }, moment(kept_at)), this.status);
    if (erased) {
      this.node = el("figure", { class: `evidence ${kind}` }, head, el("p", { class: "empty" }, t("kyc.erased")));
      return;
    }
    this.image = el("img", { src: `/console/evidence/${encodeURIComponent(id)}`, alt: t("kyc.picture_alt", { picture: name, width, height, name: me.name }), draggable: "false", decoding: "async" });
    this.image.addEventListener("error", () => this.frame.replaceChildren(el("p", { class: "problem" }, t("error.picture"))));
    this.frame = el("div", { class: "evidence-frame", tabindex: "0", role: "group", "aria-label": t("kyc.viewer", { picture: name }), onkeydown: (event) => this.#key(event) }, el("div", { class: "sheet" }, this.image));
    this.node = el("figure", { class: `evidence ${kind}` }, head, this.frame, el("div", { class: "evidence-tools" },
      this.#tool("minus", "kyc.smaller", () => this.#resize(-1)), this.#tool("plus", "kyc.larger", () => this.#resize(1)), this.#tool("rotate", "kyc.turn", () => this.#turn())));
    this.#listenToDrags();
    this.#apply();
  }

  #tool(symbol, words, act) {
    return el("button", { type: "button", class: "button icon-only", "aria-label": `${t(words)}, ${this.frame.getAttribute("aria-label")}`, title: t(words), onclick: act }, icon(symbol));
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = {
      "+": () => this.#resize(1), "=": () => this.#resize(1), "-": () => this.#resize(-1), r: () => this.#turn(), 0: () => this.#reset(),
      ArrowLeft: () => this.frame.scrollBy(-STEP_PX, 0), ArrowRight: () => this.frame.scrollBy(STEP_PX, 0),
      ArrowUp: () => this.frame.scrollBy(0, -STEP_PX), ArrowDown: () => this.frame.scrollBy(0, STEP_PX),
    };
    const act = acts[event.key] ?? acts[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation(); // R is the page's key for a reply as well
    act();
  }

  #resize(by) {
    this.#zoom = Math.max(0, Math.min(ZOOMS.length - 1, this.#zoom + by));
    this.#apply();
    this.status.textContent = t("kyc.zoomed", { percent: ZOOMS[this.#zoom] * 100 });
  }

  #turn() {
    this.#turns = (this.#turns + 1) % 4;
    this.#apply();
    this.status.textContent = t("kyc.turned", { degrees: this.#turns * 90 });
  }

  #reset() {
    this.#zoom = this.#turns = 0;
    this.#apply();
  }

  /** Classes instead of styles: the page's policy allows no style out of its sheets. */
  #apply() {
    this.frame.dataset.zoom = String(ZOOMS[this.#zoom]).replace(".", "-");
    this.frame.dataset.turns = String(this.#turns);
  }

  #listenToDrags() {
    let from = null;
    this.frame.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse" || this.#zoom === 0) return;
      from = { x: event.clientX + this.frame.scrollLeft, y: event.clientY + this.frame.scrollTop };
      this.frame.setPointerCapture(event.pointerId);
    });
    this.frame.addEventListener("pointermove", (event) => {
      if (from) this.frame.scrollTo(from.x - event.clientX, from.y - event.clientY);
    });
    for (const name of ["pointerup", "pointercancel"]) this.frame.addEventListener(name, () => { from = null; });
  }
}
