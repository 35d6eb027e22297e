// The decision of an identity case: outcome, coded reason, note; and how two people must agree.

import { byId, el } from "../shared/dom.js";
import { known, t } from "../shared/i18n.js";

const OUTCOMES = ["approve", "reject", "ask_again"];

export class DecisionForm {
  #me; #doors; #facts = null; #kase = null;

  constructor(me, doors) {
    this.#me = me;
    this.#doors = doors;
    this.form = byId("decision-form");
    byId("decision-outcomes").replaceChildren(...OUTCOMES.map((outcome) => el("label", { class: "option" },
      el("input", { type: "radio", name: "decision", value: outcome, onchange: () => this.#offerReasons() }), t(`kyc.decide.${outcome}`))));
    this.form.addEventListener("submit", (event) => this.#send(event));
  }

  show(facts, kase) {
    this.#facts = facts;
    this.#kase = kase;
    byId("decision-part").hidden = !facts.waits_for_decision;
    const { required, proposed_by, proposed_by_name, viewer_may_approve } = facts.four_eyes;
    const words = !required ? "" : !proposed_by ? t("kyc.eyes.first") : viewer_may_approve ? t("kyc.eyes.second", { name: proposed_by_name }) : t("kyc.eyes.waiting");
    byId("decision-eyes").textContent = words;
    byId("decision-eyes").className = proposed_by ? "eyes waiting" : "eyes";
    byId("decision-hold").hidden = this.#isMine;
    for (const input of this.form.querySelectorAll("input[name=decision]")) {
      input.disabled = !this.#isMine || (input.value === "approve" && !viewer_may_approve);
      if (input.disabled) input.checked = false;
    }
    this.#offerReasons();
  }

  /** Only whoever holds the case decides it, so that two do not work on one. */
  get #isMine() { return this.#kase?.assignee === this.#me.id && this.#kase.state !== "resolved"; }

  get #outcome() { return this.form.querySelector("input[name=decision]:checked")?.value ?? null; }

  #offerReasons() {
    const codes = this.#facts?.reasons[this.#outcome] ?? [];
    const select = byId("decision-reason");
    const chosen = select.value;
    select.replaceChildren(el("option", { value: "" }, t("kyc.choose_reason")),
      ...codes.map((code) => el("option", { value: code }, known(`kyc.reason.${code}`) ? t(`kyc.reason.${code}`) : code.replaceAll("_", " "))));
    select.value = codes.includes(chosen) ? chosen : "";
    this.#able();
  }

  #able() {
    for (const name of ["decision-reason", "decision-note"]) byId(name).disabled = !this.#isMine;
    byId("decision-send").disabled = !this.#outcome || !this.#isMine;
  }

  async #send(event) {
    event.preventDefault();
    const outcome = this.#outcome;
    const reason_code = byId("decision-reason").value;
    if (!outcome) return;
    if (!reason_code) {
      this.#doors.onProblem({ message: t("kyc.reason_needed") });
      byId("decision-reason").focus();
      return;
    }
    byId("decision-send").disabled = true;
    try {
      await this.#doors.send({ outcome, reason_code, note: byId("decision-note").value.trim() });
      byId("decision-note").value = "";
      await this.#doors.onDecided();
    } catch (refusal) {
      await this.#doors.onDecided();
      this.#doors.onProblem(refusal);
    } finally {
      this.#able();
    }
  }
}
