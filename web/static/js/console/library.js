// The library: all articles, what the assistant answers now, what nobody could answer.
//
//     GET /api/library/articles ─▶ rows, filtered here      GET …/unanswered ─▶ groups
//     POST …/ask ─▶ the answer word for word, with its source, or the honest no

import { byId, el, paragraphs } from "../shared/dom.js";
import { date } from "../shared/format.js";
import { t } from "../shared/i18n.js";
import { openDesk, staffCall } from "./desk.js";

let articles = [];
let mayWrite = false;

await openDesk();

const complain = (refusal) => { byId("problem").textContent = refusal.message; };
const pageOf = (id) => `/console/library/${encodeURIComponent(id)}`;

async function load() {
  try {
    const answer = await staffCall("GET", "/api/library/articles");
    ({ articles } = answer);
    mayWrite = answer.may_write;
    byId("new-article").hidden = !mayWrite;
    draw();
    drawClusters((await staffCall("GET", "/api/library/unanswered")).clusters);
  } catch (refusal) { complain(refusal); }
}

function draw() {
  const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const state = byId("state").value;
  const audience = byId("audience").value;
  const found = articles.filter((one) => {
    const text = `${one.title} ${one.article_id} ${one.topic} ${one.owner}`.toLowerCase();
    const fits = state === "expired" ? one.is_expired : !state || one.state === state;
    return fits && (!audience || one.audience === audience) && words.every((word) => text.includes(word));
  });
  byId("articles").replaceChildren(...found.map(row));
  byId("count").textContent = t("library.count", { count: found.length });
  byId("empty").hidden = found.length > 0;
}

function row(one) {
  const validity = one.is_expired ? "expired" : one.is_future ? "future" : null;
  return el("tr", { "data-article": one.article_id },
    el("th", { scope: "row" }, el("a", { href: pageOf(one.article_id), lang: one.language }, one.title),
      el("span", { class: "muted small account-more" }, one.article_id, " · ", t(`language.name.${one.language}`), " · ", one.owner)),
    el("td", {}, el("span", { class: `tag ${one.state}` }, t(`library.state.${one.state}`)), " ",
      el("span", { class: "muted small" }, t("library.version", { version: one.version }))),
    el("td", {}, t(`library.audience.${one.audience}`)),
    el("td", {}, validity ? el("span", { class: `tag ${validity}` }, t(`library.state.${validity}`)) : null, " ",
      el("span", { class: "small" }, one.valid_until ? t("library.from_until", { from: date(one.valid_from), until: date(one.valid_until) }) : t("library.from", { from: date(one.valid_from) }))));
}

function drawClusters(clusters) {
  byId("clusters").replaceChildren(...clusters.map(group));
  byId("no-clusters").hidden = clusters.length > 0;
}

function group(one) {
  const others = one.questions.slice(1);
  const address = `/console/library/new?${new URLSearchParams({ title: one.name, language: one.language })}`;
  const node = el("li", { class: "cluster" },
    el("p", { lang: one.language }, el("strong", {}, one.name), " ", el("span", { class: "muted small" }, t("library.times", { count: one.times }))),
    others.length ? el("details", {}, el("summary", {}, t("library.alike", { count: others.length })),
      el("ul", {}, ...others.map((each) => el("li", { lang: one.language }, each.text)))) : null,
    mayWrite ? el("p", { class: "choices" },
      el("a", { class: "button small", href: address }, t("library.write_this")),
      el("button", { type: "button", class: "button small plain", onclick: () => putAside(one, node) }, t("library.put_aside"))) : null);
  return node;
}

async function putAside(one, node) {
  try {
    await staffCall("POST", "/api/library/unanswered/dismiss", { ids: one.questions.slice(0, 200).map(({ id }) => id) });
    node.remove();
    byId("no-clusters").hidden = byId("clusters").children.length > 0;
  } catch (refusal) { complain(refusal); }
}

const source = ({ citation }) => el("a", { href: `${pageOf(citation.article_id)}` }, citation.title, citation.heading && citation.heading !== citation.title ? ` › ${citation.heading}` : "");

byId("ask-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = byId("ask-text").value.trim();
  if (!text) return;
  try {
    const told = await staffCall("POST", "/api/library/ask", { text, audience: byId("ask-as").value, language: byId("ask-language").value });
    byId("problem").textContent = "";
    byId("asked").replaceChildren(
      ...(told.answer ? [el("blockquote", {}, ...paragraphs(told.answer)), el("p", { class: "small" }, t("library.source"), " ", ...told.spans.flatMap((one, at) => (at ? [" · ", source(one)] : [source(one)])))]
        : [el("p", { class: "no-answer" }, t("library.dont_know"))]),
      told.found.length ? el("details", {}, el("summary", {}, t("library.nearest")), el("ul", {}, ...told.found.map((one) => el("li", {}, one.text, " ", source(one))))) : "");
  } catch (refusal) { complain(refusal); }
});
byId("filters").addEventListener("input", draw);
byId("filters").addEventListener("submit", (event) => event.preventDefault());
await load();
