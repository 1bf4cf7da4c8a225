"""The revisions of one family: at most one draft, and what a further one begins with."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.models import AnswerRow, AsideRow, Assessment, AuditEntry, Engagement, Occasion, Status
from readiness.services import audit, judgements
from readiness.services.database import now
from readiness.services.opening import Opened, is_consultants

#: The action in the audit log.
BEGIN = "revision.begin"


def draft_of(session: Session, assessment: Assessment) -> Assessment | None:
    """Return the draft of the family, or None."""
    return session.scalars(
        sa.select(Assessment).where(
            Assessment.family_id == assessment.family_id, Assessment.status == Status.DRAFT.value
        )
    ).one_or_none()


def answers_of(session: Session, assessment: Assessment) -> dict[str, AnswerRow]:
    """Return what is said, as it is kept, by question."""
    rows = session.scalars(sa.select(AnswerRow).where(AnswerRow.assessment_id == assessment.id))
    return {row.question_id: row for row in rows}


def asides_of(session: Session, opened: Opened) -> list[AsideRow]:
    """Return what is kept aside, in the order of the questions' ids."""
    return list(
        session.scalars(
            sa.select(AsideRow).where(AsideRow.assessment_id == opened.assessment.id).order_by(AsideRow.question_id)
        )
    )


def begin_revision(
    session: Session,
    opened: Opened,
    rubric_version_id: UUID,
    rows: Iterable[AnswerRow],
    asides: Iterable[AsideRow],
    *,
    moved_from: Assessment | None = None,
    occasion: Occasion = Occasion.CHANGE,
) -> Assessment:
    """Begin a further revision of what is open: of a result, or of a draft that is moved.

    :param rows: what is said in it, of no assessment yet.
    :param occasion: why; a draft that is moved keeps its own.
    :param asides: what is kept aside; copied, so that the earlier revision keeps its own.
    """
    moment = now()
    before = opened.assessment
    revision = Assessment(
        rubric_version_id=rubric_version_id,
        # A draft of release 0.1 that stands alone names a result of another family.
        revises_id=before.id if opened.submitted else before.revises_id if opened.revising else None,
        moved_from_id=moved_from.id if moved_from else None,
        occasion=moved_from.occasion if moved_from else occasion.value,
        family_id=before.family_id,
        revision=_last_number(session, before.family_id) + 1,
        company=dict(before.company),
        company_asked=before.company_asked or opened.submitted,
        company_version=before.company_version if moved_from else 0,
        created_at=moment,
        saved_at=moment,
    )
    session.add(revision)
    session.flush()
    said = list(rows)
    for row in said:
        row.assessment_id = revision.id
        session.add(row)
    judgements.carry(session, before, revision, said)
    for aside in asides:
        session.add(
            AsideRow(
                assessment_id=revision.id,
                rubric_version_id=aside.rubric_version_id,
                question_id=aside.question_id,
                value=aside.value,
                note=aside.note,
                reason=aside.reason,
                saved_at=aside.saved_at,
            )
        )
    return revision


def note_consultant(session: Session, token: str, opened: Opened, revision: Assessment) -> None:
    """Note in the audit log that a consultant began a revision, last of all in the transaction.

    :param token: the link by which it was begun; that of a company notes nothing.
    """
    if is_consultants(token):
        consultant = session.scalar(sa.select(Engagement.consultant_id).where(Engagement.link_id == opened.link.id))
        audit.record(session, consultant, BEGIN, revision.id)


def consultant_began(session: Session, drafts: Iterable[UUID]) -> bool:
    """Return whether a consultant began one of *drafts*: those that one revision was moved through."""
    began = sa.select(AuditEntry.number).where(
        AuditEntry.subject_id.in_([str(id) for id in drafts]), AuditEntry.action == BEGIN
    )
    return session.scalar(began.limit(1)) is not None


def _last_number(session: Session, family: UUID) -> int:
    # A move that was undone may have taken a number after the one that is open.
    return session.scalar(sa.select(sa.func.max(Assessment.revision)).where(Assessment.family_id == family)) or 0
