"""Whether the site is well, and what its log says: routes, never addresses, and nothing of what people wrote."""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.models import Chore
from readiness.services import health
from readiness.services.database import db, now, writing
from readiness.settings import Settings
from tests.conftest import settings_for, unprotect
from tests.web.conftest import Owner

NAME = "海港珍寶 Quixotic Noodles"
NOTE = "Ask Zanzibar 陳師傅"
WELL = {"status": "ok", "database": "ok", "schema": "ok", "rubric": "ok", "saving": "ok"}
sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_a_site_that_is_well_says_so(app: Flask) -> None:
    response = app.test_client().get("/health")

    assert (response.status_code, response.get_json()) == (200, WELL)
    assert response.headers["Cache-Control"] == "no-store"


def test_it_really_saves_something_and_not_more_often_than_every_ten_seconds(app: Flask) -> None:
    client = app.test_client()
    client.get("/health")
    with app.app_context(), writing() as session:
        session.get_one(Chore, health.HEALTH).done_at = now() - timedelta(seconds=30)
    statements: list[str] = []
    with app.app_context():

        @sa.event.listens_for(db.engine, "before_cursor_execute")
        def note(_connection, _cursor, statement, *_rest) -> None:  # type: ignore[no-untyped-def]
            statements.append(statement.split()[0])

    asked = [client.get("/health").status_code for _ in range(3)]

    assert asked == [200, 200, 200]
    assert statements.count("UPDATE") == 1
    assert "INSERT" not in statements


@pytest.mark.parametrize(
    ("broken", "part", "state"),
    [
        ("ALTER TABLE chore RENAME TO gone", "saving", "failing"),
        ("ALTER TABLE rubric_version RENAME TO gone", "rubric", "failing"),
        ("DELETE FROM rubric_version", "rubric", "none"),
        ("UPDATE alembic_version SET version_num = '0001'", "schema", "not the present one"),
        ("DROP TABLE alembic_version", "schema", "not the present one"),
    ],
)
def test_what_does_not_work_is_named(app: Flask, broken: str, part: str, state: str) -> None:
    unprotect(app)
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(broken)

    response = app.test_client().get("/health")

    assert (response.status_code, response.get_json()) == (503, {**WELL, "status": "failing", part: state})


def test_a_database_that_is_gone_is_told_of_and_nothing_more(
    settings: Settings, database: str, make_app: Callable[[Settings], Flask], tmp_path: Path
) -> None:
    app = make_app(settings)
    if database.startswith("sqlite"):
        _make_unreadable(tmp_path / "readiness.sqlite")
    else:
        _drop(database)

    response = app.test_client().get("/health")

    gone = {"database": "unreachable", "schema": "unknown", "rubric": "unknown", "saving": "unknown"}
    assert (response.status_code, response.get_json()) == (503, {"status": "failing", **gone})


@sqlite_only
def test_a_database_that_takes_nothing_is_told_of(app: Flask) -> None:
    with app.app_context():

        @sa.event.listens_for(db.engine, "connect")
        def only_read(connection, _record) -> None:  # type: ignore[no-untyped-def]
            connection.execute("PRAGMA query_only = ON")

    response = app.test_client().get("/health")

    assert (response.status_code, response.get_json()) == (503, {**WELL, "status": "failing", "saving": "failing"})


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_two_that_ask_for_the_first_time_at_once_are_both_told_that_it_is_well(app: Flask) -> None:
    with app.app_context():
        elsewhere = sa.create_engine(db.engine.url)

        @sa.event.listens_for(db.engine, "before_cursor_execute")
        def be_quicker(_connection, _cursor, statement, parameters, *_rest) -> None:  # type: ignore[no-untyped-def]
            if statement.startswith("INSERT INTO chore"):
                with elsewhere.begin() as other:
                    other.exec_driver_sql(statement, parameters)

    response = app.test_client().get("/health")

    elsewhere.dispose()
    assert (response.status_code, response.get_json()) == (200, WELL)


def test_it_tells_no_secret(settings_with: Callable[..., Settings], make_app: Callable[[Settings], Flask]) -> None:
    secrets = {"secret_key": "the key itself", "mail": "smtp://name:the-password@mail.example", "mail_from": "a@b.hk"}
    settings = settings_with(**secrets)

    text = make_app(settings).test_client().get("/health").get_data(as_text=True)

    for word in ("key", "password", "mail.example", "sqlite", str(settings.instance_folder)):
        assert word not in text


# The log.


