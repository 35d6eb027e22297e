// Language: what the assistant was not sure of. Staff say what was meant; the sentence is learnt.
//
//     GET /api/readings ─▶ one card each ─▶ label | no wish | skip ─▶ the card says what was decided
//
// Words of the customer and of colleagues become text nodes only (shared/dom.js).

import { byId, el } from "../shared/dom.js";
import { moment } from "../shared/format.js";
import { known, t } from "../shared/i18n.js";
import { keys, openDesk, staffCall } from "./desk.js";

const PAGE = 30;
const NONE_OF_THESE = "none_of_these";

let intents = [];
let languages = [];
let lastId = null;
let lastCard = "";

await openDesk();

const titleOf = (name) => {
  const found = intents.find((intent) => intent.name === name);
  if (found?.title) return found.title;
  return known(`intent.${name}`) ? t(`intent.${name}`) : name;
};

async function load({ more = false } = {}) {
  const asked = new URLSearchParams({ limit: String(PAGE) });
  for (const name of ["why", "state"]) if (byId(name).value) asked.set(name, byId(name).value);
  if (more && lastId) asked.set("before", lastId);
  try {
    const answer = await staffCall("GET", `/api/readings?${asked}`);
    ({ intents, languages } = answer);
    intents.sort((a, b) => titleOf(a.name).localeCompare(titleOf(b.name)));
    byId("problem").textContent = "";
    draw(answer, more);
  } catch (refusal) {
    byId("problem").textContent = refusal.message;
  }
}

function draw({ readings, tally }, more) {
  const list = byId("readings");
  const cards = readings.map(card);
  if (more) list.append(...cards);
  else list.replaceChildren(...cards);
  lastId = readings.at(-1)?.id ?? lastId;
  byId("empty").hidden = list.children.length > 0;
  byId("more").hidden = readings.length < PAGE;
  drawTally(tally);
  if (more) cards[0]?.querySelector("input")?.focus();
}

function drawTally(tally) {
  const counts = [
    ["open", tally.by_state.open], ["not_understood", tally.open_by_why.not_understood],
    ["low_confidence", tally.open_by_why.low_confidence], ["corrected", tally.open_by_why.corrected],
    ["labelled", tally.by_state.labelled], ["sentences", tally.sentences],
  ];
  byId("tally").replaceChildren(...counts.map(([name, count]) =>
    el("div", {}, el("dt", {}, t(`language.tally.${name}`)), el("dd", {}, String(count ?? 0)))));
}

function card(reading) {
  return el("li", { class: "reading-card", "data-id": reading.id },
    el("div", {},
      el("p", { class: "head" },
        el("span", { class: `why-tag ${reading.why}` }, t(`language.why.${reading.why}`)),
        el("time", { datetime: reading.noted_at }, moment(reading.noted_at)),
        el("span", {}, t(`language.name.${reading.language}`))),
      el("p", { class: "said", lang: reading.language }, reading.text),
      el("ol", { class: "read-as", "aria-label": t("language.read_as") }, reading.ranking.map(ranked)),
      meant(reading)),
    reading.state === "open" ? form(reading) : decided(reading));
}

const ranked = ({ intent, confidence }, place) =>
  el("li", { "data-intent": intent },
    el("span", { class: "place" }, String(place + 1)),
    el("span", {}, titleOf(intent)),
    el("meter", { min: 0, max: 1, value: confidence, "aria-hidden": true }),
    el("span", { class: "share" }, `${Math.round(confidence * 100)} %`));

function meant(reading) {
  if (!reading.meant) return null;
  const what = reading.meant === NONE_OF_THESE ? t("language.none_of_these") : titleOf(reading.meant);
  return el("p", { class: "meant" }, t("language.meant"), " ", el("strong", {}, what));
}

