"""Mails that remind of actions: those due within a week or overdue, at most one a week, to an address that said yes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core.languages import Language
from readiness.documents.words import Words
from readiness.models import Assessment, ReminderMail
from readiness.services.asked_mails import AskedMails, Letter
from readiness.services.following import Followed, of_family
from readiness.services.planning import HONG_KONG

#: How long before its day an action is reminded of.
AHEAD = timedelta(days=7)

reminder_mails = AskedMails(ReminderMail, "reminders")


@dataclass(frozen=True, slots=True)
class Due:
    """An action that is due soon or overdue."""

    followed: Followed
    day: date
    overdue: bool

    def line(self, words: Words) -> str:
        """Return it in words, without anything that the company wrote: a mail is open to whoever reads it."""
        title = self.followed.version.texts[words.language][f"actions.{self.followed.action.id}.title"]
        day = words.day(self.day)
        if self.overdue:
            return words.say("%(action)s – overdue since %(day)s", action=title, day=day)
        return words.say("%(action)s – due on %(day)s", action=title, day=day)


#: Sends to an address, in a language, the actions that are due, in a mail that can be stopped by an id.
SendDue = Callable[[str, Language, UUID, tuple[Due, ...]], None]


def send_if_due(moment: datetime, send: SendDue) -> int | None:
    """Send what is due unless another process did so within twenty hours; return how many mails went out."""
    return reminder_mails.send_if_due(moment, lambda session, first, at: _letter(session, first, at, send))


def send_due(moment: datetime, send: SendDue) -> int:
    """Remind each address of what is due and was not told like this before; return how many mails went out.

    :param send: raises OSError if it cannot; that address is tried again the next day.
    """
    return reminder_mails.send_due(moment, lambda session, first, at: _letter(session, first, at, send))


def due(session: Session, family_id: UUID, today: date) -> tuple[Due, ...]:
    """Return the actions of a company's newest plan that are overdue or due within a week, by their day."""
    found = [
        Due(each, each.due_on, each.overdue(today))
        for each in of_family(session, family_id)
        if each.waits and each.due_on is not None and each.due_on <= today + AHEAD
    ]
    return tuple(sorted(found, key=lambda each: each.day))


def _letter(session: Session, first: UUID, moment: datetime, send: SendDue) -> Letter | None:
    family = session.scalars(sa.select(Assessment.family_id).where(Assessment.id == first)).one()
    found = due(session, family, moment.astimezone(HONG_KONG).date())
    if not found:
        return None
    said = [(each.followed.action.id, each.day.isoformat(), each.overdue) for each in found]
    mark = sha256(repr(said).encode()).hexdigest()
    return Letter(mark, lambda address, language, id: send(address, language, id, found))
