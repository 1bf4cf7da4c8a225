"""Guided sessions as their consultant leads them: open, ask, show, agree, close. Every change is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core import answers as answer_rules
from readiness.core.agreement import Agreement
from readiness.core.answers import Answer
from readiness.core.rubric import Kind, Question
from readiness.library.rubrics import RubricVersion
from readiness.models import (
    Access,
    AskedQuestion,
    Assessment,
    Engagement,
    GuidedSession,
    Participant,
    Status,
    StoredRubric,
)
from readiness.services import assessing, audit
from readiness.services.accounts import Actor
from readiness.services.assessing import AlreadySubmitted, AnswerChanged, Said
from readiness.services.database import db, now, reading, writing
from readiness.services.engagements import engaged_in, engaged_where, token_of, way_in
from readiness.services.opening import Opened, ReadOnly, open_with, opened_in
from readiness.services.planning import today
from readiness.services.rooms import Standing, mark_of, names_in, new_code, place_of, standing_of
from readiness.services.spreads import Spread, agreement_in, people_in, spread_of, voices_on
from readiness.services.versions import rubric_of

#: Characters in the reason of an agreed answer.
LONGEST_REASON = 1000
#: A room in which nothing happened for so long is closed by the daily work: its names are gone after two days.
FORGOTTEN = timedelta(days=1)


class SessionUnknown(LookupError):
    """The company has no such session, or none is open."""


class QuestionUnknown(LookupError):
    """The session does not ask this question."""


class NotShown(RuntimeError):
    """The voices are not shown yet: an answer is agreed after everybody saw them."""


class ReasonMissing(ValueError):
    """Not everybody said what is to be agreed, or the voices are not shown: the reason says how the room came to it."""


class ReasonTooLong(ValueError):
    """The reason has more characters than are kept."""


class AnswersMoved(RuntimeError):
    """The company's answers were moved to another version since: this session asks about the earlier one."""


@dataclass(frozen=True, slots=True)
class Seated:
    """Somebody in the room."""

    id: UUID
    name: str


@dataclass(frozen=True)
class Led:
    """A session as the room's screen shows it: of the voices that are not shown yet only how many there are."""

    id: UUID
    code: str
    counter: int
    place: str
    names: Sequence[str]
    #: Those who can be removed: everybody before the first question, nobody afterwards.
    removable: Sequence[Seated]
    answered: int
    version: RubricVersion
    #: The company's answers.
    opened: Opened
    #: Whether those that the session works on were finished meanwhile, or dropped.
    finished: bool
    #: The questions that are asked, in order.
    questions: tuple[Question, ...]
    #: The question on the screen, or None before the first one.
    question: Question | None
    asked: Mapping[str, AskedQuestion]
    #: The voices on it, once they are shown.
    spread: Spread | None

    @property
    def state(self) -> str:
        """Where the question on the screen stands: "asking", "revealed" or "agreed"; "" before the first one."""
        return self.asked[self.question.id].state if self.question and self.question.id in self.asked else ""

    @property
    def moved(self) -> bool:
        """Whether the company's answers were moved to another version meanwhile."""
        return self.opened.version.id != self.version.id

    @property
    def open_questions(self) -> tuple[Question, ...]:
        """The questions that were put to the room and have no agreed answer yet, in order."""
        return tuple(each for each in self.questions if each.id in self.asked and self.asked[each.id].state != "agreed")

    def beside(self, step: int) -> Question | None:
        """Return the question so many places after the one on the screen; the first one where there is none."""
        if self.question is None:
            return self.questions[0] if step > 0 else None
        place = [each.id for each in self.questions].index(self.question.id) + step
        return self.questions[place] if 0 <= place < len(self.questions) else None


@dataclass(frozen=True, slots=True)
class Listed:
    """A session in the list of a client's."""

    id: UUID
    open: bool
    opened_at: datetime
    closed_at: datetime | None
    people: int
    agreed: int


@dataclass(frozen=True, slots=True)
class Row:
    """One question in the summary of a session."""

    question: Question
    #: The voices, once they were shown.
    spread: Spread | None
    #: What was agreed, and why.
    agreed: Answer | None
    reason: str
    #: Whether that still holds: people may have been asked again since, without an agreement.
    holds: bool


@dataclass(frozen=True)
class Summary:
    """What a session came to."""

    listed: Listed
    version: RubricVersion
    rows: Sequence[Row]
    #: By dimension, of the questions whose voices were shown in this session.
    agreements: Mapping[str, Agreement]
    #: Of those who chose that theirs stays, or whose room is still open.
    names: Sequence[str]


