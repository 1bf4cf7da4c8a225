"""A client goes to another consultant, with the history: by the company, by the consultant, by a maintainer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.models import Account, Engagement, EngagementProposal, Grant
from readiness.services import audit, engagements
from readiness.services import engagement_steps as steps
from readiness.services.accounts import Actor, Capability
from readiness.services.caseload import reference
from readiness.services.database import db, now, writing
from readiness.services.engagement_steps import THE_COMPANY, By
from readiness.services.engagements import EngagementUnknown, engaged_in
from readiness.services.planning import today

#: Engagements that a consultant still has.
HELD = ("active", "invited")


class ColleagueUnknown(LookupError):
    """No other consultant has this address."""


class ProposalUnknown(LookupError):
    """Nobody proposed this client to the consultant, or it was taken back, or the client is over."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A client whom a colleague asks one to take over."""

    engagement_id: UUID
    #: The address of the colleague.
    by: str
    #: What the colleague's list calls the company.
    company: str
    until: date
    proposed_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """An engagement as those who manage accounts see it: nothing of the company."""

    id: UUID
    state: str
    began_at: datetime | None
    until: date

    @property
    def reference(self) -> str:
        """What the consultant's page of it is marked with."""
        return reference(self.id)


@dataclass(frozen=True, slots=True)
class Holder:
    """A consultant, with the engagements that are not over."""

    account_id: UUID
    email: str
    #: Whether the account is in force and may guide companies.
    guides: bool
    held: tuple[Held, ...]


def give_on(token: str, engagement_id: UUID) -> str:
    """Let a company give an engagement to another consultant: whoever opens the returned token's link first.

    The present consultant sees nothing from now on. For one that nobody took up yet it makes a new link.

    :raises LinkUnknown: if the link does not exist.
    :raises ReadOnly: if it does not allow writing.
    :raises EngagementUnknown: if the company has no such engagement, or it is over.
    """
    with writing() as session:
        row = engagements.own_in(session, token, engagement_id)
        if row is None or row.state not in ("active", "offered") or row.until < today():
            raise EngagementUnknown
        if row.state == "active":
            engagements.close_to_consultant(session, row, THE_COMPANY)
        made = engagements.open_to_one(row)
        row.state, row.consultant_id, row.link_id = "offered", None, None
        row.began_at = row.seen_at = None
        session.flush()
        steps.add(session, row.id, "offered", THE_COMPANY)
        audit.record(session, None, "engagement.give_on", row.id)
        return made


def propose(actor: Actor, engagement_id: UUID, address: str) -> None:
    """Ask a colleague to take a client over; a proposal to someone else before is taken back.

    :raises EngagementUnknown: if it is not this consultant's, or is over.
    :raises ColleagueUnknown: if no other consultant has this address.
    """
    with writing() as session:
        row = engaged_in(session, actor, engagement_id, invited=False, to_write=True)
        colleague = _consultant(session, address)
        if colleague is None or colleague == actor.id:
            raise ColleagueUnknown
        _forget_proposal(session, row)
        session.add(EngagementProposal(engagement_id=row.id, to_id=colleague, by_id=actor.id, proposed_at=now()))
        steps.add(session, row.id, "proposed", steps.consultant(actor), consultant_id=colleague)
        audit.record(session, actor.id, "engagement.propose", row.id)


def take_back(actor: Actor, engagement_id: UUID) -> None:
    """Take a proposal back; without one nothing happens.

    :raises EngagementUnknown: if the client is not this consultant's, or is over.
    """
    with writing() as session:
        _forget_proposal(session, engaged_in(session, actor, engagement_id, to_write=True))


def proposed_to(actor: Actor, engagement_id: UUID) -> str:
    """Return the address of the colleague who was asked to take one's client over, or "".

    :raises EngagementUnknown: if the client is not this consultant's, or is over.
    """
    row = engaged_in(db.session, actor, engagement_id)
    asked = (
        sa.select(Account.email)
        .join(EngagementProposal, EngagementProposal.to_id == Account.id)
        .where(EngagementProposal.engagement_id == row.id)
    )
    return db.session.scalar(asked) or ""


def proposals(actor: Actor) -> list[Proposal]:
    """Return the clients whom colleagues ask one to take over, the longest first.

    :raises NotAllowed: if the actor guides no companies.
    """
    actor.must(Capability.GUIDE)
    rows = db.session.execute(
        _proposals()
        .add_columns(Account.email)
        .join(Account, Account.id == EngagementProposal.by_id)
        .where(EngagementProposal.to_id == actor.id)
        .order_by(EngagementProposal.proposed_at, Engagement.id)
    )
    return [Proposal(row.id, email, row.company, row.until, made.proposed_at) for row, made, email in rows]


