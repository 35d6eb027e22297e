// The live line to the branch: one WebSocket, opened again and again, and an outbox that survives it.
//
//     say() ──▶ outbox ──(open)──▶ server ──ack──▶ out of the outbox
//                  ▲                │
//                  └──── back-off ──┘ connection lost: hello{after} again, then the outbox again
//
// A message keeps its id over every retry, and the server runs an id once; so nothing is lost and
// nothing doubled. The outbox is kept in sessionStorage: a reload sends what was still waiting.
//
// Where no socket gets through, the slow line (polling.js) carries the talk after a few attempts;
// the socket is tried on, and takes over again as soon as it works.

import { call, Refusal } from "../shared/http.js";
import { Polling } from "./polling.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const ACK_WAIT_MS = 8_000;
const PING_MS = 20_000;
const SILENT_MS = 45_000;
const ATTEMPTS_BEFORE_POLLING = 3;
const OUTBOX_KEY = "florin-outbox";

export class Connection extends EventTarget {
  #session; #transcript; #socket = null; #attempts = 0; #timer = null; #heard = 0; #stopped = false;
  #outbox; #polling;

  constructor(session, transcript) {
    super();
    this.#session = session;
    this.#transcript = transcript;
    this.#outbox = new Map(readOutbox(session.conversationId));
    this.#polling = new Polling(session, transcript, this.#outbox);
    this.#polling.addEventListener("frame", ({ detail }) => this.#hear(detail));
    this.#polling.addEventListener("state", ({ detail }) => this.#tell("state", detail));
    addEventListener("online", () => this.#openNow());
    addEventListener("offline", () => this.#drop());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && !this.isOpen) this.#openNow();
    });
    setInterval(() => this.#beat(), PING_MS);
  }

  get isOpen() { return this.#socket?.readyState === WebSocket.OPEN; }
  get waiting() { return [...this.#outbox.values()]; }

  open() {
    this.#stopped = false;
    clearTimeout(this.#timer);
    if (this.#attempts >= ATTEMPTS_BEFORE_POLLING) this.#polling.start();
    const address = new URL("/api/chat/ws", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#opened(socket));
    socket.addEventListener("message", ({ data }) => this.#take(socket, JSON.parse(data)));
    socket.addEventListener("close", () => this.#closed(socket));
  }

  close() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#polling.stop();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /** Queues a message ({text} or {button}) and sends it as soon as there is a line. */
  say(frame) {
    this.#outbox.set(frame.message_id, frame);
    this.#keepOutbox();
    if (this.#polling.isRunning) this.#polling.send(frame);
    else this.#send(frame);
  }

  typing() {
    if (this.isOpen) this.#socket.send(JSON.stringify({ type: "typing" }));
  }

  acknowledge(messageId) {
    if (this.#outbox.delete(messageId)) this.#keepOutbox();
  }

  #send(frame) {
    if (!this.isOpen) return;
    const { message_id, text, button } = frame;
    this.#socket.send(JSON.stringify({ type: "say", message_id, ...(button ? { button } : { text }) }));
    setTimeout(() => {
      if (this.#outbox.has(message_id)) this.#drop();
    }, ACK_WAIT_MS);
  }

  #opened(socket) {
    this.#heard = Date.now();
    socket.send(JSON.stringify({ type: "hello", token: this.#session.token, after: this.#transcript.lastSeq }));
    for (const frame of this.#outbox.values()) this.#send(frame);
    if (!this.#polling.isRunning) this.#tell("state", { open: true });
  }

  #take(socket, frame) {
    if (socket !== this.#socket) return;
    this.#heard = Date.now();
    this.#attempts = 0;
    if (this.#polling.isRunning) {
      this.#polling.stop(); // only now: a line that opens and says nothing is no line
      this.#tell("state", { open: true });
    }
    this.#hear(frame);
  }

  #hear(frame) {
    if (frame.type === "ack") this.acknowledge(frame.message_id);
    if (frame.type === "error" && frame.message_id) this.acknowledge(frame.message_id);
    if (frame.type === "error" && ["session_expired", "not_authenticated"].includes(frame.code)) this.close();
    this.#tell("frame", frame);
  }

  #closed(socket) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    if (!this.#polling.isRunning) this.#tell("state", { open: false });
    if (this.#stopped) return;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    if (this.#attempts >= ATTEMPTS_BEFORE_POLLING) this.#polling.start();
    this.#timer = setTimeout(() => this.open(), wait * (0.75 + Math.random() / 2));
  }

  /** Gives the socket up without waiting for a goodbye that may never come. */
  #drop() {
    const socket = this.#socket;
    if (!socket) return;
    socket.close();
    this.#closed(socket);
  }

  #openNow() {
    if (this.#stopped || this.#socket) return;
    this.#attempts = Math.min(this.#attempts, ATTEMPTS_BEFORE_POLLING);
    this.open();
  }

  #beat() {
    if (!this.isOpen) return;
    if (Date.now() - this.#heard > SILENT_MS) this.#drop();
    else this.#socket.send(JSON.stringify({ type: "ping" }));
  }

  #keepOutbox() {
    const kept = { conversation: this.#session.conversationId, frames: [...this.#outbox] };
    sessionStorage.setItem(OUTBOX_KEY, JSON.stringify(kept));
  }

  #tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }
}

export async function readHistory(session, after) {
  try {
    return (await call("GET", `/api/chat/history?after=${after}`, { token: session.token })).messages;
  } catch (refusal) {
    if (refusal instanceof Refusal) return [];
    throw refusal;
  }
}

function readOutbox(conversationId) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(OUTBOX_KEY));
    return kept?.conversation === conversationId ? kept.frames : [];
  } catch { return []; }
}
