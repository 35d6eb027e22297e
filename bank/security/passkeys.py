"""Passkeys: WebAuthn ceremonies by py_webauthn, for one site.

The relying party is the host of the public address. User verification is required: a passkey
stands for possession and a fingerprint or PIN at once, which is what makes it strong.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bank.domain.errors import InvalidInput, WrongCode
from bank.ports import RegisteredKey

RP_NAME = "Florin"
_MALFORMED = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)


class WebAuthnPasskeys:
    """See ports.Passkeys."""

    def __init__(self, *, public_url: str) -> None:
        parts = urlsplit(public_url)
        self._rp_id = parts.hostname or "localhost"
        self._origin = f"{parts.scheme}://{parts.netloc}"

    def registration_options(
        self,
        *,
        customer_id: str,
        login_name: str,
        full_name: str,
        challenge: bytes,
        known_ids: Sequence[str],
    ) -> dict[str, Any]:
        options = generate_registration_options(
            rp_id=self._rp_id,
            rp_name=RP_NAME,
            user_id=customer_id.encode(),
            user_name=login_name,
            user_display_name=full_name,
            challenge=challenge,
            exclude_credentials=_descriptors(known_ids),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
        )
        made: dict[str, Any] = json.loads(options_to_json(options))
        return made

    def check_registration(self, credential_json: str, *, challenge: bytes) -> RegisteredKey:
        try:
            verified = verify_registration_response(
                credential=credential_json,
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                require_user_verification=True,
            )
            transports = json.loads(credential_json).get("response", {}).get("transports", [])
        except _MALFORMED as fault:
            raise InvalidInput(field="credential") from fault
        return RegisteredKey(
            credential_id=bytes_to_base64url(verified.credential_id),
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            transports=tuple(str(transport) for transport in transports),
        )

    def assertion_options(self, *, challenge: bytes, allowed_ids: Sequence[str]) -> dict[str, Any]:
        options = generate_authentication_options(
            rp_id=self._rp_id,
            challenge=challenge,
            allow_credentials=_descriptors(allowed_ids),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        made: dict[str, Any] = json.loads(options_to_json(options))
        return made

    def credential_id(self, assertion_json: str) -> str:
        try:
            raw = base64url_to_bytes(json.loads(assertion_json)["id"])
        except _MALFORMED as fault:
            raise WrongCode from fault
        return bytes_to_base64url(raw)

    def check_assertion(
        self, assertion_json: str, *, challenge: bytes, public_key: bytes, sign_count: int
    ) -> int:
        try:
            verified = verify_authentication_response(
                credential=assertion_json,
                expected_challenge=challenge,
                expected_rp_id=self._rp_id,
                expected_origin=self._origin,
                credential_public_key=public_key,
                credential_current_sign_count=sign_count,
                require_user_verification=True,
            )
        except _MALFORMED as fault:
            raise WrongCode from fault
        return verified.new_sign_count


def _descriptors(ids: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(name)) for name in ids]
