"""The database session, and the one way to write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from inspect import iscoroutinefunction
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy.orm import Session

from readiness.settings import ROOT, Settings

# What was written is known afterwards without asking again; a transaction that writes begins by forgetting everything.
# A message about a statement that failed names no values: they may be a company's.
db = SQLAlchemy(engine_options={"hide_parameters": True}, session_options={"expire_on_commit": False})

#: Milliseconds that SQLite waits for others: to write, and until nobody reads when its log is emptied.
PATIENCE = 10_000
PATIENCE_FOR_READERS = 2_000

_writing: ContextVar[bool] = ContextVar("writing", default=False)
migrating: ContextVar[bool] = ContextVar("migrating", default=False)


def connect(app: Flask, settings: Settings) -> None:
    """Give an application its database, and say where the release's own rubric is."""
    app.config.update(
        RUBRIC_FOLDER=settings.rubric_folder,
        SQLALCHEMY_ENGINES={"default": settings.database},
        RETENTION_MONTHS=settings.retention_months,
        LINK_CHECK=settings.link_check,
    )
    settings.instance_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    db.init_app(app)
    # Its clean-up of asynchronous sessions would start a thread after every request; there are none here.
    app.teardown_appcontext_funcs = [each for each in app.teardown_appcontext_funcs if not iscoroutinefunction(each)]
    with app.app_context():
        prepare_sqlite(db.engine)


def without_pages(settings: Settings) -> Flask:
    """Return an application that has the site's database and nothing else, for the command line."""
    app = Flask("readiness", root_path=str(ROOT / "readiness"))
    connect(app, settings)
    return app


@contextmanager
def reading() -> Iterator[sa.Connection]:
    """Give a connection for one statement that reads.

    On PostgreSQL there is no transaction around it, which would ask the server twice more for each page.
    """
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="AUTOCOMMIT")
        yield connection


@contextmanager
def writing() -> Iterator[Session]:
    """Run a transaction that writes: committed at the end, rolled back on any error.

    On SQLite it takes the write lock at once, so that what it reads cannot change before it writes.
    """
    session = db.session
    session.rollback()
    token = _writing.set(True)
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        _writing.reset(token)


@contextmanager
def writing_rows() -> Iterator[sa.Connection]:
    """Run a transaction that writes by statements alone, without the session's objects; else as :func:`writing`."""
    token = _writing.set(True)
    try:
        with db.engine.begin() as connection:
            yield connection
    finally:
        _writing.reset(token)


def now() -> datetime:
    """Return the present moment in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def prepare_sqlite(engine: sa.Engine) -> None:
    """Make SQLite durable and strict: what is called saved is on the disk."""
    if engine.dialect.name != "sqlite":
        return

    @sa.event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            f"foreign_keys = {'OFF' if migrating.get() else 'ON'}",
            f"busy_timeout = {PATIENCE}",
            "secure_delete = ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def empty_write_ahead_log(engine: sa.Engine) -> bool:
    """Write SQLite's log back into its file and empty it, so that what was deleted is in neither.

    :return: False if others were reading for so long that the log could not be emptied; the next one does it.
    """
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        # It keeps others from writing while it waits for those who read.
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE_FOR_READERS}")
        busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE}")
        cursor.close()
    except engine.dialect.loaded_dbapi.Error:
        # What was deleted is deleted; a full disk, say, keeps the log.
        connection.invalidate()
        return False
    finally:
        connection.close()
    return not busy
