"""How a consultant's judgement of the answers stands: in a draft, frozen at submission, carried to a revision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core import answers as answer_rules
from readiness.core.evidence import Checked, Grade, Held, can_be_held, check
from readiness.core.evidence_records import checked_record
from readiness.library.canonical import readable
from readiness.models import AnswerRow, Assessment, Engagement, EvidenceGrade
from readiness.services.opening import Opened
from readiness.services.planning import today


@dataclass(frozen=True, slots=True)
class Judged:
    """How an answer stands: what was said of it, by whom, and whether that is of this answer."""

    grade: Grade
    #: What was said before the answer was changed, or None.
    before: Grade | None
    #: The level that counts instead; None where there is none, or the answer is not higher any more.
    held: Held | None
    version: int
    row: EvidenceGrade | None


UNJUDGED = Judged(Grade.SAID, None, None, 0, None)


def judged(session: Session, opened: Opened) -> dict[str, Judged]:
    """Return how each answer stands that a consultant said something of."""
    rows = session.scalars(sa.select(EvidenceGrade).where(EvidenceGrade.assessment_id == opened.assessment.id))
    return {row.question_id: _judged(row, opened) for row in rows if row.question_id in opened.answers}


def checked(session: Session, opened: Opened) -> Checked | None:
    """Return what consultants made of the answers, or None where they graded nothing and held nothing back."""
    standing = judged(session, opened)
    held = {id: each.held for id, each in standing.items() if each.held is not None}
    grades = {id: each.grade for id, each in standing.items() if each.grade is not Grade.SAID}
    if not held and not grades:
        return None
    # In rubric order, so that the same judgement is the same record.
    order = [question.id for question in opened.version.rubric.questions]
    return check(
        opened.version.rubric,
        opened.answers,
        {id: held[id] for id in order if id in held},
        {id: grades[id] for id in order if id in grades},
    )


def freeze(session: Session, opened: Opened) -> None:
    """Freeze what consultants made of the answers, as a part of submitting them."""
    found = checked(session, opened)
    if found is not None:
        opened.assessment.checked = readable(checked_record(found, opened.version.digest))


def carry(session: Session, before: Assessment, revision: Assessment, rows: Iterable[AnswerRow]) -> None:
    """Carry grades to another revision, where the same answer stands in it and needs no confirming.

    Levels stay held back while a consultant is at work who could let them go, also where the answer is to be
    confirmed: it is then no more than said. Without a consultant the grade of such an answer is not carried either.
    """
    said = {row.question_id: row for row in rows}
    grades = session.scalars(sa.select(EvidenceGrade).where(EvidenceGrade.assessment_id == before.id)).all()
    if not grades:
        return
    guided = _is_guided(session, before.family_id)
    for grade in grades:
        answer = said.get(grade.question_id)
        held = grade.held_level is not None
        same = answer is not None and not answer.to_confirm and answer.value == grade.value
        if answer is None or (held and not guided) or not (held or same):
            continue
        session.merge(
            EvidenceGrade(
                assessment_id=revision.id,
                question_id=grade.question_id,
                grade=Grade.SAID.value if answer.to_confirm else grade.grade,
                value=grade.value,
                held_level=grade.held_level,
                held_reason=grade.held_reason,
                version=grade.version,
                account_id=grade.account_id,
                set_at=grade.set_at,
            )
        )


def _judged(row: EvidenceGrade, opened: Opened) -> Judged:
    answer = opened.answers[row.question_id]
    grade = Grade(row.grade)
    same = answer_rules.plain(answer) == row.value
    held = None
    if row.held_level is not None and can_be_held(opened.version.rubric, row.question_id, answer, row.held_level):
        held = Held(row.held_level, row.held_reason)
    return Judged(
        grade if same else Grade.SAID,
        None if same or grade is Grade.SAID else grade,
        held,
        row.version,
        row,
    )


def _is_guided(session: Session, family: UUID) -> bool:
    """Return whether a consultant is at work whom the company lets fill in everything."""
    first = sa.select(Assessment.id).where(Assessment.family_id == family)
    found = sa.select(Engagement.id).where(
        Engagement.assessment_id.in_(first),
        Engagement.state == "active",
        Engagement.scope == "edit",
        Engagement.until >= today(),
    )
    return session.scalar(found.limit(1)) is not None
