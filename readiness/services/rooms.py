"""The room of a guided session as its participants have it: join, answer alone, look whether something happened."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import cache
from hmac import digest
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import current_app

from readiness.core import answers as answer_rules
from readiness.core.answers import Answer
from readiness.core.rubric import Question
from readiness.library.rubrics import RubricVersion
from readiness.models import (
    Access,
    AskedQuestion,
    Assessment,
    Engagement,
    GuidedSession,
    Participant,
    Role,
    StoredRubric,
    Voice,
)
from readiness.services.database import db, now, reading, writing_rows
from readiness.services.opening import hash_of
from readiness.services.planning import today
from readiness.services.spreads import Spread, people_in, spread_of, voices_on
from readiness.services.versions import rubric_of, rubric_with

#: Letters and digits that nobody mistakes for another, seen from four metres or read out.
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 8
#: People in one room.
MOST = 60
#: A person's own count of messages goes no further.
LAST_TURN = 1_000_000


class RoomUnknown(LookupError):
    """No open room has this code."""


class RoomFull(RuntimeError):
    """The room has as many people as it takes."""


class SeatUnknown(LookupError):
    """Nobody in any room has this token."""


class SessionOver(RuntimeError):
    """The session was closed, or the company ended the consultant's access."""


class NotAsked(RuntimeError):
    """The question is not being answered: it was not asked yet, or the answers were shown."""


class Superseded(RuntimeError):
    """The person has answered otherwise since, in another window."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room, before one joins it."""

    code: str
    company: str


@dataclass(frozen=True)
class Seat:
    """What one person in a room sees: their own voice alone, until the voices are shown."""

    name: str
    role: Role
    over: bool
    counter: int
    company: str
    version: RubricVersion
    #: The question on the screen, or None before the first one.
    question: Question | None
    #: "asking", "revealed" or "agreed"; "" before the first one.
    state: str
    #: What this person answered to it.
    mine: Answer | None
    turn: int
    answered: int
    people: int
    #: The voices, only once they are shown.
    spread: Spread | None
    agreed: Answer | None
    reason: str
    place: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What a page asks again and again: where the room is, and how many have answered."""

    place: str
    state: str
    answered: int
    people: int
    #: Who is in the room; for the consultant alone.
    names: tuple[str, ...] = ()


def new_code() -> str:
    """Return a code for a room."""
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))


def clean_code(code: str) -> str:
    """Return a code as people type it, in the form in which it is kept."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def new_ticket() -> str:
    """Return what a join form carries, so that a form sent twice makes one participant."""
    return secrets.token_urlsafe(32)


def found(code: str) -> Room:
    """Return the open room of a code.

    :raises RoomUnknown: if there is none.
    """
    row = db.session.execute(
        sa.select(GuidedSession, _served()).where(GuidedSession.code == clean_code(code), GuidedSession.state == "open")
    ).one_or_none()
    if row is None or not row[1]:
        raise RoomUnknown
    return Room(row[0].code or "", _company(row[0]))


def join(code: str, name: str, role: Role, *, keep_name: bool, ticket: str) -> str:
    """Take a seat in a room and return its token; the same ticket twice is the same seat.

    :raises RoomUnknown: if no open room has this code.
    :raises RoomFull: if sixty people are in it.
    """
    with writing_rows() as connection:
        statement = sa.select(GuidedSession.id, _served().label("served")).where(
            GuidedSession.code == clean_code(code), GuidedSession.state == "open"
        )
        row = connection.execute(statement.with_for_update(of=GuidedSession)).one_or_none()
        if row is None or not row.served:
            raise RoomUnknown
        token = _token_of(row.id, ticket)
        known = sa.select(Participant.id).where(Participant.token_hash == hash_of(token))
        if connection.scalar(known) is not None:
            return token
        if (connection.scalar(people_in(row.id)) or 0) >= MOST:
            raise RoomFull
        connection.execute(
            sa.insert(Participant).values(
                id=uuid4(),
                session_id=row.id,
                token_hash=hash_of(token),
                name=name,
                role=role.value,
                keep_name=keep_name,
                joined_at=now(),
            )
        )
        _go_on(connection, row.id)
        return token


