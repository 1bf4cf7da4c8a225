"""An operator's first questions, answered by trying: fonts, printing, database, mail, clock, secrets."""

from __future__ import annotations

import os
import platform
import shutil
import smtplib
import ssl
import stat
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib.metadata import version
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from flask import Flask

from readiness.library.yaml_files import FileProblems
from readiness.models import Chore
from readiness.services import audit, health, integrity
from readiness.services.database import db, now, without_pages
from readiness.services.health import Health
from readiness.services.integrity import Flaw
from readiness.services.upkeep import DAILY
from readiness.services.versions import DigestDiffers, published_digests, shipped_versions, unshipped
from readiness.services.vouching import LIST
from readiness.settings import Settings

#: Families that pages and documents are set in, with the Debian package that holds each.
FONTS = {
    "Noto Sans CJK HK": "fonts-noto-cjk",
    "Noto Sans CJK SC": "fonts-noto-cjk",
    "Open Sans": "fonts-open-sans",
}
FILES = "restore the files of the release"
SHORTEST_KEY = 32
#: Bytes that should be free where the SQLite file is.
ROOM = 500 * 1024 * 1024
PATIENCE = 8


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check, with what to do about it."""

    verdict: Verdict
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.verdict:5}{self.what}" + (f": {self.remedy}" if self.remedy else "")


def examine(settings: Settings) -> Iterator[Finding]:
    """Check everything that the site needs, one finding after the other; nothing is changed but a trial row."""
    yield Finding(Verdict.OK, f"Python {platform.python_version()}, Flask {version('flask')}")
    yield from _fonts()
    yield _printing()
    yield from _secrets(settings)
    yield from _rubric(settings)
    yield from _clock()
    app = without_pages(settings)
    with app.app_context():
        try:
            yield from _database(app, settings)
        finally:
            db.session.close()
            db.engine.dispose()
    yield _mail(settings)


def _fonts() -> Iterator[Finding]:
    program = shutil.which("fc-list")
    if program is None:
        yield Finding(Verdict.FAIL, "fontconfig is missing", "apt-get install fontconfig")
        return
    listed = subprocess.run([program, ":", "family"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    for family, package in FONTS.items():
        if family in listed:
            yield Finding(Verdict.OK, f"font {family}")
        else:
            yield Finding(Verdict.FAIL, f"font {family} is missing", f"apt-get install {package}")


def _printing() -> Finding:
    """Print a line in three scripts: Pango, HarfBuzz and the fonts at work together."""
    try:
        from readiness.documents.printing import print_html

        printed = print_html('<html lang="en"><meta charset="utf-8"><p>AI <span lang="zh-Hant">準備度</span>')
    except OSError as error:
        return Finding(Verdict.FAIL, f"printing: {error}", "apt-get install libpango-1.0-0 libpangoft2-1.0-0")
    if not printed or not printed.startswith(b"%PDF"):
        return Finding(Verdict.FAIL, "printing gives no PDF", "look at the log")
    return Finding(Verdict.OK, f"printing: WeasyPrint {version('weasyprint')}, {len(printed) // 1024} KB")


def _secrets(settings: Settings) -> Iterator[Finding]:
    if len(settings.secret_key) < SHORTEST_KEY:
        verdict = Verdict.FAIL if settings.production else Verdict.WARN
        yield Finding(verdict, "the secret key is short", f"set READINESS_SECRET_KEY to {SHORTEST_KEY} letters or more")
    else:
        yield Finding(Verdict.OK, "secret key")
    key = settings.instance_folder / "secret_key"
    if key.exists() and stat.S_IMODE(key.stat().st_mode) & 0o077:
        yield Finding(Verdict.FAIL, "the key file can be read by others", f"chmod 600 on {key.name}")
    if settings.production and not settings.https:
        yield Finding(Verdict.WARN, "the public address is not https", "cookies and links travel in the open")
    if settings.production and not settings.operator:
        yield Finding(Verdict.WARN, "no operator is named", "set READINESS_OPERATOR for the privacy page")
    if settings.production and not settings.contact:
        yield Finding(Verdict.WARN, "no contact is named", "set READINESS_CONTACT for the privacy page")


def _rubric(settings: Settings) -> Iterator[Finding]:
    try:
        published = published_digests(settings.rubric_folder)
        for each in shipped_versions(settings.rubric_folder):
            state = "published" if each.id in published else "a candidate"
            yield Finding(Verdict.OK, f"rubric {each.id} is {state}, {each.digest[:19]}")
        for number in unshipped(settings.rubric_folder, published):
            yield Finding(Verdict.FAIL, f"rubric {number}: {LIST} has it, but its folder is gone", FILES)
    except (FileProblems, DigestDiffers, OSError) as error:
        yield Finding(Verdict.FAIL, f"rubric: {error}", FILES)


def _clock() -> Iterator[Finding]:
    try:
        here = datetime.now(ZoneInfo("Asia/Hong_Kong"))
    except ZoneInfoNotFoundError:
        yield Finding(Verdict.FAIL, "the time zone of Hong Kong is not known", "apt-get install tzdata")
        return
    yield Finding(Verdict.OK, f"clock: {here:%Y-%m-%d %H:%M} in Hong Kong; compare it with a watch")


def _database(app: Flask, settings: Settings) -> Iterator[Finding]:
    kind = db.engine.dialect.name
    found = health.look()
    published = _published(settings)
    flaws = _flaws(published) if found.database == found.schema == "ok" else []
    yield from _parts(found, kind, doubted=published is None or bool(flaws))
    if found.database != "ok":
        return
    yield from _drift()
    if found.schema == "ok":
        for flaw in flaws:
            yield Finding(Verdict.FAIL, f"{kind}: {flaw}", flaw.remedy)
        if not flaws:
            yield Finding(Verdict.OK, f"{kind}: published versions are protected and unchanged")
        yield _audit()
    if kind == "sqlite":
        yield from _sqlite(settings)
    if found.schema == found.saving == "ok":
        last = db.session.get(Chore, DAILY)
        if last is None or last.done_at < now() - timedelta(days=2):
            yield Finding(Verdict.WARN, "the daily work was not done for two days", "run readiness tick")
        else:
            yield Finding(Verdict.OK, "daily work done")


def _parts(found: Health, kind: str, *, doubted: bool) -> Iterator[Finding]:
    """Say of each part of the site's health what to do about it.

    :param doubted: whether the versions have findings of their own, beside which nothing is said of them in general.
    """
    for part, state in found.record().items():
        if part == "rubric" and doubted and state != "failing":
            continue
        if state == "ok" or (part == "rubric" and state == "no catalogue"):
            # Which catalogue is in force is known to a server that has started.
            yield Finding(Verdict.OK, f"{kind}: {part}")
            continue
        remedy = {
            "database": "see READINESS_DATABASE, and that the server runs",
            "schema": "start the site once: it migrates at start; make a backup first",
            "rubric": "start the site once: it loads the shipped versions",
            "saving": "see that the disk has room and the file can be written",
        }[part]
        yield Finding(Verdict.FAIL, f"{kind}: {part}: {state}", remedy)


def _flaws(published: Mapping[str, str] | None) -> list[Flaw]:
    """Return in what published versions are not protected, or not what they were."""
    try:
        return [*integrity.unprotected(db.session, published), *integrity.edited(db.session)]
    except sa.exc.DBAPIError:
        # A table is not there: the health of that part says so.
        db.session.rollback()
        return [Flaw("published versions cannot be read")]


def _published(settings: Settings) -> dict[str, str] | None:
    """Return the release's list, or None if the folder is not as it was released: it says nothing about the rest."""
    try:
        shipped_versions(settings.rubric_folder)
        return published_digests(settings.rubric_folder)
    except (FileProblems, DigestDiffers, OSError):
        return None


