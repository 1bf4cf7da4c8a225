"""The audit log: who did what to what, by ids and hashes only, in a chain that shows what was changed or taken out."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.models import AuditEntry
from readiness.services.database import db, now

log = logging.getLogger("readiness.audit")

#: What the first entry stands on.
BEGINNING = "0" * 64
#: Entries read at once.
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of the audit log."""

    entries: int
    #: The hash of the newest entry: noted elsewhere, it shows later whether the end was cut off.
    head: str
    #: The number of the first entry that does not follow from the one before, or None if all do.
    broken_at: int | None

    @property
    def holds(self) -> bool:
        """Whether nothing was changed, taken out or put in."""
        return self.broken_at is None


def record(
    session: Session, actor_id: UUID | None, action: str, subject_id: object = None, content_hash: str | None = None
) -> AuditEntry:
    """Add an entry within a transaction that writes, last of all in it.

    :param actor_id: the account, or None for the command line.
    :param action: such as ``rubric.publish``.
    :param subject_id: the id of what it was done to.
    :param content_hash: the digest of what it then held; never the content itself.
    """
    if session.get_bind().dialect.name == "postgresql":
        # One writer at a time, until the transaction ends; readers go on.
        session.execute(sa.text("LOCK TABLE audit_entry IN EXCLUSIVE MODE"))
    last = session.execute(
        sa.select(AuditEntry.number, AuditEntry.entry_hash).order_by(AuditEntry.number.desc()).limit(1)
    ).one_or_none()
    entry = AuditEntry(
        number=last.number + 1 if last else 1,
        at=now(),
        actor_id=actor_id,
        action=action,
        subject_id=None if subject_id is None else str(subject_id),
        content_hash=content_hash,
    )
    entry.entry_hash = _hash(last.entry_hash if last else BEGINNING, entry)
    session.add(entry)
    session.flush()
    # A second place, which whoever changes the database does not reach.
    log.info("audit %d %s", entry.number, entry.entry_hash)
    return entry


def verify() -> Checked:
    """Recompute the chain from its beginning."""
    before, number = BEGINNING, 0
    while True:
        entries = db.session.scalars(
            sa.select(AuditEntry).where(AuditEntry.number > number).order_by(AuditEntry.number).limit(CHUNK)
        ).all()
        for entry in entries:
            number += 1
            if entry.number != number or entry.entry_hash != _hash(before, entry):
                return Checked(number - 1, before, number)
            before = entry.entry_hash
        if len(entries) < CHUNK:
            return Checked(number, before, None)
        db.session.expunge_all()


def _hash(before: str, entry: AuditEntry) -> str:
    content = [
        before,
        entry.number,
        _moment(entry.at),
        str(entry.actor_id) if entry.actor_id else None,
        entry.action,
        entry.subject_id,
        entry.content_hash,
    ]
    return sha256(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
