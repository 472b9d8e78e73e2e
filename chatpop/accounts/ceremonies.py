"""The two ceremonies of WebAuthn, making a passkey and signing in with one, as the library does them.

Loaded by the first passkey that a process meets (``passkeys``): the library takes a quarter of the whole
application's time to load, and a killed web process must be back quickly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import parse_authentication_credential_json, parse_client_data_json
from webauthn.helpers import parse_registration_credential_json as parse_registration
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from chatpop.identity.models import Passkey, User

_PREFERRED = UserVerificationRequirement.PREFERRED
_MALFORMED = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)
"""What the library raises for answers that are no answers."""


class Malformed(Exception):
    """The browser's answer is none, or not to what was asked."""


def making(rp_id: str, rp_name: str, user: User, handle: bytes, known: Sequence[bytes]) -> tuple[str, bytes]:
    """Options for making a passkey, as JSON, and their challenge; ``known`` are credential ids not to make again."""
    options = generate_registration_options(
        rp_id=rp_id,
        rp_name=rp_name,
        user_id=handle,
        user_name=user.username,
        user_display_name=user.username,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_PREFERRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(credential_id) for credential_id in known],
    )
    return options_to_json(options), options.challenge


def signing_in(rp_id: str) -> tuple[str, bytes]:
    """Options for signing in with any passkey of the site, as JSON, and their challenge."""
    options = generate_authentication_options(rp_id=rp_id, user_verification=_PREFERRED)
    return options_to_json(options), options.challenge


def read_made(answer: Mapping[str, Any]) -> tuple[RegistrationCredential, bytes]:
    """A new passkey as the browser tells it, not checked yet, and the challenge. Raises :class:`Malformed`."""
    try:
        credential = parse_registration(dict(answer))
        return credential, parse_client_data_json(credential.response.client_data_json).challenge
    except _MALFORMED:
        raise Malformed from None


def read_sign_in(answer: Mapping[str, Any]) -> tuple[AuthenticationCredential, bytes]:
    """A sign-in as the browser tells it, not checked yet, and the challenge. Raises :class:`Malformed`."""
    try:
        credential = parse_authentication_credential_json(dict(answer))
        return credential, parse_client_data_json(credential.response.client_data_json).challenge
    except _MALFORMED:
        raise Malformed from None


def check_made(credential: RegistrationCredential, challenge: bytes, rp_id: str, origin: str) -> VerifiedRegistration:
    """Raises :class:`Malformed`."""
    try:
        return verify_registration_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=rp_id, expected_origin=origin
        )
    except _MALFORMED:
        raise Malformed from None


def check_sign_in(
    credential: AuthenticationCredential, challenge: bytes, rp_id: str, origin: str, key: Passkey
) -> VerifiedAuthentication:
    """Raises :class:`Malformed`, also for a counter that went back."""
    try:
        return verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=rp_id,
            expected_origin=origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
        )
    except _MALFORMED:
        raise Malformed from None
