"""Moving an owner's answers to a newer rubric version, looking at it beforehand, and undoing it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core import answers as answer_rules
from readiness.core.answers import Answer
from readiness.core.moving import Moved, Reason, move_along
from readiness.core.records import read_result
from readiness.core.scoring import Result, score
from readiness.library.rubrics import RubricVersion
from readiness.models import AnswerChange, AnswerRow, AsideRow, Assessment, Link, Occasion, Status, StoredRubric
from readiness.services import judgements
from readiness.services.database import db, now, writing
from readiness.services.opening import Opened, opened_in
from readiness.services.revisions import answers_of, asides_of, begin_revision, draft_of, note_consultant
from readiness.services.version_ways import Way, way_to_newest
from readiness.services.versions import rubric_of


class NewerVersion(RuntimeError):
    """The newest version is another one than the person was shown."""


class SaidSince(RuntimeError):
    """More was said since the move than the person was shown before undoing it."""


@dataclass(frozen=True)
class Preview:
    """What moving would do, before it is done."""

    way: Way
    moved: Moved
    #: What the answers come to now: computed, or for a result as it was frozen.
    before: Result
    #: What they come to under the newer version.
    after: Result
    #: The result whose answers are being changed, if it is of the same version as they are now.
    last: Result | None


@dataclass(frozen=True, slots=True)
class KeptAside:
    """Something that is kept and not scored, with the version that it was said on."""

    version: RubricVersion
    question: str
    answer: Answer | None
    note: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Undoing:
    """What undoing a move would do."""

    #: The version that the draft goes back to.
    back_to: str
    #: How much was changed since the move.
    changes: int
    #: The questions on which something was said since, in order.
    said: tuple[str, ...]
    #: Whether something was said about the company since.
    company: bool


def offered(opened: Opened) -> Way | None:
    """Return the way to the newest published version, or None where there is none to move to."""
    if opened.newest is not None and opened.newest == opened.version.id:
        return None
    return way_to_newest(db.session, opened.assessment.rubric_version_id)


def preview(opened: Opened, way: Way) -> Preview:
    """Return what becomes of every answer, and of the score and the band, along *way*."""
    moved = _moved(opened, way)
    return Preview(way, moved, opened.result, score(way.last.rubric, moved.answers), _last_result(opened))


def move(token: str, to: UUID) -> None:
    """Go on with the answers on the newest version, in a further revision; the present one stays as it is.

    A draft is set aside for the way back; a result stays. Twice is once.

    :param to: the version that the person was shown.
    :raises NewerVersion: if the newest is another one by now.
    """
    with writing() as session:
        opened = opened_in(session, token)
        way = way_to_newest(session, opened.assessment.rubric_version_id)
        if way is None or (opened.submitted and draft_of(session, opened.assessment) is not None):
            return
        if way.ids[-1] != to:
            raise NewerVersion
        submitted = opened.submitted
        revision = begin_moved(session, opened, way)
        if submitted:
            note_consultant(session, token, opened, revision)


def begin_moved(session: Session, opened: Opened, way: Way, occasion: Occasion = Occasion.CHANGE) -> Assessment:
    """Begin a revision with the answers of what is open, at the end of *way*.

    :param occasion: why; assessing again, every answer is to be confirmed.
    """
    moved = _moved(opened, way)
    asides = _with_restored(asides_of(session, opened), way, moved)
    restored = {aside.question_id: aside for aside in asides.restored}
    said = answers_of(session, opened.assessment)
    before = None if opened.submitted else opened.assessment
    if before is not None:
        before.status = Status.MOVED.value
        session.flush()
    rows = _rows(said, opened, moved, restored)
    for row in rows:
        row.to_confirm = row.to_confirm or (occasion is Occasion.AGAIN and row.value is not None)
    return begin_revision(
        session,
        opened,
        way.ids[-1],
        rows=rows,
        asides=[*asides.left, *_new_asides(said, way, moved)],
        moved_from=before,
        occasion=occasion,
    )


def undoing(opened: Opened) -> Undoing | None:
    """Return what undoing the move of a draft would do, or None where there is none to undo."""
    before = _before(db.session, opened)
    return None if before is None else _undoing(db.session, opened, *before)


def undo(token: str, seen: int) -> None:
    """Go back to the draft as it was before the move; twice is once.

    Where something was said since, it is kept aside in that draft, and put in again by the next move.

    :param seen: how many changes since the move the person was shown.
    :raises SaidSince: if there are more by now.
    """
    with writing() as session:
        opened = opened_in(session, token)
        found = _before(session, opened)
        if found is None:
            return
        before, number = found
        since = _undoing(session, opened, before, number)
        if since.changes != seen:
            raise SaidSince
        here = opened.assessment
        # Links that were given meanwhile open the draft that is left.
        session.execute(
            sa.update(Link)
            .where(Link.assessment_id == here.id)
            .values(assessment_id=before.id)
            .execution_options(synchronize_session=False)
        )
        # What a consultant said since stands where the answer is the same.
        judgements.carry(session, here, before, answers_of(session, before).values())
        if since.changes:
            here.status = Status.UNDONE.value
            session.flush()
            _keep_what_was_said(session, opened, before, since)
        else:
            session.execute(sa.delete(Assessment).where(Assessment.id == here.id))
        before.status = Status.DRAFT.value


def kept_aside(opened: Opened) -> list[KeptAside]:
    """Return what was said on earlier versions, or on an undone newer one, and is not part of the answers."""
    rows = db.session.execute(
        sa.select(AsideRow, StoredRubric)
        .join(StoredRubric, StoredRubric.id == AsideRow.rubric_version_id)
        .where(AsideRow.assessment_id == opened.assessment.id)
        .order_by(StoredRubric.created_at, StoredRubric.number)
    ).all()
    found = []
    for aside, stored in rows:
        version = rubric_of(stored)
        order = list(version.rubric.questions_by_id)
        answer = None if aside.value is None else answer_rules.read(version.rubric, aside.question_id, aside.value)
        kept = KeptAside(version, aside.question_id, answer, aside.note, Reason(aside.reason))
        found.append(((version.id, order.index(aside.question_id)), kept))
    return [kept for _, kept in sorted(found, key=lambda each: each[0])]


def _moved(opened: Opened, way: Way) -> Moved:
    return move_along(way.first.rubric, opened.answers, way.steps, notes=opened.notes, to_confirm=opened.to_confirm)


def _last_result(opened: Opened) -> Result | None:
    if not opened.revising:
        return None
    frozen = db.session.scalar(
        sa.select(Assessment.result).where(
            Assessment.id == opened.assessment.revises_id,
            Assessment.rubric_version_id == opened.assessment.rubric_version_id,
        )
    )
    return None if frozen is None else read_result(json.loads(frozen, parse_float=Decimal), opened.version.rubric)


def _rows(
    said: Mapping[str, AnswerRow], opened: Opened, moved: Moved, restored: Mapping[str, AsideRow]
) -> list[AnswerRow]:
    """Return what is said under the newer version.

    A question that keeps its id keeps its counter: a form that was open meanwhile still says what its reader saw.
    """
    moment = now()
    found = []
    sources = {effect.question: effect.sources for effect in moved.effects}
    for id in dict.fromkeys([*moved.answers, *moved.notes, *restored]):
        answer, aside = moved.answers.get(id), restored.get(id)
        earlier = [said[source].saved_at for source in sources[id] if source in said]
        said_at: datetime = aside.saved_at if aside else max(earlier, default=moment)
        found.append(
            AnswerRow(
                question_id=id,
                value=aside.value if aside else None if answer is None else answer_rules.plain(answer),
                note=aside.note if aside and aside.note else moved.notes.get(id, ""),
                version=opened.versions.get(id, 1),
                saved_at=said_at,
                to_confirm=id in moved.to_confirm,
            )
        )
    return found


def _new_asides(said: Mapping[str, AnswerRow], way: Way, moved: Moved) -> list[AsideRow]:
    moment = now()
    return [
        AsideRow(
            rubric_version_id=way.ids_by_number[aside.rubric],
            question_id=aside.question,
            value=None if aside.answer is None else answer_rules.plain(aside.answer),
            note=aside.note,
            reason=aside.reason.value,
            saved_at=said[aside.question].saved_at if aside.question in said else moment,
        )
        for aside in moved.aside
    ]


@dataclass(frozen=True, slots=True)
class _Asides:
    #: Said on the newer version before a move to it was undone: an answer again.
    restored: list[AsideRow]
    left: list[AsideRow]


def _with_restored(asides: Iterable[AsideRow], way: Way, moved: Moved) -> _Asides:
    """Part what was kept aside by an undone move into answers that find their place again, and the rest."""
    found = _Asides([], [])
    for aside in asides:
        fits = (
            aside.reason == Reason.UNDONE
            and aside.rubric_version_id == way.ids[-1]
            and aside.value is not None
            and aside.question_id not in moved.answers
            and (not aside.note or aside.question_id not in moved.notes)
        )
        (found.restored if fits else found.left).append(aside)
    return found


def _before(session: Session, opened: Opened) -> tuple[Assessment, str] | None:
    """Return the draft that this one was moved from, with the number of its version."""
    if opened.submitted or opened.assessment.moved_from_id is None:
        return None
    row = session.execute(
        sa.select(Assessment, StoredRubric.number)
        .join(StoredRubric, StoredRubric.id == Assessment.rubric_version_id)
        .where(Assessment.id == opened.assessment.moved_from_id, Assessment.status == Status.MOVED.value)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def _undoing(session: Session, opened: Opened, before: Assessment, number: str) -> Undoing:
    changed = session.scalars(
        sa.select(AnswerChange.question_id).where(AnswerChange.assessment_id == opened.assessment.id)
    ).all()
    company = opened.assessment.company_version - before.company_version
    return Undoing(
        back_to=number,
        changes=len(changed) + company,
        said=tuple(question.id for question in opened.version.rubric.questions if question.id in changed),
        company=company > 0,
    )


def _keep_what_was_said(session: Session, opened: Opened, before: Assessment, since: Undoing) -> None:
    """Keep aside in the draft that is left what was said since the move."""
    if since.company:
        # What is said about the company belongs to no version.
        before.company = dict(opened.assessment.company)
        before.company_version = opened.assessment.company_version
        before.company_asked = opened.assessment.company_asked
        before.saved_at = now()
    said = answers_of(session, opened.assessment)
    for id in since.said:
        row = said[id]
        if row.value is None and not row.note:
            continue
        session.merge(
            AsideRow(
                assessment_id=before.id,
                rubric_version_id=opened.assessment.rubric_version_id,
                question_id=id,
                value=row.value,
                note=row.note,
                reason=Reason.UNDONE.value,
                saved_at=row.saved_at,
            )
        )
