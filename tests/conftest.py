"""Real parts for the tests: a new database for each, on SQLite and on PostgreSQL, and a real browser."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache

from readiness.app import create_app
from readiness.services.database import db
from readiness.services.triggers import drop_triggers
from readiness.settings import Settings
from tests.next_version import first_version_alone
from tests.serving import Served

CI = os.environ.get("CI") == "true"


class Compiled(BytecodeCache):
    """Keeps templates compiled for all applications of a run: compiling took a third of a test."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled, which holds only for the same source."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Compiled()}

#: Files about pages and files of the desk: what they ask of the database, other files ask on both kinds.
SQLITE_IS_ENOUGH = {
    "tests.desk.test_desk_pages",
    "tests.desk.test_news_mails",
    "tests.desk.test_plans_and_news",
    "tests.desk.test_release_meets_site",
    "tests.desk.test_schemes_as_files",
    "tests.guided.test_bad_workbooks",
    "tests.guided.test_calendar",
    "tests.guided.test_caseload",
    "tests.guided.test_checked_results",
    "tests.guided.test_evidence",
    "tests.guided.test_handing_over",
    "tests.guided.test_isolation",
    "tests.guided.test_notes",
    "tests.guided.test_reminders",
    "tests.publishing.test_desk",
    "tests.web.test_staff",
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the second database where it would only take time."""
    left_out = [item for item in items if _needs_no_postgres(item)]
    config.hook.pytest_deselected(items=left_out)
    gone = set(left_out)
    items[:] = [item for item in items if item not in gone]


def _needs_no_postgres(item: pytest.Item) -> bool:
    params = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    module = item.module.__name__ if isinstance(item, pytest.Function) else ""
    return params.get("database") == "postgresql" and module in SQLITE_IS_ENOUGH


def missing(what: str) -> None:
    """Skip a test for want of a system package; with CI=true that is a failure."""
    if CI:
        pytest.fail(f"{what} is missing: make test installs it")
    pytest.skip(f"{what} is missing: see the README")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a PostgreSQL server of our own on a Unix socket and return its address without a database."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        missing("PostgreSQL")
    binaries = programs[-1].parent
    folder = Path("/tmp" if os.geteuid() == 0 else tmp_path_factory.mktemp("postgres")) / f"rd-{uuid4().hex[:8]}"  # noqa: S108
    folder.mkdir(mode=0o700)
    # initdb refuses root.
    become: list[str] = []
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        become = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
    data = folder / "data"
    try:
        subprocess.run(
            [*become, binaries / "initdb", "-D", data, "-U", "readiness", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True,
            capture_output=True,
            cwd="/",
        )
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        start = [*become, binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"]
        subprocess.run(start, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        yield f"postgresql+psycopg://readiness@/{{database}}?host={folder}"
    finally:
        stop = [*become, binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"]
        subprocess.run(stop, check=False, capture_output=True, cwd="/")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def loaded_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file that is migrated and holds the rubric: a test copies it, since loading takes seconds."""
    folder = tmp_path_factory.mktemp("loaded")
    path = folder / "readiness.sqlite"
    create_app(settings_for(f"sqlite:///{path}", folder))
    return path


@pytest.fixture(scope="session")
def loaded_postgres(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the name of a PostgreSQL database that is migrated and holds the rubric."""
    _on_server(postgres, "CREATE DATABASE loaded")
    create_app(settings_for(postgres.format(database="loaded"), tmp_path_factory.mktemp("loaded")))
    return "loaded"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of a new database with the rubric: each test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "readiness.sqlite"
        shutil.copy(request.getfixturevalue("loaded_sqlite"), path)
        yield f"sqlite:///{path}"
    else:
        template = request.getfixturevalue("loaded_postgres")
        with _postgres_database(request.getfixturevalue("postgres"), template) as address:
            yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return the address of a database without tables, of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
    else:
        with _postgres_database(request.getfixturevalue("postgres"), "template1") as address:
            yield address


@contextmanager
def _postgres_database(server: str, template: str) -> Iterator[str]:
    name = f"t{uuid4().hex}"
    _on_server(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.format(database=name)
    _on_server(server, f"DROP DATABASE {name} WITH (FORCE)")


def _on_server(server: str, statement: str) -> None:
    engine = sa.create_engine(server.format(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """Return the settings of a site on the test's database."""
    return settings_for(database, tmp_path)


def settings_for(database: str, folder: Path, **changed: Any) -> Settings:
    """Return settings, with what a test changes."""
    values: dict[str, Any] = {
        "production": False,
        "secret_key": "a key for tests",
        "database": database,
        "public_url": "http://localhost",
        "operator": "",
        "rubric_folder": first_version_alone(),
        "instance_folder": folder / "instance",
    }
    return Settings(**{**values, **changed})


@pytest.fixture
def make_app() -> Iterator[Callable[[Settings], Flask]]:
    """Return how to make applications; their connections are closed at the end."""
    made: list[Flask] = []

    def make(settings: Settings) -> Flask:
        made.append(create_app(settings))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(settings: Settings, make_app: Callable[[Settings], Flask]) -> Flask:
    """Return the application on a new database."""
    return make_app(settings)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a browser without a screen."""
    return app.test_client()


@pytest.fixture
def server(database: str, tmp_path: Path) -> Iterator[str]:
    """Serve the application on a new database and return its address."""
    with serving(database, tmp_path) as address:
        yield address


@contextmanager
def serving(database: str, folder: Path, name: str = "127.0.0.1") -> Iterator[str]:
    """Serve the application as `make run` does, in processes of its own, and give its address."""
    served = Served(database, folder / "instance", name)
    try:
        served.start()
        yield served.url
    finally:
        served.stop()


def unprotect(app: Flask) -> None:
    """Drop the triggers, as whoever may change the schema can: what follows must be found."""
    with app.app_context(), db.engine.begin() as connection:
        drop_triggers(connection)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Return a real Chromium."""
    program = shutil.which("chromium")
    if program is None:
        missing("Chromium")
    from playwright.sync_api import sync_playwright

    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-quic", *quiet]
        )
        yield running
        running.close()


@pytest.fixture
def readiness_program() -> Path:
    """Return the console script of this environment."""
    return Path(sys.executable).with_name("readiness")
