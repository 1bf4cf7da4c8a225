"""An owner's assessment: start, answer, submit, revise. Every change is one transaction."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core import answers as answer_rules
from readiness.core import profile as profile_rules
from readiness.core.answers import LONGEST_NOTE, Answer
from readiness.core.records import result_record
from readiness.library.canonical import readable
from readiness.models import Access, AnswerChange, AnswerRow, Assessment, Given, Link, Occasion, Status
from readiness.services import judgements, planning
from readiness.services import version_ways as rubric_versions
from readiness.services.database import now, writing, writing_rows
from readiness.services.opening import Opened, is_consultants, mint, opened_in, opened_to_answer
from readiness.services.revisions import answers_of, asides_of, begin_revision, draft_of, note_consultant
from readiness.services.version_ways import VersionChanged
from readiness.services.versions import current_rubric


class AlreadySubmitted(RuntimeError):
    """A submitted assessment is frozen; changing it means a new revision."""


class NoteTooLong(ValueError):
    """A note has more characters than are kept."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said on a question: an answer, or None; a note, or ""."""

    answer: Answer | None
    note: str


class AnswerChanged(RuntimeError):
    """Something else was saved meanwhile: both are shown, and the person chooses."""

    def __init__(self, question: str, saved: Said, version: int, yours: Said) -> None:
        super().__init__(f"{question} was changed meanwhile")
        #: The question.
        self.question = question
        #: What is saved now.
        self.saved = saved
        #: Its version.
        self.version = version
        #: What would have been saved: where only one of answer and note was sent, the other is as saved.
        self.yours = yours


class CompanyChanged(RuntimeError):
    """Something else was saved about the company meanwhile: both are shown, and the person chooses."""

    def __init__(self, saved: Mapping[str, Any], version: int) -> None:
        super().__init__("the company was changed meanwhile")
        #: What is saved now, for the keys that differ; None where a key was emptied.
        self.saved = saved
        #: Its version.
        self.version = version


def start() -> str:
    """Begin an assessment on the current rubric version and return the token of its first link."""
    with writing() as session:
        return start_in(session)[1]


def start_in(session: Session) -> tuple[UUID, str]:
    """Begin an assessment within a transaction; return its id and the token of its first link."""
    moment = now()
    assessment = Assessment(
        rubric_version_id=current_rubric(session).id, company={}, created_at=moment, saved_at=moment
    )
    session.add(assessment)
    session.flush()
    return assessment.id, mint(session, assessment.id, Access.EDIT, Given.PAGE)


def save_company(token: str, company: Mapping[str, Any], *, seen: int | None = None) -> Opened:
    """Save what is known of the company; keys that are not given stay as they were, None forgets one.

    :param seen: the version of the profile that the person saw; None overwrites whatever is there.
    :raises LinkUnknown: if the link does not exist.
    :raises ReadOnly: if it does not allow writing.
    :raises ProfileError: if a value cannot be read.
    :raises CompanyChanged: if one of these keys was changed since.
    """
    with writing() as session:
        opened = opened_in(session, token)
        _save_company(opened.assessment, company, seen)
        if opened.submitted:
            planning.freeze(session, opened.assessment, opened.version, opened.counted_answers, opened.profile)
        return opened


def save_facts(token: str, facts: Mapping[str, Any], *, seen: int | None = None) -> None:
    """Save further facts on the newest submitted revision and make its plan anew; a draft learns them too.

    :param seen: as in :func:`save_company`.
    :raises CompanyChanged: if one of these facts was changed since.
    """
    with writing() as session:
        opened = opened_in(session, token, submitted_first=True)
        _save_company(opened.assessment, facts, seen)
        planning.freeze(session, opened.assessment, opened.version, opened.counted_answers, opened.profile)
        draft = draft_of(session, opened.assessment)
        if draft is not None:
            _save_company(draft, facts, None)


def renew_plan(token: str) -> None:
    """Make a further plan of the newest result, on today's catalogue; the earlier ones stay. Twice a day is once.

    Without a result nothing happens.
    """
    with writing() as session:
        opened = opened_in(session, token, submitted_first=True)
        if opened.submitted and not planning.is_of_today(session, opened.assessment):
            opened.assessment.saved_at = now()
            planning.freeze(session, opened.assessment, opened.version, opened.counted_answers, opened.profile)


