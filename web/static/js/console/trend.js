// A small line over some months, with the usual as a dashed one; its numbers are in its label.
//
//     30 % ┤        ╭●      the axis begins at zero, so that a small change looks small
//          ┤  ╭─────╯
//      0 % ┼──────────

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 320;
const HEIGHT = 96;
const PAD = { top: 14, right: 40, bottom: 18, left: 8 };

function node(tag, properties, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(properties)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** points: [{label, value}], oldest first, values in [0, 1]. */
export function trendOf(points, { usual, label, percent }) {
  const top = Math.min(1, 1.2 * Math.max(usual, ...points.map(({ value }) => value), 0.02));
  const x = (place) => PAD.left + (place * (WIDTH - PAD.left - PAD.right)) / (points.length - 1);
  const y = (value) => HEIGHT - PAD.bottom - (value / top) * (HEIGHT - PAD.top - PAD.bottom);
  const last = points.at(-1);
  const line = points.map(({ value }, place) => `${x(place).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  const end = x(points.length - 1);
  return node("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    node("line", { class: "trend-usual", x1: PAD.left, x2: end, y1: y(usual), y2: y(usual) }),
    node("polyline", { class: "trend-line", points: line }),
    node("circle", { class: "trend-dot", cx: end, cy: y(last.value), r: 3.5 }),
    node("text", { class: "trend-word", x: end + 7, y: y(last.value) + 4 }, percent(last.value)),
    node("text", { class: "trend-word", x: PAD.left, y: HEIGHT - 4 }, points[0].label),
    node("text", { class: "trend-word", x: end, y: HEIGHT - 4, "text-anchor": "end" }, last.label));
}
