// Two steps: name and password, then the authenticator's code; the first time, its enrolment.
//
//     password ──totp_required──▶ code ──▶ inbox
//         └──totp_enrolment{qr_svg, secret}──▶ scan, code ──▶ inbox

import { byId } from "../shared/dom.js";
import { call } from "../shared/http.js";
import { loadWords, t, translate } from "../shared/i18n.js";

let step = "password";

await loadWords();
translate();
byId("name").focus();

byId("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  const next = byId("next");
  next.disabled = true;
  byId("problem").textContent = "";
  try {
    await send();
    location.assign("/console");
  } catch (refusal) {
    answer(refusal);
  } finally {
    next.disabled = false;
  }
});

async function send() {
  const body = { name: byId("name").value.trim(), password: byId("password").value };
  const code = byId("code").value.normalize("NFKC").replace(/\s/g, "");
  if (step !== "password") body.code = code;
  const path = step === "enrolment" ? "/api/staff/totp/confirm" : "/api/staff/login";
  await call("POST", path, { body, headers: { "X-Florin-CSRF": "1" } });
}

function answer({ code, message, details }) {
  if (code === "totp_required" && step === "password") show("code");
  else if (code === "totp_enrolment") enrol(details.totp_enrolment ?? details);
  else {
    byId("problem").textContent = message;
    const field = step === "password" ? byId("password") : byId("code");
    field.value = "";
    field.focus();
  }
}

function enrol({ secret, qr_svg }) {
  byId("secret").textContent = (secret ?? "").replace(/(.{4})(?=.)/g, "$1 ");
  // As a picture from data:, so that markup from the server is never parsed into this page.
  byId("qr").src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(withNamespace(qr_svg ?? ""))}`;
  byId("enrolment").hidden = false;
  show("enrolment");
}

function show(name) {
  step = name;
  byId("password-step").hidden = true;
  byId("code-step").hidden = false;
  byId("next").textContent = t("staff.login.verify");
  byId("code").focus();
}

/** A drawing made for inlining has no namespace; as a picture of its own it needs one. */
const withNamespace = (svg) => (svg.includes("xmlns=") ? svg : svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"'));
