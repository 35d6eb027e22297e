// The report to the authority, as a draft: five parts, every save a new version.
//
// To whoever may not, the server says that there is no such case, and so does this page.

import { byId, el } from "../shared/dom.js";
import { moment } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { openDesk, staffCall } from "./desk.js";

const PARTS = { subject: 3, activity: 4, grounds: 6, chronology: 10, narrative: 10 };

const id = document.body.dataset.case;
const path = `/api/cases/${encodeURIComponent(id)}/sar`;
let version = 0;

await openDesk();
byId("export").href = `${path}/text`;
byId("parts").replaceChildren(...Object.entries(PARTS).flatMap(([name, rows]) => [
  el("label", { for: `part-${name}` }, t(`sar.part.${name}`)),
  el("textarea", { id: `part-${name}`, rows, maxlength: 20000 }),
]));

function show(draft) {
  version = draft.version;
  for (const name of Object.keys(PARTS)) byId(`part-${name}`).value = draft.parts[name] ?? "";
  byId("version").textContent = version ? t("sar.version", { version, name: draft.written_by ?? "–", at: moment(draft.written_at) }) : t("sar.prefilled");
  byId("export").hidden = !version;
  byId("report").hidden = false;
}

async function attempt(work) {
  byId("problem").textContent = "";
  try { await work(); } catch (refusal) { byId("problem").textContent = refusal.message; }
}

byId("report").addEventListener("submit", async (event) => {
  event.preventDefault();
  byId("save").disabled = true;
  const parts = Object.fromEntries(Object.keys(PARTS).map((name) => [name, byId(`part-${name}`).value]));
  await attempt(async () => show(await staffCall("POST", path, { after_version: version, parts })));
  byId("save").disabled = false;
});
await attempt(async () => show(await staffCall("GET", path)));
