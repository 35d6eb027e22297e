// The rule builder: groups of conditions, each group and the groups among themselves joined by
// all, any or none.
//
//     all of these groups ─┬─ any of: Country is PT · Language is es
//                          └─ none of: Has a card is yes
//
// Everything is a form control, so a keyboard reaches it; what is built stands below in words. What
// may be asked comes from the bank (`facts`), which checks it again.

import { byId, el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { rulesWords, valueWords } from "./audience_words.js";

const CONDITIONS_MOST = 20;
const JOINTS = ["all", "any", "none"];
let facts = null;
let numbers = 0;
let changed = () => {};

/** Opens an empty builder; onChange runs after something was added, removed or chosen anew. */
export function openRules(told, onChange) {
  facts = told;
  changed = () => { tell(); onChange(); };
  byId("groups-join").replaceChildren(...["all", "any"].map((one) => option(one, t(`campaigns.groups.${one}`))));
  byId("add-group").addEventListener("click", () => { const group = addGroup(); changed(); group.querySelector("select").focus(); });
  byId("rules-room").addEventListener("input", tell);
  tell();
}

/** The rules as the bank takes them; conditions without a value are left out. */
export function rules() {
  const groups = [...byId("groups").children].map(groupRule).filter(Boolean);
  if (groups.length > 1 && byId("groups-join").value === "any") return [{ any: groups }];
  return groups.flatMap((one) => one.all ?? [one]);
}

const option = (value, words) => el("option", { value }, words);
const part = (line, name) => line.querySelector(`[data-part="${name}"]`);

function groupRule(group) {
  const found = [...group.querySelectorAll(".condition")].map(condition).filter(Boolean);
  const joint = part(group, "joint").value;
  if (!found.length) return null;
  if (joint === "none") return { not: found.length > 1 ? { any: found } : found[0] };
  return found.length > 1 ? { [joint]: found } : found[0];
}

function condition(line) {
  const [feature, op] = ["feature", "op"].map((name) => part(line, name).value);
  const { kind } = facts.features[feature];
  const ticked = [...line.querySelectorAll("input:checked")].map((one) => one.value);
  const text = part(line, "value")?.value.trim() ?? "";
  const typed = (one) => (kind === "int" && /^-?\d+$/.test(one) ? Number(one) : one);
  if (op === "in") {
    const values = part(line, "value") ? text.split(",").map((one) => one.trim()).filter(Boolean).map(typed) : ticked;
    return values.length ? { feature, op, value: values } : null;
  }
  if (text === "") return null;
  return { feature, op, value: kind === "bool" ? text === "true" : typed(text) };
}

function addGroup() {
  numbers += 1;
  const joint = el("select", { "data-part": "joint" }, ...JOINTS.map((one) => option(one, t(`campaigns.group.${one}`))));
  joint.addEventListener("change", changed);
  const lines = el("ul", { class: "builder-lines" });
  const group = el("li", { class: "rule-group" }, el("fieldset", {},
    el("legend", {}, t("campaigns.group", { number: numbers })),
    el("label", { class: "joint" }, el("span", {}, t("campaigns.group_fits")), joint),
    lines,
    el("div", { class: "ticks" },
      el("button", { type: "button", class: "button small", "data-act": "add", onclick: () => { const line = addCondition(lines); changed(); line.querySelector("select").focus(); } }, t("campaigns.add_condition")),
      el("button", { type: "button", class: "button small plain", onclick: () => { group.remove(); changed(); byId("add-group").focus(); } }, t("campaigns.remove_group")))));
  byId("groups").append(group);
  addCondition(lines);
  return group;
}

function addCondition(lines) {
  const feature = el("select", { "data-part": "feature" }, ...Object.keys(facts.features)
    .map((one) => [one, t(`campaigns.feature.${one}`)]).sort(([, one], [, two]) => one.localeCompare(two))
    .map(([name, words]) => option(name, words)));
  const op = el("select", { "data-part": "op" });
  const room = el("span", { class: "value-room" });
  const remove = el("button", { type: "button", class: "button small plain", onclick: () => { const group = lines.closest(".rule-group"); line.remove(); changed(); group.querySelector("[data-act=add]").focus(); } }, t("campaigns.remove"));
  const line = el("li", { class: "condition" },
    el("label", {}, el("span", {}, t("campaigns.feature")), feature), el("label", {}, el("span", {}, t("campaigns.op")), op), room, remove);
  const drawOps = () => op.replaceChildren(...Object.keys(facts.ops).filter((one) => facts.ops[one].includes(facts.features[feature.value].kind)).map((one) => option(one, t(`campaigns.op.${one}`))));
  const drawValue = () => room.replaceChildren(valueControl(feature.value, op.value));
  feature.addEventListener("change", () => { drawOps(); drawValue(); changed(); });
  op.addEventListener("change", () => { drawValue(); changed(); });
  drawOps();
  drawValue();
  lines.append(line);
  return line;
}

/** A select of choices, ticks for several of them, a number, or words. */
function valueControl(feature, op) {
  const { kind, choices } = facts.features[feature];
  const label = el("span", {}, t(op === "in" && !choices.length ? "campaigns.values" : "campaigns.value"));
  if (op === "in" && choices.length) {
    return el("fieldset", { class: "ticks" }, el("legend", {}, t("campaigns.value")),
      ...choices.map((one) => el("label", {}, el("input", { type: "checkbox", value: one }), " ", valueWords(feature, one))));
  }
  if (kind === "bool" || choices.length) {
    const values = kind === "bool" ? [true, false] : choices;
    return el("label", {}, label, el("select", { "data-part": "value" }, option("", t("campaigns.choose")), ...values.map((one) => option(String(one), valueWords(feature, one)))));
  }
  const input = kind === "int" && op !== "in" ? { type: "number", step: "1" } : { maxlength: "400", autocomplete: "off" };
  return el("label", {}, label, el("input", { "data-part": "value", ...input }));
}

function tell() {
  const found = rules();
  byId("rules-words").textContent = found.length ? t("campaigns.rules_words", { rules: rulesWords(found) }) : t("campaigns.no_rules");
  const isFull = document.querySelectorAll(".condition").length >= CONDITIONS_MOST;
  byId("groups-room").hidden = byId("groups").children.length < 2;
  for (const one of document.querySelectorAll("#add-group, [data-act=add]")) one.disabled = isFull;
}
