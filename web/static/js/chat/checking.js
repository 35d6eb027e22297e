// "We are looking at it": something that moves while the checks run, until the bank says more.

import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";
import { takeStage } from "./stage.js";

const LONG_MS = 15_000;

export function makeChecking(line, desk) {
  const words = el("span", {}, t("checking.now"));
  const node = el("p", { class: "checking", role: "status" }, el("progress", { "aria-label": t("checking.now") }), words);
  const timer = setTimeout(() => { words.textContent = t("checking.long"); }, LONG_MS);
  let isOver = false;
  const retire = () => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    desk.transcript.removeEventListener("line", hear);
    node.remove();
  };
  // The next thing the bank says ends it; lines of the same turn came with it.
  const hear = ({ detail }) => {
    if (["bot", "staff"].includes(detail.from) && detail.seq > line.seq && detail.at !== line.at) retire();
  };
  desk.transcript.addEventListener("line", hear);
  takeStage({ retire });
  return node;
}
