"""Engagements: a company grants a consultant access until a day, sees who had it, and ends it at any time."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hmac import digest
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session, aliased

from readiness.models import (
    Access,
    Account,
    Assessment,
    Engagement,
    EngagementProposal,
    EngagementRequest,
    Given,
    Link,
    Status,
)
from readiness.services import audit
from readiness.services import engagement_steps as steps
from readiness.services.accounts import Actor, Capability
from readiness.services.assessing import name_unnamed_in, start_in
from readiness.services.database import db, now, writing
from readiness.services.engagement_steps import THE_COMPANY, By
from readiness.services.opening import CONSULTANTS, TOKEN_BYTES, LinkUnknown, Opened, ReadOnly, hash_of, opened_in
from readiness.services.planning import today

#: How long an offer or an invitation can be taken up.
LIFE = timedelta(days=7)
#: For how long a company may grant access at once.
LONGEST = timedelta(days=366)
#: Engagements of one company that wait or run at once.
MOST = 20


class EngagementUnknown(LookupError):
    """There is no such engagement, it is not this consultant's, or it is over."""


class OfferUnknown(LookupError):
    """No offer or invitation has this token, or it was taken up, or it is too old."""


class UntilNotAllowed(ValueError):
    """The last day lies in the past, or over a year ahead."""


class TooManyEngagements(RuntimeError):
    """The company has as many engagements as are kept at once."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An engagement as the company sees it."""

    id: UUID
    #: "asked", "offered", "active", or "ended"; also "over" once its last day has passed.
    state: str
    scope: Access
    #: The consultant's address, or "" while nobody took it up.
    consultant: str
    until: date
    created_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    #: "company", "consultant" or "maintainer", or None.
    ended_by: str | None
    #: When the consultant last opened something.
    seen_at: datetime | None
    #: Whom the company left to be reached, and how, or "" where it left nobody or the engagement is over.
    contact_name: str
    contact: str
    #: Until when the link of an offer can be taken up, or None.
    open_until: datetime | None
    #: The colleague whom the consultant asked to take over and who has not answered, or ""; and since when.
    proposed_to: str
    proposed_at: datetime | None

    @property
    def link_made_at(self) -> datetime:
        """When the link of an offer was made, which may be a later one."""
        return self.open_until - LIFE if self.open_until else self.created_at

    @property
    def link_lapsed(self) -> bool:
        """Whether the link of an offer can be taken up no more."""
        return self.open_until is not None and self.open_until <= now()

    @property
    def runs(self) -> bool:
        """Whether it is in force, or can still become so."""
        return self.state not in ("ended", "over")


@dataclass(frozen=True, slots=True)
class Offer:
    """What an offer or an invitation says before it is taken up."""

    id: UUID
    state: str
    scope: Access
    company: str
    #: The consultant's address; "" for an offer.
    consultant: str
    until: date


def of_company(opened: Opened) -> list[Listed]:
    """Return a company's engagements, the newest first."""
    first = sa.select(Assessment.id).where(Assessment.family_id == opened.assessment.family_id)
    colleague = aliased(Account)
    rows = db.session.execute(
        sa.select(Engagement, Account.email, EngagementRequest, colleague.email, EngagementProposal.proposed_at)
        .outerjoin(Account, Account.id == Engagement.consultant_id)
        .outerjoin(EngagementRequest, EngagementRequest.engagement_id == Engagement.id)
        .outerjoin(EngagementProposal, EngagementProposal.engagement_id == Engagement.id)
        .outerjoin(colleague, colleague.id == EngagementProposal.to_id)
        .where(Engagement.assessment_id.in_(first))
        .order_by(Engagement.created_at.desc(), Engagement.id)
    )
    return [
        Listed(
            each.id,
            "over" if each.state != "ended" and each.until < today() else each.state,
            Access(each.scope),
            email or "",
            each.until,
            each.created_at,
            each.began_at,
            each.ended_at,
            each.ended_by,
            each.seen_at,
            request.name if request else "",
            request.contact if request else "",
            each.open_until if each.state == "offered" and each.until >= today() else None,
            proposed_to or "",
            proposed_at,
        )
        for each, email, request, proposed_to, proposed_at in rows
    ]


