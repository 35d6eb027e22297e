// The inbox: every case one may see, the most pressing first, live.

import { byId, el } from "../shared/dom.js";
import { moment, span } from "../shared/format.js";
import { known, t } from "../shared/i18n.js";
import { keys, listen, openDesk, slaOf, staffCall } from "./desk.js";
import { subjectOf } from "./reasons.js";

const PRIORITIES = ["urgent", "high", "medium", "low"];
const CLOCK_MS = 20_000;

const cases = new Map();
const me = await openDesk();

const wished = () => ({ queue: byId("queue").value, state: byId("state").value, mine: byId("mine").checked });

function isShown(kase) {
  const { queue, state, mine } = wished();
  if (queue && kase.queue !== queue) return false;
  if (state ? kase.state !== state : kase.state === "resolved") return false;
  return !mine || kase.assignee === me.id;
}

async function load() {
  const { state } = wished();
  try {
    const answer = await staffCall("GET", `/api/cases${state ? `?state=${state}` : ""}`);
    cases.clear();
    for (const kase of answer.cases) cases.set(kase.id, kase);
    byId("problem").textContent = "";
  } catch (refusal) {
    byId("problem").textContent = refusal.message;
  }
  draw();
}

function draw() {
  offerQueues();
  const shown = [...cases.values()].filter(isShown).sort(byUrgency);
  const focused = document.activeElement?.closest?.("tr")?.dataset.id;
  byId("cases").replaceChildren(...shown.map(row));
  byId("empty").hidden = shown.length > 0;
  byId("count").textContent = t("inbox.count", { count: shown.length });
  if (focused) document.querySelector(`tr[data-id="${CSS.escape(focused)}"] a`)?.focus();
}

const byUrgency = (a, b) =>
  PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority) || new Date(a.due_at) - new Date(b.due_at);

function row(kase) {
  const sla = slaOf(kase);
  const waiting = (Date.now() - new Date(kase.opened_at).getTime()) / 1000;
  return el("tr", { "data-id": kase.id, class: kase.assignee === me.id ? "mine" : null },
    el("td", {}, el("span", { class: `priority ${kase.priority}` }, t(`priority.${kase.priority}`))),
    el("td", { class: "subject" }, el("a", { href: `/console/cases/${encodeURIComponent(kase.id)}` }, subjectOf(kase)), el("span", { class: "muted small" }, kase.customer_name ?? t("inbox.visitor"))),
    el("td", {}, known(`kind.${kase.kind}`) ? t(`kind.${kase.kind}`) : kase.kind),
    el("td", {}, el("span", { class: `tag ${kase.state}` }, t(`state.${kase.state}`))),
    el("td", {}, who(kase)),
    el("td", { class: "number", title: moment(kase.opened_at) }, span(waiting)),
    el("td", { title: moment(kase.due_at) }, el("span", { class: `sla ${sla.look}` }, t(`sla.${sla.look}`, { span: span(sla.seconds) }))));
}

const who = (kase) => (kase.assignee === me.id ? t("inbox.you") : kase.assignee_name ?? kase.assignee ?? el("span", { class: "muted" }, t("inbox.nobody")));

function offerQueues() {
  const select = byId("queue");
  const there = new Set([...select.options].map((option) => option.value));
  for (const name of [...new Set([...cases.values()].map((kase) => kase.queue))].sort()) {
    if (!there.has(name)) select.append(el("option", { value: name }, name));
  }
}

function move(step) {
  const links = [...document.querySelectorAll("#cases a")];
  const at = links.indexOf(document.activeElement);
  links[Math.max(0, Math.min(links.length - 1, at < 0 ? 0 : at + step))]?.focus();
}

byId("filters").addEventListener("change", (event) => (event.target.id === "state" ? load() : draw()));
byId("cases").addEventListener("click", (event) => {
  if (!event.target.closest("a")) event.target.closest("tr")?.querySelector("a")?.click();
});
keys({
  j: () => move(1),
  k: () => move(-1),
  m: () => byId("mine").click(),
  "/": () => byId("queue").focus(),
});
listen({
  onFrame: (frame) => {
    if (frame.type === "refresh") load();
    if (frame.type !== "case") return;
    cases.set(frame.case.id, frame.case);
    draw();
  },
  onBack: load,
});
setInterval(draw, CLOCK_MS);
await load();
