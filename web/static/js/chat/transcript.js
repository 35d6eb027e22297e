// The lines of this conversation in their order, each exactly once.
//
//     sent here   ──▶ pending (no seq yet) ──the server's copy──▶ settled
//     from server ──▶ by seq; one that is known already is dropped
//
// Keys: a pending line is known by its message_id, a settled one by its seq as well.

export class Transcript extends EventTarget {
  #bySeq = new Map();
  #byMessageId = new Map();
  lastSeq = 0;

  /** A line written here and not yet confirmed. */
  addOwn({ message_id, text }) {
    const line = { key: `m-${message_id}`, seq: null, from: "customer", text, message_id, at: new Date().toISOString(), state: "sending" };
    this.#byMessageId.set(message_id, line);
    this.dispatchEvent(new CustomEvent("own", { detail: line }));
    return line;
  }

  /** Takes the server's copy. Returns true when it is a line not shown before. */
  receive(message) {
    if (this.#bySeq.has(message.seq)) return false;
    this.lastSeq = Math.max(this.lastSeq, message.seq);
    const own = message.message_id ? this.#byMessageId.get(message.message_id) : null;
    if (own) {
      Object.assign(own, { seq: message.seq, text: message.text, at: message.at, state: "sent" });
      this.#bySeq.set(message.seq, own);
      this.#changed(own);
      return false;
    }
    const line = { ...message, key: `s-${message.seq}`, state: "sent" };
    this.#bySeq.set(message.seq, line);
    if (message.message_id) this.#byMessageId.set(message.message_id, line);
    this.dispatchEvent(new CustomEvent("line", { detail: line }));
    return true;
  }

  /** Shows a sentence of the page itself, between the lines. */
  note(text) {
    const line = { key: `n-${crypto.randomUUID()}`, seq: null, from: "system", text, at: new Date().toISOString() };
    this.dispatchEvent(new CustomEvent("line", { detail: line }));
  }

  settle(messageId, state, reason = null) {
    const line = this.#byMessageId.get(messageId);
    if (!line || line.state === "sent") return;
    Object.assign(line, { state, reason });
    this.#changed(line);
  }

  has(messageId) { return this.#byMessageId.has(messageId); }

  clear() {
    this.#bySeq.clear();
    this.#byMessageId.clear();
    this.lastSeq = 0;
  }

  #changed(line) { this.dispatchEvent(new CustomEvent("changed", { detail: line })); }
}
