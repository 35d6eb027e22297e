// Elements without mark-up strings: every text a server sent becomes a text node.
//
//     el("p", { class: "note" }, "Balance ", el("strong", {}, "14.00 EUR"))
//
// A property starting with "on" is an event listener; true is an empty attribute; null and false
// are left out. There is no way to set HTML here, and nothing in these pages uses innerHTML.

export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** Paragraphs of a text: an empty line parts paragraphs, a single newline stays a line break. */
export function paragraphs(text) {
  return String(text)
    .split(/\n{2,}/)
    .map((part) => el("p", {}, part.split("\n").flatMap((line, at) => (at ? [el("br"), line] : [line]))));
}

/** An icon of the sprite. Decorative: the control beside it carries the words. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `/static/img/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/** Puts focus on an element that is not normally focusable (a heading, a status). */
export function focusOn(node) {
  if (!node.hasAttribute("tabindex")) node.setAttribute("tabindex", "-1");
  node.focus({ preventScroll: false });
}

export const byId = (id) => document.getElementById(id);
