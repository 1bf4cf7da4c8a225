"""Passkeys: what a browser is asked, and what it answers. The device must check who uses it, so one is two factors."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from time import time
from urllib.parse import urlsplit
from uuid import UUID

from flask import current_app, session

from readiness.models import Account, Passkey
from readiness.services import second_factors
from readiness.services.database import now

#: Key of the session, and the seconds that what was asked may be answered.
CHALLENGE, PATIENCE = "challenge", 30 * 60


class PasskeyRefused(ValueError):
    """The browser's answer does not hold."""


def possible() -> bool:
    """Return whether browsers offer passkeys for this site: they need a name, not a number."""
    try:
        ip_address(_site())
    except ValueError:
        return True
    return False


def to_create(account_id: UUID, email: str, known: Iterable[Passkey] = ()) -> str | None:
    """Return what a browser is asked to make a passkey of, as JSON; None where there can be none."""
    if not possible():
        return None
    from webauthn import generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=_site(),
        rp_name="AI Readiness",
        user_id=account_id.bytes,
        user_name=email,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each.credential_id) for each in known],
    )
    _remember(options.challenge)
    return options_to_json(options)


def to_use() -> str | None:
    """Return what a browser is asked to sign in with, as JSON; None where there are no passkeys.

    It names no passkey, so that it tells nobody which accounts there are.
    """
    if not possible():
        return None
    from webauthn import generate_authentication_options, options_to_json
    from webauthn.helpers.structs import UserVerificationRequirement

    options = generate_authentication_options(rp_id=_site(), user_verification=UserVerificationRequirement.REQUIRED)
    _remember(options.challenge)
    return options_to_json(options)


def created(answer: str) -> Passkey:
    """Return the passkey that a browser made, not yet stored.

    :raises PasskeyRefused: if the answer does not hold.
    """
    challenge = _asked()
    from webauthn import verify_registration_response
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        found = verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_site(),
            expected_origin=_origin(),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused from error
    return Passkey(
        credential_id=found.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        added_at=now(),
    )


def used(answer: str) -> Account:
    """Return the account whose passkey answered.

    :raises PasskeyRefused: if the answer does not hold, or the passkey is nobody's.
    """
    challenge = _asked()
    from webauthn import verify_authentication_response
    from webauthn.helpers import parse_authentication_credential_json
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        credential = parse_authentication_credential_json(answer)
        found = second_factors.passkey_of(credential.raw_id)
        if found is None:
            raise PasskeyRefused
        passkey, account = found
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_site(),
            expected_origin=_origin(),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused from error
    second_factors.passkey_used(passkey.id, verified.new_sign_count)
    return account


def _remember(challenge: bytes) -> None:
    session[CHALLENGE] = [challenge.hex(), int(time())]


def _asked() -> bytes:
    """Return what the browser was asked last, once."""
    challenge, asked_at = session.pop(CHALLENGE, ["", 0])
    if not challenge or time() - asked_at > PATIENCE:
        raise PasskeyRefused
    return bytes.fromhex(challenge)


def _site() -> str:
    return urlsplit(current_app.config["PUBLIC_URL"]).hostname or ""


def _origin() -> str:
    parts = urlsplit(current_app.config["PUBLIC_URL"])
    return f"{parts.scheme}://{parts.netloc}"
