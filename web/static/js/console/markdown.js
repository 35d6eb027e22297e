// A little Markdown as elements: headings, lists, paragraphs, bold, links within the library.
//
//     "## Fees\n\nIt costs **5 EUR**."  ─▶  <h3>Fees</h3><p>It costs <strong>5 EUR</strong>.</p>
//
// What stands between --- at the head (how customers ask) is no part of what is read: left out.
// Words become text nodes (shared/dom.js); what is no Markdown we know stays as it is written.

import { el } from "../shared/dom.js";

const INLINE = /(\*\*[^*\n]+\*\*|\[[^\]\n]+\]\(\/library\/[a-z0-9-]+(?:#[a-z0-9-]+)?\))/;
const HEAD = /^---[ \t]*\n[\s\S]*?\n---[ \t]*(?:\n|$)/;
const LINK = /^\[([^\]]+)\]\((\/library\/[^)]+)\)$/;

function inline(text) {
  return text.split(INLINE).filter(Boolean).map((part) => {
    if (part.startsWith("**") && part.length > 4) return el("strong", {}, part.slice(2, -2));
    const link = LINK.exec(part);
    return link ? el("a", { href: link[2] }, link[1]) : part;
  });
}

/** Elements of a text; headings begin at level 3, below those of the page. */
export function markdown(text) {
  const nodes = [];
  for (const block of String(text).replace(HEAD, "").split(/\n\s*\n/)) {
    const lines = block.split("\n").filter((line) => line.trim());
    while (lines.length) {
      const heading = /^(#{1,4})\s+(.+)$/.exec(lines[0]);
      if (heading) {
        nodes.push(el(heading[1].length > 2 ? "h4" : "h3", {}, ...inline(heading[2])));
        lines.shift();
      } else if (/^\s*[-*]\s+/.test(lines[0])) {
        const items = [];
        while (lines.length && /^\s*[-*]\s+/.test(lines[0])) items.push(lines.shift().replace(/^\s*[-*]\s+/, ""));
        nodes.push(el("ul", {}, ...items.map((item) => el("li", {}, ...inline(item)))));
      } else {
        const words = [lines.shift()]; // always one: "## " without words is no heading yet
        while (lines.length && !/^(#{1,4}\s|\s*[-*]\s)/.test(lines[0])) words.push(lines.shift());
        nodes.push(el("p", {}, ...inline(words.join(" "))));
      }
    }
  }
  return nodes;
}
