// What every console page needs: staff calls with the CSRF header, who I am, the live line.

import { byId } from "../shared/dom.js";
import { call, Refusal } from "../shared/http.js";
import { loadWords, t, translate } from "../shared/i18n.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

export async function staffCall(method, path, body) {
  try {
    return await call(method, path, { headers: { "X-Florin-CSRF": "1" }, body: body ?? (method === "GET" ? undefined : {}) });
  } catch (refusal) {
    if (refusal instanceof Refusal && refusal.status === 401) location.assign("/console/login");
    throw refusal;
  }
}

/** Loads the words, names the member of staff, wires the log-out; returns who I am. */
export async function openDesk() {
  await loadWords();
  translate();
  const me = await staffCall("GET", "/api/staff/me");
  byId("who").textContent = me.name;
  byId("nav-language").hidden = !me.may_label;
  document.querySelector(`.console-nav a[href="${location.pathname}"]`)?.setAttribute("aria-current", "page");
  byId("log-out").addEventListener("click", async () => {
    await staffCall("POST", "/api/staff/logout").catch(() => {});
    location.assign("/console/login");
  });
  return me;
}

/** Frames of the console's WebSocket, for ever; `onBack` runs after every reconnect. */
export function listen({ onFrame, onBack }) {
  const live = byId("live");
  let attempts = 0;
  const open = () => {
    const address = new URL("/api/console/ws", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    socket.addEventListener("open", () => {
      if (attempts > 0) onBack();
      attempts = 0;
      live.textContent = t("inbox.live");
      live.classList.add("on");
    });
    socket.addEventListener("message", ({ data }) => onFrame(JSON.parse(data)));
    socket.addEventListener("close", () => {
      live.textContent = t("inbox.not_live");
      live.classList.remove("on");
      attempts += 1;
      setTimeout(open, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempts) * (0.75 + Math.random() / 2));
    });
  };
  open();
}

/** Single-letter keys, never while somebody types. */
export function keys(bindings) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const act = bindings[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

/** How a due time stands: late, soon (within a quarter of an hour), fine or done. */
export function slaOf(kase, nowMs = Date.now()) {
  if (kase.state === "resolved") return { look: "done", seconds: 0 };
  const seconds = (new Date(kase.due_at).getTime() - nowMs) / 1000;
  return { look: seconds < 0 ? "late" : seconds < 900 ? "soon" : "fine", seconds };
}
