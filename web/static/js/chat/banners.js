// What stands between the header and the chat: no connection, who speaks, an offer, a notice.

import { el, icon } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { canUsePasskeys, registerPasskey } from "./passkeys.js";

const OFFLINE_AFTER_MS = 1_200;
const NOTICE_MS = 7_000;
const OFFERED_KEY = "florin-passkey-offered";

export class Banners {
  #place; #shown = new Map(); #offlineTimer = null;

  constructor(place) { this.#place = place; }

  online(is) {
    clearTimeout(this.#offlineTimer);
    if (is) this.#hide("offline");
    else if (!this.#shown.has("offline")) this.#offlineTimer = setTimeout(() => this.#show("offline", "warning", t("banner.offline")), OFFLINE_AFTER_MS);
  }

  speaker({ speaker, name }) {
    if (speaker === "staff") this.#show("speaker", "person", t("banner.staff", { name: name ?? t("line.staff") }));
    else this.#hide("speaker");
  }

  tell(words) {
    this.#show("notice", "quiet", words);
    setTimeout(() => this.#hide("notice"), NOTICE_MS);
  }

  /** A sentence that stays until the talk goes on. */
  stay(name, words) { this.#show(name, "warning", words); }

  ended(words, onAgain) {
    this.#hide("offline");
    this.#show("ended", "warning", words, [el("button", { type: "button", class: "small", onclick: onAgain }, t("banner.again"))]);
  }

  offerPasskey(session) {
    if (!canUsePasskeys() || localStorage.getItem(OFFERED_KEY)) return;
    const code = el("input", { class: "code", inputmode: "numeric", autocomplete: "one-time-code", maxlength: 7, "aria-label": t("approval.code"), hidden: true });
    const add = el("button", { type: "submit", class: "small" }, t("passkey.add"));
    const later = el("button", { type: "button", class: "small quiet", onclick: () => this.#dismissOffer() }, t("passkey.later"));
    const form = el("form", { class: "buttons" }, code, add, later);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      add.disabled = true;
      try {
        await registerPasskey(session.token, code.value.normalize("NFKC").replace(/\s/g, "") || null);
        this.#dismissOffer();
        this.tell(t("passkey.added"));
      } catch (refusal) {
        this.#askCode(refusal, code);
      } finally {
        add.disabled = false;
      }
    });
    this.#show("passkey", "quiet", t("passkey.offer"), [form]);
  }

  #askCode({ code, details, status, message }, field) {
    if (code === "step_up_required") this.tell(t("approval.code_sent", { to: details.sent_to }));
    else this.tell(status ? message : t("passkey.failed"));
    field.hidden = code !== "step_up_required" && code !== "wrong_code";
    field.value = "";
    field.focus();
  }

  /** The offer must not stand in the way of a talk that goes on; it comes back with the next login. */
  talkGoesOn() {
    this.#hide("passkey");
    this.#hide("resume");
  }

  #dismissOffer() {
    localStorage.setItem(OFFERED_KEY, "1");
    this.#hide("passkey");
  }

  #show(name, look, words, buttons = []) {
    this.#hide(name);
    const symbol = { warning: "alert", person: "person", quiet: "info" }[look];
    const banner = el("div", { class: `banner ${look}`, role: look === "warning" ? "alert" : "status" }, icon(symbol), el("p", {}, words), buttons.length ? el("div", { class: "buttons" }, buttons) : null);
    this.#shown.set(name, banner);
    this.#place.append(banner);
  }

  #hide(name) {
    this.#shown.get(name)?.remove();
    this.#shown.delete(name);
  }
}