def open_session(actor: Actor, engagement_id: UUID) -> UUID:
    """Open a session on the company's draft, or go on with the one that is open; twice is once.

    Where the answers are finished, changing them begins first. A session about another version is closed.

    :raises EngagementUnknown: if it is not this consultant's, or is over.
    :raises ReadOnly: if the company lets the consultant only read.
    """
    token = way_in(actor, engagement_id)
    assessing.revise(token)
    with writing() as session:
        engagement = _engaged(session, actor, engagement_id)
        # The draft's row is ours: two windows open one session.
        opened = opened_in(session, token)
        if opened.submitted:
            raise AlreadySubmitted
        guided = _open_one(session, engagement)
        if guided is not None and guided.rubric_version_id == opened.assessment.rubric_version_id:
            if guided.revision_id != opened.assessment.id:
                guided.revision_id = opened.assessment.id
                _go_on(guided)
            return guided.id
        if guided is not None:
            _close(session, guided)
            session.flush()
        moment = now()
        guided = GuidedSession(
            assessment_id=engagement.assessment_id,
            revision_id=opened.assessment.id,
            rubric_version_id=opened.assessment.rubric_version_id,
            code=new_code(),
            opened_by_id=actor.id,
            opened_at=moment,
            moved_at=moment,
        )
        session.add(guided)
        session.flush()
        audit.record(session, actor.id, "session.open", guided.id)
        return guided.id


def led(actor: Actor, engagement_id: UUID) -> Led:
    """Return the open session of a client.

    :raises EngagementUnknown: if it is not this consultant's, or is over.
    :raises ReadOnly: if the company lets the consultant only read.
    :raises SessionUnknown: if none is open.
    """
    engagement = _engaged(db.session, actor, engagement_id)
    guided = _open_one(db.session, engagement)
    if guided is None:
        raise SessionUnknown
    opened = open_with(token_of(engagement))
    version = rubric_of(db.session.get_one(StoredRubric, guided.rubric_version_id))
    asked = _asked(db.session, guided)
    question = version.rubric.questions_by_id.get(guided.question_id or "")
    current = asked.get(question.id) if question else None
    shown = current is not None and current.state != "asking"
    return Led(
        id=guided.id,
        code=guided.code or "",
        counter=guided.counter,
        place=place_of(guided.question_id, current),
        names=db.session.scalars(names_in(guided.id)).all(),
        removable=_removable(db.session, guided),
        answered=db.session.scalar(voices_on(guided.id, guided.question_id)) or 0,
        version=version,
        opened=opened,
        finished=_is_finished(db.session, guided, opened),
        questions=_questions(version, opened, asked),
        question=question,
        asked=asked,
        spread=spread_of(db.session, guided, version, question) if question and shown else None,
    )


def ask(actor: Actor, engagement_id: UUID, question_id: str) -> None:
    """Put a question on the screen: a new one to be answered, an earlier one as it stands.

    :raises SessionUnknown: if no session is open.
    :raises QuestionUnknown: if the session does not ask it.
    :raises AlreadySubmitted: if the answers were finished meanwhile.
    """
    with writing() as session:
        guided, version, _ = _to_lead(session, actor, engagement_id)
        question = version.rubric.questions_by_id.get(question_id)
        if question is None or question.kind is not Kind.LEVEL:
            raise QuestionUnknown
        if session.get(AskedQuestion, (guided.id, question_id)) is None:
            session.add(AskedQuestion(session_id=guided.id, question_id=question_id))
        elif guided.question_id == question_id:
            return
        guided.question_id = question_id
        _go_on(guided)


def reveal(actor: Actor, engagement_id: UUID, question_id: str) -> None:
    """Show the voices on a question: from now on none is taken. Twice is once.

    :raises SessionUnknown: if no session is open.
    :raises QuestionUnknown: if it was not asked.
    :raises AlreadySubmitted: if the answers were finished meanwhile.
    """
    with writing() as session:
        guided, version, _ = _to_lead(session, actor, engagement_id)
        asked = _asked_one(session, guided, version, question_id)
        if asked.state == "asking":
            asked.state = "revealed"
            _go_on(guided)


def reopen(actor: Actor, engagement_id: UUID, question_id: str) -> None:
    """Let a question be answered again: every voice is kept until its person replaces it. Twice is once.

    :raises SessionUnknown: if no session is open.
    :raises QuestionUnknown: if it was not asked.
    :raises AlreadySubmitted: if the answers were finished meanwhile.
    """
    with writing() as session:
        guided, version, _ = _to_lead(session, actor, engagement_id)
        asked = _asked_one(session, guided, version, question_id)
        if asked.state != "asking":
            asked.state = "asking"
            guided.question_id = question_id
            _go_on(guided)


