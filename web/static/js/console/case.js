// One case: the conversation with what the assistant understood, and everything one may do.

import { byId, el } from "../shared/dom.js";
import { date, span } from "../shared/format.js";
import { known, t } from "../shared/i18n.js";
import { keys, listen, openDesk, slaOf, staffCall } from "./desk.js";
import { AlertPart } from "./alert.js";
import { loadCopilot } from "./copilot.js";
import { drawEvents, lineItem } from "./case_lines.js";
import { KycPart } from "./kyc.js";
import { policyOf, reasonOf, subjectOf } from "./reasons.js";

const TYPING_LASTS_MS = 6_000;

const id = document.body.dataset.case;
const path = (verb = "") => `/api/cases/${encodeURIComponent(id)}${verb ? `/${verb}` : ""}`;
const me = await openDesk();
const shown = new Set();
const readings = [];
let facts = null;
let lastSeq = 0;
let typingTimer = null;
let replyId = null;
let kyc = null;
let alert = null;
let noticed = { flags: new Map(), waits: false };

const isMine = () => facts?.case.assignee === me.id && facts.case.state !== "resolved";
const isKyc = () => facts?.case.kind === "kyc";
const isAlert = () => facts?.case.kind === "alert";
const iSpeak = () => facts?.conversation?.speaker === "staff" && facts.conversation.staff_id === me.id;

async function load() {
  try {
    facts = await staffCall("GET", path());
    draw();
    if (isKyc()) await loadKyc();
    if (isAlert()) await loadAlert();
    await loadTranscript();
  } catch (refusal) { complain(refusal); }
}

async function loadKyc() {
  kyc ??= new KycPart(id, me, { onDecided: load, onProblem: complain });
  await kyc.load(facts.case);
}

async function loadAlert() {
  alert ??= new AlertPart(id, me, { onDecided: load, onProblem: complain });
  noticed = await alert.load(facts.case);
  drawActions();
}

async function loadTranscript() {
  if (!facts.conversation) {
    byId("transcript").replaceChildren(el("li", { class: "empty" }, t("case.no_conversation")));
    return;
  }
  const { messages } = await staffCall("GET", `${path("transcript")}?after=${lastSeq}`);
  for (const message of messages) add(message);
  drawWhy();
  loadCopilot(path("copilot")).catch(complain); // it may take seconds: nobody waits for a draft
}

/** The words that led to the case, and what the assistant made of them: the last line before it. */
function drawWhy() {
  const { why, reason_code, opened_at } = facts.case;
  if (isKyc() || isAlert()) { // nobody said it: it is what the checks found
    byId("why-said").textContent = why;
    return;
  }
  const said = why && why !== reason_code ? [el("span", { class: "muted" }, `${t("case.why_said")} `), el("q", {}, why)] : [];
  byId("why-said").replaceChildren(...said);
  const nlu = readings.filter(({ at }) => new Date(at) <= new Date(opened_at)).at(-1)?.nlu;
  const fired = nlu?.actions?.[0]; // later ones return to what was open before
  byId("why-read").textContent = [
    nlu?.intent ? t("case.why_read", { intent: nlu.intent, percent: Math.round(nlu.confidence * 100) }) : "",
    fired ? t("case.why_rule", { action: fired.name, policy: policyOf(fired.policy) }) : "",
  ].join(" ").trim();
}

function add(message) {
  if (shown.has(message.seq)) return;
  shown.add(message.seq);
  lastSeq = Math.max(lastSeq, message.seq);
  if (message.nlu) readings.push(message);
  const list = byId("transcript");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 120;
  list.append(lineItem(message, noticed.flags.get(message.seq)));
  if (atEnd || shown.size < 3 || message.from === "staff") list.scrollTop = list.scrollHeight;
}

function draw() {
  const kase = facts.case;
  const sla = slaOf(kase);
  document.title = `${subjectOf(kase)} · Florin`;
  byId("subject").textContent = subjectOf(kase);
  byId("tags").replaceChildren(
    el("span", { class: `priority ${kase.priority}` }, t(`priority.${kase.priority}`)),
    el("span", { class: `tag ${kase.state}` }, t(`state.${kase.state}`)),
    kase.outcome ? el("span", {}, `${t("case.outcome")}: ${outcomeOf(kase.outcome)}`) : "",
    el("span", { class: "muted" }, known(`kind.${kase.kind}`) ? t(`kind.${kase.kind}`) : kase.kind),
    el("span", { class: `sla ${sla.look}` }, `${t("inbox.due")} ${t(`sla.${sla.look}`, { span: span(sla.seconds) })}`),
    el("span", { class: "muted" }, `${t("inbox.assignee")}: ${kase.assignee === me.id ? t("inbox.you") : kase.assignee_name ?? kase.assignee ?? t("inbox.nobody")}`));
  byId("why").textContent = reasonOf(kase.reason_code);
  byId("reason").textContent = t("case.reason_code", { code: kase.reason_code });
  drawWhy();
  drawCustomer();
  drawActions();
  drawEvents(byId("events"), facts.events);
}

const outcomeOf = (code) => (known(`case.outcome.${code}`) ? t(`case.outcome.${code}`) : code.replaceAll("_", " "));

