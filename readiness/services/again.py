"""Answering again: one question after an action that was to raise it, or all of them after half a year."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core.moving import Outcome
from readiness.core.rubric import Question
from readiness.documents.words import Words
from readiness.library.rubric_texts import Texts
from readiness.models import AnswerChange, AnswerRow, Occasion
from readiness.services import moving
from readiness.services.assessing import begin_copy
from readiness.services.database import db, now, writing
from readiness.services.following import Followed, find, noted_done, of_family
from readiness.services.moving import NewerVersion
from readiness.services.opening import Opened, opened_in
from readiness.services.revisions import note_consultant
from readiness.services.version_ways import Way, way_to_newest


@dataclass(frozen=True, slots=True)
class Offered:
    """What assessing again would begin with."""

    #: The way to the newest version, or None where it is the same one.
    way: Way | None
    #: Answers of last time, which stand to be confirmed.
    answers: int
    #: Questions of the newer version that were never asked.
    new: int
    #: Whether changes were begun, which become part of it.
    begun: bool
    #: Whether a consultant checked answers of the result, and held levels back.
    graded: bool
    held_back: bool


def offered(opened: Opened, *, begun: bool) -> Offered:
    """Return what assessing again after a result would begin with.

    :param begun: whether a draft was begun after it, which stays on its version.
    """
    way = None if begun else moving.offered(opened)
    # Where changes were begun, what the consultant said of them in the meantime holds.
    checked = None if begun else opened.checked
    moved = None if way is None else moving.preview(opened, way).moved
    return Offered(
        way,
        answers=len(opened.answers) if moved is None else len(moved.answers),
        new=0 if moved is None else len(moved.of(Outcome.NEW)),
        begun=begun,
        graded=checked is not None,
        held_back=checked is not None and bool(checked.held_back),
    )


def assess_again(token: str, to: UUID | None) -> None:
    """Begin a revision in which every answer of the newest result is to be confirmed, on the newest version.

    Where changes were begun it goes on with them: what was said in them holds, the rest is to be confirmed. Twice is
    once, and without a result nothing happens.

    :param to: the newer version that the person was shown; None if it was the same one.
    :raises LinkUnknown: if the link does not exist.
    :raises ReadOnly: if it does not allow writing.
    :raises NewerVersion: if the newest is another one by now.
    """
    with writing() as session:
        opened = opened_in(session, token)
        if not opened.submitted:
            _turn_into_again(session, opened)
            return
        way = way_to_newest(session, opened.assessment.rubric_version_id)
        if (way.ids[-1] if way else None) != to:
            raise NewerVersion
        if way is None:
            revision = begin_copy(session, opened, Occasion.AGAIN, opened.answers)
        else:
            revision = moving.begin_moved(session, opened, way, Occasion.AGAIN)
        note_consultant(session, token, opened, revision)


def answer_again(token: str, action_id: str) -> Question | None:
    """Ask again what an action was to raise: begin a revision in which it is to be confirmed, or go on with one.

    The answer stays as it is until it is saved again.

    :return: the question to ask; None where the version of the revision does not ask it.
    :raises LinkUnknown: if the link does not exist.
    :raises ReadOnly: if it does not allow writing.
    :raises ActionUnknown: if no plan of the company has this action.
    """
    with writing() as session:
        opened = opened_in(session, token)
        dimension = find(of_family(session, opened.assessment.family_id), action_id).action.dimension
        asked = [question for question in opened.questions if question.dimension == dimension]
        ids = {question.id for question in asked}
        if opened.submitted:
            note_consultant(session, token, opened, begin_copy(session, opened, Occasion.CHANGE, ids))
        else:
            _to_confirm(session, opened, ids)
        return asked[0] if asked else None


def to_reach(opened: Opened, question: Question) -> Followed | None:
    """Return the action noted as done that was to reach a higher level than what stands to be confirmed, or None."""
    if question.id not in opened.unconfirmed or question.dimension is None:
        return None
    found = noted_done(db.session, opened, question.dimension)
    answer = opened.answers.get(question.id)
    reached = isinstance(answer, int) and found is not None and answer >= found.action.to_level
    return None if reached else found


def title(action: Followed, words: Words) -> str:
    """Return what an action is called."""
    return action.version.texts[words.language][f"actions.{action.action.id}.title"]


def level_text(opened: Opened, question: Question, action: Followed, texts: Texts) -> str:
    """Return the level that an action was to reach in the words of the question, or "" where they do not match."""
    if action.rubric_version_id != opened.assessment.rubric_version_id:
        return ""
    return texts.get(f"questions.{question.id}.levels.{action.action.to_level}.text", "")


def _turn_into_again(session: Session, opened: Opened) -> None:
    if not opened.revising or opened.assessment.occasion == Occasion.AGAIN:
        return
    opened.assessment.occasion = Occasion.AGAIN.value
    opened.assessment.saved_at = now()
    said = sa.select(AnswerChange.question_id).where(AnswerChange.assessment_id == opened.assessment.id)
    _to_confirm(session, opened, set(opened.answers) - set(session.scalars(said)))


def _to_confirm(session: Session, opened: Opened, ids: set[str]) -> None:
    session.execute(
        sa.update(AnswerRow)
        .where(AnswerRow.assessment_id == opened.assessment.id, AnswerRow.question_id.in_(ids & set(opened.answers)))
        .values(to_confirm=True)
        .execution_options(synchronize_session=False)
    )
