// A face instead of a code, for one waiting act: offered by the bank, recorded, judged, used once.
//
//     offered? ──▶ ceremony ──▶ frames ──▶ judging … ──▶ passed: the trial is the proof
//                                                   └──▶ refused: a sentence, and perhaps again

import { call } from "../shared/http.js";
import { t } from "../shared/i18n.js";
import { hasCamera } from "./camera.js";
import { Ceremony, pause, sendFrames } from "./ceremony.js";

const DOOR = "/api/chat/face";
const LOOK_EVERY_MS = 600;
const LOOKS_MOST = 150;

/** A recording that does not prove the act. `again`: another one may be made. */
export class FaceRefused extends Error {
  constructor(message, again) {
    super(message);
    this.again = again;
  }
}

/** Whether the bank takes a face for this act. What cannot be asked is not offered. */
export async function isFaceOffered(token, challengeId) {
  if (!hasCamera()) return false;
  try {
    const { offered } = await call("GET", `${DOOR}?challenge_id=${encodeURIComponent(challengeId)}`, { token });
    return offered;
  } catch { return false; }
}

/** The id of a passed trial for this act; null when the person closed the camera. */
export async function takeFace(token, challengeId, onJudging) {
  const trial = await new Ceremony({
    title: t("face.prove"),
    ask: () => call("POST", DOOR, { token, body: { challenge_id: challengeId } }),
    send: ({ trial_id }, frames) => sendFrames(`${DOOR}/${encodeURIComponent(trial_id)}/frames`, frames, { token }),
  }).run();
  if (!trial) return null;
  onJudging();
  return judged(token, trial.trial_id);
}

async function judged(token, trialId) {
  for (let looks = 0; looks < LOOKS_MOST; looks += 1) {
    await pause(LOOK_EVERY_MS);
    const { state, text, again } = await call("GET", `${DOOR}/${encodeURIComponent(trialId)}`, { token });
    if (state === "passed") return trialId;
    if (state !== "judging") throw new FaceRefused(text || t("face.failed"), again);
  }
  throw new FaceRefused(t("face.slow"), true);
}