def agree(
    actor: Actor, engagement_id: UUID, question_id: str, value: object, reason: str, *, seen: int, rubric: str
) -> None:
    """Save what the room agreed on as the company's answer, with why. The same twice is once.

    :param seen: the version of the company's answer that the consultant saw.
    :param rubric: the version of the rubric whose question the consultant saw.
    :raises SessionUnknown: if no session is open.
    :raises QuestionUnknown: if it was not asked.
    :raises NotShown: if the voices are not shown.
    :raises ReasonMissing: if not everybody said this, or the voices are not shown, and no reason is given.
    :raises ReasonTooLong: if it has over 1,000 characters.
    :raises AnswersMoved: if the company's answers were moved to another version.
    :raises AnswerChanged: if somebody else saved another answer since; both are shown.
    :raises AlreadySubmitted: if the answers were finished meanwhile.
    :raises AnswersError: if the question does not take this value.
    """
    reason = reason.replace("\r\n", "\n").replace("\x00", "").strip()
    if len(reason) > LONGEST_REASON:
        raise ReasonTooLong
    here = led(actor, engagement_id)
    if question_id not in here.asked:
        raise QuestionUnknown
    if here.moved or rubric != here.version.id:
        raise AnswersMoved
    if here.finished:
        raise AlreadySubmitted
    given = answer_rules.read(here.version.rubric, question_id, value)
    engagement = engaged_in(db.session, actor, engagement_id, invited=False)
    guided = db.session.get_one(GuidedSession, here.id)
    asked = here.asked[question_id]
    if asked.state == "asking":
        raise NotShown
    spread = spread_of(db.session, guided, here.version, here.version.rubric.questions_by_id[question_id])
    # Voices that are not shown always ask for one: what a reason depends on tells of them.
    if not reason and (not spread.shown or any(each != given for each in spread.given)):
        raise ReasonMissing
    token = token_of(engagement)
    # First the company's answer: if this process ends here, the same press saves the rest.
    assessing.answer(token, question_id, value, seen=seen, rubric=rubric)
    with writing() as session:
        guided, version, opened = _to_lead(session, actor, engagement_id)
        asked = _asked_one(session, guided, version, question_id)
        if opened.version.id != version.id:
            raise AnswersMoved
        # Somebody else may have saved another answer between the two: then this one is not the company's.
        saved = Said(opened.answers.get(question_id), opened.notes.get(question_id, ""))
        if saved.answer != given:
            raise AnswerChanged(question_id, saved, opened.versions.get(question_id, 0), Said(given, saved.note))
        plain = answer_rules.plain(given)
        if asked.state == "agreed" and (asked.value, asked.reason) == (plain, reason):
            return
        asked.state = "agreed" if asked.state != "asking" else "asking"
        asked.value, asked.reason = plain, reason
        asked.agreed_by_id, asked.agreed_at = actor.id, now()
        _go_on(guided)


def remove(actor: Actor, engagement_id: UUID, people: Collection[UUID]) -> None:
    """Remove people from the room before the first question; they can join again by its code. Twice is once.

    Afterwards nobody is removed: who could be, or what changes by it, would tell who has answered, or what.

    :raises SessionUnknown: if no session is open.
    :raises AlreadySubmitted: if the answers were finished meanwhile.
    """
    with writing() as session:
        guided, _, _ = _to_lead(session, actor, engagement_id)
        gone = [each.id for each in _removable(session, guided) if each.id in people]
        if gone:
            session.execute(sa.delete(Participant).where(Participant.id.in_(gone)))
            _go_on(guided)


def close_session(actor: Actor, engagement_id: UUID) -> UUID | None:
    """Close the open session and delete the names of those who did not choose that theirs stays; twice is once.

    :return: its id, or None where none was open.
    :raises EngagementUnknown: if it is not this consultant's, or is over.
    :raises ReadOnly: if the company lets the consultant only read.
    """
    with writing() as session:
        guided = _open_one(session, _engaged(session, actor, engagement_id), locked=True)
        if guided is None:
            return None
        _close(session, guided)
        audit.record(session, actor.id, "session.close", guided.id)
        return guided.id


