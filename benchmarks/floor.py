"""The floor: the least that a page with one form can cost on these libraries with this durability.

Flask, one Flask-WTF form of five radios with its CSRF token, one small template, and one row inserted by SQLAlchemy.
It does nothing else: no language, no headers, no link to look up, no earlier answer to read.
"""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask, redirect, render_template
from flask_wtf import FlaskForm
from jinja2 import DictLoader
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from werkzeug.wrappers import Response
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import InputRequired

#: The environment variable that holds the address of the database.
DATABASE = "FLOOR_DATABASE"
PATH = "/form"

PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{{ form.answer.label.text }}</title></head>
<body>
<form method="post">
  {{ form.csrf_token }}
  <fieldset>
    <legend>{{ form.answer.label.text }}</legend>
    {% for choice in form.answer %}<p>{{ choice }} {{ choice.label }}</p>{% endfor %}
    {% for error in form.answer.errors %}<p>{{ error }}</p>{% endfor %}
  </fieldset>
  <button type="submit">Save</button>
</form>
</body>
</html>
"""


class Model(DeclarativeBase):
    """The base of the one table."""


class Saved(Model):
    """One answer."""

    __tablename__ = "saved"

    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)
    value: Mapped[str] = mapped_column(sa.String(8))
    saved_at: Mapped[datetime]


class AnswerForm(FlaskForm):  # type: ignore[misc]  # the library carries no types
    """Five radios."""

    answer = RadioField(
        "How far is the company?",
        choices=[SelectChoice(str(level), f"Level {level}") for level in range(1, 6)],
        validators=[InputRequired()],
    )


def create_floor(database: str) -> Flask:
    """Return the floor on a database of its own, whose table is made."""
    engine = sa.create_engine(database)
    _prepare_sqlite(engine)
    Model.metadata.create_all(engine)
    # Servers fork after this: no connection may be shared.
    engine.dispose()

    app = Flask("floor")
    app.config.update(SECRET_KEY=secrets.token_hex(32), SESSION_COOKIE_NAME="floor")
    app.jinja_loader = DictLoader({"form.html": PAGE})

    @app.get(PATH)
    def page() -> str:
        return render_template("form.html", form=AnswerForm())

    @app.post(PATH)
    def save() -> Response | tuple[str, int]:
        form = AnswerForm()
        if not form.validate_on_submit():
            return render_template("form.html", form=form), 422
        with Session(engine) as writing:
            writing.add(Saved(value=form.answer.data, saved_at=datetime.now(UTC).replace(tzinfo=None)))
            writing.commit()
        return redirect(PATH)

    return app


def served() -> Flask:
    """Return the floor for a server: ``gunicorn "benchmarks.floor:served()"``."""
    return create_floor(os.environ[DATABASE])


def _prepare_sqlite(engine: sa.Engine) -> None:
    """Make SQLite as durable and strict as the site's."""
    if engine.dialect.name != "sqlite":
        return

    @sa.event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "foreign_keys = ON",
            "busy_timeout = 10000",
            "secure_delete = ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
