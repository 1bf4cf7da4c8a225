"""``readiness rubric publish``: a folder goes in review, and the command says what is next."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from readiness.services import accounts, publishing
from readiness.services.accounts import Actor
from readiness.services.commands import DatabaseNotReady
from readiness.services.database import db, without_pages
from readiness.settings import Settings


def publish_folder(settings: Settings, folder: Path, email: str) -> Iterator[str]:
    """Put the version that a folder holds in review, and yield what is next.

    :raises AccountUnknown: if there is no such account.
    :raises NotAllowed: if it may not edit drafts.
    :raises FileProblems: with everything that is wrong.
    :raises DigestDiffers: if another version is published under this number.
    :raises PublishingError: if it is published or in review already.
    :raises DatabaseNotReady: if the site's database cannot be used.
    """
    with without_pages(settings).app_context():
        try:
            actor = actor_named(email)
            row = publishing.submit_folder(actor, folder, settings.rubric_folder)
            others = publishing.who_may_publish(db.session, besides=actor.id)
        except sa.exc.SQLAlchemyError as error:
            reason = str(error.__cause__ or type(error).__name__).splitlines()[0]
            raise DatabaseNotReady(f"database: {reason}; readiness doctor says more") from None
        finally:
            db.session.close()
            db.engine.dispose()
    yield f"rubric {row.number}: in review; {row.digest}"
    yield f"next: a second person confirms it at {settings.public_url}/staff/rubrics/review/{row.number}"
    if others:
        yield f"who can: {', '.join(others)}"
    else:
        yield "who can: nobody yet; invite a second maintainer (readiness account invite MAIL) who may publish"


def actor_named(email: str) -> Actor:
    """Return the account in force of an address, with what it may do.

    :raises AccountUnknown: if there is none.
    """
    account = accounts.find(email)
    return Actor(account.id, account.email, accounts.capabilities_of(account.id))
