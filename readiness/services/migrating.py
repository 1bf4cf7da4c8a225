"""Bringing the database to the present schema, with its data."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask import Flask, current_app

from readiness.models import Model
from readiness.services.database import db, migrating
from readiness.settings import ROOT

if TYPE_CHECKING:
    from flask_alembic import Alembic

FOLDER = ROOT / "migrations"


class ForeignKeysBroken(RuntimeError):
    """A migration left rows that refer to nothing."""


def migrate() -> None:
    """Bring the database to the present schema; one that has it is left alone.

    SQLite changes a table by making it anew; dropping the old one would delete what refers to it, so foreign keys
    are off meanwhile and checked afterwards.

    :raises ForeignKeysBroken: if rows then refer to nothing.
    """
    if revision() == newest_revision():
        return
    db.engine.dispose()
    token = migrating.set(True)
    try:
        migrations().upgrade()
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise ForeignKeysBroken(", ".join(sorted({str(row[0]) for row in broken})))
    finally:
        migrating.reset(token)
        db.session.close()
        db.engine.dispose()


def revision() -> str | None:
    """Return the revision of the database's schema, or None for one without tables."""
    with db.engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return found


def newest_revision() -> str:
    """Return the revision of the newest migration, whose file bears it."""
    return max(path.name.partition("_")[0] for path in FOLDER.glob("[0-9]*.py"))


def migrations() -> Alembic:
    """Return the application's migrations. Alembic is loaded here: a tenth of a second that most starts can spare."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # known by itself, not by its proxy
    known: Alembic | None = app.extensions.get("readiness_migrations")
    if known is None:
        from flask_alembic import Alembic

        app.config["ALEMBIC"] = {"script_location": str(FOLDER)}
        known = Alembic(metadatas=Model.metadata, run_mkdir=False)
        logging.getLogger("alembic").setLevel(logging.WARNING)
        known.init_app(app)
        app.extensions["readiness_migrations"] = known
    return known
