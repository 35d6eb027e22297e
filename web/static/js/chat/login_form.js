// Name and password, posted to the login door; they are never part of the chat.

import { el } from "../shared/dom.js";
import { t } from "../shared/i18n.js";

let made = 0;

export function makeLoginForm(desk, { onDone }) {
  made += 1;
  const problem = el("p", { class: "problem", role: "alert", id: `login-problem-${made}` });
  const name = el("input", { id: `login-name-${made}`, name: "customer", autocomplete: "username", required: true, maxlength: 100, autocapitalize: "none", spellcheck: "false", "aria-describedby": problem.id });
  const password = el("input", { id: `login-password-${made}`, name: "password", type: "password", autocomplete: "current-password", required: true, maxlength: 200, "aria-describedby": problem.id });
  const submit = el("button", { type: "submit", class: "primary" }, t("login.submit"));
  const form = el(
    "form",
    { class: "fields", novalidate: true },
    el("label", { for: name.id }, t("login.name")), name,
    el("label", { for: password.id }, t("login.password")), password,
    problem, submit,
    el("p", { class: "hint" }, t("login.hint")),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.disabled) return;
    if (!name.value.trim() || !password.value) {
      problem.textContent = t("login.incomplete");
      (name.value.trim() ? password : name).focus();
      return;
    }
    submit.disabled = true;
    problem.textContent = "";
    try {
      await desk.logIn(name.value.trim(), password.value);
      onDone();
    } catch (refusal) {
      problem.textContent = refusal.message;
      password.value = "";
      password.focus();
    } finally {
      submit.disabled = false;
    }
  });
  return form;
}
