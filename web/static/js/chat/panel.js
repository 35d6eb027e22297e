// The side panel: accounts of the customer, and what one may ask. On a phone it is a sheet.

import { byId, el } from "../shared/dom.js";
import { Links } from "./links.js";
import { money } from "../shared/format.js";
import { call } from "../shared/http.js";
import { known, t } from "../shared/i18n.js";

const REFRESH_MS = 700;
const SUGGESTIONS = ["balance", "search", "spending", "transfer", "freeze", "rates", "person"];

export class Panel {
  #branch; #links; #timer = null;

  constructor(branch) {
    this.#branch = branch;
    this.#links = new Links(branch.session);
    this.sheet = byId("panel");
    byId("panel-toggle").addEventListener("click", () => this.#open(!this.sheet.classList.contains("open")));
    this.sheet.addEventListener("keydown", (event) => { if (event.key === "Escape") this.#open(false); });
    byId("panel-close").addEventListener("click", () => this.#open(false));
    byId("suggestions").replaceChildren(...SUGGESTIONS.map((name) => el("li", {},
      el("button", { type: "button", class: "suggestion", onclick: () => this.#ask(t(`suggest.${name}`)) }, t(`suggest.${name}`)))));
  }

  show() {
    byId("accounts-part").hidden = !this.#branch.session.isLoggedIn;
    byId("visitor-part").hidden = this.#branch.session.isLoggedIn;
    this.#links.show();
    if (this.#branch.session.isLoggedIn) this.refresh();
  }

  refreshSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), REFRESH_MS);
  }

  async refresh() {
    try {
      const { accounts } = await call("GET", "/api/accounts", { token: this.#branch.session.token });
      byId("accounts").replaceChildren(...accounts.map(accountRow));
    } catch { /* the old figures stay: the chat itself says when something is wrong */ }
  }

  #ask(words) {
    this.#open(false);
    this.#branch.say(words);
  }

  #open(is) {
    this.sheet.classList.toggle("open", is);
    byId("panel-toggle").setAttribute("aria-expanded", String(is));
    if (is) byId("panel-close").focus();
    else if (this.sheet.contains(document.activeElement)) byId("panel-toggle").focus();
  }
}

function accountRow(account) {
  const available = text(account, "available");
  const posted = text(account, "posted");
  const kind = known(`value.${account.kind}`) ? t(`value.${account.kind}`) : account.kind;
  return el("li", { class: "account" },
    el("div", { class: "account-name" }, el("span", {}, account.name), saysTheSame(account.name, kind) ? null : el("span", { class: "muted" }, kind)),
    el("div", { class: "account-amount" }, available),
    posted && posted !== available ? el("div", { class: "muted small" }, t("panel.posted", { amount: posted })) : null,
    account.iban ? el("div", { class: "iban muted small" }, String(account.iban).replace(/(.{4})(?=.)/g, "$1 ")) : null);
}

/** "Current account" beside an account called "My current account" tells nothing. */
const saysTheSame = (name, kind) => {
  const plain = (words) => words.toLowerCase().replace(/\baccount\b/g, "").trim();
  return plain(name).includes(plain(kind));
};

/** An amount's {amount_minor, currency} as people read it. */
const text = (account, name) => money(account[name].amount_minor, account[name].currency);
