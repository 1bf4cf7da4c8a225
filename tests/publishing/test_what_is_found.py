"""What cannot be prevented, dropping a trigger or editing the file, is found: at a start, and by the doctor."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.app import create_app
from readiness.library.canonical import canonical, digest_of
from readiness.library.rubrics import RubricVersion
from readiness.models import StoredRubric
from readiness.services import publishing
from readiness.services.accounts import Actor
from readiness.services.database import db
from readiness.services.doctor import Verdict, examine
from readiness.services.triggers import COLUMNS, broken_triggers, create_triggers
from readiness.services.versions import DigestDiffers, current_rubric, rubric_of, rubric_with
from readiness.settings import ROOT, Settings
from tests.conftest import settings_for, unprotect
from tests.next_version import add_version
from tests.publishing.conftest import Site
from tests.web.conftest import Owner

TABLES = ("rubric_version", "catalogue_version", "rubric_step", "rubric_draft_change")


def test_after_every_migration_all_triggers_are_there(site: Site) -> None:
    with site.engine.connect() as connection:
        assert broken_triggers(connection) == []


def test_the_triggers_know_every_column_of_a_version() -> None:
    assert set(COLUMNS) == set(StoredRubric.__table__.columns.keys())


def test_each_trigger_that_is_dropped_is_missed(site: Site) -> None:
    for table, name in _triggers(site):
        with site.engine.begin() as connection:
            on = "" if site.engine.dialect.name == "sqlite" else f" ON {table}"
            connection.exec_driver_sql(f"DROP TRIGGER {name}{on}")

            assert broken_triggers(connection) == [f"{table}: the trigger {name} is missing"]
            create_triggers(connection)
            assert broken_triggers(connection) == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("ALTER TABLE {table} DISABLE TRIGGER {name}", "is switched off"),
        ("ALTER TABLE {table} ENABLE TRIGGER {name}", "is switched off"),
        ("ALTER TABLE {table} ENABLE REPLICA TRIGGER {name}", "is switched off"),
        (
            "CREATE OR REPLACE FUNCTION keep_log() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
            "CREATE OR REPLACE FUNCTION keep_versions() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "is not ours",
        ),
        (
            "CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
            "CREATE TRIGGER aaa BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION other()",
            "there is a trigger aaa that is not ours",
        ),
    ],
)
def test_a_trigger_of_postgresql_that_was_changed_is_told_of(site: Site, change: str, word: str) -> None:
    for table, name in _triggers(site):
        with site.engine.connect() as connection, connection.begin() as transaction:
            connection.exec_driver_sql(change.format(table=table, name=name))

            assert any(line.startswith(table) and word in line for line in broken_triggers(connection)), name
            transaction.rollback()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_trigger_of_sqlite_that_was_weakened_is_told_of(site: Site) -> None:
    with site.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER rubric_version_delete")
        connection.exec_driver_sql(
            "CREATE TRIGGER rubric_version_delete BEFORE DELETE ON rubric_version WHEN 0 BEGIN SELECT 1; END"
        )

        assert broken_triggers(connection) == ["rubric_version: the trigger rubric_version_delete is not ours"]
        create_triggers(connection)
        assert broken_triggers(connection) == []


def test_a_start_without_triggers_says_so_loudly(
    app: Flask, settings: Settings, make_app: Callable[[Settings], Flask], caplog: pytest.LogCaptureFixture
) -> None:
    unprotect(app)

    make_app(settings)

    said = [record.getMessage() for record in caplog.records if record.levelno == logging.CRITICAL]
    assert any("rubric_version" in line and "is missing" in line for line in said)
    assert len(said) >= len(TABLES)


def test_a_start_of_a_site_that_is_well_says_nothing(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_an_edited_document_is_refused_when_it_is_read_and_found_by_the_doctor(app: Flask, settings: Settings) -> None:
    unprotect(app)
    with app.app_context():
        with db.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE rubric_version SET document = replace(document, 'AI', 'IA')")
            connection.exec_driver_sql("UPDATE catalogue_version SET document = document || ' '")
            connection.exec_driver_sql("UPDATE catalogue_version SET document = replace(document, 'HKD', 'USD')")
            number = connection.exec_driver_sql("SELECT number FROM rubric_version").scalar()

        # A process that has read it goes on with what it read.
        _forget_what_was_read()
        with pytest.raises(DigestDiffers):
            rubric_of(db.session.scalars(sa.select(StoredRubric)).one())
        db.session.close()
        db.engine.dispose()

    failures = "\n".join(_failures(settings))
    assert f"rubric {number} (published): its document is not the one of sha256:" in failures
    assert "catalogue: a document is not the one of sha256:" in failures
    assert "the trigger rubric_version" in failures


@pytest.mark.parametrize(
    "change", ["replace(document, 'AI', 'IA')", "''", "'[1'", "'{}'", "document || ' '"], ids=range(5)
)
def test_an_edited_version_closes_its_pages_and_is_told_of_by_start_and_health(
    app: Flask,
    settings: Settings,
    make_app: Callable[[Settings], Flask],
    caplog: pytest.LogCaptureFixture,
    change: str,
) -> None:
    owner = Owner(app.test_client()).start()
    unprotect(app)
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE rubric_version SET document = {change}")
        create_triggers(connection)
    running = app.test_client().get("/health")

    _forget_what_was_read()
    another = make_app(settings)

    assert (running.status_code, running.get_json()["rubric"]) == (503, "edited")
    assert another.test_client().get("/health").get_json()["rubric"] == "edited"
    assert any("rubric 2026.1 (published): its document is not the one of" in line for line in _critical(caplog))
    failures = _failures(settings)
    assert any("rubric 2026.1 (published): its document is not the one of" in line for line in failures)
    owner.client = another.test_client()
    if "|| ' '" in change:
        # It says the same, though it is not the same text.
        assert owner.client.get("/").status_code == 200
        return
    for answer in (owner.client.get("/"), owner.get("/check"), owner.client.get("/method")):
        assert answer.status_code == 503
        assert "This page is closed for now" in answer.get_data(as_text=True)


def test_an_edited_catalogue_in_force_is_told_of_at_the_start(
    app: Flask, settings: Settings, make_app: Callable[[Settings], Flask], caplog: pytest.LogCaptureFixture
) -> None:
    unprotect(app)
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE catalogue_version SET document = ''")
        create_triggers(connection)

    make_app(settings)

    assert any("catalogue: a document is not the one of" in line for line in _critical(caplog))


def test_a_version_that_nobody_published_is_found(app: Flask, settings: Settings) -> None:
    unprotect(app)
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO rubric_version (id, number, digest, state, document, created_at, released)"
            " VALUES ('00000000000000000000000000000001', '2098.1', 'sha256:x', 'published', '{}',"
            " '2026-11-23 00:00:00', true)"
        )
        create_triggers(connection)

    assert any("rubric 2098.1: is called released" in line for line in _failures(settings))


FORGED_RELEASE = (
    "INSERT INTO rubric_version (id, number, digest, state, document, created_at, released)"
    " SELECT '00000000000000000000000000000001', '2098.1', digest, 'published', document, created_at, true"
    " FROM rubric_version WHERE number = '2026.2'"
)
OTHER = "(SELECT id FROM account WHERE email = 'second@example.hk')"
NOW = "'2026-11-23 00:00:00'"
FORGERIES = [
    # The second person never confirmed anything.
    (
        f"UPDATE rubric_version SET state = 'published', published_by_id = {OTHER}, published_at = {NOW}"
        " WHERE number = '2026.2'",
        "rubric 2026.2: is called published, but the audit log knows nobody who confirmed it",
    ),
    # A release that never was.
    (
        "UPDATE rubric_version SET state = 'published', released = true WHERE number = '2026.2'",
        "rubric 2026.2: is called released, but PUBLISHED.sha256",
    ),
    (FORGED_RELEASE, "rubric 2098.1: is called released, but PUBLISHED.sha256"),
]


@pytest.mark.parametrize(("statement", "said"), FORGERIES, ids=["confirmed", "released", "inserted"])
def test_what_only_calls_itself_published_is_told_of_and_not_used(
    app: Flask,
    first: Actor,
    second: Actor,
    folder: Path,
    settings: Settings,
    make_app: Callable[[Settings], Flask],
    caplog: pytest.LogCaptureFixture,
    statement: str,
    said: str,
) -> None:
    owner = Owner(app.test_client()).start()
    owner.answer("ai_talent", 3)
    with app.app_context():
        publishing.submit(first, add_version(folder, new=(), gate=True).document)
        db.session.close()
        with db.engine.begin() as connection:
            connection.exec_driver_sql(statement)

    another = make_app(settings)

    assert any(said in line for line in _critical(caplog))
    assert any(said in line for line in _failures(settings))
    for site in (app, another):
        with site.app_context():
            assert current_rubric(db.session).number == "2026.1"
            assert [each.number for each in publishing.listed(db.session) if each.current] == ["2026.1"]
            db.session.close()
        # Nobody is led to it either.
        owner.client = site.test_client()
        assert "newer version" not in owner.get("/check").get_data(as_text=True)
        assert not owner.get("/move").request.path.endswith("/move")


def test_a_published_version_that_was_exchanged_with_its_digest_is_found_and_not_read(
    app: Flask,
    first: Actor,
    second: Actor,
    folder: Path,
    settings: Settings,
    make_app: Callable[[Settings], Flask],
    caplog: pytest.LogCaptureFixture,
) -> None:
    version = add_version(folder, new=(), gate=True)
    publish(app, first, second, version)
    forged = json.loads(json.dumps(version.document))
    forged["rubric"]["title"] += " (forged)"
    unprotect(app)
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(
            sa.update(StoredRubric)
            .where(StoredRubric.number == version.id)
            .values(document=canonical(forged), digest=digest_of(forged))
        )
        create_triggers(connection)

    another = make_app(settings)

    said = f"rubric 2026.2: is {digest_of(forged)[:19]}, but what was confirmed is {version.digest[:19]}"
    assert any(said in line for line in _critical(caplog))
    assert any(said in line for line in _failures(settings))
    with another.app_context():
        assert current_rubric(db.session).number == "2026.1"
        row = db.session.scalars(sa.select(StoredRubric).where(StoredRubric.number == "2026.2")).one()
        with pytest.raises(DigestDiffers, match=r"2026\.2"):
            rubric_of(row)
        with pytest.raises(DigestDiffers, match=r"2026\.2"):
            rubric_with(row.id, db.session.connection())
        db.session.close()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE rubric_version SET state = 'draft' WHERE number = '2026.2'", "but is called draft"),
        ("DELETE FROM rubric_version WHERE number = '2026.2'", "is gone"),
        ("UPDATE rubric_version SET state = 'retired' WHERE number = '2026.1'", "knows nobody who retired it"),
        (
            "UPDATE rubric_version SET submitted_by_id = published_by_id, published_by_id = submitted_by_id"
            " WHERE number = '2026.2'",
            "by other accounts",
        ),
        (
            f"UPDATE rubric_version SET submitted_by_id = {OTHER}, published_by_id = {OTHER} WHERE number = '2026.2'",
            "by two accounts",
        ),
    ],
)
def test_what_was_done_is_compared_with_what_the_audit_log_says(
    app: Flask, first: Actor, second: Actor, folder: Path, settings: Settings, statement: str, said: str
) -> None:
    publish(app, first, second, add_version(folder, new=(), gate=True))
    assert _failures(settings) == []
    unprotect(app)
    with app.app_context(), db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
        else:
            for name in ("four_eyes", "published_by_two_or_released"):
                connection.exec_driver_sql(f"ALTER TABLE rubric_version DROP CONSTRAINT ck_rubric_version_{name}")
        connection.exec_driver_sql("DELETE FROM rubric_step")
        connection.exec_driver_sql(statement)
        create_triggers(connection)
        connection.commit()

    assert any(
        line.startswith(("sqlite: rubric", "postgresql: rubric")) and said in line for line in _failures(settings)
    )


def test_a_version_that_comes_back_after_it_retired_is_told_of(
    app: Flask, first: Actor, second: Actor, folder: Path, settings: Settings
) -> None:
    publish(app, first, second, add_version(folder, new=(), gate=True))
    with app.app_context():
        publishing.retire(first, "2026.2")
        db.session.close()
    assert _failures(settings) == []
    unprotect(app)
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE rubric_version SET state = 'published' WHERE number = '2026.2'")
        create_triggers(connection)

    assert any("rubric 2026.2: was retired, but is called published" in line for line in _failures(settings))


def test_an_edited_file_of_a_published_version_is_refused_at_the_start(database: str, tmp_path: Path) -> None:
    folder = tmp_path / "rubric"
    shutil.copytree(ROOT / "rubric", folder)
    edited = folder / "versions" / "2026.1" / "rubric.yaml"
    edited.write_text(edited.read_text("utf-8").replace('floor: "3.5"', 'floor: "3.4"'), "utf-8")
    before = _documents(database)

    with pytest.raises(DigestDiffers, match=r"2026\.1"):
        create_app(settings_for(database, tmp_path, rubric_folder=folder))

    assert _documents(database) == before


def test_so_it_is_when_the_list_of_published_versions_was_edited_too(database: str, tmp_path: Path) -> None:
    folder = tmp_path / "rubric"
    shutil.copytree(ROOT / "rubric", folder)
    edited = folder / "versions" / "2026.1" / "rubric.yaml"
    edited.write_text(edited.read_text("utf-8").replace('floor: "3.5"', 'floor: "3.4"'), "utf-8")
    before = _documents(database)

    for lines in ("", f"sha256:{'0' * 64}  2026.1\n"):
        (folder / "PUBLISHED.sha256").write_text(lines, "ascii")
        with pytest.raises(DigestDiffers, match=r"2026\.1"):
            create_app(settings_for(database, tmp_path, rubric_folder=folder))

    assert _documents(database) == before


def _triggers(site: Site) -> list[tuple[str, str]]:
    query = (
        "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
        if site.engine.dialect.name == "sqlite"
        else "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal"
    )
    with site.engine.connect() as connection:
        found = [(row[0], row[1]) for row in connection.exec_driver_sql(query) if row[0] in TABLES]
    assert {table for table, _ in found} == set(TABLES)
    return found


def _documents(database: str) -> list[tuple[object, ...]]:
    engine = sa.create_engine(database, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql("SELECT number, digest, document FROM rubric_version")]


def publish(app: Flask, first: Actor, second: Actor, version: RubricVersion) -> None:
    """Publish a version by two accounts."""
    with app.app_context():
        publishing.submit(first, version.document)
        publishing.confirm(second, version.id, version.digest)
        db.session.close()


def _critical(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.CRITICAL]


def _failures(settings: Settings) -> list[str]:
    return [finding.what for finding in examine(settings) if finding.verdict is Verdict.FAIL]


def _forget_what_was_read() -> None:
    from readiness.services import versions

    versions._rubrics.clear()
    versions._rubrics_by_id.clear()