def offer(token: str, scope: Access, until: date) -> str:
    """Let a company make an offer to whichever consultant opens it first; return its token.

    :raises LinkUnknown: if the link does not exist.
    :raises ReadOnly: if it does not allow writing.
    :raises UntilNotAllowed: if the day lies in the past, or over a year ahead.
    :raises TooManyEngagements: if twenty wait or run.
    """
    with writing() as session:
        row = new_of_company(session, token, "offered", scope, until)
        made = open_to_one(row)
        session.add(row)
        session.flush()
        steps.add(session, row.id, "offered", THE_COMPANY)
        return made


def new_of_company(session: Session, token: str, state: str, scope: Access, until: date) -> Engagement:
    """Return a new engagement of the company that a link opens, not yet added.

    :raises LinkUnknown: if the link does not exist.
    :raises ReadOnly: if it does not allow writing.
    :raises UntilNotAllowed: if the day lies in the past, or over a year ahead.
    :raises TooManyEngagements: if twenty wait or run.
    """
    _check_until(until)
    opened = opened_in(session, token)
    first = _first_of(session, opened.assessment.family_id)
    _check_number(session, first)
    return Engagement(
        state=state,
        scope=scope.value,
        assessment_id=first,
        company=opened.profile.name or "",
        until=until,
        created_at=now(),
    )


def invite(actor: Actor, company: str, scope: Access, until: date) -> tuple[UUID, str]:
    """Let a consultant invite a company; return the engagement's id and the token for the company.

    :raises NotAllowed: if the actor guides no companies.
    :raises UntilNotAllowed: as :func:`offer`.
    """
    actor.must(Capability.GUIDE)
    _check_until(until)
    with writing() as session:
        row = Engagement(
            state="invited",
            scope=scope.value,
            consultant_id=actor.id,
            company=company,
            until=until,
            created_at=now(),
        )
        made = open_to_one(row)
        session.add(row)
        session.flush()
        steps.add(session, row.id, "invited", steps.consultant(actor), consultant_id=actor.id)
        audit.record(session, actor.id, "engagement.invite", row.id)
        return row.id, made


def found(offer_token: str, state: str) -> Offer:
    """Return what an offer ("offered") or an invitation ("invited") says.

    :raises OfferUnknown: if there is none that can still be taken up.
    """
    row = _open(db.session, offer_token, state)
    account = db.session.get(Account, row.consultant_id) if row.consultant_id else None
    return Offer(row.id, row.state, Access(row.scope), row.company, account.email if account else "", row.until)


def take(actor: Actor, offer_token: str) -> UUID:
    """Take up a company's offer, and return the engagement's id.

    :raises NotAllowed: if the actor guides no companies.
    :raises OfferUnknown: if there is none that can still be taken up.
    """
    actor.must(Capability.GUIDE)
    with writing() as session:
        row = _open(session, offer_token, "offered", to_write=True)
        if row.assessment_id is None:
            raise OfferUnknown
        row.consultant_id = actor.id
        begin(session, row, row.assessment_id, steps.consultant(actor))
        audit.record(session, actor.id, "engagement.take", row.id)
        return row.id


def accept(offer_token: str, own: str | None = None) -> str:
    """Let a company accept a consultant's invitation; return the token of the company's own editing link.

    :param own: the token of the assessment that it has already; None begins one.
    :raises OfferUnknown: if there is no invitation that can still be accepted.
    :raises LinkUnknown: if there is no assessment of its own token.
    :raises ReadOnly: if that does not allow writing.
    """
    with writing() as session:
        row = _open(session, offer_token, "invited", to_write=True)
        if own is None:
            first, own = start_in(session)
        else:
            first = _first_of(session, opened_in(session, own).assessment.family_id)
            _check_number(session, first)
        # The company saw this name when it said yes, and can change it like everything of its profile.
        name_unnamed_in(opened_in(session, own).assessment, row.company)
        begin(session, row, first, THE_COMPANY)
        audit.record(session, None, "engagement.accept", row.id)
        return own


def end(token: str, engagement_id: UUID) -> None:
    """End an engagement as the company; twice is once, and an unknown one is none."""
    with writing() as session:
        row = own_in(session, token, engagement_id)
        if row is not None:
            _end(session, row, THE_COMPANY)
            audit.record(session, None, "engagement.end", row.id)


