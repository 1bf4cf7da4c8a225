"""What a link opens: an assessment with its answers, notes and version, in two statements."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, cached_property
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from readiness.core import answers as answer_rules
from readiness.core import profile as profile_rules
from readiness.core.answers import Answer
from readiness.core.profile import Profile
from readiness.core.records import read_result
from readiness.core.rubric import Question
from readiness.core.scoring import Result, score
from readiness.library.rubrics import RubricVersion
from readiness.models import Access, AnswerRow, Assessment, Given, Link, Status, StoredRubric
from readiness.services.database import db, now
from readiness.services.versions import rubric_of

TOKEN_BYTES = 32


class LinkUnknown(LookupError):
    """No link has this token, or it was revoked, or what it opened was deleted."""


class ReadOnly(PermissionError):
    """The link allows reading only."""


class RevisionUnknown(LookupError):
    """The assessment has no such revision, or the link does not show it."""


@dataclass(frozen=True)
class Opened:
    """An assessment as a link opens it."""

    assessment: Assessment
    version: RubricVersion
    link: Link
    answers: Mapping[str, Answer]
    notes: Mapping[str, str]
    #: How often what was said on a question was changed; 0 where there is nothing.
    versions: Mapping[str, int]
    rows: Mapping[str, AnswerRow]

    @property
    def access(self) -> Access:
        """What the link allows."""
        return Access(self.link.access)

    @property
    def profile(self) -> Profile:
        """The company as far as it is known."""
        return profile_rules.read(self.assessment.company)[0]

    @property
    def submitted(self) -> bool:
        """Whether it is frozen."""
        return self.assessment.status == Status.SUBMITTED

    @property
    def revising(self) -> bool:
        """Whether it holds changes that were begun after a result."""
        return not self.submitted and self.assessment.revises_id is not None and self.assessment.revision > 1

    @property
    def to_confirm(self) -> tuple[str, ...]:
        """The questions whose answers were carried over from other words and are not confirmed yet, in order."""
        return tuple(
            question.id for question in self.questions if question.id in self.rows and self.rows[question.id].to_confirm
        )

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The questions that are asked, in order."""
        return answer_rules.visible(self.version.rubric, self.answers)

    @property
    def result(self) -> Result:
        """What the answers come to: as it was frozen once submitted, never computed again."""
        if self.assessment.result is not None:
            return read_result(json.loads(self.assessment.result, parse_float=Decimal), self.version.rubric)
        return score(self.version.rubric, self.answers)

    def with_row(self, row: AnswerRow, answer: Answer | None) -> Opened:
        """Return this with what is now said on one question."""
        answers = dict(self.answers)
        if answer is not None:
            answers[row.question_id] = answer
        return replace(
            self,
            answers={id: answers[id] for id in self.version.rubric.questions_by_id if id in answers},
            notes={id: note for id, note in {**self.notes, row.question_id: row.note}.items() if note},
            versions={**self.versions, row.question_id: row.version},
            rows={**self.rows, row.question_id: row},
        )

    def next_unanswered(self) -> Question | None:
        """Return the first question without an answer."""
        return next((question for question in self.questions if question.id not in self.answers), None)

    def next_after(self, question_id: str) -> Question | None:
        """Return the question that is asked after *question_id*, or None after the last."""
        order = list(self.version.rubric.questions_by_id)
        place = order.index(question_id)
        return next((question for question in self.questions if order.index(question.id) > place), None)


def open_with(token: str) -> Opened:
    """Return the revision that a link's token opens: the newest, or for a reading link the one it was given for.

    :raises LinkUnknown: if there is none.
    """
    return opened_in(db.session, token)


def open_result(token: str, revision: int | None = None) -> Opened:
    """Return a submitted revision: the newest, or the one asked for; the draft if nothing was submitted yet.

    :raises LinkUnknown: if the link does not exist.
    :raises RevisionUnknown: if there is no such submitted revision, or the link does not show it.
    """
    opened = opened_in(db.session, token, revision=revision, submitted_first=True)
    if revision is not None and not opened.submitted:
        raise RevisionUnknown
    return opened


