"""Mails that a company asked for: to one address that said yes, at most one a week, never twice the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core.languages import Language
from readiness.models import Assessment, Chore, NewsMail, ReminderMail
from readiness.services.database import db, now, writing
from readiness.services.links import MailNotSent
from readiness.services.opening import Opened, opened_in

#: Days between two mails to one address, and after which one that never said yes is forgotten.
BETWEEN = timedelta(days=7)
BATCH = 100

#: Sends to an address, in a language, a mail that can be stopped by the id of what was asked for.
Send = Callable[[str, Language, UUID], None]


class NobodyAsks(LookupError):
    """Nobody asks for mails under this id: they were stopped, or everything was deleted."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for."""

    address: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """What there is to tell."""

    #: The same for the same content: what was told once is not told again.
    mark: str
    #: Sends it.
    send: Send


#: Returns what there is to tell a company on a day, or None. It is given the company's first revision.
Write = Callable[[Session, UUID, datetime], Letter | None]


class AskedMails:
    """One kind of such mails."""

    def __init__(self, kind: type[NewsMail] | type[ReminderMail], chore: str) -> None:
        #: The table of those who asked.
        self._kind: Any = kind
        #: Under which name it is noted when they were last sent.
        self._chore = chore

    def asked(self, opened: Opened) -> Asked | None:
        """Return the address that gets a company's mails, or None."""
        row = self._of_family(db.session, opened)
        return Asked(row.address, row.confirmed_at is not None) if row else None

    def ask(self, token: str, address: str, language: Language, send: Send) -> None:
        """Note an address and send it a mail that asks whether it is right; until then it gets nothing else.

        :param send: raises OSError if it cannot.
        :raises LinkUnknown: if the link does not exist.
        :raises ReadOnly: if it does not allow writing.
        :raises MailNotSent: if it could not be sent; nothing is kept then.
        """
        with writing() as session:
            opened = opened_in(session, token)
            old = self._of_family(session, opened)
            if old is not None:
                session.delete(old)
                session.flush()
            first = session.scalars(
                sa.select(Assessment.id)
                .where(Assessment.family_id == opened.assessment.family_id)
                .order_by(Assessment.revision)
                .limit(1)
            ).one()
            row = self._kind(assessment_id=first, address=address, language=language.value, asked_at=now())
            session.add(row)
            session.flush()
            id: UUID = row.id
        try:
            send(address, language, id)
        except OSError:
            self.leave(id)
            raise MailNotSent from None

    def stop(self, token: str) -> None:
        """Forget the address of a company; without one nothing happens."""
        with writing() as session:
            row = self._of_family(session, opened_in(session, token))
            if row is not None:
                session.delete(row)

    def found(self, id: UUID) -> Asked:
        """Return what was asked for.

        :raises NobodyAsks: if nobody asks for it any more.
        """
        row = db.session.get(self._kind, id)
        if row is None:
            raise NobodyAsks
        return Asked(row.address, row.confirmed_at is not None)

    def confirm(self, id: UUID) -> None:
        """Say yes to the mails; twice is once.

        :raises NobodyAsks: if nobody asks for them any more.
        """
        with writing() as session:
            row = session.get(self._kind, id)
            if row is None:
                raise NobodyAsks
            row.confirmed_at = row.confirmed_at or now()

    def leave(self, id: UUID) -> None:
        """Forget an address; twice is once."""
        with writing() as session:
            session.execute(sa.delete(self._kind).where(self._kind.id == id))

    def send_if_due(self, moment: datetime, write: Write) -> int | None:
        """Send what is due unless another process did so within twenty hours; return how many mails went out."""
        try:
            with writing() as session:
                last = session.get(Chore, self._chore, with_for_update=True)
                if last is not None and last.done_at > moment - timedelta(hours=20):
                    return None
                session.merge(Chore(name=self._chore, done_at=moment))
        except sa.exc.IntegrityError:
            return None
        return self.send_due(moment, write)

    def send_due(self, moment: datetime, write: Write) -> int:
        """Mail each address for which there is something that it was not told, and return how many mails went out.

        An address to which nothing could be sent is tried again the next day.
        """
        kind = self._kind
        with writing() as session:
            session.execute(sa.delete(kind).where(kind.confirmed_at.is_(None), kind.asked_at < moment - BETWEEN))
        sent = 0
        after = UUID(int=0)
        while True:
            db.session.rollback()
            ids = db.session.scalars(
                sa.select(kind.id)
                .where(
                    kind.id > after,
                    kind.confirmed_at.is_not(None),
                    sa.or_(kind.sent_at.is_(None), kind.sent_at <= moment - BETWEEN),
                )
                .order_by(kind.id)
                .limit(BATCH)
            ).all()
            for id in ids:
                sent += self._send_one(id, moment, write)
            if len(ids) < BATCH:
                db.session.close()
                return sent
            after = ids[-1]

    def _send_one(self, id: UUID, moment: datetime, write: Write) -> bool:
        with writing() as session:
            row = session.get(self._kind, id, with_for_update=True, populate_existing=True)
            if row is None or (row.sent_at is not None and row.sent_at > moment - BETWEEN):
                return False
            letter = write(session, row.assessment_id, moment)
            if letter is None or letter.mark == row.told:
                return False
            before = (row.sent_at, row.told)
            # Noted first: a mail twice is worse than one that comes a day later.
            row.sent_at, row.told = moment, letter.mark
            address, language = row.address, Language(row.language)
        try:
            letter.send(address, language, id)
        except OSError:
            with writing() as session:
                row = session.get(self._kind, id)
                if row is not None:
                    row.sent_at, row.told = before
            return False
        return True

    def _of_family(self, session: Session, opened: Opened) -> Any:
        return session.scalars(
            sa.select(self._kind)
            .join(Assessment, Assessment.id == self._kind.assessment_id)
            .where(Assessment.family_id == opened.assessment.family_id)
        ).one_or_none()
