"""What happened to engagements, step by step: who did it and when. The company sees it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from readiness.models import Account, Engagement, EngagementStep
from readiness.services.accounts import Actor
from readiness.services.database import now

COMPANY, CONSULTANT, MAINTAINER = "company", "consultant", "maintainer"


@dataclass(frozen=True, slots=True)
class By:
    """Who does something: the company, which has no account, or a member of staff as what they are."""

    role: str
    account_id: UUID | None = None


THE_COMPANY = By(COMPANY)


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it is shown."""

    #: "asked", "offered", "invited", "began", "proposed", "declined", "left" or "ended".
    step: str
    #: "company", "consultant" or "maintainer".
    done_by: str
    #: The address of the member of staff who did it, or "" for the company.
    by: str
    #: The address of the consultant whom it is about, or "".
    consultant: str
    done_at: datetime


def consultant(actor: Actor) -> By:
    """Return a consultant as one who does something."""
    return By(CONSULTANT, actor.id)


def maintainer(actor: Actor) -> By:
    """Return whoever manages accounts as one who does something."""
    return By(MAINTAINER, actor.id)


def add(
    session: Session,
    engagement_id: UUID,
    step: str,
    by: By,
    *,
    consultant_id: UUID | None = None,
    link_id: UUID | None = None,
) -> None:
    """Keep a step within a transaction that writes."""
    session.add(
        EngagementStep(
            engagement_id=engagement_id,
            step=step,
            done_by=by.role,
            done_by_id=by.account_id,
            consultant_id=consultant_id,
            link_id=link_id,
            done_at=now(),
        )
    )


def of(session: Session, engagements: Collection[UUID]) -> Mapping[UUID, list[Step]]:
    """Return the steps of engagements, the oldest first."""
    by, about = aliased(Account), aliased(Account)
    rows = session.execute(
        sa.select(EngagementStep, by.email, about.email)
        .outerjoin(by, by.id == EngagementStep.done_by_id)
        .outerjoin(about, about.id == EngagementStep.consultant_id)
        .where(EngagementStep.engagement_id.in_(engagements))
        .order_by(EngagementStep.id)
    )
    found: dict[UUID, list[Step]] = {id: [] for id in engagements}
    for row, who, whose in rows:
        found[row.engagement_id].append(Step(row.step, row.done_by, who or "", whose or "", row.done_at))
    return found


@dataclass(frozen=True, slots=True)
class Former:
    """A consultant who had an engagement that goes on without them."""

    consultant: str
    began_at: datetime
    left_at: datetime


def former(steps: Mapping[UUID, list[Step]]) -> list[Former]:
    """Return who had one of the engagements before somebody else, who left last first."""
    found = []
    for taken in steps.values():
        began: dict[str, datetime] = {}
        for step in taken:
            if step.step == "began":
                began[step.consultant] = step.done_at
            elif step.step == "left" and step.consultant in began:
                found.append(Former(step.consultant, began.pop(step.consultant), step.done_at))
    return sorted(found, key=lambda each: each.left_at, reverse=True)


@dataclass(frozen=True, slots=True)
class Past:
    """A client whom a consultant had: the name and the days, nothing else of the company."""

    company: str
    began_at: datetime | None
    ended_at: datetime
    #: Whether somebody else has it now.
    handed_over: bool


def past_of(session: Session, account_id: UUID) -> list[Past]:
    """Return the clients whom a consultant had and has no longer, the newest first; not those whose day is over."""
    began = aliased(EngagementStep)
    since = (
        sa.select(sa.func.max(began.done_at))
        .where(
            began.engagement_id == EngagementStep.engagement_id,
            began.step == "began",
            began.consultant_id == account_id,
            began.id < EngagementStep.id,
        )
        .correlate(EngagementStep)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Engagement.company, since, EngagementStep.done_at, EngagementStep.step)
        .join(Engagement, Engagement.id == EngagementStep.engagement_id)
        .where(EngagementStep.consultant_id == account_id, EngagementStep.step.in_(("left", "ended")))
        .order_by(EngagementStep.id.desc())
    )
    return [Past(company, start, end, step == "left") for company, start, end, step in rows]
