// What a line carries besides its words, by the reply's `kind` and `data`.
//
//     transactions, accounts, cards …  a table      picture  a figure behind the session
//     login                            a form       step_up  an approval card
//     capture, liveness, credentials, checking      the cards of the onboarding, one open at a time
//     library                           where an answer stands: links to the articles' pages
//     face                                          the same before the camera, for a customer
//
// A kind nobody knows here draws nothing: its words are in the line's text already.

import { el } from "../shared/dom.js";
import { date, money } from "../shared/format.js";
import { picture } from "../shared/http.js";
import { known, t } from "../shared/i18n.js";
import { makeApproval } from "./approval.js";
import { makeCapture } from "./capture.js";
import { makeChecking } from "./checking.js";
import { makeCredentials } from "./credentials.js";
import { makeFace, makeLiveness } from "./liveness.js";
import { makeLoginForm } from "./login_form.js";

const NUMBERS = new Set(["amount", "count", "balance", "available", "posted", "limit", "limit_day", "share", "previous"]);
const MOMENTS = new Set(["date", "booked_at", "booked_at_utc", "at", "due", "due_date", "next_date"]);
const HIDDEN = /(^id|_id|_minor|^currency|_at_utc)$/;
/** Columns in the order people read a line of a statement; others follow as sent. */
const ORDER = ["date", "booked_at", "name", "merchant", "description", "category", "account", "iban", "card", "pan_masked", "status", "amount", "previous", "count", "posted", "available", "balance"];

const CARDS = {
  login: makeLoginCard,
  step_up: makeApproval,
  logout: (_line, desk) => makeLogout(desk),
  capture: makeCapture,
  liveness: makeLiveness,
  face: makeFace,
  credentials: makeCredentials,
  checking: makeChecking,
  library: (line) => makeSources(line.data?.sources ?? []),
};

/** A link leads to a page of this branch's library and nowhere else, whatever the line says. */
const IN_LIBRARY = /^\/library\/[a-z0-9-]+(\?sig=[\w.-]+)?(#[a-z0-9-]*)?$/;

function makeSources(sources) {
  const links = sources.filter(({ url }) => IN_LIBRARY.test(url)).map(({ title, url }) =>
    el("li", {}, el("a", { href: url, target: "_blank", rel: "noopener" }, String(title))));
  return links.length ? el("ul", { class: "answer-sources", "aria-label": t("library.sources") }, links) : null;
}

export function makeAttachment(line, desk) {
  const data = line.data ?? {};
  const parts = [line.image ? makePicture(line, desk) : null];
  if (Object.hasOwn(CARDS, line.kind)) parts.push(CARDS[line.kind](line, desk));
  else {
    const rows = findRows(data);
    if (rows) parts.push(makeTable(rows, data.caption ?? captionOf(line.kind), data.columns));
  }
  const drawn = parts.filter(Boolean);
  return drawn.length ? el("div", { class: "attachment" }, drawn) : null;
}

const captionOf = (kind) => (known(`table.${kind}`) ? t(`table.${kind}`) : t("table.other"));

function findRows(data) {
  return Object.values(data).find((value) => Array.isArray(value) && value.length > 0 && value.every(isRow)) ?? null;
}

const isRow = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** `columns` are the words of the table's head in the conversation's language, where the reply brings them. */
export function makeTable(rows, caption, columns = {}) {
  const ready = rows.map(readable);
  const names = [...new Set(ready.flatMap((row) => Object.keys(row)))]
    .filter((name) => says(name, ready))
    .sort((a, b) => rank(a) - rank(b));
  const head = names.map((name) => el("th", { scope: "col", class: cellClass(name) }, columns[name] ?? label(name)));
  const body = ready.map((row) => el("tr", {}, names.map((name) => cell(name, row[name]))));
  return el(
    "div",
    { class: "table-frame", tabindex: "0", role: "region", "aria-label": caption },
    el("table", {}, el("caption", { class: "unseen" }, caption), el("thead", {}, el("tr", {}, head)), el("tbody", {}, body)),
  );
}

/** A column that is empty, or the same as expected in every row, tells nothing. */
function says(name, rows) {
  if (rows.every((row) => (row[name] ?? "") === "")) return false;
  if (name === "status") return rows.some((row) => row.status !== "active");
  if (name === "kind") return !rows.every((row) => row.name);
  if (name === "posted") return rows.some((row) => row.posted !== row.available);
  return true;
}

/** A row as people read it: minor units become money, internal ids are left out. */
function readable(row) {
  const out = {};
  for (const [name, value] of Object.entries(row)) {
    const plain = name.replace(/_minor$/, "");
    if (name.endsWith("_minor") && !(plain in row) && row.currency) out[plain] = money(value, row.currency);
    else if (!HIDDEN.test(name) && !isRow(value) && !Array.isArray(value)) out[name] = value ?? "";
  }
  return out;
}

const rank = (name) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.indexOf("status") - 0.5);
const label = (name) => (known(`column.${name}`) ? t(`column.${name}`) : name.replaceAll("_", " "));
const cellClass = (name) => (NUMBERS.has(name) ? "number" : MOMENTS.has(name) ? "moment" : "");

function cell(name, value) {
  const text = MOMENTS.has(name) ? date(value) : known(`value.${value}`) ? t(`value.${value}`) : String(value ?? "");
  const incoming = name === "amount" && /^\+/.test(text);
  return el("td", { class: `${cellClass(name)}${incoming ? " incoming" : ""}` }, text);
}

function makePicture(line, desk) {
  const words = line.data?.alt ?? line.data?.description ?? t("picture.alt");
  const image = el("img", { alt: words, class: "loading" });
  const figure = el("figure", { class: "picture" }, image);
  const show = (source) => {
    image.src = source;
    image.addEventListener("load", () => image.classList.remove("loading"), { once: true });
  };
  if (/[?&]sig=/.test(line.image)) show(line.image);
  else picture(line.image, desk.session.token).then(show, () => figure.replaceChildren(el("p", { class: "problem" }, t("error.picture"))));
  image.addEventListener("error", () => figure.replaceChildren(el("p", { class: "problem" }, t("error.picture"))));
  return figure;
}

function makeLogout(desk) {
  if (!desk.session.isLoggedIn) return null;
  return el("div", { class: "choices" }, el("button", { type: "button", class: "choice", onclick: () => desk.logOut() }, t("header.log_out")));
}

function makeLoginCard(line, desk) {
  if (desk.session.isLoggedIn) return el("p", { class: "done-note" }, t("login.done"));
  const card = el("section", { class: "card", "aria-label": t("login.title") }, el("h3", {}, t("login.title")));
  card.append(makeLoginForm(desk, { onDone: () => card.replaceWith(el("p", { class: "done-note" }, t("login.done"))) }));
  return card;
}
