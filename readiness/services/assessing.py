"""An owner's assessment: start, answer, submit. Every change is one transaction."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core import answers as answer_rules
from readiness.core import profile as profile_rules
from readiness.core.answers import Answer
from readiness.core.profile import Profile
from readiness.core.records import read_result, result_record
from readiness.core.rubric import Question
from readiness.core.scoring import Result, score
from readiness.library.canonical import readable
from readiness.library.rubrics import RubricVersion
from readiness.models import Access, AnswerChange, AnswerRow, Assessment, Link, Status, StoredRubric
from readiness.services import planning
from readiness.services.database import db, now, writing
from readiness.services.versions import current_rubric, rubric_of

TOKEN_BYTES = 32


class LinkUnknown(LookupError):
    """No link has this token, or it was revoked."""


class ReadOnly(PermissionError):
    """The link allows reading only."""


class AlreadySubmitted(RuntimeError):
    """A submitted assessment is frozen; changing it means a new revision."""


class AnswerChanged(RuntimeError):
    """Someone saved another answer meanwhile: both are shown, and the person chooses."""

    def __init__(self, question: str, saved: Answer, version: int, yours: Answer) -> None:
        super().__init__(f"{question} was changed meanwhile")
        #: The question.
        self.question = question
        #: The answer that is saved now.
        self.saved = saved
        #: Its version.
        self.version = version
        #: The answer that was not saved.
        self.yours = yours


@dataclass(frozen=True)
class Opened:
    """An assessment as a link opens it."""

    assessment: Assessment
    version: RubricVersion
    access: Access
    answers: Mapping[str, Answer]
    #: How often each answer was changed; 0 where there is none.
    versions: Mapping[str, int]

    @property
    def profile(self) -> Profile:
        """The company as far as it is known."""
        return profile_rules.read(self.assessment.company)[0]

    @property
    def submitted(self) -> bool:
        """Whether it is frozen."""
        return self.assessment.status == Status.SUBMITTED

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions that are asked, in order."""
        return answer_rules.visible(self.version.rubric, self.answers)

    @property
    def result(self) -> Result:
        """What the answers come to: as it was frozen once submitted, never computed again."""
        if self.assessment.result is not None:
            return read_result(json.loads(self.assessment.result, parse_float=Decimal), self.version.rubric)
        return score(self.version.rubric, self.answers)

    def next_unanswered(self) -> Question | None:
        """Return the first question without an answer."""
        return next((question for question in self.questions if question.id not in self.answers), None)


def start() -> str:
    """Begin an assessment on the current rubric version and return the token of its first link."""
    with writing() as session:
        moment = now()
        assessment = Assessment(
            rubric_version_id=current_rubric(session).id, company={}, created_at=moment, saved_at=moment
        )
        session.add(assessment)
        session.flush()
        return _mint(session, assessment.id, Access.EDIT)


def open_with(token: str) -> Opened:
    """Return the assessment that a link's token opens.

    :raises LinkUnknown: if there is none.
    """
    return _open(db.session, token)


def save_company(token: str, company: Mapping[str, Any]) -> None:
    """Save what is known of the company; keys that are not given stay as they were, None forgets one.

    :raises LinkUnknown: if the link does not exist.
    :raises ReadOnly: if it does not allow writing.
    :raises ProfileError: if a value cannot be read.
    """
    with writing() as session:
        opened = _open(session, token, to_write=True)
        _save_company(opened, company)
        if opened.submitted:
            planning.freeze(session, opened.assessment, opened.version, opened.answers, opened.profile)


