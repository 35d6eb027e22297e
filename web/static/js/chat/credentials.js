// The card on which a new customer chooses name and password. They go to their own door, never into
// the chat; the visitor's session becomes the customer's, as after a login.

import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { takeStage } from "./stage.js";

const PASSWORD_MIN_CHARS = 10;
const NAME = /^[\p{L}\p{N}_.@-]{2,64}$/u;
let made = 0;

export function makeCredentials(_line, desk) {
  if (desk.session.isLoggedIn) return el("p", { class: "done-note" }, t("credentials.done"));
  const card = new Credentials(desk);
  takeStage(card);
  return card.node;
}

class Credentials {
  #desk; #isOver = false;

  constructor(desk) {
    made += 1;
    this.#desk = desk;
    this.problem = el("p", { class: "problem", role: "alert", id: `credentials-problem-${made}` });
    this.name = this.#field("name", { autocomplete: "username", maxlength: 64, autocapitalize: "none", spellcheck: "false" });
    this.password = this.#field("password", { type: "password", autocomplete: "new-password", maxlength: 200 });
    this.again = this.#field("again", { type: "password", autocomplete: "new-password", maxlength: 200 });
    this.submit = el("button", { type: "submit", class: "primary" }, t("credentials.submit"));
    this.form = el("form", { class: "fields", novalidate: true, onsubmit: (event) => this.#send(event) },
      el("label", { for: this.name.id }, t("credentials.name")), this.name,
      el("label", { for: this.password.id }, t("credentials.password", { count: PASSWORD_MIN_CHARS })), this.password,
      el("label", { for: this.again.id }, t("credentials.again")), this.again,
      this.problem, this.submit, el("p", { class: "hint" }, t("credentials.hint")));
    this.node = el("section", { class: "card credentials", "aria-label": t("credentials.title") }, el("h3", {}, t("credentials.title")), this.form);
  }

  retire() { this.#finish(t("credentials.over")); }

  async #send(event) {
    event.preventDefault();
    if (this.submit.disabled) return;
    for (const field of [this.name, this.password, this.again]) field.removeAttribute("aria-invalid");
    const name = this.name.value.trim();
    if (!NAME.test(name)) return this.#refuse(t("credentials.bad_name"), this.name);
    if ([...this.password.value.normalize("NFKC")].length < PASSWORD_MIN_CHARS) return this.#refuse(t("credentials.short", { count: PASSWORD_MIN_CHARS }), this.password);
    if (this.password.value !== this.again.value) return this.#refuse(t("credentials.different"), this.again);
    this.submit.disabled = true;
    this.problem.textContent = "";
    try {
      await this.#desk.setCredentials(name, this.password.value);
      this.#finish(t("credentials.done"));
    } catch (refusal) {
      this.#refuse(refusal.message, refusal.details?.field === "password" ? this.password : this.name);
    } finally {
      this.submit.disabled = false;
    }
  }

  #field(name, more) {
    return el("input", { id: `credentials-${name}-${made}`, name, required: true, "aria-describedby": this.problem.id, ...more });
  }

  #refuse(words, field) {
    this.problem.textContent = words;
    field.setAttribute("aria-invalid", "true");
    field.focus();
  }

  #finish(words) {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const field of [this.password, this.again]) field.value = "";
    this.form.replaceWith(el("p", { class: "done-note", role: "status" }, words));
  }
}