def test_a_request_is_logged_by_its_route(visitor: Owner, caplog: pytest.LogCaptureFixture) -> None:
    visitor.start()
    caplog.clear()
    caplog.set_level(logging.INFO)

    visitor.answer("ai_talent", 3)
    visitor.client.get("/nothing/at/all")
    visitor.client.get("/static/readiness.css").close()

    lines = [record.getMessage() for record in caplog.records if record.name == "readiness.requests"]
    assert [re.sub(r"\d+ ms", "n ms", line) for line in lines] == [
        "GET owner.question 200 n ms",
        "POST owner.question_submit 302 n ms",
        "GET None 404 n ms",
    ]


def test_nothing_that_a_person_wrote_and_no_link_reaches_the_log(
    visitor: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    visitor.start(name=NAME, sector="food_beverage")
    visitor.answer("ai_talent", 3, note=NOTE)
    visitor.answer_all().submit()
    token = visitor.give("read", "for Wolfgang")
    visitor.get("/links")
    visitor.post(f"/assessments/{visitor.token}/links/mail", address="nobody")
    for page in ("/export.json", "/plan-en.pdf", "/nothing", "/results/7"):
        visitor.get(page)
    visitor.client.get(f"/assessments/{token}/check")
    visitor.get("/delete")
    visitor.post(f"/assessments/{visitor.token}/delete")

    assert caplog.records
    _tells_nothing(caplog, visitor.token, token)


@pytest.mark.parametrize(
    ("table", "rule"),
    [
        ("assessment", "revision < 0"),
        ("answer", "version < 0"),
        ("answer_change", "version < 0"),
        ("link", "created_at IS NULL"),
    ],
)
def test_a_statement_that_fails_is_logged_without_what_was_to_be_saved(
    database: str,
    settings: Settings,
    make_app: Callable[[Settings], Flask],
    caplog: pytest.LogCaptureFixture,
    table: str,
    rule: str,
) -> None:
    app = make_app(settings)
    owner = Owner(app.test_client()).start(name=NAME)
    owner.get("/links")
    links = owner.page
    owner.get("/company")
    company = owner.page
    _refuse(app, table, rule)

    owner.page = company
    answers = [owner.post(f"/assessments/{owner.token}/company", name=f"{NAME} again", version="1")]
    answers.append(owner.answer("ai_talent", 3, note=NOTE))
    owner.page = links
    answers.append(owner.post(f"/assessments/{owner.token}/links", access="edit", label="for Wolfgang"))

    assert 503 in [answer.status_code for answer in answers]
    assert re.search(r"POST owner\.\w+ failed", caplog.text)
    assert table in caplog.text
    assert "readiness/web/owner/" in caplog.text
    _tells_nothing(caplog, owner.token)


@sqlite_only
def test_a_database_that_is_gone_is_logged_without_its_password(
    tmp_path: Path, make_app: Callable[[Settings], Flask], database: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(settings_for(database, tmp_path))
    owner = Owner(app.test_client()).start(name=NAME)
    owner.get("/questions/ai_talent")
    page = owner.page
    with app.app_context():
        db.engine.dispose()
    _make_unreadable(tmp_path / "readiness.sqlite")
    owner.page = page

    response = owner.post(f"/assessments/{owner.token}/questions/ai_talent", answer="3", note=NOTE, version="0")

    assert response.status_code == 503
    assert "Our storage does not answer just now" in response.get_data(as_text=True)
    _tells_nothing(caplog, owner.token)


def _tells_nothing(caplog: pytest.LogCaptureFixture, *tokens: str) -> None:
    for word in ("Quixotic", "海港珍寶", "Zanzibar", "陳師傅", "Wolfgang", "/assessments/", *tokens):
        for form in (word, word.encode("unicode_escape").decode()):
            assert form not in caplog.text, word


def _refuse(app: Flask, table: str, rule: str) -> None:
    """Let the database refuse every new row of a table, and every change, as a broken rule does."""
    with app.app_context():
        db.session.close()
        with db.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT refused CHECK ({rule}) NOT VALID")
                return
            new = re.sub(r"(\w+) (<|IS)", r"NEW.\1 \2", rule)
            for event in ("INSERT", "UPDATE"):
                connection.exec_driver_sql(
                    f"CREATE TRIGGER refused_{event} BEFORE {event} ON {table} WHEN NOT ({new}) "
                    f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {table}'); END"
                )


def _make_unreadable(path: Path) -> None:
    """Put a folder where SQLite's file was."""
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()


def _drop(database: str) -> None:
    url = sa.make_url(database)
    server = sa.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {url.database} RENAME TO {url.database}_gone")
        connection.exec_driver_sql(f"DROP DATABASE {url.database}_gone WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {url.database} ALLOW_CONNECTIONS false")
    server.dispose()
