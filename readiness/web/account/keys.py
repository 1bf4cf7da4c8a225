"""The sign-in library and its keys: password hashes, one-time codes, and what a session keeps."""

from __future__ import annotations

import hmac
import secrets
from functools import cache
from typing import Any

from flask import Flask, current_app
from flask_security import FSQLALiteUserDatastore, Security, Totp
from flask_security.utils import hash_password, verify_password
from passlib.exc import TokenError

from readiness.models import Account
from readiness.services.database import db
from readiness.settings import Settings

#: Seconds that a clock may be off, either way.
DRIFT = 30
ISSUER = "AI Readiness"


class OneTimeCodes(Totp):
    """Codes of an app, by RFC 6238; a secret is encrypted with the site's key wherever it is kept."""

    def counter_of(self, code: str, secret: str, newest: int = -1) -> int | None:
        """Return the half minute that a code belongs to, or None if it does not hold or is not newer than *newest*."""
        try:
            match = self._totp.verify(code, secret, window=DRIFT, last_counter=newest)
        except TokenError:
            return None
        return int(match.counter)


def register(app: Flask, settings: Settings) -> None:
    """Start the sign-in library without its pages: ours speak three languages and ask for a second factor first."""
    app.config.update(
        RECOVERY_KEY=_derived(settings, "recovery codes"),
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106  (the name of a method)
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        # No secret goes into a password's hash: a new key of the site leaves passwords as they are.
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
    )
    # It asks on every request who is signed in, for owners too; here only the routes of the desk do, in rights.py.
    hooks: list[dict[Any, list[Any]]] = [
        app.before_request_funcs,
        app.after_request_funcs,
        app.template_context_processors,
    ]
    before = [list(each[None]) for each in hooks]
    # An account is no class of the library's, but has all that it asks of one; capabilities stand in for roles.
    store = FSQLALiteUserDatastore(db, Account, None)  # type: ignore[arg-type]
    security = Security(app, store, register_blueprint=False)
    for each, kept in zip(hooks, before, strict=True):
        each[None] = kept
    # Nobody signs in with a token in an address or a header.
    security.login_manager.request_loader(lambda _: None)
    app.extensions["one_time_codes"] = OneTimeCodes({"1": _derived(settings, "one-time codes").hex()}, ISSUER)


def one_time_codes() -> OneTimeCodes:
    """Return what makes and reads the codes of apps."""
    codes: OneTimeCodes = current_app.extensions["one_time_codes"]
    return codes


def password_hash(password: str) -> str:
    """Return an argon2id hash."""
    return str(hash_password(password))


def password_holds(password: str, kept: str | None) -> bool:
    """Return whether a password is the one that was hashed; without one it takes as long and is False."""
    holds = verify_password(password, kept or _nobody())
    return bool(holds) and kept is not None


@cache
def _nobody() -> str:
    return password_hash(secrets.token_hex())


def _derived(settings: Settings, purpose: str) -> bytes:
    return hmac.digest(settings.secret_key.encode(), f"readiness {purpose}".encode(), "sha256")
