// The demonstration's phone: what the bank sent to its invented customers, newest first.

import { byId, el } from "./shared/dom.js";
import { call } from "./shared/http.js";
import { loadWords, t, translate } from "./shared/i18n.js";
import { moment } from "./shared/format.js";

const REFRESH_MS = 1_500;
const CODE = /\b\d{6}\b/;
const shown = new Set();

await loadWords();
translate();

async function refresh() {
  try {
    const { messages, codes, seconds_left } = await call("GET", "/demo/phone.json");
    for (const message of [...messages].sort((a, b) => new Date(a.at) - new Date(b.at))) {
      const key = `${message.at} ${message.to} ${message.body}`;
      if (shown.has(key)) continue;
      shown.add(key);
      byId("messages").prepend(item(message));
    }
    byId("empty").hidden = shown.size > 0;
    byId("totp-part").hidden = codes.length === 0;
    byId("totp").replaceChildren(...codes.map(({ name, code }) => el("li", {}, el("span", {}, name), el("strong", { class: "code-text" }, code), el("span", { class: "muted small" }, t("phone.seconds", { seconds: seconds_left })))));
  } catch { /* the branch is restarting: the next look will tell */ }
}

function item(message) {
  const code = message.body.match(CODE)?.[0];
  return el("li", { class: "bubble" },
    el("div", { class: "bubble-head" }, el("span", { class: "who" }, message.customer_name ?? message.to), el("span", { class: "muted small" }, `${t(`phone.${message.kind}`)} · ${moment(message.at)}`)),
    message.subject ? el("p", { class: "subject" }, message.subject) : null,
    el("p", { class: "bubble-text" }, message.body),
    code ? el("button", { type: "button", class: "button copy", onclick: async ({ currentTarget }) => {
      await navigator.clipboard.writeText(code);
      currentTarget.lastChild.textContent = t("phone.copied");
    } }, el("strong", { class: "code-text" }, code), el("span", {}, t("phone.copy"))) : null);
}

await refresh();
setInterval(() => { if (!document.hidden) refresh(); }, REFRESH_MS);
