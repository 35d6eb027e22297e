// Sending what is large, with a bar that moves: fetch tells nothing of an upload's progress, so this
// is XMLHttpRequest. Refusals have the shape of http.js.

import { Refusal } from "./http.js";
import { t } from "./i18n.js";

const TIMEOUT_MS = 90_000;

/** Posts a form. `onProgress` gets the share sent, 0 to 1. */
export function sendForm(path, form, { token, onProgress = () => {} }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path);
    request.responseType = "json";
    request.timeout = TIMEOUT_MS;
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    const lost = () => reject(new Refusal({ status: 0, code: "offline", message: t("error.offline") }));
    for (const name of ["error", "timeout", "abort"]) request.addEventListener(name, lost);
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) return resolve(request.response ?? {});
      const error = request.response?.error ?? {};
      return reject(new Refusal({
        status: request.status,
        code: error.code ?? `http_${request.status}`,
        message: error.message || t("error.unexpected"),
        details: error.details ?? {},
      }));
    });
    request.send(form);
  });
}
