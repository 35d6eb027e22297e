// Counterparties in three columns: the customer, the accounts they paid, others who paid the same.
//
//     customer ──▶ account ◀── other        dashed and red: in question; width: how much
//              ──▶ account
//
// Nobody has to see it: its label says what it shows, and a table below holds every line of it.

import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 720;
const ROW = 34;
const PAD = 22;
const COLUMN = { customer: 70, account: 360, other: 640 };
const LABEL_CHARS = 30;

function node(tag, properties, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(properties)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** Returns the elements of the part: a picture and its table, or a sentence. */
export function drawGraph(graph) {
  if (!graph.nodes.length) return [el("p", { class: "muted" }, t("alert.no_graph"))];
  const of = (kind) => graph.nodes.filter((one) => one.kind === kind);
  const rows = Math.max(of("account").length, of("other").length);
  const height = 2 * PAD + ROW * Math.max(2, rows);
  const places = new Map();
  for (const kind of ["customer", "account", "other"]) {
    const all = of(kind);
    const step = (height - 2 * PAD) / Math.max(1, all.length);
    all.forEach((one, at) => places.set(one.id, { x: COLUMN[kind], y: PAD + step * (at + 0.5) }));
  }
  const told = t("alert.graph_told", { accounts: of("account").length, asked: of("account").filter(({ asked }) => asked).length, others: of("other").length });
  const picture = node("svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": told, class: "graph" },
    ...[...graph.edges].sort((a, b) => a.asked - b.asked).map((edge) => line(edge, places, graph.edges)),
    ...graph.nodes.map((one) => dot(one, places.get(one.id))));
  return [
    el("p", { class: "small" }, [told, graph.left_off ? t("alert.graph_left_off", { count: graph.left_off }) : ""].join(" ").trim()),
    el("div", { class: "graph-frame", tabindex: "0", role: "region", "aria-label": t("alert.graph") }, picture),
    el("p", { class: "muted small" }, t("alert.legend")),
    el("details", {}, el("summary", {}, t("alert.graph_table")), table(graph)),
  ];
}

function line({ source, target, amount, asked }, places, edges) {
  const most = Math.max(1, ...edges.map((one) => one.amount.amount_minor));
  const from = places.get(source);
  const to = places.get(target);
  const middle = (from.x + to.x) / 2;
  // In question beside what was paid before: a little lower, so that both are seen.
  const drop = asked ? 5 : 0;
  return node("path", {
    class: asked ? "edge asked" : "edge",
    "stroke-width": (1 + 5 * Math.sqrt(amount.amount_minor / most)).toFixed(1),
    d: `M ${from.x} ${from.y + drop} C ${middle} ${from.y + drop}, ${middle} ${to.y + drop}, ${to.x} ${to.y + drop}`,
  });
}

function dot({ kind, label, asked, lost }, { x, y }) {
  const short = label.length > LABEL_CHARS ? `${label.slice(0, LABEL_CHARS - 1)}…` : label;
  const side = kind === "other" ? "end" : "middle";
  return node("g", { class: `node ${kind}${asked ? " asked" : ""}` },
    node("circle", { cx: x, cy: y, r: kind === "customer" ? 9 : 6 }),
    node("text", { x: kind === "other" ? x - 12 : x, y: y - 11, "text-anchor": side }, lost ? `${short} ⚠` : short));
}

function table({ nodes, edges }) {
  const by = new Map(nodes.map((one) => [one.id, one]));
  const head = ["from", "account", "payments", "amount"].map((name) => el("th", { scope: "col", class: ["payments", "amount"].includes(name) ? "number" : null }, t(`alert.${name}`)));
  return el("div", { class: "table-frame", tabindex: "0", role: "region", "aria-label": t("alert.graph_table") },
    el("table", { class: "graph-table" }, el("thead", {}, el("tr", {}, head)),
      el("tbody", {}, edges.map(({ source, target, amount, count, asked }) => {
        const account = by.get(target);
        return el("tr", {}, el("td", {}, by.get(source).label),
          el("td", {}, account.label, asked ? el("span", { class: "tag asked-tag" }, t("alert.in_question")) : null,
            account.lost ? el("span", { class: "muted small" }, ` ${t("alert.lost", { count: account.lost })}`) : null),
          el("td", { class: "number" }, String(count)), el("td", { class: "number" }, amount.text));
      }))));
}
