// Campaigns: the list, and the form a new one is made with. The bank checks everything again.
//
//     every change of the form ─▶ POST /api/campaigns/size ─▶ how many fit, what so many can show

import { byId, el } from "../shared/dom.js";
import { money, moment } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { refusalWords } from "./audience_words.js";
import { openDesk, staffCall } from "./desk.js";
import { openRules, rules } from "./rules.js";
import { addVariant, codeOf, shareEvenly, shares, sharesFault } from "./shares.js";

const WAIT_MS = 350;
const form = byId("form");
let facts = null;
let version = "";
let timer = 0;
let asked = 0;

await openDesk();

const option = (value, words) => el("option", { value }, words);
const pick = (label, name, values, words) => el("label", {}, el("span", {}, label), el("select", { "data-part": name }, ...values.map((one) => option(one, words(one)))));
const part = (line, name) => line.querySelector(`[data-part="${name}"]`)?.value ?? "";
const ticked = (room) => [...byId(room).querySelectorAll("input:checked")].map((one) => one.value);

async function load() {
  try {
    const told = await staffCall("GET", "/api/campaigns");
    byId("campaigns").replaceChildren(...told.campaigns.map(row));
    byId("empty").hidden = told.campaigns.length > 0;
    facts = told.form;
    if (told.may_make) await openBuilder();
  } catch (refusal) { byId("problem").textContent = refusal.message; }
}

const row = (one) => el("tr", { "data-campaign": one.id },
  el("th", { scope: "row" }, el("a", { href: `/console/campaigns/${encodeURIComponent(one.id)}` }, one.name), el("span", { class: "muted small account-more" }, one.made_by)),
  el("td", {}, t(`campaigns.class.${one.message_class}`)),
  el("td", {}, el("span", { class: `tag ${one.state}` }, t(`campaigns.state.${one.state}`))),
  el("td", {}, moment(one.starts_at), " – ", moment(one.ends_at)),
  el("td", {}, t("campaigns.spent_of", { spent: money(one.spent_minor, "EUR"), budget: money(one.budget_minor, "EUR") })));

async function openBuilder() {
  form.message_class.replaceChildren(option("", t("campaigns.choose")), ...facts.classes.map((one) => option(one, t(`campaigns.class.${one}`))));
  form.purpose.replaceChildren(...facts.purposes.map((one) => option(one, t(`campaigns.purpose.${one}`))));
  byId("channels").replaceChildren(...Object.keys(facts.texts).map((one) => tick(one, t(`campaigns.channel.${one}`), one === "mail")));
  form.starts_at.value = minute(0);
  form.ends_at.value = minute(30);
  openRules(facts, count);
  addVariant(count);
  drawTexts();
  byId("builder").hidden = false;
  try {
    const told = await staffCall("GET", "/api/segments");
    ({ version } = told);
    byId("segments").replaceChildren(...told.segments.map((one) => tick(one.id, `${one.name} (${one.count})`, false)));
  } catch (refusal) { byId("form-problem").textContent = refusal.message; }
  count();
}

const minute = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 16);
const tick = (value, words, checked) => el("label", {}, el("input", { type: "checkbox", value, checked }), " ", words);

/** One text for each channel that is ticked; what was chosen stays. */
function drawTexts() {
  for (const line of byId("variants").children) {
    const held = Object.fromEntries([...line.querySelectorAll("select")].map((one) => [one.dataset.part, one.value]));
    const parts = ticked("channels").map((channel) => pick(t(`campaigns.channel.${channel}`), channel, facts.texts[channel], (one) => one.replaceAll("_", " ")));
    line.querySelector(".variant-texts").replaceChildren(...parts);
    for (const one of line.querySelectorAll("select")) if (held[one.dataset.part]) one.value = held[one.dataset.part];
  }
}

function audience() {
  const segments = ticked("segments");
  return { segments, segment_version: segments.length ? version : "", rules: rules() };
}

async function count() {
  asked += 1;
  const mine = asked;
  const isWhole = !sharesFault();
  try {
    const told = await staffCall("POST", "/api/campaigns/size", { audience: audience(), shares_bp: isWhole ? shares() : [10_000], base_percent: Number(byId("base").value) || 5 });
    if (mine !== asked) return;
    byId("form-problem").textContent = "";
    byId("size").replaceChildren(...sizeWords(told, isWhole).map((one) => el("p", {}, one)));
  } catch (refusal) {
    if (mine === asked) { byId("size").replaceChildren(); byId("form-problem").textContent = refusalWords(refusal); }
  }
}

function sizeWords(told, isWhole) {
  if (told.count === 0) return [t("campaigns.nobody")];
  const points = (one) => (one === null ? t("campaigns.shows_nothing") : t("campaigns.points", { points: one.toFixed(1) }));
  const others = isWhole ? told.against_first_points.map((one, at) => t("campaigns.against_a", {
    code: codeOf(at + 1), count: told.variants[at + 1], points: points(one) })) : [];
  return [
    t("campaigns.fits", { count: told.count, held_out: told.held_out_count }),
    t("campaigns.against_held_out", { points: points(told.against_held_out_points) }), ...others];
}

form.addEventListener("input", (event) => {
  if (event.target.closest("#channels")) drawTexts();
  clearTimeout(timer);
  timer = setTimeout(count, WAIT_MS);
});
byId("add-variant").addEventListener("click", () => {
  const line = addVariant(count);
  drawTexts();
  count();
  line.querySelector("input").focus();
});
byId("even").addEventListener("click", () => { shareEvenly(); count(); });
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!form.message_class.value) {
    byId("form-problem").textContent = t("campaigns.class_needed");
    form.message_class.focus();
    return;
  }
  if (sharesFault()) {
    byId("variants").querySelector("input").focus();
    return;
  }
  const each = shares();
  const variants = [...byId("variants").children].map((line, at) => ({
    code: codeOf(at), share_bp: each[at], texts: Object.fromEntries(ticked("channels").map((one) => [one, part(line, one)])) }));
  try {
    const made = await staffCall("POST", "/api/campaigns", {
      name: form.elements.name.value.trim(), message_class: form.message_class.value, purpose: form.purpose.value, channels: ticked("channels"),
      audience: audience(), variants, starts_at: form.starts_at.value, ends_at: form.ends_at.value, budget_minor: Math.round(Number(form.budget.value) * 100) });
    location.assign(`/console/campaigns/${encodeURIComponent(made.head.id)}`);
  } catch (refusal) { byId("form-problem").textContent = refusalWords(refusal); }
});
await load();