def opened_in(
    session: Session,
    token: str,
    *,
    to_write: bool = False,
    revision: int | None = None,
    submitted_first: bool = False,
) -> Opened:
    """Return what a token opens, within a transaction.

    :param to_write: take the row for this transaction alone, so that two changes at once come one after the other.
    :param revision: that revision, instead of the newest.
    :param submitted_first: the newest submitted revision, if there is one.
    :raises LinkUnknown: if no link in force has this token.
    :raises ReadOnly: if *to_write* and the link is for reading.
    :raises RevisionUnknown: if the link does not open this revision.
    """
    statement = _finding(to_write=to_write, with_revision=revision is not None, submitted_first=submitted_first)
    parameters = {"hash": hash_of(token), "revision": revision}
    row = session.execute(statement, parameters).one_or_none()
    if row is not None and row[1].status == Status.MOVED:
        # It was moved while this transaction waited for it; the draft that goes on is found by looking again.
        row = session.execute(statement, parameters).one_or_none()
    if row is None:
        if revision is not None:
            opened_in(session, token)
            raise RevisionUnknown
        raise LinkUnknown
    link, assessment, stored = row
    if to_write and link.access != Access.EDIT:
        raise ReadOnly
    return _with_answers(session, link, assessment, stored)


def mint(session: Session, assessment_id: UUID, access: Access, given: Given, label: str = "") -> str:
    """Make a link and return its token, which nobody can read again: only its hash is kept."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(
        Link(
            assessment_id=assessment_id,
            token_hash=hash_of(token),
            access=access.value,
            given=given.value,
            label=label,
            created_at=now(),
        )
    )
    return token


def hash_of(token: str) -> bytes:
    """Return what is kept of a token."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


Found = sa.Select[Link, Assessment, StoredRubric]


@cache
def _finding(*, to_write: bool, with_revision: bool, submitted_first: bool) -> Found:
    """Return the statement that finds what a link opens; made once, since making it takes longer than running it."""
    pinned = aliased(Assessment)
    statement = (
        sa.select(Link, Assessment, StoredRubric)
        .join(pinned, pinned.id == Link.assessment_id)
        .join(Assessment, Assessment.family_id == pinned.family_id)
        .join(StoredRubric, StoredRubric.id == Assessment.rubric_version_id)
        .where(
            Link.token_hash == sa.bindparam("hash"),
            Link.revoked_at.is_(None),
            sa.or_(Link.access == Access.EDIT.value, Assessment.id == pinned.id),
            Assessment.status != Status.UNDONE.value,
        )
        .limit(1)
    )
    if with_revision:
        statement = statement.where(Assessment.revision == sa.bindparam("revision"))
    if submitted_first:
        statement = statement.order_by(sa.case((Assessment.status == Status.SUBMITTED.value, 0), else_=1))
    statement = statement.order_by(Assessment.revision.desc())
    return statement.with_for_update(of=Assessment) if to_write else statement


_ANSWERS = sa.select(AnswerRow).where(AnswerRow.assessment_id == sa.bindparam("assessment"))


def _with_answers(session: Session, link: Link, assessment: Assessment, stored: StoredRubric) -> Opened:
    version = rubric_of(stored)
    found = session.scalars(_ANSWERS, {"assessment": assessment.id}).all()
    rows = {row.question_id: row for row in found}
    return Opened(
        assessment,
        version,
        link,
        {
            question.id: answer_rules.read(version.rubric, question.id, rows[question.id].value)
            for question in version.rubric.questions
            if question.id in rows and rows[question.id].value is not None
        },
        {id: row.note for id, row in rows.items() if row.note},
        {id: row.version for id, row in rows.items()},
        rows,
    )
