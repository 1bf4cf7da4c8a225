"""Staff accounts, and what each may do."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.models import Account, Authenticator, Grant, Invitation, Passkey, RecoveryCode
from readiness.services import audit
from readiness.services.database import db, now, writing


class Capability(StrEnum):
    """What an account can be given, one by one; without it the thing is denied."""

    EDIT_DRAFTS = "edit_drafts"
    PUBLISH = "publish"
    EDIT_SCHEMES = "edit_schemes"
    SEE_STATISTICS = "see_statistics"
    MANAGE_ACCOUNTS = "manage_accounts"


class NotAllowed(PermissionError):
    """The account lacks a capability."""

    def __init__(self, capability: Capability, who: str = "") -> None:
        said = f"needs the capability {capability}"
        super().__init__(f"{who}: {said}; whoever manages accounts gives it" if who else said)
        #: What it lacks.
        self.capability = capability


class AccountUnknown(LookupError):
    """There is no such account, or it was withdrawn."""

    def __init__(self, who: object) -> None:
        super().__init__(f"{who}: there is no account of that address, or it was withdrawn")
        #: The address or id that was asked for.
        self.who = who


class LastManager(RuntimeError):
    """Nobody else could manage accounts."""

    def __init__(self) -> None:
        super().__init__("nobody else who has signed in may manage accounts: give that to another account first")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something at the desk."""

    id: UUID
    email: str
    capabilities: frozenset[Capability]

    def must(self, capability: Capability) -> None:
        """Refuse whoever lacks a capability: the one place where it is checked below the pages.

        :raises NotAllowed: if the account lacks it.
        """
        if capability not in self.capabilities:
            raise NotAllowed(capability, self.email)


@dataclass(frozen=True, slots=True)
class Listed:
    """An account as those who manage accounts see it."""

    id: UUID
    email: str
    active: bool
    capabilities: frozenset[Capability]
    #: Whether it has a second factor, and so has signed in.
    enrolled: bool
    #: Until when its invitation can be opened, or None without one.
    invited_until: datetime | None


def new_uniquifier() -> str:
    """Return a new name for the sessions of an account: older ones end."""
    return secrets.token_hex(32)


def capabilities_of(account_id: UUID) -> frozenset[Capability]:
    """Return what an account may do."""
    return _known(db.session.scalars(sa.select(Grant.capability).where(Grant.account_id == account_id)))


def listed() -> list[Listed]:
    """Return all accounts: those in force first, by address."""
    given: dict[UUID, set[str]] = {}
    for account_id, capability in db.session.execute(sa.select(Grant.account_id, Grant.capability)):
        given.setdefault(account_id, set()).add(capability)
    open_until = dict(
        db.session.execute(
            sa.select(Invitation.account_id, sa.func.max(Invitation.expires_at))
            .where(Invitation.used_at.is_(None), Invitation.expires_at > now())
            .group_by(Invitation.account_id)
        ).all()
    )
    rows = db.session.execute(
        sa.select(Account, _is_enrolled().label("enrolled")).order_by(Account.active.desc(), Account.email)
    )
    return [
        Listed(
            row.Account.id,
            row.Account.email,
            row.Account.active,
            _known(given.get(row.Account.id, ())),
            row.enrolled,
            open_until.get(row.Account.id),
        )
        for row in rows
    ]


def find(who: str | UUID) -> Account:
    """Return the account in force of an address or id.

    :raises AccountUnknown: if there is none.
    """
    return find_in(db.session, who)


def find_in(session: Session, who: str | UUID, *, to_write: bool = False) -> Account:
    """Return the account in force of an address or id, within a transaction.

    :raises AccountUnknown: if there is none.
    """
    if isinstance(who, str) and not who.strip().isprintable():
        # PostgreSQL takes no such letters.
        raise AccountUnknown(who)
    statement = sa.select(Account).where(Account.active)
    statement = statement.where(Account.id == who if isinstance(who, UUID) else Account.email == who.strip().lower())
    account = session.scalar(statement.with_for_update() if to_write else statement)
    if account is None:
        raise AccountUnknown(who)
    return account


