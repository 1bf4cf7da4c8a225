"""The links of an assessment: given, listed, mailed, withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.models import Access, Assessment, Engagement, Given, Link
from readiness.services.database import db, now, writing
from readiness.services.opening import Opened, mint, opened_in

#: Links of one assessment in force at once.
MOST_LINKS = 50
#: Mails for one assessment in a day.
MOST_MAILS = 3


class TooManyLinks(RuntimeError):
    """The assessment has as many links as are kept."""


class TooManyMails(RuntimeError):
    """Enough mails were sent for this assessment today."""


class NothingToRead(RuntimeError):
    """A reading link shows a result, and there is none yet."""


class LinkInUse(RuntimeError):
    """The link that opened the page cannot withdraw itself: nobody could come back."""


class MailNotSent(RuntimeError):
    """The mail server did not take the mail; the link that it held opens nothing."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A link in force, as the owner sees it."""

    id: UUID
    access: Access
    given: Given
    label: str
    created_at: datetime
    #: Whether it is the one that opened the page.
    here: bool


def listed(opened: Opened) -> list[Listed]:
    """Return the links in force, oldest first."""
    return [
        Listed(link.id, Access(link.access), Given(link.given), link.label, link.created_at, link.id == opened.link.id)
        for link in _in_force(db.session, opened.assessment.family_id)
    ]


def give(token: str, access: Access, given: Given, label: str = "") -> str:
    """Make a further link and return its token.

    A reading link shows the newest result of this moment, and goes on showing that one.

    :raises NothingToRead: if there is no result yet.
    :raises TooManyLinks: if there are fifty in force.
    """
    with writing() as session:
        opened = opened_in(session, token, submitted_first=access is Access.READ)
        if access is Access.READ and not opened.submitted:
            raise NothingToRead
        if len(_in_force(session, opened.assessment.family_id)) >= MOST_LINKS:
            raise TooManyLinks
        return mint(session, opened.assessment.id, access, given, label)


def mail(token: str, send: Callable[[str], None]) -> None:
    """Make an editing link and send it; the address is known to *send* alone and kept nowhere.

    :param send: sends the token; raises OSError if it cannot.
    :raises TooManyMails: if three were sent within a day.
    :raises TooManyLinks: if there are fifty in force.
    :raises MailNotSent: if it could not be sent.
    """
    with writing() as session:
        opened = opened_in(session, token)
        yesterday = now() - timedelta(days=1)
        family = opened.assessment.family_id
        mailed = session.scalar(
            sa.select(sa.func.count())
            .select_from(Link)
            .join(Assessment)
            .where(Assessment.family_id == family, Link.given == Given.MAIL.value, Link.created_at > yesterday)
        )
        if (mailed or 0) >= MOST_MAILS:
            raise TooManyMails
        if len(_in_force(session, family)) >= MOST_LINKS:
            raise TooManyLinks
        made = mint(session, opened.assessment.id, Access.EDIT, Given.MAIL)
    try:
        send(made)
    except OSError:
        with writing() as session:
            # Deleted, not only withdrawn: it is none of the three mails of a day.
            session.delete(opened_in(session, made).link)
        raise MailNotSent from None


def withdraw(token: str, link_id: UUID) -> None:
    """Withdraw a link of the same assessment; twice is once, and an unknown one is none.

    :raises LinkInUse: if it is the one that asks.
    """
    with writing() as session:
        opened = opened_in(session, token)
        if opened.link.id == link_id:
            raise LinkInUse
        for link in _in_force(session, opened.assessment.family_id):
            if link.id == link_id:
                link.revoked_at = now()
                link.label = ""


def _in_force(session: Session, family: UUID) -> list[Link]:
    return list(
        session.scalars(
            sa.select(Link)
            .join(Assessment)
            .where(
                Assessment.family_id == family,
                Link.revoked_at.is_(None),
                # A consultant's link is ended with the engagement, on a page of its own.
                ~sa.exists().where(Engagement.link_id == Link.id),
            )
            .order_by(Link.created_at, Link.id)
        )
    )
