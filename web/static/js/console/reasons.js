// Why a case exists, in a sentence for staff. The bank keeps a code; the catalogue has its words.
//
//     customer_asked  ──▶ "The customer asked for a person"
//     never_heard_of  ──▶ "Never heard of"

import { known, t } from "../shared/i18n.js";

export function reasonOf(code) {
  if (known(`reason.${code}`)) return t(`reason.${code}`);
  const words = String(code ?? "").replaceAll("_", " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A case without a subject of its own carries its reason code there. */
export const subjectOf = (kase) => (!kase.subject || kase.subject === kase.reason_code ? reasonOf(kase.reason_code) : kase.subject);

/** RulePolicy is how Rasa calls it; "a rule (RulePolicy)" is how staff read it. */
export function policyOf(policy) {
  const name = String(policy ?? "").replace(/^policy_\d+_/, "");
  return known(`policy.${name}`) ? `${t(`policy.${name}`)} (${name})` : name;
}
