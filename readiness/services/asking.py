"""A company asks for a consultant: what the queue shows of it is the company's choice, and one consultant takes it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from readiness.documents.words import Words
from readiness.models import Access, Engagement, EngagementRequest
from readiness.services import audit, engagements
from readiness.services import engagement_steps as steps
from readiness.services.accounts import Actor, Capability
from readiness.services.company_states import states_of
from readiness.services.database import db, writing
from readiness.services.engagement_steps import THE_COMPANY
from readiness.services.planning import today

#: Requests that the queue shows at once.
MOST_SHOWN = 100


class AlreadyAsked(RuntimeError):
    """The company stands in the queue already."""


class AlreadyTaken(LookupError):
    """Another consultant took it, or the company withdrew it, or its last day has passed."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a company leaves when it asks."""

    scope: Access
    until: date
    name: str
    #: A mail address or a telephone number.
    contact: str
    message: str
    #: What the queue shows beside sector, size and band: "company", "contact", "message".
    shows: Collection[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the queue shows it: what the company did not tick is "" here."""

    id: UUID
    #: Keys of the profile, or None where they are not known.
    sector: str | None
    employees: str | None
    #: The band of the newest result by name, or "" without one.
    band: str
    asked_at: datetime
    scope: Access
    until: date
    company: str
    name: str
    contact: str
    message: str


def ask(token: str, request: Request) -> None:
    """Put a company in the queue.

    :raises LinkUnknown: if the link does not exist.
    :raises ReadOnly: if it does not allow writing.
    :raises UntilNotAllowed: if the day lies in the past, or over a year ahead.
    :raises TooManyEngagements: if twenty wait or run.
    :raises AlreadyAsked: if it stands there already.
    """
    with writing() as session:
        row = engagements.new_of_company(session, token, "asked", request.scope, request.until)
        waiting = sa.select(Engagement).where(
            Engagement.assessment_id == row.assessment_id, Engagement.state == "asked"
        )
        before = session.scalar(waiting)
        if before is not None:
            if before.until >= today():
                raise AlreadyAsked
            # Its last day passed unseen, and it holds the company's place.
            session.delete(before)
            session.flush()
        session.add(row)
        session.flush()
        session.add(
            EngagementRequest(
                engagement_id=row.id,
                name=request.name,
                contact=request.contact,
                message=request.message,
                shows_company="company" in request.shows,
                shows_contact="contact" in request.shows,
                shows_message="message" in request.shows,
            )
        )
        steps.add(session, row.id, "asked", THE_COMPANY)
        audit.record(session, None, "engagement.ask", row.id)


def queue(actor: Actor, words: Words) -> list[Asked]:
    """Return who waits for a consultant, the longest first, at most a hundred.

    :raises NotAllowed: if the actor guides no companies.
    """
    actor.must(Capability.GUIDE)
    rows = db.session.execute(
        sa.select(Engagement, EngagementRequest)
        .join(EngagementRequest, EngagementRequest.engagement_id == Engagement.id)
        .where(Engagement.state == "asked", Engagement.until >= today())
        .order_by(Engagement.created_at, Engagement.id)
        .limit(MOST_SHOWN)
    ).all()
    states = states_of(db.session, [row.assessment_id for row, _ in rows if row.assessment_id], words)
    found = []
    for row, request in rows:
        state = states.get(row.assessment_id) if row.assessment_id else None
        if state is None:
            # It was deleted between the two statements.
            continue
        found.append(
            Asked(
                id=row.id,
                sector=state.sector,
                employees=state.employees,
                band=state.band,
                asked_at=row.created_at,
                scope=Access(row.scope),
                until=row.until,
                company=state.name if request.shows_company else "",
                name=request.name if request.shows_contact else "",
                contact=request.contact if request.shows_contact else "",
                message=request.message if request.shows_message else "",
            )
        )
    return found


def take(actor: Actor, engagement_id: UUID) -> None:
    """Take one company from the queue: of two at once, one has it.

    :raises NotAllowed: if the actor guides no companies.
    :raises AlreadyTaken: if it does not wait there any more.
    """
    actor.must(Capability.GUIDE)
    with writing() as session:
        row = session.scalar(
            sa.select(Engagement)
            .where(Engagement.id == engagement_id, Engagement.state == "asked", Engagement.until >= today())
            .with_for_update()
        )
        if row is None or row.assessment_id is None:
            raise AlreadyTaken
        row.consultant_id = actor.id
        engagements.begin(session, row, row.assessment_id, steps.consultant(actor))
        audit.record(session, actor.id, "engagement.take", row.id)


def forget_contacts(day: date) -> int:
    """Delete whom companies left to be reached, where the last day of the engagement lies before *day*."""
    over = sa.select(Engagement.id).where(Engagement.until < day)
    with writing() as session:
        result = session.execute(sa.delete(EngagementRequest).where(EngagementRequest.engagement_id.in_(over)))
        return int(result.rowcount)  # type: ignore[attr-defined]