def seat(token: str) -> Seat:
    """Return what the person with this token sees.

    :raises SeatUnknown: if there is none.
    """
    row = db.session.execute(
        sa.select(Participant, GuidedSession, StoredRubric, AskedQuestion, Voice, _served())
        .join(GuidedSession, GuidedSession.id == Participant.session_id)
        .join(StoredRubric, StoredRubric.id == GuidedSession.rubric_version_id)
        .outerjoin(AskedQuestion, _on_screen())
        .outerjoin(Voice, sa.and_(Voice.participant_id == Participant.id, _of_the_screen()))
        .where(Participant.token_hash == hash_of(token))
    ).one_or_none()
    if row is None:
        raise SeatUnknown
    person, guided, stored, asked, voice, served = row
    version = rubric_of(stored)
    question = version.rubric.questions_by_id.get(guided.question_id or "")
    shown = question is not None and asked is not None and asked.state != "asking"

    def read(value: Any) -> Answer | None:
        return None if value is None or question is None else answer_rules.read(version.rubric, question.id, value)

    return Seat(
        name=person.name,
        role=Role(person.role),
        over=guided.state != "open" or not served,
        counter=guided.counter,
        company=_company(guided),
        version=version,
        question=question,
        state=asked.state if asked and question else "",
        mine=read(voice.value if voice else None),
        turn=voice.turn if voice else 0,
        answered=db.session.scalar(voices_on(guided.id, guided.question_id)) or 0,
        people=db.session.scalar(people_in(guided.id)) or 0,
        spread=spread_of(db.session, guided, version, question) if shown and question else None,
        agreed=read(asked.value) if asked and asked.state == "agreed" else None,
        reason=asked.reason if asked and asked.state == "agreed" else "",
        place=place_of(guided.question_id, asked),
    )


def say(token: str, question_id: str, value: object, *, turn: int) -> None:
    """Keep what a person answers to a question; once it is kept, the same again changes nothing.

    :param turn: the person's own count of messages; an earlier one that arrives late replaces nothing.
    :raises SeatUnknown: if there is no such person.
    :raises SessionOver: if the session was closed.
    :raises NotAsked: if the answers were shown, or the question was not asked.
    :raises Superseded: if the person has answered otherwise since.
    :raises AnswersError: if the question does not exist or does not take this value.
    """
    turn = max(1, min(turn, LAST_TURN))
    with writing_rows() as connection:
        # The room's row is ours until the end: nobody shows the voices meanwhile.
        row = connection.execute(_to_say(), {"hash": hash_of(token)}).one_or_none()
        if row is None:
            raise SeatUnknown
        if row.state != "open" or not row.served:
            raise SessionOver
        rubric = rubric_with(row.rubric_version_id, connection).rubric
        given = answer_rules.plain(answer_rules.read(rubric, question_id, value))
        mine = {"person": row.person, "question": question_id}
        # Asked for once the row is ours: what others changed before is in it.
        asked = connection.execute(_said(), {**mine, "session": row.session}).one_or_none()
        if asked is None or asked.state != "asking":
            raise NotAsked
        if asked.turn is not None and asked.value == given:
            return
        if asked.turn is not None and turn < asked.turn:
            raise Superseded
        saved = {"value": given, "turn": turn, "moment": now()}
        connection.execute(_ADD_VOICE if asked.turn is None else _CHANGE_VOICE, {**mine, **saved})
        _go_on(connection, row.session)


def mark(token: str) -> str:
    """Return a mark of the present state of a person's room, in one statement: while it is the same, so is all else.

    :raises SeatUnknown: if there is no such person.
    """
    with reading() as connection:
        row = connection.execute(_to_look(), {"hash": hash_of(token)}).one_or_none()
    if row is None:
        raise SeatUnknown
    return mark_of(row.counter, over=row.state != "open" or not row.served)


def mark_of(counter: int, *, over: bool) -> str:
    """Return the mark of a room's state."""
    return f"{counter}{'x' if over else ''}"


def standing(token: str) -> Standing:
    """Return where a person's room is.

    :raises SeatUnknown: if there is no such person.
    """
    with reading() as connection:
        row = connection.execute(_to_look(), {"hash": hash_of(token)}).one_or_none()
        if row is None:
            raise SeatUnknown
        if row.state != "open" or not row.served:
            return Standing("over", "", 0, 0)
        return standing_of(connection, row.session)


def standing_of(connection: sa.Connection, session_id: UUID, *, names: bool = False) -> Standing:
    """Return where a room is.

    :param names: whether to tell who is in it.
    """
    answered = (
        sa.select(sa.func.count())
        .select_from(Voice)
        .join(Participant, Participant.id == Voice.participant_id)
        .where(Participant.session_id == GuidedSession.id, Voice.question_id == GuidedSession.question_id)
        .correlate(GuidedSession)
        .scalar_subquery()
    )
    row = connection.execute(
        sa.select(
            GuidedSession.question_id,
            AskedQuestion.state,
            AskedQuestion.agreed_at,
            answered.label("answered"),
            people_in_this_room().label("people"),
        )
        .outerjoin(AskedQuestion, _on_screen())
        .where(GuidedSession.id == session_id)
    ).one()
    named = connection.scalars(names_in(session_id)).all() if names else ()
    return Standing(
        place_of(row.question_id, row if row.state else None), row.state or "", row.answered, row.people, tuple(named)
    )


