// The approval card: exactly what one code, one touch of a passkey or one look will allow.
//
// The amount and the payee stand above the field because the code is bound to them: it cannot be
// used for anything else. The code goes to the step-up door and never into the chat.

import { el } from "../shared/dom.js";
import { known, t } from "../shared/i18n.js";
import { CameraRefused } from "./camera.js";
import { FaceRefused, isFaceOffered, takeFace } from "./face.js";
import { assertPasskey, canUsePasskeys } from "./passkeys.js";

const LIFE_MS = 300_000;
const HIDDEN = /(_id$|^purpose$|^sent_to$|^expires|^tries|^passkey|_minor$|^currency$|^kind$)/;
const ORDER = ["amount", "payee", "payee_iban", "iban", "from", "card", "limit"];
/** Refusals after which the same challenge may be tried again. */
const RETRY = new Set(["wrong_code", "wrong_passkey", "face_not_accepted", "invalid_input", "offline", "rate_limited", "turn_in_progress", "database_busy"]);
const done = new Set();
let newest = null;

export function makeApproval(line, desk) {
  const data = line.data ?? {};
  const isOld = done.has(data.challenge_id) || Date.now() - new Date(line.at).getTime() > LIFE_MS;
  const card = el("section", { class: "card approval", "aria-label": t("approval.title") },
    el("h3", {}, t("approval.title")), facts(data));
  if (isOld) {
    card.append(el("p", { class: "done-note" }, t("approval.over")));
    return card;
  }
  newest?.retire(data.challenge_id);
  newest = new Approval(card, data, desk);
  return card;
}

function facts(data) {
  const names = Object.keys(data)
    .filter((name) => !HIDDEN.test(name) && ["string", "number"].includes(typeof data[name]) && data[name] !== "")
    .sort((a, b) => rank(a) - rank(b));
  return el("dl", { class: "facts" }, names.map((name) => el("div", { class: `fact ${name}` },
    el("dt", {}, known(`approval.${name}`) ? t(`approval.${name}`) : name.replaceAll("_", " ")),
    el("dd", {}, String(data[name])))));
}

const rank = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);

class Approval {
  constructor(card, data, desk) {
    this.card = card;
    this.data = data;
    this.desk = desk;
    const id = data.challenge_id;
    this.problem = el("p", { class: "problem", role: "alert", id: `approval-problem-${id}` });
    this.code = el("input", { id: `approval-code-${id}`, class: "code", name: "code", inputmode: "numeric", autocomplete: "one-time-code", pattern: "[0-9]*", maxlength: 7, required: true, "aria-describedby": this.problem.id });
    this.submit = el("button", { type: "submit", class: "primary" }, t("approval.submit"));
    this.form = el("form", { class: "fields", novalidate: true, onsubmit: (event) => this.sendCode(event) },
      el("label", { for: this.code.id }, data.sent_to ? t("approval.code_sent", { to: data.sent_to }) : t("approval.code")),
      el("div", { class: "code-row" }, this.code, this.submit), this.problem);
    if (canUsePasskeys()) {
      this.passkey = el("button", { type: "button", class: "link", onclick: () => this.usePasskey() }, t("approval.passkey"));
      this.form.append(this.passkey);
    }
    this.hint = el("p", { class: "hint", role: "status" }, t("approval.hint"));
    this.form.append(this.hint);
    card.append(this.form);
    this.#offerFace();
  }

  async #offerFace() {
    if (!this.data.challenge_id || !await isFaceOffered(this.desk.session.token, this.data.challenge_id)) return;
    this.face = el("button", { type: "button", class: "link", onclick: () => this.useFace() }, t("approval.face"));
    this.hint.before(this.face);
  }

  async sendCode(event) {
    event.preventDefault();
    const code = this.code.value.normalize("NFKC").replace(/\s/g, "");
    if (!/^\d{6}$/.test(code)) return this.#refuse(t("approval.six_digits"));
    await this.#prove({ code });
  }

  async usePasskey() {
    this.problem.textContent = "";
    try {
      await this.#prove({ assertion: await assertPasskey(this.desk.session.token, this.data.challenge_id) });
    } catch (refusal) {
      this.#refuse(refusal.code ? refusal.message : t("passkey.failed"));
    }
  }

  async useFace() {
    this.problem.textContent = "";
    this.#busy(true);
    try {
      const face = await takeFace(this.desk.session.token, this.data.challenge_id, () => { this.hint.textContent = t("face.judging"); });
      if (face) await this.#prove({ face });
    } catch (refusal) {
      this.face.hidden = refusal.code === "face_not_offered" || refusal.again === false;
      const isTold = refusal instanceof FaceRefused || Boolean(refusal.code);
      if (refusal instanceof CameraRefused) this.#refuse(t(`face.${refusal.reason}`));
      else this.#refuse(isTold ? refusal.message : t("face.failed"));
    } finally {
      this.hint.textContent = t("approval.hint");
      this.#busy(false);
    }
  }

  async #prove(proof) {
    this.#busy(true);
    try {
      const answer = await this.desk.stepUp({ challenge_id: this.data.challenge_id, ...proof });
      const code = answer.outcome ?? "done";
      if (code === "done") this.#finish(t("approval.done"));
      else this.#judge({ code, message: t(code === "face_not_accepted" ? "face.failed" : "approval.wrong"), details: answer.details });
    } catch (refusal) {
      this.#judge(refusal);
    } finally {
      this.#busy(false);
    }
  }

  /** Keeps the field open while another try may work, closes the card when none can. */
  #judge({ code, message, details }) {
    const left = details?.tries_left;
    // The bank may have shown the same approval again meanwhile: the newest card is the one to use.
    const card = newest.data.challenge_id === this.data.challenge_id ? newest : this;
    if (!RETRY.has(code)) card.#finish(t("approval.refused"));
    else card.#refuse(left === undefined ? message : `${message} ${t("approval.tries_left", { count: left })}`);
  }

  /** A newer card has taken this one's place; for the same challenge, which stays open there. */
  retire(challengeId) {
    if (challengeId === this.data.challenge_id) this.form.replaceWith(el("p", { class: "done-note" }, t("approval.again")));
    else this.#finish(t("approval.over"));
  }

  #busy(is) {
    this.submit.disabled = is;
    for (const other of [this.passkey, this.face]) if (other) other.disabled = is;
  }

  #refuse(words) {
    this.problem.textContent = words;
    this.code.setAttribute("aria-invalid", "true");
    this.code.value = "";
    this.code.focus();
  }

  #finish(words) {
    if (done.has(this.data.challenge_id)) return;
    done.add(this.data.challenge_id);
    this.form.replaceWith(el("p", { class: "done-note", role: "status" }, words));
  }
}
