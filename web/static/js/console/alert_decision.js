// The decision on an alert: two outcomes, what follows from each, a note, and one more question
// before money moves.
//
//     "It was the customer" ──held?──▶ "Send the money?" ──▶ POST …/decide
//                             └─no──────────────────────────▶ POST …/decide

import { byId, el } from "../shared/dom.js";
import { known, t } from "../shared/i18n.js";

const OUTCOMES = ["genuine", "fraud"];
const DENIED = ["login", "card_payment"];

export class AlertDecision {
  #me; #doors; #facts = null; #kase = null;

  constructor(me, doors) {
    this.#me = me;
    this.#doors = doors;
    for (const outcome of OUTCOMES) byId(`decide-${outcome}`).addEventListener("click", () => this.#choose(outcome));
  }

  show(facts, kase) {
    this.#facts = facts;
    this.#kase = kase;
    byId("alert-decision").hidden = !facts.waits || !facts.may_decide;
    byId("alert-claim").hidden = this.#isMine;
    byId("alert-effects").replaceChildren(...OUTCOMES.flatMap((outcome) => [
      el("dt", {}, t(`alert.if.${outcome}`)),
      el("dd", {}, [...effects(facts.acts).map((effect) => t(`alert.effect.${outcome}.${effect}`)), t("alert.effect.label")].join(" ")),
    ]));
    this.#able(true);
  }

  get #isMine() { return this.#kase?.assignee === this.#me.id && this.#kase.state !== "resolved"; }

  #able(free) {
    for (const id of ["decide-genuine", "decide-fraud", "alert-note"]) byId(id).disabled = !this.#isMine || !free;
  }

  async #choose(outcome) {
    if (this.#facts.held && !(await sure(outcome, this.#facts.acts))) return;
    this.#able(false);
    try {
      await this.#doors.send({ outcome, note: byId("alert-note").value.trim() });
      byId("alert-note").value = "";
      await this.#doors.onDecided();
    } catch (refusal) {
      await this.#doors.onDecided();
      const words = `alert.problem.${refusal.code}`;
      this.#doors.onProblem(known(words) ? { message: t(words) } : refusal);
    } finally {
      this.#able(true);
    }
  }
}

const waiting = (acts) => acts.filter(({ outcome }) => !outcome);

/** What would follow, each once: held money, denials, pauses, other acts. */
function effects(acts) {
  const found = waiting(acts).map(({ act, decision, transfer_status: status }) => {
    if (status === "processing") return "held";
    if (DENIED.includes(act)) return "denied";
    return decision === "pause" ? "paused" : "act";
  });
  return ["held", "denied", "paused", "act"].filter((effect) => found.includes(effect));
}

/** Asks once more; Escape and "Back" mean no. */
function sure(outcome, acts) {
  const amount = waiting(acts).filter(({ transfer_status: status }) => status === "processing").map(({ amount: one }) => one.text).join(" + ");
  return new Promise((answer) => {
    const close = (word) => () => dialog.close(word);
    const dialog = el("dialog", { class: "dialog sure", "aria-labelledby": "sure-title", "aria-describedby": "sure-told" },
      el("h2", { id: "sure-title" }, t(`alert.confirm.${outcome}`)),
      el("p", { id: "sure-told" }, t(`alert.confirm.${outcome}.told`, { amount })),
      el("div", { class: "outcomes" },
        el("button", { type: "button", class: "button", id: "sure-back", onclick: close("no") }, t("alert.confirm.back")),
        el("button", { type: "button", class: "primary", id: "sure-do", onclick: close("yes") }, t(`alert.confirm.${outcome}.do`))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      byId(`decide-${outcome}`).focus();
      answer(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
