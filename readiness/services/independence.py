"""Whether two accounts are two people: not while one could still be signed in as the other.

Who manages accounts can make a link that sets the password and the second factor of another account. Its owner
notices, since their sessions end; until they had a day for that, the two accounts do not count as four eyes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.models import AuditEntry
from readiness.services.database import now
from readiness.services.invitations import LIFE

#: How long two accounts are kept apart after one made the link of the other, and after that link was used.
APART = timedelta(hours=24)

LINKS = ("account.invite", "account.reset")
USED = "account.accept"


@dataclass(frozen=True, slots=True)
class Dependence:
    """One account made the link with which the other was set up, not long ago."""

    maker_id: UUID
    account_id: UUID
    #: When the link was made, or used.
    since: datetime

    @property
    def until(self) -> datetime:
        """From when on the two are two again."""
        return self.since + APART


def dependence(session: Session, one: UUID, other: UUID) -> Dependence | None:
    """Return how one of two accounts was set up by the other within the last day, or None."""
    found = [each for pair in ((one, other), (other, one)) if (each := _since(session, *pair)) is not None]
    return max((each for each in found if each.until > now()), key=lambda each: each.since, default=None)


def _since(session: Session, maker_id: UUID, account_id: UUID) -> Dependence | None:
    """Return when *maker_id* last made a link for *account_id*, or when that link was used."""
    entries = session.execute(
        sa.select(AuditEntry.action, AuditEntry.actor_id, AuditEntry.at)
        .where(
            AuditEntry.subject_id == str(account_id),
            AuditEntry.action.in_((*LINKS, USED)),
            # A link can be used for so long after it was made.
            AuditEntry.at > now() - LIFE - APART,
        )
        .order_by(AuditEntry.number)
    ).all()
    found: Dependence | None = None
    theirs = False
    for entry in entries:
        if entry.action in LINKS:
            theirs = entry.actor_id == maker_id
        if theirs:
            found = Dependence(maker_id, account_id, entry.at)
    return found