def give(account_id: UUID, capability: Capability, actor: Actor) -> None:
    """Give one capability; twice is once.

    :raises NotAllowed: if the actor may not manage accounts.
    :raises AccountUnknown: if the account does not exist.
    """
    actor.must(Capability.MANAGE_ACCOUNTS)
    with writing() as session:
        account = find_in(session, account_id, to_write=True)
        if session.get(Grant, (account.id, capability.value)) is None:
            add_grant(session, account.id, capability, actor.id)


def take(account_id: UUID, capability: Capability, actor: Actor) -> None:
    """Take one capability; twice is once.

    :raises NotAllowed: if the actor may not manage accounts.
    :raises LastManager: if nobody else could manage accounts.
    :raises AccountUnknown: if the account does not exist.
    """
    actor.must(Capability.MANAGE_ACCOUNTS)
    with writing() as session:
        account = find_in(session, account_id, to_write=True)
        if capability is Capability.MANAGE_ACCOUNTS:
            _keep_a_manager(session, account.id)
        grant = session.get(Grant, (account.id, capability.value))
        if grant is not None:
            session.delete(grant)
            audit.record(session, actor.id, f"account.take.{capability}", account.id)


def withdraw(who: str | UUID, actor: Actor | None = None) -> None:
    """Deactivate an account: its sessions, capabilities, factors and invitations end.

    :param actor: None for the command line.
    :raises NotAllowed: if the actor may not manage accounts.
    :raises LastManager: if nobody else could manage accounts.
    :raises AccountUnknown: if the account does not exist.
    """
    if actor is not None:
        actor.must(Capability.MANAGE_ACCOUNTS)
    with writing() as session:
        account = find_in(session, who, to_write=True)
        _keep_a_manager(session, account.id)
        account.active = False
        session.execute(sa.delete(Grant).where(Grant.account_id == account.id))
        forget_factors(session, account)
        audit.record(session, actor.id if actor else None, "account.withdraw", account.id)


def forget_factors(session: Session, account: Account) -> None:
    """End the sessions of an account, its invitations, its password and its second factors."""
    account.password = None
    account.fs_uniquifier = new_uniquifier()
    for table in (Invitation, Authenticator, Passkey, RecoveryCode):
        session.execute(sa.delete(table).where(table.account_id == account.id))


def add_grant(session: Session, account_id: UUID, capability: Capability, giver: UUID | None) -> None:
    """Give a capability within a transaction; None gives as the command line."""
    session.add(Grant(account_id=account_id, capability=capability.value, given_by_id=giver, given_at=now()))
    audit.record(session, giver, f"account.give.{capability}", account_id)


def _keep_a_manager(session: Session, leaving: UUID) -> None:
    """Refuse that the last one who can manage accounts leaves; others who leave at once wait here.

    Whoever was invited and never came does not count as another, unless the one who leaves never came either.
    """
    managers = session.scalars(
        sa.select(Grant.account_id).where(Grant.capability == Capability.MANAGE_ACCOUNTS.value).with_for_update()
    ).all()
    if leaving not in managers:
        return
    enrolled = dict(
        session.execute(sa.select(Account.id, _is_enrolled()).where(Account.id.in_(managers), Account.active)).all()
    )
    others = [came for id, came in enrolled.items() if id != leaving]
    if not others or (enrolled.get(leaving) and not any(others)):
        raise LastManager


def _is_enrolled() -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.exists().where(Authenticator.account_id == Account.id),
        sa.exists().where(Passkey.account_id == Account.id),
    )


def _known(names: Iterable[str]) -> frozenset[Capability]:
    """Return the capabilities of these names; one that this release does not know gives nothing."""
    return frozenset(Capability(name) for name in names if name in set(Capability))