def forget_names(session: Session, family_id: UUID) -> None:
    """Delete the names of everybody in a company's sessions who did not choose that theirs stays, as at sign-off."""
    first = sa.select(Assessment.id).where(Assessment.family_id == family_id)
    sessions = sa.select(GuidedSession.id).where(GuidedSession.assessment_id.in_(first))
    session.execute(
        sa.update(Participant)
        .where(Participant.session_id.in_(sessions), Participant.keep_name.is_(False))
        .values(name="")
        .execution_options(synchronize_session=False)
    )


def close_forgotten(moment: datetime) -> int:
    """Close the rooms in which nothing happened for a day, or whose consultant's access is over; return how many."""
    with writing() as session:
        served = (
            sa.select(Engagement.id)
            .where(
                Engagement.assessment_id == GuidedSession.assessment_id,
                Engagement.state == "active",
                Engagement.until >= today(),
            )
            .exists()
        )
        rows = session.scalars(
            sa.select(GuidedSession)
            .where(GuidedSession.state == "open", sa.or_(GuidedSession.moved_at < moment - FORGOTTEN, ~served))
            .with_for_update()
        ).all()
        for guided in rows:
            _close(session, guided)
        return len(rows)


def mark(actor: Actor, engagement_id: UUID) -> str:
    """Return a mark of the present state of a client's room, in one statement; "over" where none is open.

    :raises NotAllowed: if the actor guides no companies.
    """
    with reading() as connection:
        counter = connection.scalar(_of_mine(sa.select(GuidedSession.counter), actor, engagement_id))
    return "over" if counter is None else mark_of(counter, over=False)


def standing(actor: Actor, engagement_id: UUID) -> Standing:
    """Return where a client's room is, and who is in it.

    :raises NotAllowed: if the actor guides no companies.
    """
    with reading() as connection:
        found = connection.scalar(_of_mine(sa.select(GuidedSession.id), actor, engagement_id))
        return Standing("over", "", 0, 0) if found is None else standing_of(connection, found, names=True)


def listed(actor: Actor, engagement_id: UUID) -> list[Listed]:
    """Return the sessions of a client, the newest first; none where the company lets the consultant only read.

    :raises EngagementUnknown: if it is not this consultant's, or is over.
    """
    engagement = engaged_in(db.session, actor, engagement_id)
    if engagement.scope != Access.EDIT or engagement.assessment_id is None:
        return []
    return [
        _listed(db.session, guided)
        for guided in db.session.scalars(
            sa.select(GuidedSession)
            .where(GuidedSession.assessment_id == engagement.assessment_id)
            .order_by(GuidedSession.opened_at.desc(), GuidedSession.id)
        )
    ]


def summary(actor: Actor, engagement_id: UUID, session_id: UUID) -> Summary:
    """Return what a session of a client came to.

    :raises EngagementUnknown: if it is not this consultant's, or is over.
    :raises ReadOnly: if the company lets the consultant only read.
    :raises SessionUnknown: if it is no session of this client.
    """
    engagement = _engaged(db.session, actor, engagement_id)
    guided = db.session.scalar(
        sa.select(GuidedSession).where(
            GuidedSession.id == session_id, GuidedSession.assessment_id == engagement.assessment_id
        )
    )
    if guided is None:
        raise SessionUnknown
    version = rubric_of(db.session.get_one(StoredRubric, guided.rubric_version_id))
    asked = _asked(db.session, guided)
    rows = [
        Row(
            question,
            None if one.state == "asking" else spread_of(db.session, guided, version, question),
            None if one.value is None else answer_rules.read(version.rubric, question.id, one.value),
            one.reason,
            one.state == "agreed",
        )
        for question in version.rubric.questions
        if (one := asked.get(question.id)) is not None
    ]
    open_names = [name for name in db.session.scalars(names_in(guided.id)) if name]
    names = open_names if guided.state == "open" else list(guided.kept_names)
    agreements = agreement_in(db.session, guided.id, version.rubric)
    return Summary(_listed(db.session, guided), version, rows, agreements, names)


def agreed_of(session: Session, family_id: UUID) -> dict[str, AskedQuestion]:
    """Return what a company's sessions agreed on last, by question, where people were not asked again since."""
    family = sa.select(Assessment.id).where(Assessment.family_id == family_id)
    rows = session.scalars(
        sa.select(AskedQuestion)
        .join(GuidedSession, GuidedSession.id == AskedQuestion.session_id)
        .where(GuidedSession.assessment_id.in_(family), AskedQuestion.state == "agreed")
        .order_by(AskedQuestion.agreed_at)
    )
    return {each.question_id: each for each in rows}


