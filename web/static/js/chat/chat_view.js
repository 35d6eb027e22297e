// The chat component (deep-chat) made ours: lines, names, the log for screen readers, our style.
//
// The component keeps its parts in an open shadow root. We give that root one more style sheet
// (constructed, so the page's policy needs no inline styles), and the roles it does not set: the
// list is a polite log, the input a labelled text box.

import { byId } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { closeChoices, redraw, tagFor } from "./line.js";

const MAX_CHARS = 1000;
const END_PX = 80;
const TYPING_LASTS_MS = 12_000;
const FONT = "-apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', Arial, sans-serif";
const SEND_ICON =
  '<svg viewBox="0 0 20 20" xmlns="http://www.w3.org/2000/svg"><path d="M10 16V4.500M5 9l5-5 5 5" fill="none" stroke="currentColor" stroke-width="1.800" stroke-linecap="round" stroke-linejoin="round"/></svg>';
const SHEETS = ["/static/css/lines.css", "/static/css/cards.css"];
const ROLE = { customer: "user", bot: "ai", staff: "staff", system: "system" };

export class ChatView {
  #chat; #isTyping = false; #typingTimer = null; #isSettled = false; #transcript;

  constructor(place, transcript, { onText, onTyping }) {
    const chat = document.createElement("deep-chat");
    // Set before it enters the page: without a family of its own it would ask Google for a font.
    chat.style.fontFamily = FONT;
    this.#chat = chat;
    this.#transcript = transcript;
    chat.connect = {
      websocket: true,
      handler: (_body, signals) => {
        signals.onOpen(); // the outbox waits for the real line, so the component is always open
        signals.newUserMessage.listener = (body) => this.#typed(body, onText);
      },
    };
    chat.textInput = { placeholder: { text: t("chat.placeholder") }, characterLimit: MAX_CHARS };
    chat.submitButtonStyles = Object.fromEntries(["submit", "loading", "stop", "disabled"].map((state) => [state, { svg: { content: SEND_ICON } }]));
    chat.displayLoadingBubble = { toggle: () => {} };
    chat.scrollButton = false;
    chat.onInput = ({ isUser }) => { if (isUser) onTyping(); };
    place.append(chat);
    this.ready = this.#dress();
    transcript.addEventListener("line", ({ detail }) => this.#add(detail));
    transcript.addEventListener("own", ({ detail }) => this.#add(detail));
    transcript.addEventListener("changed", ({ detail }) => redraw(this.root, detail));
  }

  get root() { return this.#chat.shadowRoot; }

  /** From here on new lines are read aloud; the history before was not. */
  settle() {
    this.#isSettled = true;
    setTimeout(() => this.#log()?.setAttribute("aria-live", "polite"), 500);
    this.#chat.scrollToBottom();
  }

  focus() { if (matchMedia("(min-width: 60em)").matches) this.#chat.focusInput(); }

  clear() { this.#chat.clearMessages(); }

  typing(is, from = "bot") {
    clearTimeout(this.#typingTimer);
    if (is) this.#typingTimer = setTimeout(() => this.typing(false), TYPING_LASTS_MS);
    if (is === this.#isTyping) return;
    this.#isTyping = is;
    // Without an argument the component takes the bubble away.
    if (is) this.#chat.displayLoadingBubble.toggle({ role: ROLE[from] ?? "ai" });
    else this.#chat.displayLoadingBubble.toggle();
    byId("typing-status").textContent = is ? t(`typing.${from}`) : "";
  }

  #add(line) {
    if (line.from === "customer") closeChoices(this.root);
    const wasTyping = this.#isTyping;
    if (wasTyping) this.typing(false);
    this.#chat.addMessage({ html: tagFor(line), role: ROLE[line.from] });
    if (wasTyping && line.from === "customer") this.typing(true);
    if (this.#isSettled) requestAnimationFrame(() => this.#chat.scrollToBottom());
  }

  /** The component has drawn what was typed; our own line, masked and with a state, replaces it. */
  #typed(body, onText) {
    const text = body?.messages?.at(-1)?.text ?? body?.text ?? "";
    for (const bubble of this.root.querySelectorAll(".user-message-text")) {
      if (!bubble.querySelector("florin-line")) bubble.closest(".outer-message-container")?.remove();
    }
    onText(text);
  }

  #log() { return this.root.getElementById("messages"); }

  async #dress() {
    const sheets = await Promise.all(SHEETS.map(sheetOf));
    await customElements.whenDefined("deep-chat");
    while (!this.#log() || !this.root.getElementById("text-input")) await new Promise(requestAnimationFrame);
    this.root.adoptedStyleSheets.push(...sheets);
    const log = this.#log();
    for (const [name, value] of Object.entries({ role: "log", "aria-live": "off", "aria-label": t("chat.log"), tabindex: "0" })) log.setAttribute(name, value);
    const input = this.root.getElementById("text-input");
    for (const [name, value] of Object.entries({ role: "textbox", "aria-multiline": "true", "aria-label": t("chat.placeholder") })) input.setAttribute(name, value);
    this.root.querySelector(".input-button")?.setAttribute("aria-label", t("chat.send"));
    this.#showEmptiness(input);
    this.#stayAtEnd(log);
    this.#chat.classList.add("ready");
  }

  /** The send button looks inactive while there is nothing to send; the component forgets to. */
  #showEmptiness(input) {
    const look = () => {
      const isEmpty = input.classList.contains("text-input-placeholder") || !input.textContent.trim();
      this.root.querySelector(".input-button")?.toggleAttribute("data-empty", isEmpty);
    };
    new MutationObserver(look).observe(input, { attributes: true, characterData: true, childList: true, subtree: true });
    look();
  }

  /** A banner or a keyboard takes room: whoever read the newest line goes on seeing it. */
  #stayAtEnd(log) {
    let isAtEnd = true;
    log.addEventListener("scroll", () => { isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < END_PX; });
    const keep = () => { if (isAtEnd) log.scrollTop = log.scrollHeight; };
    new ResizeObserver(keep).observe(log);
    log.addEventListener("load", keep, true); // a picture has its height only now; load does not bubble
  }
}

async function sheetOf(path) {
  const answer = await fetch(path);
  return new CSSStyleSheet().replace(await answer.text());
}
