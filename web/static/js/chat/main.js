// The chat page: wires the session, the live line, the transcript and the chat component.
//
//     deep-chat ──typed text──▶ mask ──▶ transcript (pending) ──▶ connection ──▶ server
//         ▲                                                           │
//         └────────── <florin-line> ◀── transcript ◀── message ───────┘
//
// deep-chat owns the list, the scrolling and the input; what a line looks like is in line.js.

import { byId } from "../shared/dom.js";
import { call } from "../shared/http.js";
import { loadWords, t, translate } from "../shared/i18n.js";
import { Banners } from "./banners.js";
import { ChatView } from "./chat_view.js";
import { Connection, readHistory } from "./connection.js";
import { serveLines } from "./line.js";
import { makeLoginForm } from "./login_form.js";
import { maskCards } from "./masking.js";
import { Panel } from "./panel.js";
import { Session } from "./session.js";
import { Transcript } from "./transcript.js";

const TYPING_EVERY_MS = 3_000;

class Branch {
  constructor() {
    this.session = new Session();
    this.transcript = new Transcript();
    this.banners = new Banners(byId("banners"));
    this.view = new ChatView(byId("chat"), this.transcript, {
      onText: (text) => this.say(text),
      onTyping: () => this.tellTyping(),
    });
    this.panel = new Panel(this);
    serveLines(this);
  }

  async open() {
    await this.#enter();
    this.connection = new Connection(this.session, this.transcript);
    await this.view.ready;
    for (const message of await readHistory(this.session, 0)) this.transcript.receive(message);
    for (const frame of this.connection.waiting) {
      if (!this.transcript.has(frame.message_id)) this.transcript.addOwn({ message_id: frame.message_id, text: frame.title ?? frame.text });
    }
    this.view.settle();
    this.connection.addEventListener("frame", ({ detail }) => this.take(detail));
    this.connection.addEventListener("state", ({ detail }) => this.banners.online(detail.open));
    this.connection.open();
    this.showWho();
    this.view.focus();
  }

  say(text) {
    const masked = maskCards(text).trim();
    if (!masked) return;
    if (masked !== text.trim().normalize("NFKC")) this.banners.tell(t("banner.masked"));
    this.#send({ text: masked }, masked);
  }

  press({ token, title }) { this.#send({ button: token, title }, title); }

  #send(content, shown) {
    if (!this.session.token) return;
    const message_id = crypto.randomUUID();
    this.banners.talkGoesOn();
    this.transcript.addOwn({ message_id, text: shown });
    this.connection.say({ message_id, ...content });
  }

  take(frame) {
    const takers = {
      message: () => {
        this.view.typing(false);
        if (this.transcript.receive(frame) && this.session.isLoggedIn) this.panel.refreshSoon();
        if (frame.message_id) this.connection.acknowledge(frame.message_id);
      },
      typing: () => this.view.typing(true, frame.from),
      speaker: () => this.banners.speaker(frame),
      error: () => this.#refused(frame),
    };
    takers[frame.type]?.();
  }

  #refused({ code, message, message_id }) {
    this.view.typing(false);
    if (message_id) this.transcript.settle(message_id, "refused", message);
    if (["session_expired", "not_authenticated"].includes(code)) this.#sessionOver(message);
    else if (!message_id) this.transcript.note(message);
  }

  #sessionOver(message) {
    this.session.forget();
    this.banners.ended(message, () => location.reload());
    this.showWho();
  }

  /** The link of an application to go on with, if the address has one; it leaves the address at once. */
  async #enter() {
    const link = takeLink();
    if (!link) return this.session.open();
    try {
      await this.session.resume(link);
    } catch (refusal) {
      await this.session.open();
      this.banners.stay("resume", refusal.message ?? t("resume.refused"));
    }
  }

  logIn(customer, password) { return this.#become(() => this.session.logIn(customer, password)); }

  setCredentials(name, password) { return this.#become(() => this.session.setCredentials(name, password)); }

  async #become(enter) {
    const before = this.session.conversationId;
    // The visitor's token ends with the login: its socket must not take that for the session's end.
    this.connection.close();
    try {
      await enter();
    } catch (refusal) {
      this.connection.open();
      throw refusal;
    }
    if (this.session.conversationId !== before) {
      this.transcript.clear();
      this.view.clear();
    }
    this.connection.open();
    this.showWho();
    this.banners.offerPasskey(this.session);
  }

  async logOut() {
    this.connection.close();
    await this.session.logOut();
    location.reload();
  }

  async stepUp(proof) {
    const answer = await call("POST", "/api/chat/step-up", {
      token: this.session.token, body: { message_id: crypto.randomUUID(), ...proof } });
    for (const message of await readHistory(this.session, this.transcript.lastSeq)) this.transcript.receive(message);
    this.panel.refreshSoon();
    return answer;
  }

  tellTyping() {
    if (Date.now() - (this.typedAt ?? 0) < TYPING_EVERY_MS) return;
    this.typedAt = Date.now();
    this.connection?.typing();
  }

  showWho() {
    const { isLoggedIn, customerName } = this.session;
    byId("who").textContent = isLoggedIn ? (customerName ?? "") : "";
    byId("log-in").hidden = isLoggedIn;
    byId("log-out").hidden = !isLoggedIn;
    this.panel.show();
  }
}

/** Takes the one-time link out of the address, so that it is in no history and no bookmark. */
function takeLink() {
  const address = new URL(location.href);
  if (address.pathname !== "/onboarding/resume") return null;
  const link = address.searchParams.get("t") ?? "";
  history.replaceState(null, "", "/");
  return link || "-";
}

function wireLoginDialog(branch) {
  const dialog = byId("login-dialog");
  byId("log-in").addEventListener("click", () => {
    byId("login-slot").replaceChildren(makeLoginForm(branch, { onDone: () => dialog.close() }));
    dialog.showModal();
    dialog.querySelector("input").focus();
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  byId("log-out").addEventListener("click", () => branch.logOut());
}

await loadWords();
translate();
const branch = new Branch();
wireLoginDialog(branch);
try {
  await branch.open();
} catch (refusal) {
  branch.banners.ended(refusal.message ?? t("error.unexpected"), () => location.reload());
}
