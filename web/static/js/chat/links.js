// Linking a messenger: asks for a code, which the customer sends from Telegram, WhatsApp or Slack.
// Where no messenger is switched on (data-messengers on <body>), the section stays hidden.

import { byId, el } from "../shared/dom.js";
import { call } from "../shared/http.js";
import { t } from "../shared/i18n.js";

const NAMES = { telegram: "Telegram", whatsapp: "WhatsApp", slack: "Slack" };

export class Links {
  #session;

  constructor(session) {
    this.#session = session;
    byId("link-code-button").addEventListener("click", () => this.#makeCode());
  }

  async show() {
    const part = byId("links-part");
    part.hidden = true;
    byId("link-code").replaceChildren();
    if (!this.#session.isLoggedIn || document.body.dataset.messengers !== "on") return;
    try {
      const { links } = await call("GET", "/api/links", { token: this.#session.token });
      byId("links").replaceChildren(...links.map((link) => this.#row(link)));
      part.hidden = false;
    } catch { /* it stays hidden: the chat itself says when something is wrong */ }
  }

  #row(link) {
    const name = NAMES[link.channel] ?? link.channel;
    return el("li", { class: "link-row" }, el("span", {}, name),
      el("button", { type: "button", class: "button", onclick: () => this.#unlink(link.channel) }, t("links.unlink")));
  }

  async #unlink(channel) {
    await call("DELETE", `/api/links/${channel}`, { token: this.#session.token });
    await this.show();
  }

  async #makeCode() {
    const made = await call("POST", "/api/links/code", { token: this.#session.token });
    const places = made.channels.map((name) => NAMES[name] ?? name).join(", ");
    const minutes = Math.round(made.expires_s / 60);
    byId("link-code").replaceChildren(
      el("p", {}, t("links.how", { places, minutes })), el("p", { class: "account-amount" }, `link ${made.code}`),
      made.open_url ? el("a", { href: made.open_url, rel: "noopener" }, t("links.open")) : null);
  }
}
