"""The database that release 0.1 left, on SQLite and on PostgreSQL; ``make_release_0_1.py`` says how it came about.

It is loaded and upgraded once for each kind. Tests that only read share one site; those that write have a copy.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from ruamel.yaml import YAML

from readiness.app import create_app
from readiness.services.database import db, without_pages
from readiness.services.migrating import migrations
from readiness.settings import ROOT, Settings
from readiness.web.limits import limiter
from tests.conftest import settings_for

HERE = Path(__file__).parent
RELEASE = json.loads((HERE / "release_0_1.json").read_text("utf-8"))

#: What an assessment said on the last day of the release.
Case = dict[str, Any]
CASES: dict[str, Case] = RELEASE["assessments"]

#: Makes a database and returns its address: empty, or a copy of one that nobody is connected to.
NewDatabase = Callable[..., str]

#: Marks a text of the rubric that was edited after the release.
EDITED = "※"


@dataclass(frozen=True)
class Family:
    """The revisions of one company, in the order in which they are numbered from one."""

    revisions: tuple[Case, ...]

    @property
    def tokens(self) -> list[str]:
        """Its links: each of them opens all of it."""
        return [token for case in self.revisions for token in case["tokens"]]

    @property
    def newest(self) -> Case:
        """The revision that its links open: the draft, if there is one."""
        return self.revisions[-1]

    @property
    def results(self) -> dict[int, Case]:
        """The submitted revisions by their numbers."""
        return {number: case for number, case in enumerate(self.revisions, 1) if case["submitted"]}

    @property
    def draft(self) -> Case | None:
        """The revision that is not submitted."""
        return None if self.newest["submitted"] else self.newest

    @property
    def newest_result(self) -> int:
        """The number of the result that the plain address shows; 0 if nothing was submitted."""
        return max(self.results, default=0)


def families_of(cases: Iterable[Case]) -> list[Family]:
    """Return the families that the upgrade must make of assessments, which are given in the order of their beginning.

    A family has one draft, the one begun last, after all its results; a draft begun before is a family of its own.
    """
    by_assessment = {case["assessment"]: case for case in cases}
    gathered: dict[str, list[Case]] = {}
    for case in by_assessment.values():
        first = case
        while first["revises"]:
            first = by_assessment[first["revises"]]
        gathered.setdefault(first["assessment"], []).append(case)
    families = []
    for members in gathered.values():
        drafts = [case for case in members if not case["submitted"]]
        results = [case for case in members if case["submitted"]]
        families += [Family((*results, *drafts[-1:])), *(Family((draft,)) for draft in drafts[:-1])]
    return families


FAMILIES = families_of(CASES.values())


@pytest.fixture(scope="session")
def release() -> Iterator[sa.Engine]:
    """Return what was left, in memory, to compare with."""
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.executescript(_dump())
    yield engine
    engine.dispose()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewDatabase]:
    """Return how to make databases of one kind: each test that asks for one runs on both kinds."""
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("databases")

        def new_file(copy_of: str | None = None) -> str:
            path = folder / f"{uuid4().hex}.sqlite"
            if copy_of:
                shutil.copy(str(sa.make_url(copy_of).database), path)
            return f"sqlite:///{path}"

        yield new_file
        return
    address: str = request.getfixturevalue("postgres")
    server = sa.create_engine(address.format(database="postgres"), isolation_level="AUTOCOMMIT")

    def new_on_server(copy_of: str | None = None) -> str:
        name = f"t{uuid4().hex}"
        template = sa.make_url(copy_of).database if copy_of else "template1"
        with server.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return address.format(database=name)

    yield new_on_server
    server.dispose()


@pytest.fixture(scope="session")
def left(new_database: NewDatabase, release: sa.Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a database as it was left; it is only copied."""
    address = new_database()
    if address.startswith("sqlite"):
        with closing(sqlite3.connect(str(sa.make_url(address).database))) as connection:
            connection.executescript(_dump())
        return address
    app = without_pages(settings_for(address, tmp_path_factory.mktemp("left")))
    with app.app_context():
        migrations().upgrade(RELEASE["revision"])
        with db.engine.begin() as connection:
            _copy(release, connection)
        db.engine.dispose()
    return address


@pytest.fixture(scope="session")
def upgraded(left: str, new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of the same after this release was started on it; it is only copied."""
    address = new_database(copy_of=left)
    create_app(settings_for(address, tmp_path_factory.mktemp("upgraded")))
    return address


@pytest.fixture(scope="session")
def settings(upgraded: str, new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return the settings of the upgraded site that all tests read."""
    return settings_for(new_database(copy_of=upgraded), tmp_path_factory.mktemp("read"))


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Return where the templates are kept compiled: doing it anew for each site takes longer than most tests."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session")
def app(settings: Settings, compiled_templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    """Return the upgraded site that all tests read."""
    app = create_app(settings)
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def make_app(
    make_app: Callable[[Settings], Flask], compiled_templates: FileSystemBytecodeCache
) -> Callable[[Settings], Flask]:
    """Return how to make further sites; their connections are closed at the end."""

    def make(settings: Settings) -> Flask:
        app = make_app(settings)
        app.jinja_env.bytecode_cache = compiled_templates
        return app

    return make


@pytest.fixture
def own_settings(upgraded: str, new_database: NewDatabase, tmp_path: Path) -> Settings:
    """Return the settings of an upgraded site of a test's own, on which it may write."""
    return settings_for(new_database(copy_of=upgraded), tmp_path)


@pytest.fixture
def own_app(own_settings: Settings, make_app: Callable[[Settings], Flask]) -> Flask:
    """Return an upgraded site of a test's own."""
    return make_app(own_settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a browser on the site that all tests read, with nothing counted against its links."""
    limiter.reset()
    return app.test_client()


@pytest.fixture
def own_client(own_app: Flask) -> FlaskClient:
    """Return a browser on an upgraded site of a test's own."""
    limiter.reset()
    return own_app.test_client()


@pytest.fixture(scope="session")
def edited_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a rubric folder whose candidate and whose catalogue were edited since the release."""
    folder = tmp_path_factory.mktemp("edited") / "rubric"
    # Later versions are left out: of several candidates the newest would be the one in use.
    shutil.copytree(ROOT / "rubric", folder, ignore=shutil.ignore_patterns("PUBLISHED.sha256", "2026.2"))

    def say_it_otherwise(rubric: Any) -> None:
        for question in rubric["questions"]:
            for level in question.get("levels", {}).values():
                level["text"] += EDITED

    _edit(folder / "versions" / "2026.1" / "rubric.yaml", say_it_otherwise)
    _edit(folder / "schemes" / "nittp.yaml", lambda scheme: scheme.update(short_name="RTTP"))
    return folder


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
