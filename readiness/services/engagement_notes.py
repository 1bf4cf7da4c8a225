"""A consultant's notes on a client: shared ones, which the company sees, and private ones, which it never does.

A note stays of its kind. Editing keeps what it said before; deleting marks it, and then nobody is shown the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.models import Account, Assessment, Engagement, EngagementNote, EngagementNoteText
from readiness.services.accounts import Actor
from readiness.services.database import db, now, writing
from readiness.services.engagements import engaged_in
from readiness.services.opening import Opened

#: Letters of one note.
LONGEST = 5000
#: Notes of one engagement.
MOST = 1000


class NoteUnknown(LookupError):
    """There is no such note, it is not this consultant's own, or it was deleted."""


class TooManyNotes(RuntimeError):
    """The engagement has as many notes as are kept."""


class NoteChanged(RuntimeError):
    """The note was changed since its form was opened."""

    def __init__(self, text: str, number: int) -> None:
        super().__init__("the note was changed meanwhile")
        #: What it says now.
        self.text = text
        #: How often it was written.
        self.number = number


@dataclass(frozen=True, slots=True)
class Wording:
    """What a note said from a moment on."""

    text: str
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it is shown."""

    id: UUID
    engagement_id: UUID
    shared: bool
    #: The address of whoever wrote it.
    author: str
    #: Whether whoever looks wrote it.
    own: bool
    written_at: datetime
    deleted_at: datetime | None
    #: What it said, the newest first; nothing once it is deleted.
    wordings: tuple[Wording, ...]
    #: How often it was written.
    number: int

    @property
    def text(self) -> str:
        """What it says now."""
        return self.wordings[0].text if self.wordings else ""


def of_client(actor: Actor, engagement_id: UUID) -> list[Note]:
    """Return all notes on a client, the newest first: those of consultants before too.

    :raises EngagementUnknown: if it is not this consultant's, or is over.
    """
    row = engaged_in(db.session, actor, engagement_id)
    return _notes(db.session, EngagementNote.engagement_id == row.id, actor.id)


def shared_with(opened: Opened) -> Mapping[UUID, list[Note]]:
    """Return the notes that consultants share with a company, by engagement, the newest first."""
    own = (
        sa.select(Engagement.id)
        .join(Assessment, Assessment.id == Engagement.assessment_id)
        .where(Assessment.family_id == opened.assessment.family_id)
    )
    found: dict[UUID, list[Note]] = {}
    for note in _notes(db.session, sa.and_(EngagementNote.engagement_id.in_(own), EngagementNote.shared), None):
        found.setdefault(note.engagement_id, []).append(note)
    return found


def one(actor: Actor, engagement_id: UUID, note_id: UUID) -> Note:
    """Return a note of one's own, to change it.

    :raises EngagementUnknown: if the client is not this consultant's, or is over.
    :raises NoteUnknown: if there is no such note, it is another's, or it was deleted.
    """
    found = next((each for each in of_client(actor, engagement_id) if each.id == note_id), None)
    if found is None or not found.own or found.deleted_at is not None:
        raise NoteUnknown
    return found


def add(actor: Actor, engagement_id: UUID, text: str, *, shared: bool) -> UUID:
    """Write a note on a client, and return its id.

    :raises EngagementUnknown: if it is not this consultant's, or is over.
    :raises TooManyNotes: if there are a thousand.
    """
    with writing() as session:
        row = engaged_in(session, actor, engagement_id)
        number = sa.select(sa.func.count()).where(EngagementNote.engagement_id == row.id)
        if (session.scalar(number) or 0) >= MOST:
            raise TooManyNotes
        note = EngagementNote(engagement_id=row.id, shared=shared, author_id=actor.id, written_at=now())
        session.add(note)
        session.flush()
        session.add(EngagementNoteText(note_id=note.id, number=1, text=text, written_at=now()))
        return note.id


def edit(actor: Actor, engagement_id: UUID, note_id: UUID, text: str, *, seen: int) -> None:
    """Write a note anew; what it said before is kept. Saving the same changes nothing.

    :param seen: how often it was written when its form was opened.
    :raises EngagementUnknown: if the client is not this consultant's, or is over.
    :raises NoteUnknown: if there is no such note, it is another's, or it was deleted.
    :raises NoteChanged: if it was changed meanwhile.
    """
    with writing() as session:
        note = _own_in(session, actor, engagement_id, note_id)
        newest = session.scalars(
            sa.select(EngagementNoteText)
            .where(EngagementNoteText.note_id == note.id)
            .order_by(EngagementNoteText.number.desc())
            .limit(1)
        ).one()
        if newest.text == text:
            return
        if newest.number != seen:
            raise NoteChanged(newest.text, newest.number)
        session.add(EngagementNoteText(note_id=note.id, number=newest.number + 1, text=text, written_at=now()))


def delete(actor: Actor, engagement_id: UUID, note_id: UUID) -> None:
    """Mark a note as deleted: nobody is shown what it said any more.

    :raises EngagementUnknown: if the client is not this consultant's, or is over.
    :raises NoteUnknown: if there is no such note, it is another's, or it was deleted.
    """
    with writing() as session:
        note = _own_in(session, actor, engagement_id, note_id)
        note.deleted_at, note.deleted_by_id = now(), actor.id


def _own_in(session: Session, actor: Actor, engagement_id: UUID, note_id: UUID) -> EngagementNote:
    row = engaged_in(session, actor, engagement_id)
    note = session.scalar(
        sa.select(EngagementNote)
        .where(
            EngagementNote.id == note_id,
            EngagementNote.engagement_id == row.id,
            EngagementNote.author_id == actor.id,
            EngagementNote.deleted_at.is_(None),
        )
        .with_for_update()
    )
    if note is None:
        raise NoteUnknown
    return note


def _notes(session: Session, which: sa.ColumnElement[bool], reader: UUID | None) -> list[Note]:
    rows = session.execute(
        sa.select(EngagementNote, EngagementNoteText, Account.email)
        .join(EngagementNoteText, EngagementNoteText.note_id == EngagementNote.id)
        .join(Account, Account.id == EngagementNote.author_id)
        .where(which)
        .order_by(EngagementNote.written_at.desc(), EngagementNote.id, EngagementNoteText.number.desc())
    ).all()
    texts: dict[UUID, list[EngagementNoteText]] = {}
    notes: dict[UUID, tuple[EngagementNote, str]] = {}
    for note, text, email in rows:
        notes[note.id] = (note, email)
        texts.setdefault(note.id, []).append(text)
    return [
        Note(
            id=note.id,
            engagement_id=note.engagement_id,
            shared=note.shared,
            author=email,
            own=note.author_id == reader,
            written_at=note.written_at,
            deleted_at=note.deleted_at,
            wordings=() if note.deleted_at else tuple(Wording(each.text, each.written_at) for each in texts[note.id]),
            number=texts[note.id][0].number,
        )
        for note, email in notes.values()
    ]
