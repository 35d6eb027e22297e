// One way to call the branch, and one shape of refusal.
//
// The server answers a refusal with {"error": {"code", "message", "details"}}; it arrives here as a
// Refusal, whose `code` is stable and whose `message` is a sentence for the reader. When the
// network itself fails the code is "offline".

import { t } from "./i18n.js";

const TIMEOUT_MS = 30_000;

export class Refusal extends Error {
  constructor({ status, code, message, details = {} }) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

export async function call(method, path, { body, headers = {}, token = null } = {}) {
  const request = { method, headers: { Accept: "application/json", ...headers }, credentials: "same-origin" };
  if (token) request.headers.Authorization = `Bearer ${token}`;
  if (body instanceof FormData) request.body = body;
  else if (body !== undefined) {
    request.headers["Content-Type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(path, { ...request, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch {
    throw new Refusal({ status: 0, code: "offline", message: t("error.offline") });
  }
  const data = await answer.json().catch(() => null);
  if (answer.ok) return data ?? {};
  const error = data?.error ?? {};
  throw new Refusal({
    status: answer.status,
    code: error.code ?? `http_${answer.status}`,
    message: error.message || t("error.unexpected"),
    details: error.details ?? {},
  });
}

/** A picture behind the session: fetched with the bearer token, shown as a blob. */
export async function picture(path, token) {
  const answer = await fetch(path, { headers: { Authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Refusal({ status: answer.status, code: "picture", message: t("error.picture") });
  return URL.createObjectURL(await answer.blob());
}
