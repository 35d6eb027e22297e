// Segments: names, sizes and pictures of the version that serves.

import { byId, el } from "../shared/dom.js";
import { date } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { openDesk, staffCall } from "./desk.js";

await openDesk();
try {
  const told = await staffCall("GET", "/api/segments");
  byId("empty").hidden = Boolean(told.version);
  byId("export").hidden = !told.may_export;
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
