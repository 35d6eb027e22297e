// One line of the chat: <florin-line key="s-7"> inside the chat component.
//
//     ┌ speaker · time ┐
//     │ text           │   the component keeps the list, the scrolling and the input;
//     │ table, picture │   this element draws what a line holds, from text nodes only
//     │ card with form │
//     └ [button] [..]  ┘
//
// Buttons and cards belong to the newest part of the talk: when the customer says something new,
// the choices above it are over and cannot be pressed any more.

import { el, paragraphs } from "../shared/dom.js";
import { time } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { makeAttachment } from "./attachments.js";

const lines = new Map();
const OVER = "florin-over";
let desk = null;

/** The page's services for lines: press(button), session, stepUp…; set once by main.js. */
export function serveLines(services) { desk = services; }

export function tagFor(line) {
  lines.set(line.key, line);
  return `<florin-line key="${line.key}"></florin-line>`;
}

export function redraw(root, line) {
  root.querySelector(`florin-line[key="${CSS.escape(line.key)}"]`)?.draw();
}

/** Ends the choices offered so far. */
export function closeChoices(root) {
  for (const node of root.querySelectorAll("florin-line")) node.endChoices();
}

class Line extends HTMLElement {
  connectedCallback() { if (!this.childElementCount) this.draw(); }

  draw() {
    const line = lines.get(this.getAttribute("key"));
    if (!line) return;
    this.className = `line from-${line.from} kind-${line.kind ?? "text"} ${line.state ?? ""}`;
    const parts = line.from === "system" ? [this.#notice(line)] : [this.#head(line), this.#body(line)];
    this.replaceChildren(...parts.filter(Boolean));
    if (line[OVER]) this.endChoices();
  }

  endChoices() {
    const line = lines.get(this.getAttribute("key"));
    if (line) line[OVER] = true;
    for (const button of this.querySelectorAll(".choices button")) button.disabled = true;
  }

  #notice(line) {
    return el("div", { class: "notice" }, paragraphs(line.text ?? ""));
  }

  #head(line) {
    const speaker = {
      customer: t("line.you"),
      staff: line.name ? t("line.staff_named", { name: line.name }) : t("line.staff"),
      bot: t("line.bot"),
    }[line.from];
    return el("div", { class: "head" }, el("span", { class: "who" }, speaker), el("time", { datetime: line.at }, time(line.at)));
  }

  #body(line) {
    const body = el("div", { class: "body" });
    if (line.text) body.append(el("div", { class: "text" }, paragraphs(line.text)));
    const attachment = makeAttachment(line, desk);
    if (attachment) body.append(attachment);
    if (line.buttons?.length) body.append(this.#choices(line));
    if (line.from === "customer" && line.state !== "sent") body.append(this.#state(line));
    return body;
  }

  #choices(line) {
    const group = el("div", { class: "choices", role: "group", "aria-label": t("line.choices") });
    for (const button of line.buttons) {
      const node = el("button", { type: "button", class: "choice", onclick: () => {
        if (line[OVER]) return;
        this.endChoices();
        node.classList.add("chosen");
        desk.press(button);
      } }, button.title);
      group.append(node);
    }
    return group;
  }

  #state(line) {
    const words = line.state === "refused" ? line.reason : t(`line.${line.state}`);
    return el("div", { class: `state ${line.state}` }, words);
  }
}

customElements.define("florin-line", Line);
