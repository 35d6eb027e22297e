// One article: what holds, what is worked on, what they differ in; written by one, published by two.
//
//     edit ─▶ save ─▶ submit ─▶ publish (somebody else) │ send back        409 ─▶ both texts shown

import { byId, el } from "../shared/dom.js";
import { date, moment } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { openDesk, staffCall } from "./desk.js";
import { markdown } from "./markdown.js";

const FIELDS = ["title", "article_id", "audience", "language", "valid_from", "valid_until", "owner", "topic", "body"];
const id = document.body.dataset.article;
const isNew = id === "new";
const form = byId("edit-form");
const revision = (verb) => `/api/library/revisions/${encodeURIComponent(facts.open.id)}/${verb}`;
let facts = null;
let theirs = null; // what somebody else wrote while we did

const me = await openDesk();

async function load() {
  try {
    facts = await staffCall("GET", `/api/library/articles/${encodeURIComponent(id)}`);
    draw();
  } catch (refusal) { complain(refusal); }
}

function complain(refusal) {
  byId("problem").textContent = refusal?.message ?? "";
  if (refusal) byId("problem").scrollIntoView({ block: "nearest" });
}

function draw() {
  const { open, holds, history } = facts;
  const shown = open?.text ?? holds ?? history[0].text;
  document.title = `${shown.title} · Florin`;
  byId("title").textContent = shown.title;
  byId("title").lang = shown.language;
  const state = open?.state ?? (holds ? "published" : "retired");
  byId("tags").replaceChildren(
    el("span", { class: `tag ${state}` }, t(`library.state.${state}`)), " ",
    el("span", {}, t(`library.audience.${shown.audience}`)), " · ",
    el("span", {}, t("library.version", { version: open?.version ?? facts.holds_version })), " · ",
    el("span", {}, shown.valid_until ? t("library.from_until", { from: date(shown.valid_from), until: date(shown.valid_until) }) : t("library.from", { from: date(shown.valid_from) })),
    open ? ` · ${t("library.by", { name: open.made_by_name, at: moment(open.changed_at) })}` : "");
  byId("note").hidden = !open?.note;
  byId("note").textContent = open?.note ? t("library.note", { name: open.reviewed_by_name ?? "", note: open.note }) : "";
  drawActs(state);
  byId("diff-part").hidden = !open;
  byId("diff").replaceChildren(...facts.diff.map((line) => el("li", { class: { "+": "plus", "-": "minus", "=": "same" }[line.op] }, el("span", { class: "unseen" }, t(`library.diff.${line.op}`)), line.text)));
  byId("text-part").hidden = !holds;
  byId("text").lang = holds?.language ?? "";
  byId("text").replaceChildren(...(holds ? markdown(holds.body) : []));
  byId("history-part").hidden = history.length === 0;
  byId("history").replaceChildren(...history.map((one) => el("li", {},
    t("library.version", { version: one.version }), " · ", t(`library.state.${one.state}`), " · ",
    el("span", { class: "muted" }, t("library.by", { name: one.made_by_name, at: moment(one.changed_at) }),
      one.reviewed_by_name ? ` · ${t("library.looked_at", { name: one.reviewed_by_name })}` : ""))));
}

function drawActs(state) {
  const { open, may_write: write, may_publish: publishes } = facts;
  const acts = [];
  if (write && state !== "in_review") acts.push(["edit", open ? "library.edit_draft" : "library.edit", "button", edit]);
  if (write && state === "draft") acts.push(["submit", "library.submit", "primary", () => act("submit")], ["drop", "library.drop", "button plain", drop]);
  if (publishes && state === "in_review") acts.push(["publish", "library.publish", "primary", () => act("publish")]);
  if (publishes && facts.holds && !open) acts.push(["retire", "library.retire", "button plain", retire]);
  byId("acts").replaceChildren(...acts.map(([name, words, look, run]) => el("button", { type: "button", id: `do-${name}`, class: look, onclick: run }, t(words))));
  byId("back-form").hidden = !(publishes && state === "in_review");
}

function fill(text) {
  for (const name of FIELDS) form.elements[name].value = text[name] ?? "";
  preview();
}

const preview = () => byId("preview").replaceChildren(...markdown(form.elements.body.value));

function edit() {
  fill(facts.open?.text ?? facts.holds ?? facts.history[0].text);
  byId("id-part").hidden = true;
  form.hidden = false;
  form.elements.title.focus();
}

function written() {
  const text = Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value.trim()]));
  return { ...text, valid_until: text.valid_until || null };
}

/** Runs a call that gives the page anew; a conflict shows the other's text beside one's own. */
async function call(path, body) {
  try {
    facts = await staffCall("POST", path, body);
    complain(null);
    byId("both").hidden = true;
    draw();
    return true;
  } catch (refusal) {
    complain(refusal);
    if (refusal.code === "conflict") await showBoth(body.text?.article_id ?? id);
    return false;
  }
}

const act = (verb) => call(revision(verb), { edit: facts.open.edit });

async function showBoth(name) {
  const now = await staffCall("GET", `/api/library/articles/${encodeURIComponent(name)}`).catch(() => null);
  if (!now) return;
  if (form.hidden) { facts = now; draw(); return; }
  theirs = now;
  const text = now.open?.text ?? now.holds;
  byId("both-lead").textContent = t("library.conflict_lead", { name: now.open?.made_by_name ?? "" });
  byId("theirs").textContent = text?.body ?? "";
  byId("both").hidden = false;
  byId("keep-mine").focus();
}

/** One goes on from the other's state: with one's own words, or with theirs. */
function goOn(takesTheirs) {
  facts = theirs;
  if (takesTheirs) fill(facts.open?.text ?? facts.holds);
  byId("both").hidden = true;
  complain(null);
  draw();
  form.elements.body.focus();
}

async function drop() {
  try {
    await staffCall("POST", revision("drop"), { edit: facts.open.edit });
    if (facts.holds || facts.history.length > 1) await load();
    else location.assign("/console/library");
  } catch (refusal) { complain(refusal); }
}

const retire = () => call(`/api/library/articles/${encodeURIComponent(id)}/retire`, {});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = written();
  const done = facts?.open
    ? await call(revision("save"), { text, edit: facts.open.edit })
    : await call("/api/library/articles", { text, base_version: facts?.holds_version ?? 0 });
  if (!done) return;
  form.hidden = true;
  if (isNew) location.assign(`/console/library/${encodeURIComponent(text.article_id)}`);
  byId("do-submit")?.focus();
});
form.addEventListener("input", preview);
byId("cancel").addEventListener("click", () => { form.hidden = true; byId("both").hidden = true; if (isNew) location.assign("/console/library"); });
byId("keep-mine").addEventListener("click", () => goOn(false));
byId("take-theirs").addEventListener("click", () => goOn(true));
byId("back-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (await call(revision("send-back"), { edit: facts.open.edit, note: byId("back-note").value.trim() })) byId("back-note").value = "";
});

if (isNew) {
  const asked = new URLSearchParams(location.search);
  byId("title").textContent = t("library.new");
  form.hidden = false;
  fill({ title: asked.get("title") ?? "", language: asked.get("language") ?? "en", audience: "public", valid_from: new Date().toISOString().slice(0, 10), owner: me.first_name, body: `## ${asked.get("title") ?? ""}\n\n` });
  form.elements.title.focus();
} else await load();
