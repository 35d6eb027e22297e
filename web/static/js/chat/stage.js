// Which card of the onboarding may be used: the newest. One that came before keeps its words only.
//
//     capture ──▶ capture ──▶ liveness ──▶ checking ──▶ credentials
//     (retired)   (retired)   (retired)    (retired)    open

let open = null;

/** Gives the stage to a card; the one before is told to retire. */
export function takeStage(card) {
  open?.retire();
  open = card;
}

/** Nothing is asked for any more (a login, a logout). */
export function clearStage() { takeStage(null); }