def answer(
    token: str, question_id: str, value: object, *, seen: int, note: str | None = None, rubric: str | None = None
) -> Opened:
    """Save what is said on one question, and return the assessment with it.

    Saving an answer that was to be confirmed confirms it, whether it is changed or not.

    :param value: the answer as a plain value; None leaves it as it is.
    :param seen: the version that the person saw; 0 if nothing was said yet.
    :param note: the note, "" to remove it; None leaves it as it is.
    :param rubric: the version whose question the person saw; None is the present one.
    :raises VersionChanged: if the assessment was moved since to a version that asks something else.
    :raises AnswerChanged: if something else was saved since.
    :raises AnswersError: if the question does not exist or does not take this value.
    :raises NoteTooLong: if the note has over 1,000 characters.
    :raises AlreadySubmitted: if the assessment is frozen.
    """
    if note is not None:
        note = note.replace("\r\n", "\n").replace("\x00", "").strip()
        if len(note) > LONGEST_NOTE:
            raise NoteTooLong
    moment = now()
    with writing_rows() as connection:
        opened = opened_to_answer(connection, token, moment)
        if opened.submitted:
            raise AlreadySubmitted
        if rubric is not None and rubric != opened.version.id:
            with Session(connection) as session:
                seen_on = rubric_versions.seen_version(session, rubric, question_id)
                if not rubric_versions.is_same(session, question_id, seen_on, opened.version):
                    raise VersionChanged(seen_on, question_id)
        given = None if value is None else answer_rules.read(opened.version.rubric, question_id, value)
        before = Said(opened.answers.get(question_id), opened.notes.get(question_id, ""))
        after = Said(before.answer if given is None else given, before.note if note is None else note)
        confirmed = given is not None and question_id in opened.to_confirm
        if after == before and not confirmed:
            return opened
        version = opened.versions.get(question_id, 0)
        if version not in (0, seen):
            raise AnswerChanged(question_id, before, version, after)
        by = entered_by(token, opened)
        return save_said(connection, opened, question_id, before, after, moment, by=by, confirmed=given is not None)


def submit(token: str, *, rubric: str | None = None) -> None:
    """Freeze the assessment: its result, and its plan if the answers suffice for one. Twice is once.

    :param rubric: the version under which the person saw the answers; None is the present one.
    :raises VersionChanged: if the assessment was moved since.
    """
    with writing() as session:
        opened = opened_in(session, token)
        if opened.submitted:
            return
        if rubric is not None and rubric != opened.version.id:
            raise VersionChanged(opened.version)
        opened.assessment.status = Status.SUBMITTED.value
        opened.assessment.submitted_at = opened.assessment.saved_at = now()
        opened.assessment.result = readable(result_record(opened.result, opened.version.digest))
        judgements.freeze(session, opened)
        planning.freeze(session, opened.assessment, opened.version, opened.counted_answers, opened.profile)


def revise(token: str) -> None:
    """Begin a new revision with the same answers and notes, or go on with the one begun.

    The submitted revision stays as it is; the link opens both.
    """
    with writing() as session:
        opened = opened_in(session, token)
        if not opened.submitted or draft_of(session, opened.assessment) is not None:
            return
        note_consultant(session, token, opened, begin_copy(session, opened))


def begin_copy(
    session: Session, opened: Opened, occasion: Occasion = Occasion.CHANGE, to_confirm: Container[str] = ()
) -> Assessment:
    """Begin a revision with the same answers and notes as a result, on its version.

    :param to_confirm: questions whose answers are to be confirmed, beside those that are already.
    """
    rows = [
        AnswerRow(
            question_id=id,
            value=row.value,
            note=row.note,
            version=1,
            saved_at=now(),
            to_confirm=row.to_confirm or (row.value is not None and id in to_confirm),
        )
        for id, row in answers_of(session, opened.assessment).items()
    ]
    asides = asides_of(session, opened)
    return begin_revision(session, opened, opened.assessment.rubric_version_id, rows, asides, occasion=occasion)


def drop_revision(token: str) -> None:
    """Drop the changes begun after a result; the result stays. Without an earlier result nothing happens."""
    with writing() as session:
        opened = opened_in(session, token)
        if opened.revising:
            # It may have been moved: then there are several drafts of the same result.
            drafts = sa.select(Assessment.id).where(
                Assessment.family_id == opened.assessment.family_id,
                Assessment.status != Status.SUBMITTED.value,
                Assessment.revises_id == opened.assessment.revises_id,
            )
            # Links that were given meanwhile go on opening what is left.
            session.execute(
                sa.update(Link)
                .where(Link.assessment_id.in_(drafts))
                .values(assessment_id=opened.assessment.revises_id)
                .execution_options(synchronize_session=False)
            )
            session.execute(sa.delete(Assessment).where(Assessment.id.in_(session.scalars(drafts).all())))


