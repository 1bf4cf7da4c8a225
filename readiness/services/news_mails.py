"""Mails to owners who asked to hear when a scheme in their plan changes: at most one a week, with one fixed text."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from readiness.core.languages import Language
from readiness.documents.words import words_in
from readiness.models import Assessment, NewsMail, StoredPlan
from readiness.services.asked_mails import AskedMails, Letter, Send
from readiness.services.planning import today
from readiness.services.scheme_news import news_of
from readiness.services.site_catalogue import NoCatalogue, current_catalogue, with_digest

news_mails = AskedMails(NewsMail, "news")


def send_if_due(moment: datetime, send: Send) -> int | None:
    """Send what is due unless another process did so within twenty hours; return how many mails went out."""
    return news_mails.send_if_due(moment, lambda session, first, _: _letter(session, first, send))


def send_due(moment: datetime, send: Send) -> int:
    """Mail each address whose plan has news that it was not told of, and return how many mails went out.

    :param send: raises OSError if it cannot; that address is tried again the next day.
    """
    return news_mails.send_due(moment, lambda session, first, _: _letter(session, first, send))


def _letter(session: Session, first: UUID, send: Send) -> Letter | None:
    mark = _mark(session, first)
    return Letter(mark, send) if mark else None


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
