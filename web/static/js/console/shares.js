// Variants of a campaign and the share of people each gets, in percent; the bank counts in 1/10,000.

import { byId, el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";

const ALL_BP = 10_000;
const VARIANTS_MOST = 8;
let isEven = true;

const shareInputs = () => [...byId("variants").querySelectorAll("input[data-part=share]")];

/** Shares as the bank counts them; NaN where something else than a number stands. */
export const shares = () => shareInputs().map((one) => Math.round(one.valueAsNumber * 100));

/** What is wrong with the shares, in a sentence; "" when nothing is. */
export function sharesFault() {
  const found = shares();
  const sum = found.reduce((all, one) => all + one, 0);
  const fault = found.some((one) => !(one >= 1)) ? t("campaigns.share_least")
    : sum === ALL_BP ? "" : t("campaigns.shares_sum", { sum: (sum / 100).toLocaleString() });
  byId("shares-problem").textContent = fault;
  for (const one of shareInputs()) one.setAttribute("aria-invalid", String(Boolean(fault)));
  return fault;
}

/** Equal shares that sum to 100 %; the first takes what is left over. */
export function shareEvenly() {
  isEven = true;
  const inputs = shareInputs();
  const each = Math.floor(ALL_BP / inputs.length);
  inputs.forEach((one, at) => { one.value = (at ? each : ALL_BP - each * (inputs.length - 1)) / 100; });
}

/** One more variant. Shares stay as they were typed; untouched ones stay equal. */
export function addVariant(onRemoved) {
  const at = byId("variants").children.length;
  const line = el("li", {},
    el("strong", {}, ""),
    el("label", { class: "share" }, el("span", {}, t("campaigns.share_percent")),
      el("input", { "data-part": "share", type: "number", min: "0.01", max: "100", step: "0.01", value: "0", "aria-describedby": "shares-problem", oninput: () => { isEven = false; } })),
    el("span", { class: "variant-texts ticks" }));
  if (at) line.append(el("button", { type: "button", class: "button small plain", onclick: () => { line.remove(); settle(); onRemoved(); byId("add-variant").focus(); } }, t("campaigns.remove")));
  byId("variants").append(line);
  settle();
  return line;
}

/** Letters follow the order, so that none is missing or there twice. */
function settle() {
  [...byId("variants").children].forEach((line, at) => { line.querySelector("strong").textContent = t("campaigns.variant", { code: codeOf(at) }); });
  byId("add-variant").disabled = byId("variants").children.length >= VARIANTS_MOST;
  if (isEven) shareEvenly();
}

export const codeOf = (at) => "abcdefgh"[at];