def answer(token: str, question_id: str, value: object, *, seen: int) -> None:
    """Save the answer to one question.

    :param seen: the version of the answer that the person saw; 0 if there was none.
    :raises AnswerChanged: if another answer was saved since.
    :raises AnswersError: if the question does not exist or does not take this value.
    :raises AlreadySubmitted: if the assessment is frozen.
    """
    with writing() as session:
        opened = _open(session, token, to_write=True)
        if opened.submitted:
            raise AlreadySubmitted
        given = answer_rules.read(opened.version.rubric, question_id, value)
        row = session.get(AnswerRow, (opened.assessment.id, question_id))
        before = opened.answers.get(question_id)
        if row is not None and before == given:
            return
        if row is not None and row.version != seen:
            raise AnswerChanged(question_id, opened.answers[question_id], row.version, given)
        moment = now()
        plain = answer_rules.plain(given)
        version = row.version + 1 if row else 1
        if row is None:
            row = AnswerRow(
                assessment_id=opened.assessment.id, question_id=question_id, value=plain, version=1, saved_at=moment
            )
            session.add(row)
        row.value, row.version, row.saved_at = plain, version, moment
        session.add(
            AnswerChange(
                assessment_id=opened.assessment.id,
                question_id=question_id,
                before=None if before is None else answer_rules.plain(before),
                after=plain,
                version=version,
                changed_by="owner",
                changed_at=moment,
            )
        )
        opened.assessment.saved_at = moment


def submit(token: str) -> None:
    """Freeze the assessment: its result, and its plan if the answers suffice for one. Twice is once."""
    with writing() as session:
        opened = _open(session, token, to_write=True)
        if opened.submitted:
            return
        opened.assessment.status = Status.SUBMITTED.value
        opened.assessment.submitted_at = now()
        opened.assessment.result = readable(result_record(opened.result, opened.version.digest))
        planning.freeze(session, opened.assessment, opened.version, opened.answers, opened.profile)


def revise(token: str) -> str:
    """Begin a new revision with the same answers, or go on with one begun, and return a token for it.

    The submitted assessment stays as it is.
    """
    with writing() as session:
        opened = _open(session, token, to_write=True)
        if not opened.submitted:
            return token
        begun = session.scalars(
            sa.select(Assessment).where(
                Assessment.revises_id == opened.assessment.id, Assessment.status == Status.DRAFT.value
            )
        ).first()
        if begun is not None:
            return _mint(session, begun.id, Access.EDIT)
        moment = now()
        revision = Assessment(
            rubric_version_id=opened.assessment.rubric_version_id,
            revises_id=opened.assessment.id,
            company=dict(opened.assessment.company),
            company_asked=True,
            created_at=moment,
            saved_at=moment,
        )
        session.add(revision)
        session.flush()
        session.add_all(
            AnswerRow(
                assessment_id=revision.id,
                question_id=id,
                value=answer_rules.plain(given),
                version=1,
                saved_at=moment,
            )
            for id, given in opened.answers.items()
        )
        return _mint(session, revision.id, Access.EDIT)


def _open(session: Session, token: str, *, to_write: bool = False) -> Opened:
    row = session.execute(
        sa.select(Link, Assessment, StoredRubric)
        .join(Assessment, Assessment.id == Link.assessment_id)
        .join(StoredRubric, StoredRubric.id == Assessment.rubric_version_id)
        .where(Link.token_hash == _hash(token), Link.revoked_at.is_(None))
    ).one_or_none()
    if row is None:
        raise LinkUnknown
    link, assessment, stored = row
    if to_write and link.access != Access.EDIT:
        raise ReadOnly
    version = rubric_of(stored)
    rows = session.scalars(sa.select(AnswerRow).where(AnswerRow.assessment_id == assessment.id)).all()
    found = {each.question_id: answer_rules.read(version.rubric, each.question_id, each.value) for each in rows}
    return Opened(
        assessment,
        version,
        Access(link.access),
        {question.id: found[question.id] for question in version.rubric.questions if question.id in found},
        {each.question_id: each.version for each in rows},
    )


def _save_company(opened: Opened, company: Mapping[str, Any]) -> None:
    known = {**opened.assessment.company, **company}
    profile, problems = profile_rules.read({key: value for key, value in known.items() if value is not None})
    if problems:
        raise problems[0]
    opened.assessment.company = profile_rules.plain(profile)
    opened.assessment.company_asked = True
    opened.assessment.saved_at = now()


def _mint(session: Session, assessment_id: UUID, access: Access) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(Link(assessment_id=assessment_id, token_hash=_hash(token), access=access.value, created_at=now()))
    return token


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
