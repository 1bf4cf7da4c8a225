"""What is done daily: what was kept long enough is deleted."""

from __future__ import annotations

import threading
from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import aliased

from readiness.documents.pdf import RENDERER
from readiness.models import AnswerRow, Assessment, Chore, GuidedSession, StoredPdf
from readiness.services import asking, evidence_files, news_mails, reminder_mails
from readiness.services.database import db, empty_write_ahead_log, now, writing
from readiness.services.guided_sessions import close_forgotten
from readiness.services.link_checks import check_if_due
from readiness.services.mailing import send_news, send_reminder
from readiness.services.planning import today

#: Days after which an assessment is deleted that was begun and never answered.
UNANSWERED_DAYS = 7
#: Companies deleted in one transaction, so that nobody waits long.
BATCH = 200
DAILY = "tick"
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Done:
    """What a tick did."""

    #: Companies whose assessments were deleted because their time was over.
    expired: int
    #: Assessments deleted that were begun and never answered.
    unanswered: int
    #: Printed plans of earlier releases deleted; they are printed again when asked for.
    printed: int
    #: Whether SQLite's log was emptied; the next tick tries again.
    log_emptied: bool
    #: Files of evidence removed that no row names any more.
    swept: int = 0


def tick(moment: datetime, months: int) -> Done:
    """Delete what was kept long enough.

    :param months: how long an assessment is kept after its last change.
    """
    expired = _delete_in_batches(_expired(months_before(moment, months)))
    unanswered = _delete_in_batches(_unanswered(moment - timedelta(days=UNANSWERED_DAYS)))
    close_forgotten(moment)
    with writing() as session:
        result = session.execute(sa.delete(StoredPdf).where(StoredPdf.renderer != RENDERER))
        printed = int(result.rowcount)  # type: ignore[attr-defined]
        session.merge(Chore(name=DAILY, done_at=moment))
    asking.forget_contacts(today())
    swept = evidence_files.sweep(moment)
    db.session.close()
    return Done(expired, unanswered, printed, empty_write_ahead_log(db.engine), swept)


def tick_if_due(moment: datetime, months: int) -> Done | None:
    """Do the daily work unless another process did it within twenty hours."""
    try:
        with writing() as session:
            last = session.get(Chore, DAILY, with_for_update=True)
            if last is not None and last.done_at > moment - timedelta(hours=20):
                return None
            if last is None:
                session.add(Chore(name=DAILY, done_at=moment))
            else:
                last.done_at = moment
    except sa.exc.IntegrityError:
        # The very first time there is no row to wait for: another process was quicker to make it.
        return None
    try:
        return tick(moment, months)
    except sa.exc.SQLAlchemyError:
        # It was not done: whoever looks next does it.
        with suppress(sa.exc.SQLAlchemyError), writing() as session:
            session.execute(sa.delete(Chore).where(Chore.name == DAILY))
        raise


def keep_ticking(app: Flask, stopped: threading.Event) -> threading.Thread:
    """Look every hour, in a thread of this process, whether the daily work is due."""

    def run() -> None:
        while not stopped.is_set():
            with app.app_context():
                for work in (_delete_what_is_due, _mail_news_if_due, _remind_if_due, _try_links_if_due):
                    try:
                        work()
                    except Exception:
                        # What fails in one kind of work must not end the others for good.
                        app.logger.exception("the daily work failed; it is tried again when it is due")
                        with suppress(sa.exc.SQLAlchemyError):
                            db.session.rollback()
            stopped.wait(_HOUR)

    thread = threading.Thread(target=run, name="daily work", daemon=True)
    thread.start()
    return thread


def _delete_what_is_due() -> None:
    tick_if_due(now(), current_app.config["RETENTION_MONTHS"])


def _mail_news_if_due() -> None:
    if current_app.config["MAILS"]:
        news_mails.send_if_due(now(), send_news)


def _remind_if_due() -> None:
    if current_app.config["MAILS"]:
        reminder_mails.send_if_due(now(), send_reminder)


def _try_links_if_due() -> None:
    if current_app.config["LINK_CHECK"]:
        check_if_due(now())


def months_before(moment: datetime, months: int) -> datetime:
    """Return the moment so many calendar months earlier; the last day of a shorter month."""
    index = moment.year * 12 + moment.month - 1 - months
    year, month = index // 12, index % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, monthrange(year, month)[1]))


def _expired(limit: datetime) -> sa.Select[UUID]:
    later = aliased(Assessment)
    return (
        sa.select(Assessment.family_id)
        .where(
            Assessment.saved_at < limit,
            ~sa.exists().where(later.family_id == Assessment.family_id, later.saved_at >= limit),
        )
        .distinct()
    )


def _unanswered(limit: datetime) -> sa.Select[UUID]:
    other = aliased(Assessment)
    return sa.select(Assessment.family_id).where(
        Assessment.saved_at < limit,
        Assessment.submitted_at.is_(None),
        Assessment.revision == 1,
        Assessment.company_asked.is_(False),
        ~sa.exists().where(AnswerRow.assessment_id == Assessment.id),
        ~sa.exists().where(GuidedSession.assessment_id == Assessment.id),
        # What was said may stand in a draft that this one was moved to.
        ~sa.exists().where(other.family_id == Assessment.family_id, other.id != Assessment.id),
    )


def _delete_in_batches(families: sa.Select[UUID]) -> int:
    deleted = 0
    while True:
        with writing() as session:
            batch = session.scalars(families.limit(BATCH)).all()
            gone = Assessment.family_id.in_(batch)
            files = evidence_files.names_of(session, sa.select(Assessment.id).where(gone))
            session.execute(sa.delete(Assessment).where(gone))
        evidence_files.remove(files)
        deleted += len(batch)
        if len(batch) < BATCH:
            return deleted
