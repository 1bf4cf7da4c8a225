"""What the command line does: it reads folders, not the site's database, unless one is configured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from readiness.core.answers import Answer
from readiness.core.facts import FactError, FactUncertain
from readiness.core.languages import Language
from readiness.core.plan_records import plan_record
from readiness.core.planning import Plan, make_plan
from readiness.core.profile import Profile
from readiness.core.records import result_record
from readiness.core.scoring import score
from readiness.core.version_numbers import order
from readiness.documents.pdf import plan_pdf
from readiness.documents.words import words_in
from readiness.library.canonical import readable
from readiness.library.catalogues import CatalogueVersion, read_catalogue_folder
from readiness.library.exports import AnswersFile, read_content
from readiness.library.future_days import future_days
from readiness.library.rubrics import RubricVersion
from readiness.library.yaml_files import FileProblems, located
from readiness.models import StoredCatalogue, StoredRubric
from readiness.services import mailing, planning, upkeep
from readiness.services.database import now, without_pages
from readiness.services.exporting import differences
from readiness.services.link_checks import check_if_due
from readiness.services.news_mails import send_if_due
from readiness.services.plan_views import plan_view
from readiness.services.scheme_views import SchemeTexts
from readiness.services.site_catalogue import NoCatalogue, catalogue_of, current_catalogue, head_at
from readiness.services.site_catalogue import SchemeUnknown as SchemeUnknown
from readiness.services.upkeep import Done
from readiness.services.versions import (
    VersionUnknown,
    published_digests,
    rubric_of,
    shipped_version,
)
from readiness.settings import Settings


class DatabaseNotReady(RuntimeError):
    """The site's database cannot be reached, or is not of this release."""


def tick(settings: Settings) -> Done:
    """Do the daily work on the site's database.

    :raises DatabaseNotReady: if it cannot be done there.
    """
    app = without_pages(settings)
    app.config.update(SECRET_KEY=settings.secret_key, PUBLIC_URL=settings.public_url)
    mailing.register(app, settings)
    with app.app_context():
        try:
            done = upkeep.tick(now(), settings.retention_months)
            if settings.link_check:
                check_if_due(now())
            if settings.mails:
                send_if_due(now(), mailing.send_news)
            return done
        except sa.exc.SQLAlchemyError as error:
            reason = str(error.__cause__ or type(error).__name__).splitlines()[0]
            raise DatabaseNotReady(f"database: {reason}; readiness doctor says more") from None


def today() -> date:
    """Return the day in Hong Kong."""
    return planning.today()


def score_file(file: AnswersFile, folder: Path, database: str | None) -> str:
    """Return the result of a file of answers as JSON text."""
    version = find_version(folder, file.rubric, database)
    answers, _ = read_content(file, version.rubric)
    return readable(result_record(score(version.rubric, answers), version.digest))


def plan_file_as_json(file: AnswersFile, folder: Path, database: str | None, day: date) -> str:
    """Return the plan for a file of answers as JSON text.

    :raises NoBand: if the answers do not suffice.
    """
    plan, *_ = _plan(file, folder, database, day)
    return readable(plan_record(plan))


def plan_file_as_pdf(file: AnswersFile, folder: Path, database: str | None, day: date, language: Language) -> bytes:
    """Return the plan for a file of answers as a PDF file.

    :raises NoBand: if the answers do not suffice.
    """
    plan, version, catalogue, answers, profile = _plan(file, folder, database, day)
    record = json.loads(readable(plan_record(plan)))
    words = words_in(language)
    view = plan_view(record, version, score(version.rubric, answers), answers, profile, catalogue, words)
    return plan_pdf(view, language)


def verify_file(file: AnswersFile, folder: Path, database: str | None) -> list[str]:
    """Return where an exported file differs from what its answers give, a line each."""

    def find(digest: str) -> CatalogueVersion | None:
        on_disk = read_catalogue_folder(folder)
        if on_disk.digest == digest:
            return on_disk
        return stored_catalogue(database, digest) if database else None

    version = find_version(folder, file.rubric, database)
    said = file.export.get("digest")
    if database and isinstance(said, str) and said != version.digest:
        # A candidate that was answered and then changed: the site keeps it under its own digest.
        version = stored_rubric(database, file.rubric, said) or version
    return differences(file, version, find)


def check_schemes(folder: Path, day: date) -> Iterator[str]:
    """Yield warnings on schemes that nobody checked lately, and a last line that counts.

    :raises FileProblems: with everything that is wrong with the files.
    """
    version = read_catalogue_folder(folder)
    problems = list(future_days(version, folder, max(day, today())))
    if problems:
        raise FileProblems(located(problems))
    warned = 0
    for scheme in version.catalogue.schemes.values():
        if scheme.checked_on is None:
            newest = scheme.newest_source or "undated"
            yield f"warning: {scheme.id}: never compared with the live page; newest source {newest}"
        elif scheme.stale_on(day):
            yield f"warning: {scheme.id}: stale: compared with the live page on {scheme.checked_on}"
        else:
            continue
        warned += 1
    yield f"{len(version.catalogue.schemes)} schemes: right; {warned} warnings; {version.digest}"


