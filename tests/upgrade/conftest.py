"""The database that release 0.1 left, on SQLite and on PostgreSQL; ``make_release_0_1.py`` says how it came about."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from ruamel.yaml import YAML

from readiness.app import create_app
from readiness.services.database import db, migrations
from readiness.settings import ROOT, Settings
from tests.conftest import settings_for

HERE = Path(__file__).parent
RELEASE = json.loads((HERE / "release_0_1.json").read_text("utf-8"))
#: What each assessment said on the last day of the release.
CASES: dict[str, dict[str, Any]] = RELEASE["assessments"]

#: Marks a text of the rubric that was edited after the release.
EDITED = "※"


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """Return the settings of a site on the database that release 0.1 left; ``app`` upgrades it."""
    settings = settings_for(database, tmp_path)
    if database.startswith("sqlite"):
        with closing(sqlite3.connect(str(sa.make_url(database).database))) as connection:
            connection.executescript(_dump())
        return settings
    app = create_app(settings, load=False)
    with app.app_context():
        migrations.upgrade(RELEASE["revision"])
        with left_database() as left, db.engine.begin() as connection:
            _copy(left, connection)
        db.engine.dispose()
    return settings


@pytest.fixture
def edited_settings(settings: Settings, tmp_path: Path) -> Settings:
    """Return the same with a rubric folder whose candidate and whose catalogue were edited since the release."""
    folder = tmp_path / "rubric"
    shutil.copytree(ROOT / "rubric", folder)
    (folder / "PUBLISHED.sha256").unlink(missing_ok=True)

    def say_it_otherwise(rubric: Any) -> None:
        for question in rubric["questions"]:
            for level in question.get("levels", {}).values():
                level["text"] += EDITED

    _edit(folder / "versions" / "2026.1" / "rubric.yaml", say_it_otherwise)
    _edit(folder / "schemes" / "nittp.yaml", lambda scheme: scheme.update(short_name="RTTP"))
    return settings_for(settings.database, tmp_path, rubric_folder=folder)


@contextmanager
def left_database() -> Iterator[sa.Engine]:
    """Give the database as it was left: on SQLite, in memory."""
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    try:
        with engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.executescript(_dump())
        yield engine
    finally:
        engine.dispose()


def tables_of(engine: sa.Engine | sa.Connection) -> dict[str, sa.Table]:
    """Return the tables that are there, each after those it refers to, with types that both databases read."""
    metadata = sa.MetaData()

    @sa.event.listens_for(metadata, "column_reflect")
    def generic(_inspector: object, _table: object, column: dict[str, Any]) -> None:
        column["type"] = column["type"].as_generic()

    metadata.reflect(engine)
    return {table.name: table for table in metadata.sorted_tables if table.name != "alembic_version"}


def rows(engine: sa.Engine, table: sa.Table, columns: list[str]) -> list[tuple[Any, ...]]:
    """Return every row as values that are the same from both databases."""
    with engine.connect() as connection:
        found = connection.execute(sa.select(*(table.c[name] for name in columns)))
        return [tuple(_same_everywhere(value) for value in row) for row in found]


def count(engine: sa.Engine, table: sa.Table) -> int:
    """Return how many rows a table has."""
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def _copy(left: sa.Engine, connection: sa.Connection) -> None:
    """Insert every row that was left, in the order in which it was written, and set the counters after them."""
    # SQLite keeps no zone: its moments are in UTC.
    connection.exec_driver_sql("SET TIME ZONE 'UTC'")
    tables = tables_of(connection)
    assert set(tables) == set(tables_of(left))
    for table in tables.values():
        with left.connect() as source:
            # The types of the table to fill say how what SQLite holds is read.
            found = source.execute(sa.select(table).order_by(sa.text("rowid"))).mappings().all()
        connection.execute(table.insert(), [dict(row) for row in found])
        for column in table.primary_key:
            if isinstance(column.type, sa.Integer):
                counter = sa.func.pg_get_serial_sequence(table.name, column.name)
                connection.execute(sa.select(sa.func.setval(counter, max(row[column.name] for row in found))))


def _same_everywhere(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return value


@cache
def _dump() -> str:
    return gzip.decompress((HERE / "release_0_1.sql.gz").read_bytes()).decode()


def _edit(path: Path, change: Callable[[Any], None]) -> None:
    content = YAML(typ="safe").load(path.read_text("utf-8"))
    change(content)
    # Every JSON text is YAML too.
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
