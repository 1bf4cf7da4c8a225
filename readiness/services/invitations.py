"""Invitations: a link, once, within a week, that sets password and second factor."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.models import Account, Grant, Invitation, Passkey
from readiness.services import audit
from readiness.services.accounts import (
    AccountUnknown,
    Actor,
    Capability,
    add_grant,
    forget_factors,
    new_uniquifier,
)
from readiness.services.database import db, now, writing
from readiness.services.opening import TOKEN_BYTES, hash_of

#: How long a link can be opened.
LIFE = timedelta(days=7)
#: Where on the site; the rest of the address is the token.
PATH = "/staff/invitations/"


class InvitationUnknown(LookupError):
    """No invitation has this token, or it was used, or it is too old."""


class AddressTaken(RuntimeError):
    """There is an account of this address."""

    def __init__(self, email: str) -> None:
        super().__init__(f"{email}: there is an account already; readiness account reset {email} makes a new link")
        #: The address.
        self.email = email


class AddressUnreadable(ValueError):
    """This is no e-mail address."""

    def __init__(self, email: str) -> None:
        super().__init__(f"{email!r} is no e-mail address; such as name@example.com")
        #: What was given.
        self.email = email


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom an open invitation is for."""

    account_id: UUID
    email: str


def invite(email: str, capabilities: Collection[Capability], actor: Actor | None = None) -> str:
    """Make an account and return the token of its link, which nobody can read again.

    :param actor: None for the command line.
    :raises NotAllowed: if the actor may not manage accounts.
    :raises AddressUnreadable: if it is no address.
    :raises AddressTaken: if there is an account of it; a withdrawn one is taken up again instead.
    """
    if actor is not None:
        actor.must(Capability.MANAGE_ACCOUNTS)
    address = _clean(email)
    giver = actor.id if actor else None
    with writing() as session:
        account = session.scalar(sa.select(Account).where(Account.email == address).with_for_update())
        if account is None:
            account = Account(email=address, active=True, fs_uniquifier=new_uniquifier(), created_at=now())
            session.add(account)
            session.flush()
        elif account.active:
            raise AddressTaken(address)
        account.active = True
        session.execute(sa.delete(Grant).where(Grant.account_id == account.id))
        token = _mint(session, account)
        for capability in sorted(set(capabilities)):
            add_grant(session, account.id, capability, giver)
        audit.record(session, giver, "account.invite", account.id)
    return token


def reset(who: str | UUID, actor: Actor | None = None) -> str:
    """End an account's sessions, password and second factors at once, and return the token of a new link.

    :raises NotAllowed: if the actor may not manage accounts.
    :raises AccountUnknown: if the account does not exist.
    """
    if actor is not None:
        actor.must(Capability.MANAGE_ACCOUNTS)
    with writing() as session:
        of = Account.id == who if isinstance(who, UUID) else Account.email == who.strip().lower()
        account = session.scalar(sa.select(Account).where(of, Account.active).with_for_update())
        if account is None:
            raise AccountUnknown(who)
        forget_factors(session, account)
        token = _mint(session, account)
        audit.record(session, actor.id if actor else None, "account.reset", account.id)
    return token


def opened(token: str) -> Invited:
    """Return whom an invitation is for; opening it does not use it.

    :raises InvitationUnknown: if it cannot be used.
    """
    return _opened(db.session, token)[1]


def accept(token: str, *, password_hash: str | None = None, passkey: Passkey | None = None) -> Account:
    """Use an invitation: set the password or the first passkey, and return the account.

    :raises InvitationUnknown: if it cannot be used, perhaps because it just was.
    """
    with writing() as session:
        invitation, invited = _opened(session, token)
        used = session.execute(
            sa.update(Invitation)
            .where(Invitation.id == invitation.id, Invitation.used_at.is_(None))
            .values(used_at=now())
        )
        if used.rowcount != 1:  # type: ignore[attr-defined]
            raise InvitationUnknown
        account = session.get_one(Account, invited.account_id)
        account.password = password_hash
        account.fs_uniquifier = new_uniquifier()
        if passkey is not None:
            passkey.account_id = account.id
            session.add(passkey)
        audit.record(session, account.id, "account.accept", account.id)
    return account


def _opened(session: Session, token: str) -> tuple[Invitation, Invited]:
    row = session.execute(
        sa.select(Invitation, Account)
        .join(Account, Account.id == Invitation.account_id)
        .where(
            Invitation.token_hash == hash_of(token),
            Invitation.used_at.is_(None),
            Invitation.expires_at > now(),
            Account.active,
        )
    ).one_or_none()
    if row is None:
        raise InvitationUnknown
    return row.Invitation, Invited(row.Account.id, row.Account.email)


def _mint(session: Session, account: Account) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.execute(sa.delete(Invitation).where(Invitation.account_id == account.id))
    made = now()
    session.add(Invitation(account_id=account.id, token_hash=hash_of(token), created_at=made, expires_at=made + LIFE))
    return token


def _clean(email: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(email.strip(), check_deliverability=False)
    except EmailNotValidError:
        raise AddressUnreadable(email) from None
    return found.normalized.lower()
