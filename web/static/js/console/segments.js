// Segments: names, sizes and pictures of the version that serves.

import { byId, el } from "../shared/dom.js";
import { date } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { refusalWords } from "./audience_words.js";
import { openDesk, staffCall } from "./desk.js";

const AGAIN_MS = 2_000;
const WATCHED_MOST = 60;

await openDesk();
byId("hand-over").addEventListener("click", handOver);
try {
  const told = await staffCall("GET", "/api/segments");
  byId("empty").hidden = Boolean(told.version);
  byId("export").hidden = !told.may_export;
  byId("hand-over").hidden = !told.may_hand_over;
  byId("no-webhook").hidden = !told.may_export || told.may_hand_over;
  if (told.version) draw(told);
} catch (refusal) {
  byId("problem").textContent = refusal.message;
}

function draw(told) {
  const moved = told.stayed_share === null ? "" : ` · ${t("segments.stayed", { share: (told.stayed_share * 100).toFixed(0) })}`;
  byId("version").textContent = t("segments.version", { version: told.version, day: date(told.learnt_at), stability: told.stability === null ? "–" : told.stability.toFixed(2) }) + moved;
  byId("segments").replaceChildren(...told.segments.map((one) => el("li", { "data-segment": one.id },
    el("h2", {}, one.name), el("p", { class: "muted small" }, t("segments.count", { count: one.count })), el("p", { class: "small" }, one.description))));
  byId("pictures").replaceChildren(...told.pictures.map((one) => el("img", { src: one.source, alt: one.alt, decoding: "async" })));
}

/** Queues the pages, then says how they go until all are delivered or given up. */
async function handOver() {
  const button = byId("hand-over");
  button.disabled = true;
  try {
    const begun = await staffCall("POST", "/api/segments/hand-over");
    let told = begun;
    for (let turn = 0; turn < WATCHED_MOST && told.waiting_count > 0; turn += 1) {
      tellHandOver(begun, told);
      await new Promise((done) => { setTimeout(done, AGAIN_MS); });
      told = await staffCall("GET", `/api/segments/hand-over?since=${encodeURIComponent(begun.since)}`);
    }
    tellHandOver(begun, told);
  } catch (refusal) { byId("handed").textContent = refusalWords(refusal); }
  button.disabled = false;
}

function tellHandOver({ people_count: people }, told) {
  const faults = told.fault ? ` ${t("segments.answered", { fault: told.fault })}` : "";
  byId("handed").textContent = t("segments.handed", { people, to: told.to, waiting: told.waiting_count, delivered: told.delivered_count, dead: told.dead_count }) + faults;
}
