// The copilot: a summary, drafts and like cases beside a case. A draft goes into the reply box by a
// click; it is sent, or changed, or thrown away by a person.

import { byId, el } from "../shared/dom.js";
import { known, t } from "../shared/i18n.js";
import { reasonOf } from "./reasons.js";
import { staffCall } from "./desk.js";

const words = (key, name) => (known(`${key}.${name}`) ? t(`${key}.${name}`) : name.replaceAll("_", " "));

export async function loadCopilot(path) {
  const told = await staffCall("GET", path);
  byId("copilot").hidden = false;
  drawSummary(told.summary);
  byId("suggestions").replaceChildren(...told.suggestions.map(draft));
  byId("no-suggestions").hidden = told.suggestions.length > 0;
  byId("similar").replaceChildren(...told.similar.map(similar));
  byId("similar-part").hidden = told.similar.length === 0;
}

function drawSummary({ asked, done, open_task: task, mood, last }) {
  const facts = [
    ["asked", asked.length ? el("ul", {}, ...asked.map((one) => el("li", {}, one))) : null],
    ["done", done.length ? el("ul", {}, ...done.map((one) => el("li", {}, one))) : null],
    ["task", task ? el("span", {}, words("copilot.task", task.action), ...Object.entries(task.facts).map(([name, value]) => el("span", { class: "tag" }, `${name.replaceAll("_", " ")}: ${value}`))) : null],
    ["mood", t(`copilot.mood.${mood}`)],
    ["last", last || null],
  ];
  byId("copilot-summary").replaceChildren(...facts.filter(([, value]) => value).map(([name, value]) =>
    el("div", { class: "fact" }, el("dt", {}, t(`copilot.${name}`)), el("dd", {}, value))));
}

function draft(one) {
  const place = one.citation;
  return el("li", { class: "draft" },
    el("p", {}, one.text),
    el("p", { class: "small muted" }, place ? el("a", { href: `/console/library/${encodeURIComponent(place.article_id)}` }, place.title, place.heading && place.heading !== place.title ? ` › ${place.heading}` : "") : t("copilot.canned", { title: one.title })),
    one.for_staff ? el("span", { class: "tag" }, t("copilot.for_staff"))
      : el("button", { type: "button", class: "button small", onclick: () => put(one.text) }, t("copilot.use")));
}

function put(text) {
  const field = byId("reply");
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.focus();
}

const similar = (one) => el("li", {},
  el("a", { href: `/console/cases/${encodeURIComponent(one.id)}` }, known(`reason.${one.reason_code}`) ? reasonOf(one.reason_code) : one.subject), " ",
  el("span", { class: "tag" }, words("case.outcome", one.outcome)),
  one.note ? el("p", { class: "small muted" }, one.note) : null);
