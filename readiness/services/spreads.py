"""What a room may see of its voices once they are shown, and how far apart they lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core import agreement as agreement_rules
from readiness.core import answers as answer_rules
from readiness.core.agreement import Agreement
from readiness.core.answers import Answer, Mark
from readiness.core.rubric import Question, Rubric
from readiness.library.rubrics import RubricVersion
from readiness.models import AskedQuestion, GuidedSession, Participant, Voice


@dataclass(frozen=True)
class Spread:
    """The voices on one question, without names."""

    #: How many answered.
    voices: int
    #: How many gave each answer that the question takes; empty where fewer than two answered.
    answers: Mapping[Answer, int]
    #: The same for each role that may be shown.
    roles: Mapping[str, Mapping[Answer, int]]
    #: How far apart the levels lie; None where fewer than two gave one.
    agreement: Agreement | None

    @property
    def shown(self) -> bool:
        """Whether the answers may be shown."""
        return bool(self.answers)

    @property
    def differs(self) -> bool:
        """Whether not everybody said the same, as far as that may be shown."""
        return len(self.given) > 1

    @property
    def given(self) -> list[Answer]:
        """The answers that were given, as far as they may be shown."""
        return [answer for answer, count in self.answers.items() if count]


def choices(rubric: Rubric, question: Question) -> list[Answer]:
    """Return the answers that a level question takes, in order."""
    marks = [Mark.NOT_SURE, *([Mark.NOT_APPLICABLE] if question.not_applicable else [])]
    return [*rubric.scoring.levels, *marks]


def spread_of(session: Session, guided: GuidedSession, version: RubricVersion, question: Question) -> Spread:
    """Return the voices on a question; whoever calls it sees to it that they are to be shown."""
    rows = session.execute(
        sa.select(Participant.role, Voice.value)
        .join(Voice, Voice.participant_id == Participant.id)
        .where(Participant.session_id == guided.id, Voice.question_id == question.id)
    )
    voices = [(role, answer_rules.read(version.rubric, question.id, value)) for role, value in rows]
    return _spread(version.rubric, question, voices)


def agreement_of(session: Session, revision_id: UUID, rubric: Rubric) -> dict[str, Agreement]:
    """Return how far apart the people in the room were on each dimension of a revision, in rubric order.

    Only voices that were shown count, of each question those of the newest session that showed it; a dimension to which
    fewer than two gave a level is left out.
    """
    return _agreements(session, rubric, GuidedSession.revision_id == revision_id)


def agreement_in(session: Session, session_id: UUID, rubric: Rubric) -> dict[str, Agreement]:
    """Return the same of one session alone."""
    return _agreements(session, rubric, GuidedSession.id == session_id)


def low_agreement(session: Session, revision_id: UUID, rubric: Rubric) -> tuple[str, ...]:
    """Return the dimensions of a revision on which the people in the room were far apart, in rubric order."""
    return tuple(id for id, found in agreement_of(session, revision_id, rubric).items() if found.is_low)


def people_in(session_id: UUID) -> sa.Select[int]:
    """Return the statement that counts the people in a room."""
    return sa.select(sa.func.count()).select_from(Participant).where(Participant.session_id == session_id)


def voices_on(session_id: UUID, question_id: str | None) -> sa.Select[int]:
    """Return the statement that counts who has answered a question in a room."""
    return (
        sa.select(sa.func.count())
        .select_from(Voice)
        .join(Participant, Participant.id == Voice.participant_id)
        .where(Participant.session_id == session_id, Voice.question_id == question_id)
    )


def _agreements(session: Session, rubric: Rubric, where: sa.ColumnElement[bool]) -> dict[str, Agreement]:
    rows = session.execute(
        sa.select(GuidedSession.id, Voice.question_id, Voice.value)
        .join(Participant, Participant.session_id == GuidedSession.id)
        .join(Voice, Voice.participant_id == Participant.id)
        .join(
            AskedQuestion,
            sa.and_(
                AskedQuestion.session_id == GuidedSession.id,
                AskedQuestion.question_id == Voice.question_id,
                AskedQuestion.state != "asking",
            ),
        )
        .where(where)
        .order_by(GuidedSession.opened_at, GuidedSession.id)
    )
    newest: dict[str, tuple[UUID, list[Answer]]] = {}
    for session_id, question_id, value in rows:
        if question_id in rubric.questions_by_id:
            if question_id not in newest or newest[question_id][0] != session_id:
                newest[question_id] = (session_id, [])
            newest[question_id][1].append(answer_rules.read(rubric, question_id, value))
    found = {}
    for dimension, questions in rubric.questions_by_dimension.items():
        reckoned = agreement_rules.agreement(newest[each.id][1] for each in questions if each.id in newest)
        if reckoned is not None:
            found[dimension] = reckoned
    return found


def _spread(rubric: Rubric, question: Question, voices: list[tuple[str, Answer]]) -> Spread:
    said = [answer for _, answer in voices]
    if not agreement_rules.may_be_shown(len(said)):
        return Spread(len(said), {}, {}, None)
    order = choices(rubric, question)
    by_role = agreement_rules.shown_by_role(voices)
    return Spread(
        voices=len(said),
        answers={answer: said.count(answer) for answer in order},
        roles={role: {answer: by_role[role][answer] for answer in order} for role in sorted(by_role)},
        agreement=agreement_rules.agreement([said]),
    )
