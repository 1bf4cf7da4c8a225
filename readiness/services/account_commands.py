"""What the command line does to staff accounts, on the site's database."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TypeVar

import sqlalchemy as sa

from readiness.core.languages import Language
from readiness.documents.words import words_in
from readiness.services import accounts, invitations, mailing
from readiness.services.accounts import Capability, Listed
from readiness.services.commands import DatabaseNotReady
from readiness.services.database import db, without_pages
from readiness.settings import Settings

Found = TypeVar("Found")


def invite(settings: Settings, email: str, capabilities: Collection[Capability]) -> tuple[str, bool]:
    """Make an account; return its link, and whether it was mailed."""
    return _handed_over(settings, email, lambda: invitations.invite(email, capabilities))


def reset(settings: Settings, email: str) -> tuple[str, bool]:
    """End an account's password and second factors; return a new link, and whether it was mailed."""
    return _handed_over(settings, email, lambda: invitations.reset(email))


def withdraw(settings: Settings, email: str, *, leave_clients: bool = False) -> None:
    """Deactivate an account; its sessions end."""
    _on_site(settings, lambda: accounts.withdraw(email, leave_clients=leave_clients))


def listed(settings: Settings) -> list[Listed]:
    """Return all accounts."""
    return _on_site(settings, accounts.listed)


def _handed_over(settings: Settings, email: str, make: Callable[[], str]) -> tuple[str, bool]:
    link = f"{settings.public_url}{invitations.PATH}{_on_site(settings, make)}"
    if settings.mail_server is None:
        return link, False
    app = without_pages(settings)
    mailing.register(app, settings)
    with app.app_context():
        try:
            mailing.send_invitation(email.strip(), link, words_in(Language.EN))
        except OSError:
            return link, False
    return link, True


def _on_site(settings: Settings, work: Callable[[], Found]) -> Found:
    """Do something on the site's database.

    :raises DatabaseNotReady: if it cannot be done there.
    """
    with without_pages(settings).app_context():
        try:
            return work()
        except sa.exc.SQLAlchemyError as error:
            # The first line of what the database says names no values.
            reason = str(error.__cause__ or type(error).__name__).splitlines()[0]
            raise DatabaseNotReady(
                f"database: {reason}; start the site once, it migrates at start; readiness doctor says more"
            ) from None
        finally:
            db.session.close()
            db.engine.dispose()