def accept(actor: Actor, engagement_id: UUID) -> None:
    """Take over a client whom a colleague proposed.

    :raises NotAllowed: if the actor guides no companies.
    :raises ProposalUnknown: if there is no such proposal any more.
    """
    with writing() as session:
        row = _proposed_in(session, actor, engagement_id)
        _transfer(session, row, actor.id, steps.consultant(actor))
        audit.record(session, actor.id, "engagement.hand_over", row.id)


def decline(actor: Actor, engagement_id: UUID) -> None:
    """Leave a client with the colleague who proposed it.

    :raises NotAllowed: if the actor guides no companies.
    :raises ProposalUnknown: if there is no such proposal any more.
    """
    with writing() as session:
        row = _proposed_in(session, actor, engagement_id)
        _forget_proposal(session, row)
        steps.add(session, row.id, "declined", steps.consultant(actor), consultant_id=actor.id)


def holders(actor: Actor) -> list[Holder]:
    """Return all consultants and whoever still has clients, by address; those who may guide no longer stand first.

    :raises NotAllowed: if the actor may not manage accounts.
    """
    actor.must(Capability.MANAGE_ACCOUNTS)
    guides = sa.exists().where(Grant.account_id == Account.id, Grant.capability == Capability.GUIDE.value)
    accounts = db.session.execute(
        sa.select(Account.id, Account.email, sa.and_(Account.active, guides).label("guides"))
    ).all()
    held: dict[UUID, list[Held]] = {}
    for row in db.session.execute(_held().order_by(Engagement.created_at, Engagement.id)):
        held.setdefault(row.consultant_id, []).append(Held(row.id, row.state, row.began_at, row.until))
    found = [
        Holder(row.id, row.email, row.guides, tuple(held.get(row.id, ())))
        for row in accounts
        if row.guides or row.id in held
    ]
    return sorted(found, key=lambda each: (each.guides, each.email))


def hand_over(actor: Actor, engagement_ids: Collection[UUID], address: str) -> int:
    """Give engagements to a consultant, as whoever manages accounts; return how many went.

    Those that ended meanwhile, or are that consultant's already, stay as they are.

    :raises NotAllowed: if the actor may not manage accounts.
    :raises ColleagueUnknown: if no consultant has this address.
    """
    actor.must(Capability.MANAGE_ACCOUNTS)
    with writing() as session:
        to = _consultant(session, address)
        if to is None:
            raise ColleagueUnknown
        rows = session.scalars(
            sa.select(Engagement)
            .where(
                Engagement.id.in_(engagement_ids),
                Engagement.state.in_(HELD),
                Engagement.until >= today(),
                Engagement.consultant_id != to,
            )
            .order_by(Engagement.id)
            .with_for_update()
        ).all()
        for row in rows:
            _transfer(session, row, to, steps.maintainer(actor))
        for row in rows:
            audit.record(session, actor.id, "engagement.hand_over", row.id)
        return len(rows)


def _transfer(session: Session, row: Engagement, to: UUID, by: By) -> None:
    engagements.close_to_consultant(session, row, by)
    row.consultant_id, row.seen_at = to, None
    if row.assessment_id is not None:
        engagements.begin(session, row, row.assessment_id, by)


def _consultant(session: Session, address: str) -> UUID | None:
    """Return the account of an address, if it may guide companies."""
    if not address.isprintable():
        # PostgreSQL takes no such letters.
        return None
    return session.scalar(
        sa.select(Account.id)
        .join(Grant, Grant.account_id == Account.id)
        .where(Account.active, Account.email == address.strip().lower(), Grant.capability == Capability.GUIDE.value)
    )


def _proposed_in(session: Session, actor: Actor, engagement_id: UUID) -> Engagement:
    actor.must(Capability.GUIDE)
    found = _proposals().where(EngagementProposal.to_id == actor.id, Engagement.id == engagement_id)
    row: Engagement | None = session.scalar(found.with_for_update(of=Engagement))
    if row is None:
        raise ProposalUnknown
    return row


def _proposals() -> sa.Select[Engagement, EngagementProposal]:
    return (
        sa.select(Engagement, EngagementProposal)
        .join(EngagementProposal, EngagementProposal.engagement_id == Engagement.id)
        .where(
            Engagement.state == "active",
            Engagement.until >= today(),
            Engagement.consultant_id == EngagementProposal.by_id,
        )
    )


def _held() -> sa.Select[UUID, UUID | None, str, datetime | None, date]:
    return sa.select(
        Engagement.id, Engagement.consultant_id, Engagement.state, Engagement.began_at, Engagement.until
    ).where(Engagement.state.in_(HELD), Engagement.until >= today(), Engagement.consultant_id.is_not(None))


def _forget_proposal(session: Session, row: Engagement) -> None:
    session.execute(sa.delete(EngagementProposal).where(EngagementProposal.engagement_id == row.id))
