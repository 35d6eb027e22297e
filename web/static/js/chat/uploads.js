// Pictures from the customer: offered only when the branch says so (data-uploads on <body>, a fact
// of the server); else the controls are not merely hidden, they are not there.
//
// Two controls, a file and the camera; both end in POST /api/chat/uploads with a kind. What a
// picture must be is judged by the server, which decodes it; here only the size is checked early.

import { byId } from "../shared/dom.js";
import { call } from "../shared/http.js";
import { t } from "../shared/i18n.js";

const MAX_BYTES = 8_000_000;

export function offerUploads(branch) {
  if (document.body.dataset.uploads !== "on") {
    byId("uploads").remove();
    return;
  }
  byId("uploads").hidden = false;
  for (const input of byId("uploads").querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => send(branch, input));
  }
}

async function send(branch, input) {
  const [file] = input.files;
  input.value = "";
  if (!file) return;
  if (file.size > MAX_BYTES) {
    branch.banners.tell(t("upload.too_large"));
    return;
  }
  const form = new FormData();
  form.append("kind", byId("upload-kind").value);
  form.append("file", file);
  try {
    await call("POST", "/api/chat/uploads", { token: branch.session.token, body: form });
    branch.banners.tell(t("upload.sent"));
  } catch (refusal) {
    branch.banners.tell(refusal.message);
  }
}
