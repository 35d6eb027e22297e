// One campaign: what it is, what it would do with a real customer, what came of it so far.

import { byId, el, paragraphs } from "../shared/dom.js";
import { money, moment } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { refusalWords, rulesWords } from "./audience_words.js";
import { openDesk, staffCall } from "./desk.js";

const AGAIN_MS = 5_000;
const WIDE = ["audience", "variants"];
let hasReach = false;
const path = `/api/campaigns/${encodeURIComponent(document.body.dataset.campaign)}`;

await openDesk();

const percent = (share) => `${(share * 100).toFixed(1)} %`;
const points = (share) => `${share >= 0 ? "+" : "−"}${Math.abs(share * 100).toFixed(1)}`;
const reasons = (codes) => codes.map((one) => t(`campaigns.reason.${one}`)).join("; ");

async function load() {
  try {
    draw(await staffCall("GET", path));
  } catch (refusal) { byId("problem").textContent = refusal.message; }
}

function draw(told) {
  const { head } = told;
  byId("name").textContent = head.name;
  byId("state").textContent = t(`campaigns.state.${head.state}`);
  byId("state").className = `tag ${head.state}`;
  byId("approve").hidden = !told.may_approve;
  byId("stop").hidden = !told.may_stop;
  byId("preview-room").hidden = !told.may_preview;
  const isAhead = ["draft", "approved"].includes(head.state);
  byId("reach-room").hidden = !told.may_preview || !isAhead;
  if (!byId("reach-room").hidden && !hasReach) { hasReach = true; drawReach(); }
  drawPlan(told);
  drawResults(told.results);
  if (["approved", "running"].includes(head.state)) setTimeout(load, AGAIN_MS);
}

function drawPlan({ head, audience, variants, fits_count: fits, approved_by: second }) {
  const rules = audience.rules.length ? [rulesWords(audience.rules)] : [];
  const people = audience.customer_ids ? t("campaigns.named", { count: audience.customer_ids.length }) : [audience.segments.join(", "), ...rules].filter(Boolean).join("; ") || t("campaigns.everybody");
  const facts = {
    class: t(`campaigns.class.${head.message_class}`), purpose: t(`campaigns.purpose.${head.purpose}`),
    channels: head.channels.map((one) => t(`campaigns.channel.${one}`)).join(", "),
    audience: people, fits: fits === null ? "" : fits === 0 ? t("campaigns.nobody") : String(fits),
    window: `${moment(head.starts_at)} – ${moment(head.ends_at)}`,
    budget: t("campaigns.spent_of", { spent: money(head.spent_minor, "EUR"), budget: money(head.budget_minor, "EUR") }),
    variants: variants.map((one) => `${one.code} ${one.share_bp / 100} %: ${Object.values(one.texts).join(", ").replaceAll("_", " ")}`).join("; "),
    made_by: head.made_by, approved_by: second ?? "" };
  byId("plan").replaceChildren(...Object.entries(facts).filter(([, value]) => value).map(([name, value]) =>
    el("div", { class: WIDE.includes(name) ? "fact wide" : "fact" }, el("dt", {}, t(`campaigns.fact.${name}`)), el("dd", {}, value))));
}

function drawResults(found) {
  const people = found.assigned.count + found.held_out.count;
  const lift = found.uplift;
  const stood = Object.entries(found.reasons);
  byId("results").replaceChildren(...[
    people === 0 ? el("p", { class: "empty" }, t("campaigns.nothing_yet")) : null,
    lift ? el("p", { class: "headline", id: "uplift" }, t("campaigns.uplift", { points: points(lift.difference), low: points(lift.low), high: points(lift.high) })) : null,
    lift ? el("p", {}, t(found.always_valid_p < 0.05 ? "campaigns.clear" : "campaigns.unclear", { p: found.always_valid_p.toFixed(3) })) : null,
    people && !lift ? el("p", {}, t("campaigns.no_hold_out")) : null,
    people ? el("table", { class: "library-table" },
      el("thead", {}, el("tr", {}, ...["arm", "people", "responded", "share"].map((one) => el("th", { scope: "col" }, t(`campaigns.${one}`))))),
      el("tbody", {}, ...[...found.arms.map((one) => [t("campaigns.variant", { code: one.code }), one]), [t("campaigns.assigned"), found.assigned], [t("campaigns.held_out"), found.held_out]]
        .map(([words, one]) => el("tr", {}, el("th", { scope: "row" }, words), el("td", {}, String(one.count)), el("td", {}, String(one.hits)), el("td", {}, one.count ? percent(one.share) : "–"))))) : null,
    ...Object.entries(found.against_first).map(([code, one]) => el("p", {}, t("campaigns.against_first", { code, points: points(one.difference), low: points(one.low), high: points(one.high) }))),
    stood.length ? el("h3", {}, t("campaigns.stood_in_the_way")) : null,
    stood.length ? el("ul", { class: "reasons" }, ...stood.map(([code, count]) => el("li", {}, t(`campaigns.reason.${code}`), ": ", String(count)))) : null].filter(Boolean));
}

/** Who of the audience could not be written to; asked once, of what is not running yet. */
async function drawReach() {
  try {
    const told = await staffCall("GET", `${path}/reach`);
    const lines = Object.entries(told.reasons).map(([channel, found]) => el("li", { "data-channel": channel },
      el("strong", {}, t(`campaigns.channel.${channel}`)), ": ",
      Object.keys(found).length ? Object.entries(found).map(([code, count]) => t("campaigns.reach_line", { count, reason: t(`campaigns.reason.${code}`) })).join("; ") : t("campaigns.reach_all")));
    byId("reach").replaceChildren(
      el("p", {}, t(told.count === 0 ? "campaigns.nobody" : told.looked_at_count === told.count ? "campaigns.reach_whole" : "campaigns.reach_sample", { count: told.count, looked_at: told.looked_at_count })),
      told.count ? el("ul", { class: "reasons" }, ...lines) : "");
  } catch (refusal) { byId("reach").replaceChildren(el("p", { class: "problem" }, refusalWords(refusal))); }
}

async function act(verb) {
  try {
    byId("problem").textContent = "";
    draw(await staffCall("POST", `${path}/${verb}`));
  } catch (refusal) { byId("problem").textContent = refusalWords(refusal); }
}

byId("approve").addEventListener("click", () => act("approve"));
byId("stop").addEventListener("click", () => act("stop"));
byId("preview-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const told = await staffCall("POST", `${path}/preview`, { login_name: byId("who-for").value.trim() });
    byId("preview").replaceChildren(
      el("p", {}, el("strong", {}, told.customer_name), " · ", t("campaigns.variant", { code: told.variant })),
      el("p", {}, t(told.is_member ? "campaigns.is_member" : "campaigns.no_member"), " ", told.is_held_out ? t("campaigns.is_held_out") : ""),
      ...told.lines.map((one) => el("div", { "data-channel": one.channel },
        el("h3", {}, t(`campaigns.channel.${one.channel}`)),
        el("p", {}, one.reasons.length ? reasons(one.reasons) : t("campaigns.would_go")),
        one.body ? el("blockquote", {}, el("strong", {}, one.subject), ...paragraphs(one.body)) : el("p", { class: "muted small" }, one.text_id.replaceAll("_", " ")))));
  } catch (refusal) { byId("preview").replaceChildren(el("p", { class: "problem" }, refusal.message)); }
});
await load();