def end_own(actor: Actor, engagement_id: UUID) -> None:
    """End an engagement as its consultant.

    :raises EngagementUnknown: if it is not theirs, or is over.
    """
    with writing() as session:
        row = engaged_in(session, actor, engagement_id, to_write=True)
        _end(session, row, steps.consultant(actor))
        audit.record(session, actor.id, "engagement.end", row.id)


def own_in(session: Session, token: str, engagement_id: UUID) -> Engagement | None:
    """Return an engagement of the company that a link opens, to change it, or None if it ended or is none of its own.

    :raises LinkUnknown: if the link does not exist.
    :raises ReadOnly: if it does not allow writing.
    """
    # Only the engagement is locked: whoever takes it up locks it first and the assessment second, and the other
    # order would let the two wait for each other.
    given = session.execute(
        sa.select(Link.access, Assessment.family_id)
        .join(Assessment, Assessment.id == Link.assessment_id)
        .where(Link.token_hash == hash_of(token), Link.revoked_at.is_(None))
    ).one_or_none()
    if given is None:
        raise LinkUnknown
    if given.access != Access.EDIT:
        raise ReadOnly
    return session.scalar(
        sa.select(Engagement)
        .join(Assessment, Assessment.id == Engagement.assessment_id)
        .where(Engagement.id == engagement_id, Assessment.family_id == given.family_id, Engagement.state != "ended")
        .with_for_update(of=Engagement)
    )


def engaged_in(
    session: Session, actor: Actor, engagement_id: UUID, *, invited: bool = True, to_write: bool = False
) -> Engagement:
    """Return an engagement that is this consultant's and not over: the one check of whom a consultant may see.

    :param invited: whether one counts that the company has not accepted yet.
    :param to_write: whether it will be changed, so that others who change it wait.
    :raises NotAllowed: if the actor guides no companies.
    :raises EngagementUnknown: if there is none, it is somebody else's, or it is over.
    """
    statement = sa.select(Engagement).where(*engaged_where(actor, engagement_id, invited=invited))
    row = session.scalar(statement.with_for_update() if to_write else statement)
    if row is None:
        raise EngagementUnknown
    return row


def engaged_where(actor: Actor, engagement_id: UUID, *, invited: bool = True) -> list[sa.ColumnElement[bool]]:
    """Return what :func:`engaged_in` asks for, for a statement that asks for more besides.

    :raises NotAllowed: if the actor guides no companies.
    """
    actor.must(Capability.GUIDE)
    return [
        Engagement.id == engagement_id,
        Engagement.consultant_id == actor.id,
        Engagement.state.in_(("active", "invited") if invited else ("active",)),
        Engagement.until >= today(),
    ]


def way_in(actor: Actor, engagement_id: UUID) -> str:
    """Return the token by which the consultant opens the company's pages; it opens nothing for anyone else.

    It is computed from the site's key and stored nowhere; see :func:`permitted`.

    :raises EngagementUnknown: as :func:`engaged_in`.
    """
    with writing() as session:
        row = engaged_in(session, actor, engagement_id, invited=False, to_write=True)
        link = session.get_one(Link, row.link_id)
        token = _token_of(link.id)
        # The site's key may have changed; a reading link goes on to the newest result.
        link.token_hash = hash_of(token)
        link.assessment_id = _newest_result(session, row.assessment_id) or link.assessment_id
        row.seen_at = now()
        return token


def permitted(actor: Actor, token: str) -> Engagement:
    """Return the engagement whose token this is.

    :raises NotAllowed: if the actor guides no companies.
    :raises EngagementUnknown: if it is somebody else's, or is over.
    """
    actor.must(Capability.GUIDE)
    row = db.session.scalar(
        sa.select(Engagement)
        .join(Link, Link.id == Engagement.link_id)
        .where(
            Link.token_hash == hash_of(token),
            Link.revoked_at.is_(None),
            Engagement.consultant_id == actor.id,
            Engagement.state == "active",
            Engagement.until >= today(),
        )
    )
    if row is None:
        raise EngagementUnknown
    return row


def token_of(engagement: Engagement) -> str:
    """Return the token by which an engagement's consultant opens the company's pages, as :func:`way_in` does.

    :raises EngagementUnknown: while the company has not accepted.
    """
    if engagement.link_id is None:
        raise EngagementUnknown
    return _token_of(engagement.link_id)


