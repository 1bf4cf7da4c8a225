"""What the command line does with the site's own schemes: export, import, trying their links."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from readiness.library.canonical import canonical
from readiness.library.catalogue_folders import origin_of, write_catalogue
from readiness.library.catalogues import read_catalogue_folder
from readiness.services import accounts, link_checks, scheme_imports
from readiness.services.accounts import Actor, Capability
from readiness.services.commands import DatabaseNotReady
from readiness.services.database import db, now, without_pages
from readiness.services.scheme_imports import Change
from readiness.services.site_catalogue import NoCatalogue, current_catalogue
from readiness.settings import Settings

LONGEST_VALUE = 160


def export_schemes(settings: Settings, folder: Path) -> str:
    """Write the site's catalogue in force into a folder, and return what was done in a line.

    :raises FileExistsError: if the folder holds one already.
    """
    with _site(settings):
        version = current_catalogue(db.session)
    files = write_catalogue(version.document, version.digest, folder)
    return f"{len(files)} files in {folder}: {len(version.forms)} schemes, {version.digest}"


def import_schemes(settings: Settings, folder: Path, mail: str, *, dry_run: bool) -> Iterator[str]:
    """Bring in the schemes of a folder and yield what changed, or with *dry_run* what would.

    :raises FileProblems: with everything that stands against it; nothing is changed then.
    :raises AccountUnknown: if there is no account in force of that address.
    :raises NotAllowed: if it may not change schemes.
    """
    version, origin = read_catalogue_folder(folder), origin_of(folder)
    with _site(settings):
        actor = _actor(mail)
        actor.must(Capability.EDIT_SCHEMES)
        if dry_run:
            made = scheme_imports.preview(version, origin)
        else:
            made = scheme_imports.bring_in(actor, version, origin, "import of files")
        for each in made:
            yield from _lines(each)
        verb = "would change" if dry_run else "changed"
        yield f"{verb}: {', '.join(each.part for each in made) or 'nothing'}"


def try_links(settings: Settings) -> Iterator[str]:
    """Ask every address of the site's schemes and yield a line for each that failed, and a last one that counts."""
    asked = failed = 0
    with _site(settings):
        for each in link_checks.check_links(now()):
            asked += 1
            if each.answer.failed:
                failed += 1
                yield f"{each.answer.status or each.answer.problem}: {each.href}"
    yield f"{asked} addresses asked; {failed} failed"


@contextmanager
def _site(settings: Settings) -> Iterator[None]:
    with without_pages(settings).app_context():
        try:
            yield
        except NoCatalogue:
            raise DatabaseNotReady("database: this site has no schemes yet; start it once") from None
        except sa.exc.SQLAlchemyError as error:
            reason = str(error.__cause__ or type(error).__name__).splitlines()[0]
            raise DatabaseNotReady(f"database: {reason}; readiness doctor says more") from None
        finally:
            db.session.close()
            db.engine.dispose()


def _actor(mail: str) -> Actor:
    account = accounts.find(mail)
    return Actor(account.id, account.email, accounts.capabilities_of(account.id))


def _lines(change: Change) -> Iterator[str]:
    for each in change.differences:
        place = ".".join(str(step) for step in (change.part, *each.path))
        yield f"{place}: {_short(each.before)} -> {_short(each.after)}"


def _short(value: object) -> str:
    if value is None:
        return "nothing"
    text = canonical(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