def _listed(session: Session, guided: GuidedSession) -> Listed:
    agreed = sa.select(sa.func.count()).where(AskedQuestion.session_id == guided.id, AskedQuestion.state == "agreed")
    return Listed(
        guided.id,
        guided.state == "open",
        guided.opened_at,
        guided.closed_at,
        session.scalar(people_in(guided.id)) or 0,
        session.scalar(agreed) or 0,
    )


def _engaged(session: Session, actor: Actor, engagement_id: UUID) -> Engagement:
    engagement = engaged_in(session, actor, engagement_id, invited=False)
    if engagement.scope != Access.EDIT:
        raise ReadOnly
    return engagement


def _open_one(session: Session, engagement: Engagement, *, locked: bool = False) -> GuidedSession | None:
    statement = sa.select(GuidedSession).where(
        GuidedSession.assessment_id == engagement.assessment_id, GuidedSession.state == "open"
    )
    return session.scalar(statement.with_for_update() if locked else statement)


def _to_lead(session: Session, actor: Actor, engagement_id: UUID) -> tuple[GuidedSession, RubricVersion, Opened]:
    """Return the open session and the company's answers, whose rows are this transaction's alone.

    So voices and what is shown come in turn, and nobody finishes or changes the answers meanwhile.

    :raises SessionUnknown: if no session is open.
    :raises AlreadySubmitted: if the answers that it works on were finished or dropped.
    """
    engagement = _engaged(session, actor, engagement_id)
    # The answers first, as where a session is opened: two that took them in turns would wait for each other.
    opened = opened_in(session, token_of(engagement))
    guided = _open_one(session, engagement, locked=True)
    if guided is None:
        raise SessionUnknown
    if _is_finished(session, guided, opened):
        raise AlreadySubmitted
    return guided, rubric_of(session.get_one(StoredRubric, guided.rubric_version_id)), opened


def _is_finished(session: Session, guided: GuidedSession, opened: Opened) -> bool:
    """Return whether the answers that a session works on were finished or dropped.

    Finished ones stay so where somebody has begun to change them: their result tells how far apart the room was, and
    may have been signed.
    """
    status = session.scalar(sa.select(Assessment.status).where(Assessment.id == guided.revision_id))
    return opened.submitted or status in (None, Status.SUBMITTED.value)


def _removable(session: Session, guided: GuidedSession) -> list[Seated]:
    if guided.question_id is not None:
        return []
    rows = session.execute(
        sa.select(Participant.id, Participant.name)
        .where(Participant.session_id == guided.id)
        .order_by(Participant.name, Participant.id)
    )
    return [Seated(id, name) for id, name in rows]


def _asked(session: Session, guided: GuidedSession) -> dict[str, AskedQuestion]:
    rows = session.scalars(sa.select(AskedQuestion).where(AskedQuestion.session_id == guided.id))
    return {row.question_id: row for row in rows}


def _asked_one(session: Session, guided: GuidedSession, version: RubricVersion, question_id: str) -> AskedQuestion:
    known = question_id in version.rubric.questions_by_id
    asked = session.get(AskedQuestion, (guided.id, question_id)) if known else None
    if asked is None:
        raise QuestionUnknown
    return asked


def _questions(version: RubricVersion, opened: Opened, asked: Mapping[str, AskedQuestion]) -> tuple[Question, ...]:
    """Return the level questions that are asked of this company, and those that the room has seen."""
    if opened.version.id == version.id:
        visible = {question.id for question in opened.questions} | set(asked)
    else:
        visible = set(asked)
    return tuple(each for each in version.rubric.questions if each.kind is Kind.LEVEL and each.id in visible)


def _go_on(guided: GuidedSession) -> None:
    guided.counter += 1
    guided.moved_at = now()


def _close(session: Session, guided: GuidedSession) -> None:
    guided.state, guided.code, guided.closed_at = "closed", None, now()
    # Those that stay are parted from the voices.
    guided.kept_names = list(session.scalars(names_in(guided.id).where(Participant.keep_name)))
    _go_on(guided)
    session.execute(
        sa.update(Participant)
        .where(Participant.session_id == guided.id)
        .values(name="")
        .execution_options(synchronize_session=False)
    )


def _of_mine(statement: sa.Select[Any], actor: Actor, engagement_id: UUID) -> sa.Select[Any]:
    """Complete a statement about the open session of a client."""
    return statement.join(Engagement, Engagement.assessment_id == GuidedSession.assessment_id).where(
        *engaged_where(actor, engagement_id, invited=False),
        Engagement.scope == Access.EDIT.value,
        GuidedSession.state == "open",
    )