function drawCustomer() {
  const customer = facts.customer;
  if (!customer) {
    byId("customer").replaceChildren(el("div", { class: "fact" }, el("dt", {}, t("case.fact.name")), el("dd", {}, t("case.visitor"))));
    return;
  }
  byId("customer-page").hidden = !me.may_view_customers;
  byId("customer-page").href = `/console/customers/${encodeURIComponent(customer.id)}`;
  const names = ["name", "login_name", "kyc_tier", "country", "locale", "since"];
  byId("customer").replaceChildren(...names.filter((name) => customer[name] !== undefined).map((name) =>
    el("div", { class: "fact" }, el("dt", {}, t(`case.fact.${name}`)), el("dd", {}, name === "since" ? date(customer[name]) : String(customer[name])))));
}

function drawActions() {
  const kase = facts.case;
  const open = kase.state !== "resolved";
  const buttons = [];
  if (!open) buttons.push(["reopen", "case.reopen"]);
  if (open && !isMine()) buttons.push(["claim", "case.claim"]);
  if (isMine() && !iSpeak()) buttons.push(["release", "case.release"]);
  if (open && facts.conversation && !iSpeak()) buttons.push(["take-over", "case.take_over"]);
  byId("actions").replaceChildren(...buttons.map(([verb, words]) =>
    el("button", { type: "button", id: `do-${verb}`, class: verb === "take-over" || (verb === "claim" && !facts.conversation) ? "primary" : "button", onclick: () => act(verb) }, t(words))));
  const speaker = facts.conversation?.speaker;
  byId("speaker").textContent = speaker ? t(`case.speaker.${speaker}`) : "";
  byId("speaker").className = `speaker ${speaker ?? ""}`;
  byId("reply-form").hidden = !facts.conversation || !open;
  for (const name of ["reply", "send", "canned"]) byId(name).disabled = !iSpeak();
  byId("reply-hint").textContent = iSpeak() ? t("case.reply_hint") : t("case.reply_locked");
  byId("hand-back-part").hidden = !iSpeak();
  byId("resolve-part").hidden = !isMine() || isKyc() || noticed.waits; // what waits for a decision ends with it
}

async function act(verb, body) {
  for (const button of byId("actions").children) button.disabled = true;
  try {
    await staffCall("POST", path(verb), body);
    byId("problem").textContent = "";
    await load();
    if (verb === "take-over") byId("reply").focus();
    return true;
  } catch (refusal) {
    await load();
    complain(refusal);
    return false;
  }
}

function complain(refusal) { byId("problem").textContent = refusal.message; }

function form(name, fields, send) {
  byId(name).addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = byId(name).querySelector("[type=submit]");
    button.disabled = true;
    if (await send()) for (const field of fields) byId(field).value = "";
    button.disabled = false;
    if (facts) drawActions();
  });
}

form("reply-form", ["reply"], async () => {
  const text = byId("reply").value.trim();
  if (!text) return false;
  replyId ??= crypto.randomUUID(); // kept until it worked, so a second try is the same reply
  const done = await act("reply", { text, message_id: replyId });
  if (done) replyId = null;
  byId("reply").focus();
  return done;
});
form("note-form", ["note"], async () => {
  const text = byId("note").value.trim();
  return text ? act("note", { text }) : false;
});
form("hand-back-form", ["summary"], () => act("hand-back", { summary: byId("summary").value.trim() }));
form("resolve-form", ["resolve-note"], () => act("resolve", { outcome: byId("outcome").value, note: byId("resolve-note").value.trim() }));

byId("reply").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) byId("reply-form").requestSubmit();
});

async function offerCanned() {
  const { replies } = await staffCall("GET", "/api/canned-replies");
  const select = byId("canned");
  select.replaceChildren(el("option", { value: "" }, t("case.canned_choose")), ...replies.map((reply) => el("option", { value: reply.id }, reply.title)));
  select.addEventListener("change", () => {
    const chosen = replies.find((reply) => reply.id === select.value);
    select.value = "";
    if (!chosen) return;
    const field = byId("reply");
    field.setRangeText(chosen.text, field.selectionStart, field.selectionEnd, "end");
    field.focus();
  });
}

keys({
  c: () => byId("do-claim")?.click(),
  t: () => byId("do-take-over")?.click(),
  r: () => byId("reply").focus(),
  n: () => byId("note").focus(),
  h: () => byId("summary").focus(),
  e: () => (isKyc() ? byId("decision-form").querySelector("input") : byId(noticed.waits ? "alert-note" : "outcome")).focus(),
  i: () => location.assign("/console"),
});

listen({
  onFrame: (frame) => {
    if (frame.type === "refresh" || (frame.type === "case" && frame.case.id === id)) load();
    if (frame.type === "message" && frame.case_id === id) {
      if (frame.message.from === "customer") byId("typing").textContent = "";
      loadTranscript().catch(complain);
    }
    if (frame.type === "typing" && frame.case_id === id) {
      clearTimeout(typingTimer);
      byId("typing").textContent = t("case.customer_typing");
      typingTimer = setTimeout(() => { byId("typing").textContent = ""; }, TYPING_LASTS_MS);
    }
  },
  onBack: load,
});
await load();
await offerCanned().catch(complain);
