// The slow line, for networks that let no WebSocket through: the same messages over plain requests.
//
//     say() ──POST /api/chat/messages──▶ branch ──▶ GET /api/chat/history ──▶ frames, as the socket's
//                                                     ▲ again every few seconds
//
// It makes the frames the socket would have sent, so the page behind it sees no difference. A
// message keeps its id here as well: what the socket may have delivered is not said twice.

import { call } from "../shared/http.js";

const EVERY_MS = 4_000;
/** Refusals that are about the moment, not about the message: it waits and is sent again. */
const LATER = new Set(["turn_in_progress", "rate_limited"]);

export class Polling extends EventTarget {
  #session; #transcript; #outbox; #timer = null; #running = false; #sending = new Set(); #queue = Promise.resolve();
  #speaker = "bot"; #greeted = false; #isOpen = null;

  constructor(session, transcript, outbox) {
    super();
    this.#session = session;
    this.#transcript = transcript;
    this.#outbox = outbox;
  }

  get isRunning() { return this.#running; }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#isOpen = null;
    this.#round();
  }

  stop() {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  /** One after the other: requests may overtake each other, what somebody says may not. */
  send(frame) {
    if (this.#sending.has(frame.message_id)) return;
    this.#sending.add(frame.message_id);
    this.#queue = this.#queue.then(() => this.#post(frame));
  }

  async #post({ message_id, text, button }) {
    if (this.#running) this.#tell("frame", { type: "typing", from: this.#speaker });
    try {
      if (!this.#running) return; // the socket has taken over, with the same outbox
      await call("POST", "/api/chat/messages", { token: this.#session.token, body: { message_id, ...(button ? { button } : { text }) } });
      this.#tell("frame", { type: "ack", message_id });
      await this.#read();
    } catch (refusal) {
      this.#refused(refusal, message_id);
    } finally {
      this.#sending.delete(message_id);
    }
  }

  async #round() {
    try {
      await this.#greet();
      await this.#read();
      for (const frame of this.#outbox.values()) this.send(frame);
      this.#line(true);
    } catch (refusal) {
      this.#refused(refusal);
    }
    if (this.#running) this.#timer = setTimeout(() => this.#round(), EVERY_MS);
  }

  /** The socket's hello opens a new conversation; without it, this does. */
  async #greet() {
    if (this.#greeted || this.#transcript.lastSeq > 0) return;
    await call("POST", "/api/chat/greetings", { token: this.#session.token, body: {} });
    this.#greeted = true;
  }

  async #read() {
    const { messages, speaker } = await call("GET", `/api/chat/history?after=${this.#transcript.lastSeq}`, { token: this.#session.token });
    if (!this.#running) return;
    for (const message of messages) this.#tell("frame", { type: "message", ...message });
    if (speaker !== this.#speaker) this.#tell("frame", { type: "speaker", speaker, name: null });
    this.#speaker = speaker;
  }

  #refused(refusal, messageId = null) {
    if (!this.#running) return;
    if (refusal.status === 0) this.#line(false);
    if (refusal.status === 0 || refusal.status >= 500 || LATER.has(refusal.code)) return;
    if (refusal.status === 401 || messageId) this.#tell("frame", { type: "error", code: refusal.code, message: refusal.message, message_id: messageId });
  }

  #line(isOpen) {
    if (isOpen !== this.#isOpen) this.#tell("state", { open: isOpen });
    this.#isOpen = isOpen;
  }

  #tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }
}