def show_scheme(
    folder: Path, id: str, day: date, database: str | None = None, known_on: date | None = None
) -> Iterator[str]:
    """Yield a scheme on a day, a line for each thing that is known of it.

    :param known_on: as the site knew it at the end of that day, which may be another one than *day*.
    :raises SchemeUnknown: if there is no such scheme.
    :raises DatabaseNotReady: if what was known cannot be told.
    """
    if known_on is None:
        version = site_catalogue_or_files(folder, database)
    else:
        version = known_at_the_end_of(known_on, database)
        yield f"as known on {known_on}"
    scheme = version.catalogue.schemes.get(id)
    if scheme is None:
        raise SchemeUnknown(id, list(version.catalogue.schemes))
    form = version.forms[id]
    words = words_in(Language.EN)
    texts = SchemeTexts(version, Profile(), day, words)
    yield f"{form.name(Language.EN)} ({id})"
    yield form.names.zh_hant.text or form.description.zh_hant
    yield f"on {day}: {scheme.status_on(day)}"
    yield f"offer: {scheme.offer}; kind: {scheme.kind}"
    for fact in scheme.facts.values():
        label = form.facts[fact.id].label.en
        try:
            value = fact.on(day)
        except FactUncertain as error:
            older, newer = (texts.amount(fact.unit, each.value) for each in (error.older, error.newer))
            first, last = error.older.newest_proof, error.newer.start
            yield f"{label}: uncertain: changed from {older} to {newer} between {first} and {last}"
        except FactError as error:
            yield f"{label}: on {error.day}: {error.message}"
        else:
            source = value.source
            shown = texts.amount(fact.unit, value.value)
            dated = source.dated or source.undated
            yield f"{label}: {shown} [{source.title}, {dated}, {source.href}]"
    for rule in form.eligibility:
        yield f"for: {rule.text.en}"
    yield f"checked on the live page: {scheme.checked_on or 'never'}; newest source {scheme.newest_source or 'undated'}"


def site_catalogue_or_files(folder: Path, database: str | None) -> CatalogueVersion:
    """Return the site's catalogue in force, where a database is given and has one; else that of the folder."""
    if database:
        with _reading(database) as session, suppress(NoCatalogue, sa.exc.SQLAlchemyError):
            if session is not None:
                return current_catalogue(session)
    return read_catalogue_folder(folder)


def known_at_the_end_of(day: date, database: str | None) -> CatalogueVersion:
    """Return the catalogue that was in force when a day in Hong Kong ended.

    :raises DatabaseNotReady: if the site had none yet, or its database cannot be asked.
    """
    midnight = datetime.combine(day + timedelta(days=1), time(), planning.HONG_KONG)
    with _reading(database or "") as session:
        if session is None:
            raise DatabaseNotReady("database: what was known is kept by a site; it cannot be asked here")
        try:
            return head_at(session, midnight - timedelta(seconds=1)).version
        except NoCatalogue:
            raise DatabaseNotReady(f"database: this site kept no schemes yet on {day}") from None
        except sa.exc.SQLAlchemyError:
            raise DatabaseNotReady("database: is not of this release; readiness doctor says more") from None


def find_version(folder: Path, number: str, database: str | None = None) -> RubricVersion:
    """Return the version of this number: from the folder, then from the database if one is given.

    :raises VersionUnknown: if there is none.
    """
    versions = folder / "versions"
    known = sorted(path.name for path in versions.iterdir()) if versions.is_dir() else []
    if number in known:
        return shipped_version(versions / number, published_digests(folder))
    stored = stored_rubric(database, number) if database else None
    if stored is None:
        there = sorted({*known, *(stored_numbers(database) if database else ())}, key=lambda each: (order(each), each))
        raise VersionUnknown(number, there)
    return stored


def stored_rubric(database: str, number: str, digest: str | None = None) -> RubricVersion | None:
    """Return the version of this number, and of this digest if one is given, from the site's database, or None."""
    newest = sa.select(StoredRubric).where(StoredRubric.number == number).order_by(StoredRubric.created_at.desc())
    if digest is not None:
        newest = newest.where(StoredRubric.digest == digest)
    with _reading(database) as session:
        row = session.scalars(newest.limit(1)).one_or_none() if session else None
        return rubric_of(row) if row else None


def stored_rubrics(database: str) -> list[RubricVersion]:
    """Return the versions that were published on the site, from its database."""
    rows = sa.select(StoredRubric).where(StoredRubric.state.in_(("published", "retired")))
    with _reading(database) as session:
        return [rubric_of(row) for row in session.scalars(rows)] if session else []


def stored_numbers(database: str) -> list[str]:
    """Return the numbers of the versions in the site's database."""
    with _reading(database) as session:
        return list(session.scalars(sa.select(StoredRubric.number).distinct())) if session else []


def stored_catalogue(database: str, digest: str) -> CatalogueVersion | None:
    """Return the catalogue of a digest from the site's database, or None if it does not hold it."""
    with _reading(database) as session:
        row = session.get(StoredCatalogue, digest) if session else None
        return catalogue_of(row) if row else None


@contextmanager
def _reading(database: str) -> Iterator[Session | None]:
    """Give a session on the database, or None if it cannot be asked."""
    with ExitStack() as stack:
        try:
            file = make_url(database).database if database.startswith("sqlite") else None
            if file and not Path(file).exists():
                # Looking must not make an empty file.
                raise sa.exc.ArgumentError(file)
            session = stack.enter_context(Session(sa.create_engine(database, poolclass=sa.NullPool)))
            session.execute(sa.select(StoredCatalogue.digest).limit(1))
        except (sa.exc.SQLAlchemyError, ImportError):
            session = None
        yield session


def _plan(
    file: AnswersFile, folder: Path, database: str | None, day: date
) -> tuple[Plan, RubricVersion, CatalogueVersion, dict[str, Answer], Profile]:
    version = find_version(folder, file.rubric, database)
    answers, profile = read_content(file, version.rubric)
    catalogue = site_catalogue_or_files(folder, database)
    plan = make_plan(version.rubric, answers, version.actions, catalogue.catalogue, profile, day)
    return plan, version, catalogue, answers, profile
