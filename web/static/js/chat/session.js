// Who is talking: the bearer token of this tab's conversation.
//
//     (none) ──start──▶ visitor ──logIn, setCredentials──▶ customer ──logOut──▶ (none)
//        └────resume────▲   with the one-time link of an application begun earlier
//
// The token lives in sessionStorage, so a reload goes on and a closed tab is over.

import { call, Refusal } from "../shared/http.js";

const KEY = "florin-session";

export class Session extends EventTarget {
  #facts = null;

  get token() { return this.#facts?.token ?? null; }
  get conversationId() { return this.#facts?.conversation_id ?? null; }
  get isLoggedIn() { return Boolean(this.#facts) && this.#facts.login_level !== "none"; }
  get customerName() { return this.#facts?.customer?.name ?? null; }

  /** Goes on with the session of this tab, or starts a visitor's. True when it went on. */
  async open() {
    const kept = readKept();
    if (kept) {
      this.#facts = kept;
      try {
        await call("GET", `/api/chat/history?after=${Number.MAX_SAFE_INTEGER}`, { token: kept.token });
        this.#changed();
        return true;
      } catch (refusal) {
        if (!(refusal instanceof Refusal) || refusal.status !== 401) throw refusal;
      }
    }
    await this.start();
    return false;
  }

  async start() {
    this.#keep(await call("POST", "/api/chat/sessions", { body: {} }));
  }

  /** Goes on with an application by the link that was mailed; whatever this tab had is left. */
  async resume(link) {
    this.#keep(await call("POST", "/api/chat/resume", { body: { token: link } }));
  }

  logIn(customer, password) { return this.#become("/api/chat/login", { customer, password }); }

  setCredentials(login_name, password) { return this.#become("/api/chat/credentials", { login_name, password }); }

  async #become(path, body) {
    const answer = await call("POST", path, { token: this.token, body });
    this.#keep({ ...this.#facts, ...answer });
    return answer;
  }

  async logOut() {
    const token = this.token;
    this.forget();
    await call("POST", "/api/chat/logout", { token, body: {} }).catch(() => {});
  }

  forget() {
    sessionStorage.removeItem(KEY);
    this.#facts = null;
  }

  #keep({ token, conversation_id, login_level, customer }) {
    this.#facts = { token, conversation_id, login_level, customer };
    sessionStorage.setItem(KEY, JSON.stringify(this.#facts));
    this.#changed();
  }

  #changed() { this.dispatchEvent(new Event("change")); }
}

function readKept() {
  try { return JSON.parse(sessionStorage.getItem(KEY)); } catch { return null; }
}
