"""Mails to owners who asked to hear when a scheme in their plan changes: at most one a week, with one fixed text."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core.languages import Language
from readiness.documents.words import words_in
from readiness.models import Assessment, Chore, NewsMail, StoredPlan
from readiness.services.database import db, now, writing
from readiness.services.links import MailNotSent
from readiness.services.opening import Opened, opened_in
from readiness.services.planning import today
from readiness.services.scheme_news import news_of
from readiness.services.site_catalogue import NoCatalogue, current_catalogue, with_digest

#: Days between two mails to one address, and after which one that never said yes is forgotten.
BETWEEN = timedelta(days=7)
DAILY = "news"
BATCH = 100

#: Sends to an address, in a language, a mail that can be stopped by the id of what was asked for.
Send = Callable[[str, Language, UUID], None]


class NewsMailUnknown(LookupError):
    """Nobody asks for mails under this id: it was stopped, or everything was deleted."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for."""

    address: str
    confirmed: bool


def asked(opened: Opened) -> Asked | None:
    """Return the address that hears of a company's schemes, or None."""
    row = _of_family(db.session, opened)
    return Asked(row.address, row.confirmed_at is not None) if row else None


def ask(token: str, address: str, language: Language, send: Send) -> None:
    """Note an address and send it a mail that asks whether it is right; until then it gets nothing else.

    :param send: raises OSError if it cannot.
    :raises LinkUnknown: if the link does not exist.
    :raises ReadOnly: if it does not allow writing.
    :raises MailNotSent: if it could not be sent; nothing is kept then.
    """
    with writing() as session:
        opened = opened_in(session, token)
        old = _of_family(session, opened)
        if old is not None:
            session.delete(old)
            session.flush()
        first = session.scalars(
            sa.select(Assessment.id)
            .where(Assessment.family_id == opened.assessment.family_id)
            .order_by(Assessment.revision)
            .limit(1)
        ).one()
        row = NewsMail(assessment_id=first, address=address, language=language.value, asked_at=now())
        session.add(row)
        session.flush()
        id = row.id
    try:
        send(address, language, id)
    except OSError:
        leave(id)
        raise MailNotSent from None


def stop(token: str) -> None:
    """Forget the address of a company; without one nothing happens."""
    with writing() as session:
        row = _of_family(session, opened_in(session, token))
        if row is not None:
            session.delete(row)


def found(id: UUID) -> Asked:
    """Return what was asked for.

    :raises NewsMailUnknown: if nobody asks for it any more.
    """
    row = db.session.get(NewsMail, id)
    if row is None:
        raise NewsMailUnknown
    return Asked(row.address, row.confirmed_at is not None)


def confirm(id: UUID) -> None:
    """Say yes to the mails; twice is once.

    :raises NewsMailUnknown: if nobody asks for them any more.
    """
    with writing() as session:
        row = session.get(NewsMail, id)
        if row is None:
            raise NewsMailUnknown
        row.confirmed_at = row.confirmed_at or now()


def leave(id: UUID) -> None:
    """Forget an address; twice is once."""
    with writing() as session:
        session.execute(sa.delete(NewsMail).where(NewsMail.id == id))


def send_if_due(moment: datetime, send: Send) -> int | None:
    """Send what is due unless another process did so within twenty hours; return how many mails went out."""
    try:
        with writing() as session:
            last = session.get(Chore, DAILY, with_for_update=True)
            if last is not None and last.done_at > moment - timedelta(hours=20):
                return None
            session.merge(Chore(name=DAILY, done_at=moment))
    except sa.exc.IntegrityError:
        return None
    return send_due(moment, send)


def send_due(moment: datetime, send: Send) -> int:
    """Mail each address whose plan has news that it was not told of, and return how many mails went out.

    :param send: raises OSError if it cannot; that address is tried again the next day.
    """
    with writing() as session:
        session.execute(
            sa.delete(NewsMail).where(NewsMail.confirmed_at.is_(None), NewsMail.asked_at < moment - BETWEEN)
        )
    sent = 0
    after = UUID(int=0)
    while True:
        db.session.rollback()
        ids = db.session.scalars(
            sa.select(NewsMail.id)
            .where(
                NewsMail.id > after,
                NewsMail.confirmed_at.is_not(None),
                sa.or_(NewsMail.sent_at.is_(None), NewsMail.sent_at <= moment - BETWEEN),
            )
            .order_by(NewsMail.id)
            .limit(BATCH)
        ).all()
        for id in ids:
            sent += _send_one(id, moment, send)
        if len(ids) < BATCH:
            db.session.close()
            return sent
        after = ids[-1]


def _send_one(id: UUID, moment: datetime, send: Send) -> bool:
    with writing() as session:
        row = session.get(NewsMail, id, with_for_update=True, populate_existing=True)
        if row is None:
            return False
        mark = _mark(session, row.assessment_id)
        if not mark or mark == row.told:
            return False
        before = (row.sent_at, row.told)
        # Noted first: a mail twice is worse than one that comes a day later.
        row.sent_at, row.told = moment, mark
        address, language = row.address, Language(row.language)
    try:
        send(address, language, id)
    except OSError:
        with writing() as session:
            row = session.get(NewsMail, id)
            if row is not None:
                row.sent_at, row.told = before
        return False
    return True


def _mark(session: Session, first: UUID) -> str:
    """Return a mark of what is new about the schemes of a company's newest plan; "" if nothing is."""
    family = sa.select(Assessment.family_id).where(Assessment.id == first).scalar_subquery()
    plan = session.scalars(
        sa.select(StoredPlan)
        .join(Assessment, Assessment.id == StoredPlan.assessment_id)
        .where(Assessment.family_id == family)
        .order_by(Assessment.revision.desc(), StoredPlan.number.desc())
        .limit(1)
    ).one_or_none()
    if plan is None:
        return ""
    record = json.loads(plan.document, parse_float=Decimal)
    try:
        current = current_catalogue(session)
    except NoCatalogue:
        return ""
    # The mark is the same whatever the language of the mail.
    news = news_of(record, with_digest(session, plan.catalogue_digest), current, today(), words_in(Language.EN))
    said = [(each.id, *(line.text for line in each.lines)) for each in news]
    return sha256(repr((str(plan.id), said)).encode()).hexdigest() if said else ""


def _of_family(session: Session, opened: Opened) -> NewsMail | None:
    return session.scalars(
        sa.select(NewsMail)
        .join(Assessment, Assessment.id == NewsMail.assessment_id)
        .where(Assessment.family_id == opened.assessment.family_id)
    ).one_or_none()
