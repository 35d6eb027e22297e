"""Proofs of a step-up: what a code, a passkey or a face has to be, for exactly one challenge.

    code     digest of challenge, binding and digits
    passkey  a signature over the challenge's bytes ─▶ its count moves on
    face     a trial that was passed for this challenge a moment ago ─▶ it is spent

`check_in` only looks; what a proof leaves behind is stored by `spend_in`, with the act.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace

from bank.domain.challenges import (
    Challenge,
    CodeProof,
    FaceProof,
    Passkey,
    PasskeyProof,
    StepUpProof,
    check_open,
    clean_code,
)
from bank.domain.errors import FaceNotAccepted, WrongCode
from bank.domain.face_keys import FaceKey, FaceTrial, TrialState, is_proof_of
from bank.policies.step_up import face_may_prove, face_number
from bank.ports import Clock, Digests, Passkeys, UnitOfWork


@dataclass(frozen=True, slots=True)
class Checked:
    """A proof that fits: what it is, and what to store when it is spent."""

    by: str
    spend_in: Callable[[UnitOfWork], None]


def _nothing(_uow: UnitOfWork) -> None:
    """A code leaves nothing behind: its challenge ends, and the code with it."""


class StepUpProofs:
    """Looks at proofs, in its callers' transactions."""

    def __init__(self, *, clock: Clock, digests: Digests, passkeys: Passkeys) -> None:
        self._clock = clock
        self._digests = digests
        self._passkeys = passkeys

    def check_in(self, uow: UnitOfWork, challenge: Challenge, proof: StepUpProof) -> Checked:
        """Return the proof, checked.

        Raises WrongCode, FaceNotAccepted (both with challenge_id and tries_left, as it will be
        once the caller has counted), CodeExpired, TooManyTries.
        """
        check_open(challenge, now_utc=self._clock())
        left = challenge.tries_left - 1
        if isinstance(proof, FaceProof):
            return self._check_face_in(uow, challenge, proof, tries_left=left)
        if isinstance(proof, CodeProof):
            given = self.hash(challenge.id, challenge.binding_digest, clean_code(proof.code))
            if not hmac.compare_digest(given, challenge.code_hash):
                raise WrongCode(challenge_id=challenge.id, tries_left=left)
            return Checked("code", _nothing)
        passkey = self._check_passkey_in(uow, challenge, proof, tries_left=left)
        return Checked("passkey", lambda uow: uow.passkeys.save(passkey))

    def hash(self, challenge_id: str, binding_digest: str, code: str) -> str:
        """Return the keyed hash of a code for one challenge and its binding."""
        return self._digests.digest("step-up", f"{challenge_id}|{binding_digest}|{code}")

    def _check_passkey_in(
        self, uow: UnitOfWork, challenge: Challenge, proof: PasskeyProof, *, tries_left: int
    ) -> Passkey:
        try:
            credential_id = self._passkeys.credential_id(proof.assertion_json)
            passkey: Passkey | None = uow.passkeys.find(credential_id)
            if passkey is None or passkey.customer_id != challenge.customer_id:
                raise WrongCode  # noqa: TRY301  the same refusal as a bad signature
            sign_count = self._passkeys.check_assertion(
                proof.assertion_json,
                challenge=challenge.passkey_bytes(),
                public_key=passkey.public_key,
                sign_count=passkey.sign_count,
            )
        except WrongCode:
            raise WrongCode(challenge_id=challenge.id, tries_left=tries_left) from None
        return replace(passkey, sign_count=sign_count, last_used_at_utc=self._clock())

    def _check_face_in(
        self, uow: UnitOfWork, challenge: Challenge, proof: FaceProof, *, tries_left: int
    ) -> Checked:
        now_utc = self._clock()
        trial: FaceTrial | None = uow.face_trials.find(proof.trial_id)
        key: FaceKey | None = uow.face_keys.find(challenge.customer_id)
        # The policy is asked again: a bank that switches faces off means the next act, not the
        # next challenge. A key made after the trial is not the one it was compared with.
        fits = (
            key is not None
            and face_may_prove(challenge.purpose, challenge.binding)
            and is_proof_of(trial, challenge, now_utc=now_utc, ttl_s=face_number("proof_ttl_s"))
        )
        if not fits or trial is None or key is None or key.created_at_utc > trial.started_at_utc:
            raise FaceNotAccepted(challenge_id=challenge.id, tries_left=tries_left)
        used, spent = replace(key, used_at_utc=now_utc), replace(trial, state=TrialState.SPENT)

        def spend_in(uow: UnitOfWork) -> None:
            uow.face_trials.save(spent)
            uow.face_keys.save(used)

        return Checked("face", spend_in)
