// A customer's investments: profile, holdings, and every advice as it was given.

import { byId, el } from "../shared/dom.js";
import { date, moment } from "../shared/format.js";
import { known, t } from "../shared/i18n.js";
import { staffCall } from "./desk.js";

const word = (key, fallback) => (known(key) ? t(key) : String(fallback).replaceAll("_", " "));
const percent = (share) => `${(share * 100).toFixed(0)} %`;

export async function loadInvesting(path) {
  const { profile, holdings, advice } = await staffCall("GET", `${path}/investing`);
  byId("investing").hidden = !(profile || holdings.length || advice.length);
  if (profile) drawProfile(profile);
  byId("no-profile").hidden = Boolean(profile);
  byId("holdings").replaceChildren(...holdings.map(holdingRow));
  byId("holdings-frame").hidden = holdings.length === 0;
  byId("no-holdings").hidden = holdings.length > 0;
  byId("advice").replaceChildren(...advice.map(adviceLine));
  byId("no-advice").hidden = advice.length > 0;
}

function drawProfile(profile) {
  const facts = {
    tolerance: t("investing.of_seven", { count: profile.tolerance }),
    ability: t("investing.of_seven", { count: profile.ability }),
    willingness: t("investing.of_seven", { count: profile.willingness }),
    horizon: t("investing.years", { count: profile.horizon_years }),
    reserve: t("investing.months", { count: profile.reserve_months }),
    goal: word(`investing.goal.${profile.goal}`, profile.goal),
    knowledge: word(`investing.knowledge.${profile.knowledge}`, profile.knowledge),
    exclusions: profile.exclusions.map((one) => word(`investing.tag.${one}`, one)).join(", "),
    interests: profile.interests.join(", "),
    taken: date(profile.taken_at),
  };
  byId("profile").replaceChildren(...Object.entries(facts).filter(([, value]) => value).map(([name, value]) =>
    el("div", { class: "fact" }, el("dt", {}, t(`investing.fact.${name}`)), el("dd", {}, value))));
}

const holdingRow = (one) => el("tr", {},
  el("td", {}, el("span", { class: "account-name" }, one.name), " ", one.state === "listed" ? null : el("span", { class: "tag" }, word(`investing.state.${one.state}`, one.state)),
    el("span", { class: "muted small account-more" }, one.ticker, " · ", t("investing.risk_class", { count: one.risk_class }))),
  el("td", { class: "number" }, one.paid.text),
  el("td", { class: "number" }, one.worth ? one.worth.text : t("investing.no_price")));

function adviceLine(head) {
  const body = el("div", { class: "advice-body" });
  const line = el("details", { class: "advice-one", "data-advice": head.id },
    el("summary", {}, el("span", {}, head.amount.text, " · ", t("investing.years", { count: head.horizon_years })),
      el("span", { class: "muted small" }, moment(head.given_at)),
      head.asked_for_person ? el("span", { class: "tag" }, t("investing.person")) : null),
    body);
  line.addEventListener("toggle", async () => {
    if (!line.open || body.childElementCount) return;
    try {
      drawAdvice(body, await staffCall("GET", `/api/advice/${encodeURIComponent(head.id)}`));
    } catch (refusal) {
      body.replaceChildren(el("p", { class: "problem" }, refusal.message));
    }
  });
  return el("li", {}, line);
}

function drawAdvice(body, advice) {
  body.replaceChildren(
    el("ul", { class: "advice-parts" }, ...advice.parts.map((part) => el("li", {},
      el("strong", {}, `${part.weight_percent.toFixed(1)} %`), " ", part.name, " ", el("span", { class: "muted" }, part.amount.text),
      el("span", { class: "muted small account-more" }, t("investing.neighbours", { share: percent(part.neighbour_share) }), ...part.reasons.filter((one) => one.code !== "neighbours").map((one) => ` · ${word(`investing.reason.${one.code}`, one.code)}`))))),
    el("div", { class: "advice-pictures" }, ...advice.pictures.map((one) => el("img", { src: one.source, alt: one.alt, decoding: "async" }))),
    advice.ruled_out.length ? el("p", { class: "small" }, t("investing.ruled_out"), " ", advice.ruled_out.map((one) => `${one.name} (${one.codes.map((code) => word(`investing.unsuitable.${code}`, code)).join(", ")})`).join("; ")) : null,
    el("p", { class: "small" }, t("investing.shown")), el("blockquote", { class: "advice-words" }, advice.text || t("investing.not_shown")),
    el("p", { class: "hint" }, t("investing.record", { version: advice.model_version, day: advice.inputs.market_day, allowed: advice.inputs.allowed_count, risk: advice.inputs.risk_class_max })));
}