function form(reading) {
  const guess = reading.intent ?? (reading.meant !== NONE_OF_THESE ? reading.meant : null);
  const chosen = intents.some(({ name }) => name === guess) ? guess : "";
  const select = el("select", { name: "intent", required: true },
    el("option", { value: "" }, t("language.choose")),
    intents.map(({ name }) => el("option", { value: name, selected: name === chosen }, titleOf(name))));
  const spoken = el("select", { name: "language" },
    languages.map((code) => el("option", { value: code, selected: code === reading.language }, t(`language.name.${code}`))));
  const sentence = el("input", { name: "sentence", value: reading.sentence, maxlength: 300, required: true, autocomplete: "off", lang: reading.language });
  const node = el("form", { class: "label-form", onsubmit: (event) => { event.preventDefault(); label(reading, node); } },
    el("label", { class: "wide" }, t("language.sentence"), sentence),
    el("label", {}, t("language.intent"), select),
    el("label", {}, t("language.language"), spoken),
    el("div", { class: "choices wide" },
      el("button", { type: "submit", class: "primary" }, t("language.learn")),
      el("button", { type: "button", class: "button", onclick: () => dismiss(reading, "no_wish") }, t("language.no_wish")),
      el("button", { type: "button", class: "button plain", onclick: () => dismiss(reading, "skipped") }, t("language.skip"))));
  return node;
}

function decided(reading) {
  const what = reading.intent ? t("language.decided.labelled", { intent: titleOf(reading.intent) }) : t(`language.decided.${reading.state}`);
  return el("div", {},
    reading.intent ? el("p", { class: "said", lang: reading.language }, reading.sentence) : null,
    el("p", { class: "done" }, what, " · ", reading.decided_by_name ?? "", " · ", moment(reading.decided_at)),
    el("button", { type: "button", class: "button small quiet", onclick: () => redo(reading) }, t("language.change")));
}

const label = (reading, node) => {
  const { sentence, intent, language } = node.elements;
  return decide(reading, "label", { sentence: sentence.value, intent: intent.value, language: language.value });
};
const dismiss = (reading, state) => decide(reading, "dismiss", { state });

async function decide(reading, act, body) {
  try {
    const after = await staffCall("POST", `/api/readings/${encodeURIComponent(reading.id)}/${act}`, body);
    byId("problem").textContent = "";
    const next = nextOpen(reading.id);
    replace(after);
    (next?.querySelector(".primary") ?? cardOf(reading.id)?.querySelector("button"))?.focus();
    drawTally((await staffCall("GET", "/api/readings?limit=0")).tally);
  } catch (refusal) {
    byId("problem").textContent = refusal.message;
    byId("problem").scrollIntoView({ block: "nearest" });
  }
}

function redo(reading) {
  const again = card({ ...reading, state: "open" });
  cardOf(reading.id)?.replaceWith(again);
  again.querySelector("input").focus();
}

const cardOf = (id) => document.querySelector(`.reading-card[data-id="${CSS.escape(id)}"]`);
const replace = (reading) => cardOf(reading.id)?.replaceWith(card(reading));
const openCards = () => [...document.querySelectorAll(".reading-card:has(form)")];
/** The card one is in, or was in last: Escape leaves a field, not the card. */
const here = () => document.activeElement?.closest?.(".reading-card") ?? cardOf(lastCard);

function nextOpen(id) {
  const cards = openCards();
  const at = cards.findIndex((node) => node.dataset.id === id);
  return cards[at + 1] ?? cards[at - 1];
}

function move(step) {
  const cards = [...document.querySelectorAll(".reading-card")];
  const at = cards.indexOf(here());
  const next = cards[Math.max(0, Math.min(cards.length - 1, at < 0 ? 0 : at + step))];
  next?.querySelector(".primary, button")?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

/** Takes the n-th reading of the card one is in for its intent. */
function pick(place) {
  const node = here();
  const select = node?.querySelector("select[name=intent]");
  const intent = node?.querySelectorAll(".read-as li")[place]?.dataset.intent;
  if (select && intents.some(({ name }) => name === intent)) select.value = intent;
}

const press = (place) => here()?.querySelectorAll(".choices button")[place]?.click();

byId("filters").addEventListener("change", () => { lastId = null; load(); });
byId("readings").addEventListener("focusin", ({ target }) => { lastCard = target.closest(".reading-card").dataset.id; });
byId("more").addEventListener("click", () => load({ more: true }));
keys({
  j: () => move(1),
  k: () => move(-1),
  1: () => pick(0),
  2: () => pick(1),
  3: () => pick(2),
  e: () => here()?.querySelector("input")?.focus(),
  l: () => press(0),
  n: () => press(1),
  s: () => press(2),
  "/": () => byId("why").focus(),
});
await load();
