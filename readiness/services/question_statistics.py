"""Where people hesitate: what happens at each question of a version, counted over all assessments of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import groupby
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core import answers as answer_rules
from readiness.core.answers import Mark
from readiness.library.rubrics import RubricVersion
from readiness.models import AnswerChange, AnswerRow, Assessment, Status, StoredRubric, Unclear
from readiness.services.versions import rubric_of

#: Days without a change after which a first draft counts as left.
LEFT_DAYS = 7
#: Texts that are shown of a question, the newest first.
SHOWN_TEXTS = 20
#: Rows fetched at once, so that the memory does not grow with the number of companies.
_AT_ONCE = 1000


class NoSuchVersion(LookupError):
    """There is no published or retired version of this number."""


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody wrote about a question that they did not understand."""

    day: date
    text: str


@dataclass(frozen=True, slots=True)
class AtQuestion:
    """What happened at one question."""

    question: str
    #: Assessments in which it is answered.
    answered: int
    #: Of them, answers "not sure".
    not_sure: int
    #: Assessments with a note on it. The notes themselves belong to the companies.
    notes: int
    #: Assessments in which somebody came back and answered otherwise.
    changed: int
    #: First drafts that were left here, without a change for a week.
    left: int
    #: People who said that they do not understand it.
    unclear: int
    #: What some of them wrote.
    told: tuple[Told, ...]

    @property
    def trouble(self) -> Fraction:
        """The share of those who came to it and were not sure, left, or did not understand it; what is sorted by."""
        return Fraction(self.not_sure + self.left + self.unclear, max(self.answered + self.left, 1))


@dataclass(frozen=True, slots=True)
class Statistics:
    """All questions of a version, in the order in which they are asked."""

    version: RubricVersion
    #: Assessments that were begun, and those of them that were submitted.
    begun: int
    submitted: int
    questions: tuple[AtQuestion, ...]


def numbers(session: Session) -> list[str]:
    """Return the numbers of the versions that companies were asked by, the newest first."""
    found = sa.select(StoredRubric.number).where(StoredRubric.state.in_(("published", "retired")))
    return list(session.scalars(found.order_by(StoredRubric.created_at.desc(), StoredRubric.number.desc())))


def statistics(session: Session, number: str, moment: datetime) -> Statistics:
    """Count what happened at each question of a version.

    :param moment: the present; drafts are judged by it.
    :raises NoSuchVersion: if no such version was published.
    """
    stored = session.scalar(
        sa.select(StoredRubric).where(StoredRubric.number == number, StoredRubric.state.in_(("published", "retired")))
    )
    if stored is None:
        raise NoSuchVersion(number)
    version = rubric_of(stored)
    here = sa.select(Assessment.id).where(
        Assessment.rubric_version_id == stored.id,
        Assessment.status.in_((Status.DRAFT.value, Status.SUBMITTED.value)),
    )
    begun, submitted = session.execute(
        sa.select(sa.func.count(), sa.func.count(Assessment.submitted_at)).where(Assessment.id.in_(here))
    ).one()
    given = _given(session, here)
    changed = _changed(session, here)
    left = Counter(_left(session, version, stored.id, moment))
    told = _told(session, here)
    questions = [
        AtQuestion(
            question.id,
            *given.get(question.id, (0, 0, 0)),
            changed=changed.get(question.id, 0),
            left=left[question.id],
            unclear=len(told.get(question.id, ())),
            told=tuple(each for each in told.get(question.id, ()) if each.text)[:SHOWN_TEXTS],
        )
        for question in version.rubric.questions
    ]
    return Statistics(version, begun, submitted, tuple(questions))


def _given(session: Session, here: sa.Select[UUID]) -> dict[str, tuple[int, int, int]]:
    unsure = sa.cast(AnswerRow.value, sa.Text) == f'"{Mark.NOT_SURE}"'
    rows = session.execute(
        sa.select(
            AnswerRow.question_id,
            sa.func.count(AnswerRow.value),
            sa.func.count(sa.case((unsure, 1))),
            sa.func.count(sa.case((AnswerRow.note != "", 1))),
        )
        .where(AnswerRow.assessment_id.in_(here))
        .group_by(AnswerRow.question_id)
    )
    return {id: (answered, not_sure, notes) for id, answered, not_sure, notes in rows}


def _changed(session: Session, here: sa.Select[UUID]) -> dict[str, int]:
    rows = session.execute(
        sa.select(AnswerChange.question_id, sa.func.count(AnswerChange.assessment_id.distinct()))
        .where(
            AnswerChange.assessment_id.in_(here),
            AnswerChange.before.is_not(None),
            sa.cast(AnswerChange.before, sa.Text) != sa.cast(AnswerChange.after, sa.Text),
        )
        .group_by(AnswerChange.question_id)
    )
    return {id: count for id, count in rows}


def _left(session: Session, version: RubricVersion, version_id: UUID, moment: datetime) -> Iterator[str]:
    """Yield for each first draft that was left the question that it waits at."""
    rows = session.execute(
        sa.select(Assessment.id, AnswerRow.question_id, AnswerRow.value)
        .join(AnswerRow, AnswerRow.assessment_id == Assessment.id, isouter=True)
        .where(
            Assessment.rubric_version_id == version_id,
            Assessment.status == Status.DRAFT.value,
            Assessment.revises_id.is_(None),
            Assessment.company_asked,
            Assessment.saved_at < moment - timedelta(days=LEFT_DAYS),
        )
        .order_by(Assessment.id)
        .execution_options(yield_per=_AT_ONCE)
    )
    for _, group in groupby(rows, key=lambda row: row[0]):
        values = {id: value for _, id, value in group if value is not None}
        answers = {id: answer_rules.read(version.rubric, id, value) for id, value in values.items()}
        waiting = next(
            (each.id for each in answer_rules.visible(version.rubric, answers) if each.id not in answers), None
        )
        if waiting is not None:
            yield waiting


def _told(session: Session, here: sa.Select[UUID]) -> dict[str, list[Told]]:
    rows = session.execute(
        sa.select(Unclear.question_id, Unclear.said_at, Unclear.text)
        .where(Unclear.assessment_id.in_(here))
        .order_by(Unclear.said_at.desc())
    )
    found: dict[str, list[Told]] = {}
    for id, said_at, text in rows:
        found.setdefault(id, []).append(Told(said_at.date(), text))
    return found