def people_in_this_room() -> sa.ScalarSelect[int]:
    """Return the count of the people in the room that a statement is about."""
    return (
        sa.select(sa.func.count())
        .select_from(Participant)
        .where(Participant.session_id == GuidedSession.id)
        .correlate(GuidedSession)
        .scalar_subquery()
    )


def names_in(session_id: UUID) -> sa.Select[str]:
    """Return the statement for the names of the people in a room, by name: who came when says nothing."""
    return sa.select(Participant.name).where(Participant.session_id == session_id).order_by(Participant.name)


def place_of(question_id: str | None, asked: Any) -> str:
    """Return what a page compares to know whether it still shows the right thing."""
    if question_id is None or asked is None:
        return "waiting"
    agreed = asked.agreed_at.isoformat() if asked.state == "agreed" else ""
    return f"{question_id} {asked.state} {agreed}".strip()


def _go_on(connection: sa.Connection, session_id: UUID) -> None:
    connection.execute(_GO_ON, {"session": session_id, "moment": now()})


def _served() -> sa.ColumnElement[bool]:
    """Whether a consultant may still be in the room."""
    return (
        sa.select(Engagement.id)
        .where(
            Engagement.assessment_id == GuidedSession.assessment_id,
            Engagement.state == "active",
            Engagement.scope == Access.EDIT.value,
            Engagement.until >= sa.bindparam("today", callable_=today, type_=sa.Date()),
        )
        .correlate(GuidedSession)
        .exists()
    )


def _on_screen() -> sa.ColumnElement[bool]:
    return sa.and_(AskedQuestion.session_id == GuidedSession.id, AskedQuestion.question_id == GuidedSession.question_id)


def _of_the_screen() -> sa.ColumnElement[bool]:
    return Voice.question_id == GuidedSession.question_id


def _company(guided: GuidedSession) -> str:
    company = db.session.scalar(
        sa.select(Assessment.company).where(Assessment.id == (guided.revision_id or guided.assessment_id))
    )
    return str((company or {}).get("name") or "")


def _token_of(session_id: UUID, ticket: str) -> str:
    key = str(current_app.config["SECRET_KEY"]).encode()
    mac = digest(key, b"participant" + session_id.bytes + ticket.encode("utf-8", "surrogatepass"), "sha256")
    return urlsafe_b64encode(mac).decode().rstrip("=")


# The statements are made once, since making one takes longer than running it.
@cache
def _to_look() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            GuidedSession.id.label("session"), GuidedSession.counter, GuidedSession.state, _served().label("served")
        )
        .join(Participant, Participant.session_id == GuidedSession.id)
        .where(Participant.token_hash == sa.bindparam("hash"))
    )


@cache
def _to_say() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Participant.id.label("person"),
            GuidedSession.id.label("session"),
            GuidedSession.state,
            GuidedSession.rubric_version_id,
            _served().label("served"),
        )
        .join(GuidedSession, GuidedSession.id == Participant.session_id)
        .where(Participant.token_hash == sa.bindparam("hash"))
        .with_for_update(of=GuidedSession)
    )


@cache
def _said() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(AskedQuestion.state, Voice.value, Voice.turn)
        .outerjoin(
            Voice,
            sa.and_(
                Voice.participant_id == sa.bindparam("person", type_=sa.Uuid()),
                Voice.question_id == AskedQuestion.question_id,
            ),
        )
        .where(
            AskedQuestion.session_id == sa.bindparam("session"), AskedQuestion.question_id == sa.bindparam("question")
        )
    )


_ADD_VOICE = sa.insert(Voice).values(
    participant_id=sa.bindparam("person"),
    question_id=sa.bindparam("question"),
    value=sa.bindparam("value"),
    turn=sa.bindparam("turn"),
    saved_at=sa.bindparam("moment"),
)
_CHANGE_VOICE = (
    sa.update(Voice)
    .where(Voice.participant_id == sa.bindparam("person"), Voice.question_id == sa.bindparam("question"))
    .values(value=sa.bindparam("value"), turn=sa.bindparam("turn"), saved_at=sa.bindparam("moment"))
)
_GO_ON = (
    sa.update(GuidedSession)
    .where(GuidedSession.id == sa.bindparam("session"))
    .values(counter=GuidedSession.counter + 1, moved_at=sa.bindparam("moment"))
)