def entered_by(token: str, opened: Opened) -> str:
    """Return who changes something by this link, as the record of changes keeps it."""
    return f"consultant:{opened.link.id}" if is_consultants(token) else "owner"


def _save_company(assessment: Assessment, company: Mapping[str, Any], seen: int | None) -> None:
    saved = assessment.company
    if seen is not None and seen != assessment.company_version:
        other = {key: saved.get(key) for key, value in company.items() if saved.get(key) != value}
        if other:
            raise CompanyChanged(other, assessment.company_version)
    save_company_in(assessment, company)


def save_company_in(assessment: Assessment, company: Mapping[str, Any]) -> None:
    """Save what is known of the company within a transaction; keys that are not given stay, None forgets one.

    :raises ProfileError: if a value cannot be read.
    """
    known = {**assessment.company, **company}
    profile, problems = profile_rules.read({key: value for key, value in known.items() if value is not None})
    if problems:
        raise problems[0]
    assessment.company = profile_rules.plain(profile)
    assessment.company_asked = True
    assessment.company_version += 1
    assessment.saved_at = now()


def name_unnamed_in(assessment: Assessment, name: str) -> None:
    """Give an open assessment that has no name this one, within a transaction; what cannot be a name is left out.

    The rest of the company is still to be asked.
    """
    profile, problems = profile_rules.read({"name": name})
    if problems or assessment.submitted_at is not None or assessment.company.get("name"):
        return
    assessment.company = {**assessment.company, **profile_rules.plain(profile)}
    assessment.company_version += 1


def save_said(
    connection: sa.Connection,
    opened: Opened,
    question_id: str,
    before: Said,
    after: Said,
    moment: datetime,
    *,
    by: str,
    confirmed: bool,
    asked_again: bool = False,
) -> Opened:
    """Save what is said on one question within a transaction that has the assessment to itself, and who said it.

    :param confirmed: whether an answer was given, which is to be confirmed no more.
    :param asked_again: whether it was given to other words, and is to be confirmed.
    """
    saved = opened.with_answer(question_id, after.answer, after.note, confirmed=confirmed)
    values = {
        "assessment": opened.assessment.id,
        "question": question_id,
        "value": _plain(after.answer),
        "note": after.note,
        "version": saved.versions[question_id],
        "moment": moment,
        "to_confirm": asked_again or question_id in saved.unconfirmed,
    }
    connection.execute(_CHANGE_ANSWER if question_id in opened.versions else _ADD_ANSWER, values)
    changed = {"before": _plain(before.answer), "note_before": before.note, "by": by}
    connection.execute(_ADD_CHANGE, {**values, **changed})
    return saved


# Statements without the mapper, whose objects take twice the time.
_ADD_ANSWER = sa.insert(AnswerRow).values(
    assessment_id=sa.bindparam("assessment"),
    question_id=sa.bindparam("question"),
    value=sa.bindparam("value"),
    note=sa.bindparam("note"),
    version=sa.bindparam("version"),
    saved_at=sa.bindparam("moment"),
    to_confirm=sa.bindparam("to_confirm"),
)
_CHANGE_ANSWER = (
    sa.update(AnswerRow)
    .where(AnswerRow.assessment_id == sa.bindparam("assessment"), AnswerRow.question_id == sa.bindparam("question"))
    .values(
        value=sa.bindparam("value"),
        note=sa.bindparam("note"),
        version=sa.bindparam("version"),
        saved_at=sa.bindparam("moment"),
        to_confirm=sa.bindparam("to_confirm"),
    )
)
_ADD_CHANGE = (
    sa.insert(AnswerChange)
    .values(
        assessment_id=sa.bindparam("assessment"),
        question_id=sa.bindparam("question"),
        before=sa.bindparam("before"),
        after=sa.bindparam("value"),
        note_before=sa.bindparam("note_before"),
        note_after=sa.bindparam("note"),
        version=sa.bindparam("version"),
        changed_by=sa.bindparam("by"),
        changed_at=sa.bindparam("moment"),
    )
    .inline()
)


def _plain(answer: Answer | None) -> Any:
    return None if answer is None else answer_rules.plain(answer)
