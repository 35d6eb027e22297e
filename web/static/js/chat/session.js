// Who is talking: the bearer token of this tab's conversation.
//
//     (none) ──start──▶ visitor ──logIn──▶ customer ──logOut──▶ (none)
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

  async logIn(customer, password) {
    const answer = await call("POST", "/api/chat/login", { token: this.token, body: { customer, password } });
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
