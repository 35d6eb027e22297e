// How one line of a transcript and one event of a case look to staff.
//
// Under a customer's line stands what the assistant made of it: intent with a bar for the
// confidence, the entities found, the actions that followed.

import { el, paragraphs } from "../shared/dom.js";
import { moment, time } from "../shared/format.js";
import { known, t } from "../shared/i18n.js";

export function lineItem(message) {
  const who = message.from === "staff" && message.name ? message.name : t(`case.from.${message.from}`);
  const body = [el("div", { class: "text" }, paragraphs(message.text || (message.kind ? `[${message.kind}]` : "")))];
  if (message.buttons?.length) body.push(el("p", { class: "offered muted small" }, message.buttons.map((button) => button.title).join(" · ")));
  const reading = makeReading(message);
  if (reading) body.push(reading);
  return el("li", { class: `row from-${message.from}` },
    el("div", { class: "head" }, el("span", { class: "who" }, who), el("time", { datetime: message.at }, time(message.at))),
    el("div", { class: "body" }, body));
}

function makeReading({ nlu, actions = [] }) {
  const did = (nlu?.actions ?? actions).map((action) => action.name ?? action).filter((name) => name !== "action_listen");
  const intent = typeof nlu?.intent === "string" ? nlu.intent : nlu?.intent?.name;
  if (!intent && !did.length) return null;
  const parts = [];
  if (intent) {
    const confidence = nlu.confidence ?? nlu.intent?.confidence ?? 0;
    parts.push(el("span", { class: "intent" }, intent), bar(confidence));
  }
  const found = (nlu?.entities ?? []).map((entity) => el("span", { class: "entity" }, `${entity.entity}: ${plain(entity.text ?? entity.value)}`));
  if (found.length) parts.push(el("span", { class: "found" }, found));
  if (did.length) parts.push(el("span", { class: "did muted", title: rules(nlu?.actions ?? actions) }, `${t("case.actions")} ${did.join(", ")}`));
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
const rules = (actions) => actions.map((action) => [action.name, action.policy].filter(Boolean).join(" · ")).join("\n");

export function drawEvents(list, events) {
  list.replaceChildren(...[...events].reverse().map((event) => {
    const who = event.actor_name ?? (known(`case.from.${event.actor_kind}`) ? t(`case.from.${event.actor_kind}`) : event.actor_kind);
    const isNote = event.kind === "note";
    return el("li", { class: isNote ? "event note" : "event" },
      el("div", { class: "event-head" }, el("span", {}, isNote ? t("case.note_by", { name: who }) : `${event.kind.replaceAll("_", " ")}, ${who}`), el("time", { datetime: event.at, class: "muted" }, moment(event.at))),
      event.text ? el("div", { class: "event-text" }, paragraphs(event.text)) : null);
  }));
}
