"""Evidence: what shows an answer, added by the company and its consultant, and how the consultant judges it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core import answers as answer_rules
from readiness.core.answers import Answer, Mark
from readiness.core.evidence import Grade, Held, can_be_held
from readiness.core.file_kinds import FileKind, kind_of, safe_name
from readiness.models import Assessment, EvidenceGrade, EvidenceItem
from readiness.services import audit, engagements, evidence_files
from readiness.services.accounts import Actor
from readiness.services.database import db, now, writing
from readiness.services.opening import LinkUnknown, Opened, ReadOnly, opened_in

LARGEST_FILE = 5 * 1024 * 1024
MOST_FILES = 20
MOST_BYTES = 50 * 1024 * 1024
#: Notes and links that a company can have.
MOST_WRITTEN = 200
LONGEST_NOTE = 1000
#: What the kind of a piece becomes that was removed.
REMOVED = "removed"
LONGEST_LINK = 500
LONGEST_REASON = 500


class NotAnswered(LookupError):
    """There is no such question, or it has no answer that could be shown."""


class ItemUnknown(LookupError):
    """The company has no such piece of evidence."""


class NotTheirs(PermissionError):
    """A consultant removes what they added themselves, and nothing else."""


class NothingAdded(ValueError):
    """Neither a note nor a link nor a file was given."""


class NoteTooLong(ValueError):
    """A note or a reason has more characters than are kept."""


class LinkNotAllowed(ValueError):
    """A link does not begin with http or https, or names no site."""


class FileTooLarge(ValueError):
    """A file has more bytes than are kept."""


class NoRoom(RuntimeError):
    """The company has as many pieces of evidence as are kept."""


class Frozen(RuntimeError):
    """The revision is submitted: grading means a new one."""


class NotHeldBack(ValueError):
    """The level is not below the answer."""


class ReasonMissing(ValueError):
    """A level is held back without a reason, or with one that is too long."""


class GradeChanged(RuntimeError):
    """Somebody else graded the answer meanwhile, or the company changed it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a consultant says of one answer."""

    grade: Grade
    #: The level that counts instead, or None.
    held: Held | None


def add(
    token: str, question_id: str, actor: Actor | None, *, note: str = "", link: str = "", upload: Upload | None = None
) -> None:
    """Add what shows an answer: a note, a link, a file, or several of them.

    :param actor: the consultant who does, or None for the company.
    :raises NotAnswered: if the question has no answer.
    :raises NothingAdded: if nothing was given.
    :raises NoteTooLong: if the note has over 1,000 characters.
    :raises LinkNotAllowed: if the link is none of http or https.
    :raises FileTooLarge: if the file has over 5 MiB.
    :raises FileRefused: if it is of no kind that is taken.
    :raises NoRoom: if there are 20 files or 50 MiB of them, or 200 notes and links.
    """
    note, link = _cleaned(note), link.strip()
    if not note and not link and upload is None:
        raise NothingAdded
    kind = _checked(note, link, upload)
    # Before the transaction, during which nobody else could save.
    stored = None if upload is None else evidence_files.keep(upload.content)
    try:
        with writing() as session:
            opened = opened_in(session, token)
            added = _Adding(session, opened, question_id, actor)
            if note:
                added.item("note", note)
            if link:
                added.item("link", link)
            if upload is not None and kind is not None:
                added.see_that_there_is_room(len(upload.content))
                added.item(
                    "file",
                    safe_name(upload.name, kind),
                    stored=stored,
                    media_type=kind.media_type,
                    size=len(upload.content),
                    digest=sha256(upload.content).hexdigest(),
                )
            opened.assessment.saved_at = now()
    except (LinkUnknown, ReadOnly, NotAnswered, NoRoom):
        # After any other error it may have its row all the same; without one it is swept up.
        if stored is not None:
            evidence_files.remove([stored])
        raise


def remove(token: str, item_id: UUID, actor: Actor | None) -> str:
    """Remove a piece of evidence, and its file; return the question that it was for.

    Once a result says what was checked, it stays written that there was one, without what it held.

    :raises ItemUnknown: if the company has none of this id.
    :raises NotTheirs: if a consultant removes what somebody else added.
    """
    with writing() as session:
        opened = opened_in(session, token)
        row = item_of(session, opened, item_id)
        if actor is not None and row.account_id != actor.id:
            raise NotTheirs
        stored, question = row.stored, row.question_id
        if _is_checked(session, opened):
            row.kind, row.text = REMOVED, row.kind
            row.stored = row.media_type = row.size = row.digest = None
            row.account_id, row.added_at = None if actor is None else actor.id, now()
        else:
            session.delete(row)
        opened.assessment.saved_at = now()
    if stored is not None:
        evidence_files.remove([stored])
    return question


def item_of(session: Session, opened: Opened, item_id: UUID) -> EvidenceItem:
    """Return a company's piece of evidence.

    :raises ItemUnknown: if it has none of this id.
    """
    row = session.scalar(_items(opened).where(EvidenceItem.id == item_id, EvidenceItem.kind != REMOVED))
    if row is None:
        raise ItemUnknown
    return row


def items_of(opened: Opened) -> list[EvidenceItem]:
    """Return what a company added, the oldest first."""
    return list(db.session.scalars(_items(opened).order_by(EvidenceItem.added_at, EvidenceItem.id)))


def judge(token: str, question_id: str, actor: Actor, judgement: Judgement, *, seen: int, answer: object) -> None:
    """Grade an answer of a draft, and hold its level back or let it stand.

    :param seen: the version that the consultant saw; 0 if nothing was said of it yet.
    :param answer: the answer that the consultant saw, as a plain value.
    :raises EngagementUnknown: if the company lets this consultant see nothing.
    :raises NotAnswered: if the question has no answer.
    :raises Frozen: if the revision is submitted.
    :raises GradeChanged: if somebody else graded it since, or it was changed.
    :raises NotHeldBack: if the level is not below the answer.
    :raises ReasonMissing: if a level is held back without a reason, or with one that is too long.
    """
    with writing() as session:
        opened = opened_in(session, token)
        engagements.permitted(actor, token)
        if opened.submitted:
            raise Frozen
        said = _answer(opened, question_id)
        held = judgement.held
        if held is not None:
            held = Held(held.level, _cleaned(held.reason))
            if not can_be_held(opened.version.rubric, question_id, said, held.level):
                raise NotHeldBack
            if not held.reason or len(held.reason) > LONGEST_REASON:
                raise ReasonMissing
        row = session.get(EvidenceGrade, (opened.assessment.id, question_id))
        if (row.version if row else 0) != seen or answer_rules.plain(said) != answer:
            raise GradeChanged
        if row is None:
            row = EvidenceGrade(assessment_id=opened.assessment.id, question_id=question_id, version=0)
            session.add(row)
        # Of an answer that nobody knows there is nothing to show.
        row.grade = (Grade.SAID if isinstance(said, Mark) else judgement.grade).value
        row.value = answer_rules.plain(said)
        row.held_level, row.held_reason = (held.level, held.reason) if held else (None, "")
        row.version += 1
        row.account_id, row.set_at = actor.id, now()
        opened.assessment.saved_at = now()
        audit.record(session, actor.id, "evidence.grade", opened.assessment.id)


class _Adding:
    """Adds pieces of evidence to one answer."""

    def __init__(self, session: Session, opened: Opened, question_id: str, actor: Actor | None) -> None:
        self.session = session
        self.question = question_id
        self.value = answer_rules.plain(_answer(opened, question_id))
        self.account = None if actor is None else actor.id
        self.first = session.scalars(
            sa.select(Assessment.id)
            .where(Assessment.family_id == opened.assessment.family_id)
            .order_by(Assessment.revision)
            .limit(1)
        ).one()
        self.opened = opened

    def item(self, kind: str, text: str, **file: Any) -> None:
        """Add one piece."""
        if kind != "file" and len(self.of_kind("note", "link")) >= MOST_WRITTEN:
            raise NoRoom
        self.session.add(
            EvidenceItem(
                assessment_id=self.first,
                question_id=self.question,
                value=self.value,
                kind=kind,
                text=text,
                account_id=self.account,
                added_at=now(),
                **file,
            )
        )

    def see_that_there_is_room(self, size: int) -> None:
        """Refuse a file for which there is no room."""
        sizes = [item.size or 0 for item in self.of_kind("file")]
        if len(sizes) >= MOST_FILES or sum(sizes) + size > MOST_BYTES:
            raise NoRoom

    def of_kind(self, *kinds: str) -> list[EvidenceItem]:
        """Return what the company has of these kinds."""
        return list(self.session.scalars(_items(self.opened).where(EvidenceItem.kind.in_(kinds))))


def _is_checked(session: Session, opened: Opened) -> bool:
    checked = sa.exists().where(Assessment.family_id == opened.assessment.family_id, Assessment.checked.is_not(None))
    return bool(session.scalar(sa.select(checked)))


def _items(opened: Opened) -> sa.Select[EvidenceItem]:
    first = sa.select(Assessment.id).where(Assessment.family_id == opened.assessment.family_id)
    return sa.select(EvidenceItem).where(EvidenceItem.assessment_id.in_(first))


def _answer(opened: Opened, question_id: str) -> Answer:
    asked = {question.id for question in opened.questions}
    if question_id not in asked or question_id not in opened.answers:
        raise NotAnswered
    return opened.answers[question_id]


def _checked(note: str, link: str, upload: Upload | None) -> FileKind | None:
    """See that all that was given can be kept, and return the kind of the file, if there is one."""
    if len(note) > LONGEST_NOTE:
        raise NoteTooLong
    if link:
        _see_that_it_leads_to_a_site(link)
    if upload is None:
        return None
    if len(upload.content) > LARGEST_FILE:
        raise FileTooLarge
    return kind_of(upload.content, upload.name)


def _cleaned(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def _see_that_it_leads_to_a_site(link: str) -> None:
    try:
        parts = urlsplit(link)
        named = bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        raise LinkNotAllowed from None
    odd = any(each.isspace() or not each.isprintable() for each in link)
    if parts.scheme not in ("http", "https") or not named or odd or len(link) > LONGEST_LINK:
        raise LinkNotAllowed
