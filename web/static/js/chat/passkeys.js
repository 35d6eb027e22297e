// Passkeys: the browser's WebAuthn dialogue between two doors of the branch.
// The conversions are SimpleWebAuthn's (static/vendor/webauthn.js, a plain script).

import { call } from "../shared/http.js";

const webauthn = () => globalThis.SimpleWebAuthnBrowser;

export const canUsePasskeys = () => Boolean(webauthn()?.browserSupportsWebAuthn());

/** A new key is itself a risky act: the first call is refused with step_up_required and sends a code. */
export async function registerPasskey(token, code = null) {
  const options = await call("POST", "/api/passkeys/register/options", { token, body: code ? { code } : {} });
  const credential = await webauthn().startRegistration({ optionsJSON: options });
  return call("POST", "/api/passkeys/register", { token, body: { credential } });
}

export async function assertPasskey(token, challengeId) {
  const options = await call("GET", `/api/chat/step-up/options?challenge_id=${encodeURIComponent(challengeId)}`, { token });
  return webauthn().startAuthentication({ optionsJSON: options });
}
