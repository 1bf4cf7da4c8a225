"""A consultant's clients as the desk lists them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from readiness.documents.words import Words
from readiness.models import Access, Assessment, Engagement, Status
from readiness.services.accounts import Actor, Capability
from readiness.services.database import db
from readiness.services.engagements import engaged_in, family_of
from readiness.services.planning import today
from readiness.services.results import counted_record
from readiness.services.versions import current_rubric, rubric_of


@dataclass(frozen=True, slots=True)
class Client:
    """One client in the list."""

    id: UUID
    company: str
    #: "invited" or "active".
    state: str
    scope: Access
    until: date
    #: The company's assessments, or None while it has not accepted.
    family_id: UUID | None
    #: The band of the newest result by name, or "" without one.
    band: str
    score: str
    #: When something was last saved.
    saved_at: datetime | None
    #: When the consultant last opened the company's pages.
    seen_at: datetime | None
    next_on: date | None
    #: Whether answers were begun and not finished.
    drafting: bool


def listed(actor: Actor, words: Words) -> list[Client]:
    """Return the consultant's clients, by name.

    :raises NotAllowed: if the actor guides no companies.
    """
    actor.must(Capability.GUIDE)
    rows = db.session.scalars(
        sa.select(Engagement)
        .where(
            Engagement.consultant_id == actor.id,
            Engagement.state.in_(("active", "invited")),
            Engagement.until >= today(),
        )
        .order_by(Engagement.company, Engagement.created_at)
    ).all()
    return [_client(row, words) for row in rows]


def client(actor: Actor, engagement_id: UUID, words: Words) -> Client:
    """Return one client.

    :raises EngagementUnknown: if it is not this consultant's, or is over.
    """
    return _client(engaged_in(db.session, actor, engagement_id), words)


def _client(row: Engagement, words: Words) -> Client:
    family = family_of(db.session, row)
    revisions = (
        db.session.scalars(
            sa.select(Assessment)
            .where(
                Assessment.family_id == family,
                Assessment.status.in_((Status.DRAFT.value, Status.SUBMITTED.value)),
            )
            .order_by(Assessment.revision.desc())
        ).all()
        if family
        else []
    )
    newest = next((each for each in revisions if each.result is not None), None)
    result = counted_record(newest) if newest else {}
    band = result.get("band")
    names = rubric_of(current_rubric(db.session)).texts[words.language]
    company = next((str(each.company["name"]) for each in revisions if each.company.get("name")), row.company)
    return Client(
        id=row.id,
        company=company or words.gettext("A company without a name"),
        state=row.state,
        scope=Access(row.scope),
        until=row.until,
        family_id=family,
        band="" if band is None else names.get(f"bands.{band}.name", str(band)),
        score="" if band is None else str(result["score"]),
        saved_at=max((each.saved_at for each in revisions), default=None) if row.scope == Access.EDIT else None,
        seen_at=row.seen_at,
        next_on=row.next_on,
        drafting=row.scope == Access.EDIT and any(each.status == Status.DRAFT for each in revisions),
    )
