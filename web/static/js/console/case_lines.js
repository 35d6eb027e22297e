// How one line of a transcript and one event of a case look to staff.
//
// Under a customer's line stands what the assistant made of it: intent with a bar for the
// confidence, the entities found, the actions that followed and the policy that chose them.

import { el, paragraphs } from "../shared/dom.js";
import { moment, time } from "../shared/format.js";
import { known, t } from "../shared/i18n.js";
import { policyOf } from "./reasons.js";

/** flags: what was noticed in the line; for staff only, the customer's view never has any. */
export function lineItem(message, flags = []) {
  const who = message.from === "staff" && message.name ? message.name : t(`case.from.${message.from}`);
  const text = message.text || (message.kind ? `[${message.kind}]` : "");
  const body = [el("div", { class: "text" }, flags.length ? flaggedLine(text, flags) : paragraphs(text))];
  if (flags.length) body.push(el("ul", { class: "flags" }, flags.map((flag) => el("li", {}, t("alert.flagged", { sentence: flag.text })))));
  if (message.buttons?.length) body.push(el("p", { class: "offered muted small" }, message.buttons.map((button) => button.title).join(" · ")));
  const reading = makeReading(message);
  if (reading) body.push(reading);
  return el("li", { class: `row from-${message.from}` },
    el("div", { class: "head" }, el("span", { class: "who" }, who), el("time", { datetime: message.at }, time(message.at))),
    el("div", { class: "body" }, body));
}

/** Places are counted in characters, as the bank does, not in JavaScript's halves of them. */
function flaggedLine(text, flags) {
  const characters = Array.from(text);
  const spans = flags.flatMap((flag) => flag.spans.map(([start, end]) => ({ start, end, title: flag.text }))).sort((a, b) => a.start - b.start);
  const parts = [];
  let at = 0;
  for (const { start, end, title } of spans) {
    const from = Math.max(at, start);
    if (end <= from || from >= characters.length) continue;
    parts.push(characters.slice(at, from).join(""), el("mark", { title }, characters.slice(from, end).join("")));
    at = Math.min(end, characters.length);
  }
  parts.push(characters.slice(at).join(""));
  return el("p", { class: "flagged-line" }, parts);
}

function makeReading({ nlu, actions = [] }) {
  const did = (nlu?.actions ?? actions).filter((action) => action.name !== "action_listen");
  const intent = typeof nlu?.intent === "string" ? nlu.intent : nlu?.intent?.name;
  if (!intent && !did.length) return null;
  const parts = [];
  if (intent) {
    const confidence = nlu.confidence ?? nlu.intent?.confidence ?? 0;
    parts.push(el("span", { class: "intent" }, intent), bar(confidence));
  }
  const found = (nlu?.entities ?? []).map((entity) => el("span", { class: "entity" }, `${entity.entity}: ${plain(entity.text ?? entity.value)}`));
  if (found.length) parts.push(el("span", { class: "found" }, found));
  if (did.length) parts.push(deeds(did));
  const others = (nlu?.ranking ?? []).slice(1).filter((other) => other.confidence >= 0.05);
  if (others.length) parts.push(el("span", { class: "muted also" }, `${t("case.also")} ${others.map((other) => `${other.name} ${percent(other.confidence)} %`).join(", ")}`));
  return el("div", { class: "reading" }, parts);
}

function bar(confidence) {
  const meter = el("meter", { min: 0, max: 1, low: 0.5, high: 0.75, optimum: 1, value: confidence, "aria-label": t("case.confidence", { percent: percent(confidence) }) });
  return el("span", { class: "confidence" }, meter, `${percent(confidence)} %`);
}

const percent = (value) => Math.round(value * 100);
const plain = (value) => (value !== null && typeof value === "object" ? Object.values(value).filter(Boolean).join(" ") : String(value));

/** "did action_hand_off by a rule (RulePolicy)": actions one policy chose stand together. */
function deeds(actions) {
  const groups = [];
  for (const { name, policy } of actions) {
    const by = policyOf(policy);
    if (groups.at(-1)?.by === by) groups.at(-1).names.push(name);
    else groups.push({ by, names: [name] });
  }
  return el("span", { class: "did muted" }, `${t("case.actions")} `,
    groups.flatMap(({ by, names }, at) => [at ? "; " : "", el("code", {}, names.join(", ")), by ? ` ${t("case.by")} ${by}` : ""]));
}

export function drawEvents(list, events) {
  list.replaceChildren(...[...events].reverse().map((event) => {
    const who = event.actor_name ?? (known(`case.from.${event.actor_kind}`) ? t(`case.from.${event.actor_kind}`) : event.actor_kind);
    const isNote = event.kind === "note";
    return el("li", { class: isNote ? "event note" : "event" },
      el("div", { class: "event-head" }, el("span", {}, isNote ? t("case.note_by", { name: who }) : `${event.kind.replaceAll("_", " ")}, ${who}`), el("time", { datetime: event.at, class: "muted" }, moment(event.at))),
      event.text ? el("div", { class: "event-text" }, paragraphs(event.text)) : null);
  }));
}
