// An alert: what was seen of each act and how much each signal adds, the days around it, whom the
// customer paid, and the decision.
//
//     acts ─ signals by source ─ timeline ─ counterparties        at the side: decide, report
//
// Shares are log-odds; people read them as "multiplies the odds by 8". The bank enforces who may
// decide and what moves; here it is only shown.

import { byId, el } from "../shared/dom.js";
import { moment } from "../shared/format.js";
import { known, t } from "../shared/i18n.js";
import { AlertDecision } from "./alert_decision.js";
import { drawGraph } from "./alert_graph.js";
import { staffCall } from "./desk.js";

const SURE = 0.95;

export class AlertPart {
  #path; #decision; #drawn = "";

  constructor(caseId, me, doors) {
    this.#path = `/api/cases/${encodeURIComponent(caseId)}`;
    this.#decision = new AlertDecision(me, {
      ...doors, send: (body) => staffCall("POST", `${this.#path}/decide`, body),
    });
    byId("alert-report-link").href = `/console/cases/${encodeURIComponent(caseId)}/report`;
  }

  /** Returns what was noticed in lines, by the line's number. */
  async load(kase) {
    const facts = await staffCall("GET", `${this.#path}/alert`);
    document.body.classList.add("alert-page");
    this.#decision.show(facts, kase);
    byId("alert-report").hidden = !facts.may_draft;
    const mark = JSON.stringify(facts);
    if (mark !== this.#drawn) this.#draw(facts);
    this.#drawn = mark;
    return { flags: bySeq(facts.flags), waits: facts.waits };
  }

  #draw({ acts, timeline, graph }) {
    byId("alert-acts").replaceChildren(...(acts.length ? acts.map(actCard) : [el("p", { class: "muted" }, t("alert.none"))]));
    drawTimeline(timeline);
    byId("alert-graph").replaceChildren(...drawGraph(graph));
    byId("alert").hidden = false;
  }
}

function bySeq(flags) {
  const by = new Map();
  for (const flag of flags) by.set(flag.seq, [...(by.get(flag.seq) ?? []), flag]);
  return by;
}

const named = (prefix, code) => (known(`${prefix}.${code}`) ? t(`${prefix}.${code}`) : String(code ?? "").replaceAll("_", " "));

function chance({ probability, one_in }) {
  if (probability >= SURE) return t("alert.sure");
  return one_in ? t("alert.one_in", { count: Math.max(2, one_in) }) : t("alert.rare");
}

/** Never "100 %": no model is that sure. */
const percentOf = (probability) => (probability > 0.99 ? t("alert.over_99") : t("alert.percent", { percent: (100 * probability).toFixed(probability < 0.1 ? 1 : 0) }));

function actCard(act) {
  const most = Math.max(0.5, ...act.sources.flatMap(({ signals }) => signals.map(({ share }) => Math.abs(share))));
  const tags = [el("span", { class: `tag decided-${act.decision}` }, named("alert.decision", act.decision))];
  if (act.transfer_status) tags.push(el("span", { class: "tag" }, named("alert.status", act.transfer_status)));
  return el("article", { class: "alert-act" },
    el("div", { class: "act-head" },
      el("div", {}, el("h3", {}, [named("alert.act", act.act), act.amount?.text].filter(Boolean).join(" ")),
        el("p", { class: "muted small" }, [act.payee ? t("alert.to", { payee: act.payee }) : "", act.iban_masked, moment(act.at)].filter(Boolean).join(" · "))),
      el("p", { class: "act-tags" }, tags)),
    el("p", { class: "act-chance" }, el("strong", {}, percentOf(act.probability)), " ", chance(act)),
    el("div", { class: "sources" }, act.sources.map((source) => sourcePart(source, most))),
    el("p", { class: "muted small" }, act.model_version ? t("alert.model", { version: act.model_version }) : t("alert.no_model")),
    act.outcome ? el("p", { class: "act-outcome" }, t(`alert.decided.${act.outcome}`, { name: act.outcome_by ?? "–", at: moment(act.outcome_at) })) : null);
}

function sourcePart({ source, adds, signals }, most) {
  return el("section", { class: "source" },
    el("h4", {}, el("span", {}, named("alert.source", source)), signals.length > 1 ? el("span", { class: "muted" }, odds(adds)) : null),
    el("ul", {}, signals.map((signal) => signalItem(signal, most))));
}

function odds(share) {
  const times = Math.exp(Math.abs(share));
  return t(share < 0 ? "alert.lowers" : "alert.adds", { times: times >= 10 ? Math.round(times) : times.toFixed(1) });
}

/** A bar for the eye; the words say the same, so nothing hangs on colour or length. */
function signalItem({ sentence, share }, most) {
  const bar = el("span", { class: share < 0 ? "share lowers" : "share", "aria-hidden": "true" });
  const inner = el("span", {});
  inner.style.setProperty("width", `${Math.max(2, Math.round((100 * Math.abs(share)) / most))}%`);
  bar.append(inner);
  return el("li", { class: "signal" }, el("span", { class: "signal-words" }, sentence), bar, el("span", { class: "signal-odds muted" }, odds(share)));
}

function drawTimeline(timeline) {
  byId("alert-window").textContent = timeline ? [
    t("alert.window", { since: moment(timeline.since), until: moment(timeline.until) }),
    timeline.cut ? t("alert.cut") : "",
  ].join(" ").trim() : "";
  const marks = timeline?.marks ?? [];
  byId("alert-marks").replaceChildren(...(marks.length ? marks.map(({ at, kind, text, asked }) =>
    el("li", { class: `mark kind-${kind}${asked ? " asked" : ""}` },
      el("time", { datetime: at, class: "muted" }, moment(at)),
      el("span", { class: "mark-kind" }, named("alert.mark", kind)),
      el("span", {}, text, asked ? el("span", { class: "tag asked-tag" }, t("alert.in_question")) : null)))
    : [el("li", { class: "muted" }, t("alert.no_marks"))]));
}
