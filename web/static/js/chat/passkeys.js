// Passkeys: the browser's WebAuthn dialogue between two doors of the branch.
// The conversions are SimpleWebAuthn's (static/vendor/webauthn.js, a plain script).

import { call } from "../shared/http.js";

const webauthn = () => globalThis.SimpleWebAuthnBrowser;

export const canUsePasskeys = () => Boolean(webauthn()?.browserSupportsWebAuthn());

export async function registerPasskey(token) {
  const options = await call("POST", "/api/passkeys/register/options", { token, body: {} });
  const credential = await webauthn().startRegistration({ optionsJSON: options.publicKey ?? options.options ?? options });
  return call("POST", "/api/passkeys/register", { token, body: { credential } });
}

export async function assertPasskey(token, challengeId) {
  const options = await call("GET", `/api/chat/step-up/options?challenge_id=${encodeURIComponent(challengeId)}`, { token });
  return webauthn().startAuthentication({ optionsJSON: options.publicKey ?? options.options ?? options });
}
