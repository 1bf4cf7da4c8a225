"""Second factors of an account: codes of an app, passkeys, recovery codes. Each code is good for once."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from flask import current_app

from readiness.models import Account, Authenticator, Passkey, RecoveryCode
from readiness.services import audit
from readiness.services.accounts import new_uniquifier
from readiness.services.database import db, now, writing

#: Recovery codes made at once.
CODES = 10

#: Given a secret and the counter of the newest code that was accepted: that of the code offered, or None.
Matches = Callable[[str, int], int | None]


class LastFactor(RuntimeError):
    """Nobody could sign in to the account any more."""


@dataclass(frozen=True, slots=True)
class Factors:
    """What an account can sign in with, beside its password."""

    authenticator: bool
    passkeys: tuple[Passkey, ...]
    recovery_codes: int

    @property
    def any(self) -> bool:
        """Whether there is a second factor."""
        return self.authenticator or bool(self.passkeys)


def factors(account_id: UUID) -> Factors:
    """Return the second factors of an account."""
    return Factors(
        db.session.get(Authenticator, account_id) is not None,
        tuple(
            db.session.scalars(sa.select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.added_at))
        ),
        db.session.scalar(
            sa.select(sa.func.count()).select_from(RecoveryCode).where(RecoveryCode.account_id == account_id)
        )
        or 0,
    )


def set_authenticator(account_id: UUID, secret: str, counter: int) -> None:
    """Keep an app's encrypted secret, after a code of it was seen; an earlier app's codes end."""
    with writing() as session:
        authenticator = session.get(Authenticator, account_id)
        if authenticator is None:
            authenticator = Authenticator(account_id=account_id)
            session.add(authenticator)
        authenticator.secret, authenticator.last_counter, authenticator.added_at = secret, counter, now()
        audit.record(session, account_id, "account.authenticator", account_id)


def accept_code(account_id: UUID, matches: Matches) -> bool:
    """Return whether a code of the app holds, and use it: the same one, and any before it, holds no more."""
    with writing() as session:
        authenticator = session.get(Authenticator, account_id, with_for_update=True)
        if authenticator is None:
            return False
        counter = matches(authenticator.secret, authenticator.last_counter)
        if counter is None or counter <= authenticator.last_counter:
            return False
        authenticator.last_counter = counter
    return True


def set_recovery_codes(account_id: UUID, codes: Iterable[str]) -> None:
    """Keep the hashes of new recovery codes; the earlier ones end."""
    with writing() as session:
        session.execute(sa.delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
        session.add_all(RecoveryCode(account_id=account_id, code_hash=_hash(code)) for code in codes)
        audit.record(session, account_id, "account.recovery_codes", account_id)


def accept_recovery_code(account_id: UUID, code: str) -> bool:
    """Return whether a recovery code holds, and use it up."""
    with writing() as session:
        used = session.execute(
            sa.delete(RecoveryCode).where(RecoveryCode.account_id == account_id, RecoveryCode.code_hash == _hash(code))
        )
        if used.rowcount != 1:  # type: ignore[attr-defined]
            return False
        audit.record(session, account_id, "account.recovery_code_used", account_id)
    return True


def add_passkey(account_id: UUID, passkey: Passkey) -> None:
    """Keep a further passkey of an account."""
    with writing() as session:
        passkey.account_id = account_id
        session.add(passkey)
        audit.record(session, account_id, "account.passkey", account_id)


def drop_passkey(account_id: UUID, passkey_id: UUID) -> None:
    """Forget a passkey; an unknown one is none.

    :raises LastFactor: if the account could not be signed in to without it.
    """
    with writing() as session:
        account = session.get_one(Account, account_id, with_for_update=True)
        found = {each.id: each for each in session.scalars(sa.select(Passkey).where(Passkey.account_id == account_id))}
        passkey = found.get(passkey_id)
        if passkey is None:
            return
        with_code = account.password is not None and session.get(Authenticator, account_id) is not None
        if len(found) == 1 and not with_code:
            raise LastFactor
        session.delete(passkey)
        audit.record(session, account_id, "account.passkey_removed", account_id)


def passkey_of(credential_id: bytes) -> tuple[Passkey, Account] | None:
    """Return the passkey of a credential with its account, if that is in force."""
    row = db.session.execute(
        sa.select(Passkey, Account)
        .join(Account, Account.id == Passkey.account_id)
        .where(Passkey.credential_id == credential_id, Account.active)
    ).one_or_none()
    return (row.Passkey, row.Account) if row else None


def passkey_used(passkey_id: UUID, sign_count: int) -> None:
    """Remember how often a passkey says it was used: a copy of it falls behind."""
    with writing() as session:
        session.execute(sa.update(Passkey).where(Passkey.id == passkey_id).values(sign_count=sign_count, used_at=now()))


def end_sessions(account_id: UUID) -> None:
    """End every session of an account, wherever it is signed in."""
    with writing() as session:
        session.execute(sa.update(Account).where(Account.id == account_id).values(fs_uniquifier=new_uniquifier()))


def set_password(account_id: UUID, password_hash: str) -> None:
    """Change a password; the sessions of the account end."""
    with writing() as session:
        account = session.get_one(Account, account_id)
        account.password, account.fs_uniquifier = password_hash, new_uniquifier()
        audit.record(session, account_id, "account.password", account_id)


def _hash(code: str) -> bytes:
    plain = "".join(letter for letter in code.casefold() if letter.isalnum())
    key: bytes = current_app.config["RECOVERY_KEY"]
    return hmac.digest(key, plain.encode(), "sha256")