def _audit() -> Finding:
    checked = audit.verify()
    if not checked.holds:
        what = f"audit log: entry {checked.broken_at} does not follow from the one before"
        return Finding(Verdict.FAIL, what, "it was changed: compare with a backup and with the server's log")
    head = f", the newest is {checked.head[:16]}: note it elsewhere" if checked.entries else ""
    return Finding(Verdict.OK, f"audit log holds: {checked.entries} entries{head}")


def _drift() -> Iterator[Finding]:
    """Compare the database's clock with ours."""
    if db.engine.dialect.name == "sqlite":
        return
    theirs: datetime = db.session.scalar(sa.select(sa.func.now())) or datetime.now(UTC)
    apart = abs((datetime.now(UTC) - theirs).total_seconds())
    if apart > 5:
        yield Finding(Verdict.FAIL, f"the database's clock is {apart:.0f} seconds away from ours", "set both by NTP")


def _sqlite(settings: Settings) -> Iterator[Finding]:
    expected = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1"}
    for pragma, value in expected.items():
        state = str(db.session.execute(sa.text(f"PRAGMA {pragma}")).scalar())
        if state != value:
            yield Finding(Verdict.FAIL, f"sqlite: {pragma} is {state}, not {value}", "is the file on a network disk?")
    name = db.engine.url.database
    if name and os.path.isfile(name):
        folder = os.path.dirname(os.path.abspath(name))
        if os.stat(name).st_mode & os.stat(folder).st_mode << 2 & stat.S_IROTH:
            yield Finding(Verdict.WARN, "everyone on this machine can read the database file", "chmod o= on its folder")
        free = shutil.disk_usage(folder).free
        if free < ROOM:
            yield Finding(Verdict.WARN, f"{free // 1024 // 1024} MB are free on the database's disk", "make room")


def _mail(settings: Settings) -> Finding:
    server = settings.mail_server
    if server is None:
        if settings.production:
            return Finding(Verdict.WARN, "no mail server is set", "READINESS_MAIL; until then pages offer no mails")
        return Finding(Verdict.OK, "mail: printed, since this is development")
    host, port = server.hostname or "", settings.mail_port
    try:
        kind = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
        with kind(host, port, timeout=PATIENCE) as connection:
            if server.scheme == "smtp":
                connection.starttls(context=ssl.create_default_context())
            if server.username:
                connection.login(unquote(server.username), unquote(server.password or ""))
            connection.noop()
    except OSError as error:
        return Finding(Verdict.FAIL, f"mail: {host}:{port}: {type(error).__name__}", "see READINESS_MAIL")
    return Finding(Verdict.OK, f"mail: {host}:{port} answers; no mail was sent")
