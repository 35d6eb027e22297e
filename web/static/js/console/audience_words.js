// An audience in words, and what the bank answers when it will not have one.
//
//     {"any": [a, {"not": b}]}  ──▶  (Country is PT or not Has a card is yes)

import { known, t } from "../shared/i18n.js";

/** A value as people read it: the label of a choice, yes and no, or itself. */
export function valueWords(feature, value) {
  if (typeof value === "boolean") return t(value ? "campaigns.yes" : "campaigns.no");
  const key = `campaigns.choice.${feature}.${value}`;
  return known(key) ? t(key) : String(value);
}

/** A rule of any depth; the outermost without brackets. */
export function ruleWords(rule, outermost = true) {
  if (rule.feature) {
    const values = [rule.value].flat().map((one) => valueWords(rule.feature, one)).join(", ");
    return `${t(`campaigns.feature.${rule.feature}`)} ${t(`campaigns.op.${rule.op}`)} ${values}`;
  }
  if (rule.not) return `${t("campaigns.join.not")} ${ruleWords(rule.not, false)}`;
  const parts = (rule.any ?? rule.all).map((one) => ruleWords(one, false));
  const words = parts.join(` ${t(rule.any ? "campaigns.join.or" : "campaigns.join.and")} `);
  return parts.length > 1 && !outermost ? `(${words})` : words;
}

/** All rules of an audience, each of which must hold. */
export const rulesWords = (rules) => ruleWords({ all: rules });

/** The sentence for a refusal of a campaign: a known reason or field, else what the bank says. */
export function refusalWords(refusal) {
  const key = `campaigns.refused.${refusal.details.reason ?? refusal.details.field}`;
  return known(key) ? t(key) : refusal.message;
}