def family_of(session: Session, engagement: Engagement) -> UUID | None:
    """Return the company's family of assessments, or None while it has not accepted."""
    if engagement.assessment_id is None:
        return None
    return session.scalar(sa.select(Assessment.family_id).where(Assessment.id == engagement.assessment_id))


def begin(session: Session, row: Engagement, first: UUID, by: By) -> None:
    """Give the consultant of an engagement access, within a transaction: by a link of this consultant's own.

    :param first: the first revision of the company.
    """
    id = uuid4()
    link = Link(
        id=id,
        assessment_id=_newest_result(session, first) or first,
        token_hash=hash_of(_token_of(id)),
        access=row.scope,
        given=Given.SHARE.value,
        label="",
        created_at=now(),
    )
    session.add(link)
    session.flush()
    row.state, row.began_at, row.assessment_id, row.link_id = "active", now(), first, link.id
    row.token_hash = row.open_until = row.seen_at = None
    if not row.company:
        row.company = str(session.get_one(Assessment, first).company.get("name") or "")
    session.flush()
    steps.add(session, row.id, "began", by, consultant_id=row.consultant_id, link_id=link.id)


def close_to_consultant(session: Session, row: Engagement, by: By) -> None:
    """Take the access of an engagement's consultant, within a transaction; who comes next is the caller's to say."""
    if row.link_id is not None:
        session.get_one(Link, row.link_id).revoked_at = now()
    session.execute(sa.delete(EngagementProposal).where(EngagementProposal.engagement_id == row.id))
    steps.add(session, row.id, "left", by, consultant_id=row.consultant_id)


def open_to_one(row: Engagement) -> str:
    """Let an engagement be taken up once, within a week, by a token that is returned; an earlier one dies."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row.token_hash, row.open_until = hash_of(token), now() + LIFE
    return token


def _newest_result(session: Session, first: UUID | None) -> UUID | None:
    """Return the newest result of the company, which a reading link shows."""
    family = sa.select(Assessment.family_id).where(Assessment.id == first).scalar_subquery()
    return session.scalar(
        sa.select(Assessment.id)
        .where(Assessment.family_id == family, Assessment.status == Status.SUBMITTED.value)
        .order_by(Assessment.revision.desc())
        .limit(1)
    )


def _end(session: Session, row: Engagement, by: By) -> None:
    row.state, row.ended_at, row.ended_by = "ended", now(), by.role
    row.token_hash = row.open_until = None
    if row.link_id is not None:
        session.get_one(Link, row.link_id).revoked_at = now()
    for table in (EngagementRequest, EngagementProposal):
        session.execute(sa.delete(table).where(table.engagement_id == row.id))
    steps.add(session, row.id, "ended", by, consultant_id=row.consultant_id)


def _open(session: Session, offer_token: str, state: str, *, to_write: bool = False) -> Engagement:
    statement = sa.select(Engagement).where(
        Engagement.token_hash == hash_of(offer_token),
        Engagement.state == state,
        Engagement.open_until > now(),
        Engagement.until >= today(),
    )
    # Whoever waits here for another who takes it finds it gone.
    row = session.scalar(statement.with_for_update() if to_write else statement)
    if row is None:
        raise OfferUnknown
    return row


def _first_of(session: Session, family: UUID) -> UUID:
    return session.scalars(
        sa.select(Assessment.id).where(Assessment.family_id == family).order_by(Assessment.revision).limit(1)
    ).one()


def _check_until(until: date) -> None:
    if not today() <= until <= today() + LONGEST:
        raise UntilNotAllowed


def _check_number(session: Session, first: UUID) -> None:
    waiting = sa.select(sa.func.count()).where(
        Engagement.assessment_id == first, Engagement.state != "ended", Engagement.until >= today()
    )
    if (session.scalar(waiting) or 0) >= MOST:
        raise TooManyEngagements


def _token_of(link_id: UUID) -> str:
    key = str(current_app.config["SECRET_KEY"]).encode()
    mac = digest(key, b"engagement" + link_id.bytes, "sha256")
    return CONSULTANTS + urlsafe_b64encode(mac).decode().rstrip("=")
