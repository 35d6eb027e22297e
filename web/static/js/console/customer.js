// One customer: who, what they have, what is open, and what the churn model expects of them.

import { byId, el } from "../shared/dom.js";
import { date, moment, span } from "../shared/format.js";
import { known, t } from "../shared/i18n.js";
import { openDesk, slaOf, staffCall } from "./desk.js";
import { loadInvesting } from "./investing.js";
import { subjectOf } from "./reasons.js";
import { trendOf } from "./trend.js";

const path = `/api/customers/${encodeURIComponent(document.body.dataset.customer)}`;
const percent = (share) => (share < 0.001 ? "< 0.1 %" : `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`);
const ofHundred = (share) => (share < 0.005 ? t("churn.less_than_one") : String(Math.round(share * 100)));
const word = (key, fallback) => (known(key) ? t(key) : fallback.replaceAll("_", " "));

async function load() {
  try {
    const page = await staffCall("GET", path);
    draw(page);
    await loadInvesting(path);
    if (page.may_see_churn) await loadChurn();
  } catch (refusal) {
    byId("problem").textContent = refusal.message;
  }
}

function draw({ customer, accounts, cards, open_cases, conversations }) {
  document.title = `${customer.name} · Florin`;
  byId("name").textContent = customer.name;
  byId("tags").replaceChildren(
    el("span", { class: "tag" }, t("customer.tier", { tier: customer.kyc_tier })),
    el("span", { class: "muted" }, t(customer.may_be_offered ? "customer.may_be_offered" : "customer.no_offers")));
  const facts = { login_name: customer.login_name, email: customer.email_masked, phone: customer.phone_masked, country: customer.country, locale: customer.locale, since: date(customer.since) };
  byId("facts").replaceChildren(...Object.entries(facts).filter(([, value]) => value).map(([name, value]) =>
    el("div", { class: "fact" }, el("dt", {}, t(`customer.fact.${name}`)), el("dd", {}, value))));
  byId("accounts").replaceChildren(...accounts.map(accountRow));
  byId("no-accounts").hidden = accounts.length > 0;
  byId("cases").replaceChildren(...open_cases.map(caseRow));
  byId("cases-frame").hidden = open_cases.length === 0;
  byId("no-cases").hidden = open_cases.length > 0;
  const shownCards = cards.map((card) => el("li", {},
    el("span", {}, word(`customer.card.${card.kind}`, card.kind), " ", el("span", { class: "muted" }, card.pan_masked)),
    card.status === "active" ? null : el("span", { class: "tag" }, word(`customer.status.${card.status}`, card.status))));
  byId("cards").replaceChildren(...(shownCards.length ? shownCards : [el("li", { class: "muted" }, t("customer.no_cards"))]));
  const shownChats = conversations.map(chatRow);
  byId("conversations").replaceChildren(...(shownChats.length ? shownChats : [el("li", { class: "muted" }, t("customer.no_conversations"))]));
}

function accountRow(account) {
  return el("tr", {},
    el("td", {}, el("span", { class: "account-name" }, account.name), " ",
      account.status === "active" ? null : el("span", { class: "tag" }, word(`customer.status.${account.status}`, account.status)),
      el("span", { class: "muted small account-more" }, word(`customer.kind.${account.kind}`, account.kind), " · ", account.iban_masked)),
    el("td", { class: "number" }, account.posted.text),
    el("td", { class: "number" }, account.available.text));
}

function caseRow(kase) {
  const sla = slaOf(kase);
  return el("tr", {},
    el("td", {}, el("a", { href: `/console/cases/${encodeURIComponent(kase.id)}` }, subjectOf(kase))),
    el("td", {}, el("span", { class: `tag ${kase.state}` }, t(`state.${kase.state}`))),
    el("td", { class: "wide-only" }, kase.assignee_name ?? t("inbox.nobody")),
    el("td", { title: moment(kase.due_at) }, el("span", { class: `sla ${sla.look}` }, t(`sla.${sla.look}`, { span: span(sla.seconds) }))));
}

const chatRow = (chat) => el("li", {},
  el("span", {}, word(`customer.channel.${chat.channel}`, chat.channel), " · ", moment(chat.started_at)),
  el("span", { class: "muted small" }, chat.erased ? t("customer.erased") : t("customer.lines", { count: chat.lines_count }), chat.speaker === "staff" ? ` · ${t("case.speaker.staff")}` : ""));

async function loadChurn() {
  byId("churn").hidden = false;
  try {
    drawChurn(await staffCall("GET", `${path}/churn`));
  } catch (refusal) {
    byId("churn-state").textContent = refusal.message;
  }
}

function drawChurn(churn) {
  byId("churn-body").hidden = churn.state !== "scored";
  byId("churn-state").textContent = churn.state === "scored" ? "" : t(`churn.${churn.state}`);
  if (churn.state !== "scored") return;
  byId("churn-percent").textContent = percent(churn.probability);
  byId("churn-words").textContent = t("churn.words", { count: ofHundred(churn.probability), days: churn.horizon_days });
  byId("churn-usual").textContent = t("churn.usual", { count: ofHundred(churn.usual) });
  drawReasons("raises", churn.reasons.filter((one) => one.raises));
  drawReasons("lowers", churn.reasons.filter((one) => !one.raises));
  byId("churn-version").textContent = t("churn.version", { at: moment(churn.computed_at), version: churn.version, learnt: date(churn.learnt_at) });
  const points = churn.trend.map(({ at, probability }) => ({ label: date(at), value: probability }));
  if (points.length < 2) return;
  const told = t("churn.trend_told", { points: points.map((one) => `${one.label} ${percent(one.value)}`).join(", ") });
  byId("churn-line").replaceChildren(trendOf(points, { usual: churn.usual, label: told, percent }));
  byId("churn-caption").textContent = t("churn.trend", { months: points.length - 1 });
}

function drawReasons(way, reasons) {
  byId(`${way}-part`).hidden = reasons.length === 0;
  byId(way).replaceChildren(...reasons.map((reason) => el("li", { "data-code": reason.code }, reason.text)));
}

await openDesk();
await load();
