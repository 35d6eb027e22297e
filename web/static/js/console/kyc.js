// An identity case: the evidence side by side, what was read and what was told, every finding, and the
// decision with its coded reason.
//
//     pictures ─ reasons ─ comparison ─ scores ─ findings by breakdown ─ screening ─ decisions
//                                                               └─▶ decide: approve│reject│ask again
//
// Where two people must agree, the first approval is a proposal; whoever made it cannot make the
// second. The bank enforces that; here it is only shown.

import { byId, el } from "../shared/dom.js";
import { moment } from "../shared/format.js";
import { known, t } from "../shared/i18n.js";
import { staffCall } from "./desk.js";
import { DecisionForm } from "./kyc_decision.js";
import { drawPictures } from "./kyc_pictures.js";

const BREAKDOWNS = ["image_integrity", "data_validation", "data_consistency", "data_comparison", "visual_authenticity", "age_validation", "face_comparison", "liveness", "screening", "duplicates"];
const WEIGHTS = ["reject", "review", "retry", "hint", "note"];
const COLUMNS = ["mrz", "visual", "barcode", "told"];

export class KycPart {
  #path; #me; #form; #drawn = "";

  constructor(caseId, me, { onDecided, onProblem }) {
    this.#path = `/api/cases/${encodeURIComponent(caseId)}/kyc`;
    this.#me = me;
    this.#form = new DecisionForm(me, {
      send: (body) => staffCall("POST", `${this.#path}/decision`, body),
      onDecided, onProblem,
    });
  }

  async load(kase) {
    const facts = await staffCall("GET", this.#path);
    document.body.classList.add("kyc-page");
    this.#form.show(facts, kase);
    const mark = JSON.stringify(facts);
    if (mark === this.#drawn) return; // a zoomed picture must not jump because a line was said
    this.#drawn = mark;
    drawPictures(facts.evidence, this.#me);
    byId("kyc-summary").replaceChildren(...summaryOf(facts));
    fill("kyc-comparison", facts.comparison.length || facts.details.length, () => comparison(facts));
    fill("kyc-scores", facts.scores.length, () => el("dl", { class: "scores" }, facts.scores.map(score)));
    fill("kyc-findings", facts.findings.length, () => findings(facts.findings));
    fill("kyc-screening", facts.screening, () => screening(facts.screening));
    fill("kyc-past", facts.decisions.length, () => past(facts));
    fill("kyc-reasons", facts.reasons_found.length, () => el("ul", { class: "reasons" }, facts.reasons_found.map((reason) => el("li", {}, reason.text || named("kyc.finding", reason.code), el("span", { class: "muted small" }, ` ${reason.code}`)))));
    byId("kyc").hidden = false;
  }
}

function fill(id, isThere, make) {
  const part = byId(id);
  part.hidden = !isThere;
  part.querySelector(".kyc-body").replaceChildren(isThere ? make() : "");
}

const named = (prefix, code) => (known(`${prefix}.${code}`) ? t(`${prefix}.${code}`) : String(code ?? "").replaceAll("_", " "));

function summaryOf({ application, four_eyes }) {
  const facts = [
    ["state", named("kyc.state", application.state)], ["path", t(application.biometrics ? "kyc.path.pictures" : "kyc.path.person")],
    ["document", application.document_type ? named("kyc.document", application.document_type) : null],
    ["risk", application.risk ? named("kyc.risk", application.risk) : null], ["attempts", application.attempts_count],
    ["eyes", t(four_eyes.required ? "kyc.eyes.two" : "kyc.eyes.one")],
  ];
  return facts.filter(([, value]) => value !== null).map(([name, value]) => el("div", { class: "fact" }, el("dt", {}, t(`kyc.summary.${name}`)), el("dd", {}, String(value))));
}

/** Field by field: a disagreement is said in words, not by colour alone. */
function comparison({ comparison: rows, details }) {
  const compared = rows.length ? rows : details.map(({ name, value }) => ({ field: name, told: value, agree: null }));
  const used = COLUMNS.filter((name) => compared.some((row) => row[name]));
  const head = el("tr", {}, el("th", { scope: "col" }, t("kyc.field")), used.map((name) => el("th", { scope: "col" }, t(`kyc.from.${name}`))), el("th", { scope: "col" }, t("kyc.agree")));
  const body = compared.map((row) => el("tr", { class: row.agree === false ? "differs" : null },
    el("th", { scope: "row" }, named("kyc.fields", row.field)), used.map((name) => el("td", {}, row[name] || "–")),
    el("td", { class: "agree" }, row.agree === null || row.agree === undefined ? "–" : t(row.agree ? "kyc.agrees" : "kyc.differs"))));
  const rest = details.filter(({ name }) => !compared.some(({ field }) => field === name));
  return el("div", {},
    el("div", { class: "table-frame", tabindex: "0", role: "region", "aria-label": t("kyc.comparison") },
      el("table", { class: "compared" }, el("thead", {}, head), el("tbody", {}, body))),
    rest.length ? el("dl", { class: "facts told" }, rest.map(({ name, value }) => el("div", { class: "fact" }, el("dt", {}, named("kyc.fields", name)), el("dd", {}, value)))) : null);
}

/** A bar with the threshold marked; what stands on which side is said as well. */
function score({ name, value, threshold }) {
  const passes = value >= threshold;
  return el("div", { class: passes ? "score" : "score below" }, el("dt", {}, named("kyc.score", name)),
    el("dd", {}, el("meter", { min: 0, max: 1, low: Math.max(0, Math.min(1, threshold)), high: 1, optimum: 1, value: Math.max(0, Math.min(1, value)), "aria-label": named("kyc.score", name) }),
      el("span", { class: "score-value" }, value.toFixed(2)),
      el("span", { class: "muted small" }, t(passes ? "kyc.above" : "kyc.below", { threshold: threshold.toFixed(2) }))));
}

function findings(all) {
  const groups = BREAKDOWNS.map((name) => [name, all.filter(({ breakdown }) => breakdown === name)]).filter(([, found]) => found.length);
  return el("div", { class: "breakdowns" }, groups.map(([name, found]) => el("section", { class: "breakdown" },
    el("h4", {}, named("kyc.breakdown", name)),
    el("ul", {}, [...found].sort((a, b) => WEIGHTS.indexOf(a.weight) - WEIGHTS.indexOf(b.weight)).map(finding)))));
}

function finding({ code, weight, score: value, text, about }) {
  return el("li", { class: "finding" },
    el("span", { class: `tag weighs-${weight}` }, t(`kyc.weight.${weight}`)),
    el("span", { class: "finding-text" }, text || named("kyc.finding", code)),
    el("span", { class: "muted small" }, [code, about ? named("kyc.evidence", about) : "", value === null ? "" : t("kyc.scored", { score: value.toFixed(2) })].filter(Boolean).join(" · ")));
}

function screening({ list_version, hits }) {
  return el("div", {}, el("p", { class: "muted small" }, t("kyc.list_version", { version: list_version || "–" })),
    hits.length ? el("ul", { class: "hits" }, hits.map((hit) => el("li", { class: "hit" },
      el("div", { class: "hit-head" }, el("strong", {}, hit.name), el("span", { class: "muted" }, `${hit.source} ${hit.entry_id}`), el("span", { class: "score-value" }, hit.score.toFixed(2))),
      el("ul", { class: "reasons" }, hit.reasons.map((reason) => el("li", {}, reason.text))),
      factsOf(hit) ? el("p", { class: "muted small" }, factsOf(hit)) : null))) : el("p", {}, t("kyc.no_hits")));
}

const factsOf = ({ born_dates, countries, programs }) => [...born_dates, ...countries, ...programs].join(" · ");

function past({ decisions }) {
  return el("ol", { class: "events" }, [...decisions].reverse().map((one) => el("li", { class: "event" },
    el("div", { class: "event-head" }, el("span", {}, t(`kyc.decision.${one.state}`, { outcome: named("kyc.outcome", one.outcome), name: one.staff_name })), el("time", { datetime: one.at, class: "muted" }, moment(one.at))),
    el("div", { class: "event-text" }, [named("kyc.reason", one.reason_code), one.note].filter(Boolean).join(": ")))));
}
