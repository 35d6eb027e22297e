// The words of the page itself: buttons, labels, banners.
//
// One catalogue per language in /static/i18n/<language>.json, flat keys, {name} placeholders. What the
// assistant says never passes through here: it comes from the server, already in its language.
//
// Mark-up asks for its words by attribute, so a template holds no sentence:
//     <button data-t="chat.send">   text      <input data-t-label="…">   aria-label
//     <input data-t-placeholder="…">          <a data-t-title="…">       tooltip

const LANGUAGES = ["en"];
let words = {};

export async function loadWords() {
  const wished = (navigator.languages ?? ["en"]).map((tag) => tag.slice(0, 2));
  const language = wished.find((tag) => LANGUAGES.includes(tag)) ?? "en";
  const answer = await fetch(`/static/i18n/${language}.json`);
  words = await answer.json();
  document.documentElement.lang = language;
}

export function t(key, values = {}) {
  const text = words[key];
  if (text === undefined) return key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** True when the catalogue has this key: some labels are looked up by a code of the server. */
export const known = (key) => key in words;

export function translate(root = document) {
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", t(node.dataset.tLabel));
  for (const node of root.querySelectorAll("[data-t-title]")) node.title = t(node.dataset.tTitle);
  for (const node of root.querySelectorAll("[data-t-alt]")) node.alt = t(node.dataset.tAlt);
  for (const node of root.querySelectorAll("[data-t-placeholder]")) {
    node.setAttribute("placeholder", t(node.dataset.tPlaceholder));
  }
}
