"""What cannot be prevented, dropping a trigger or editing the file, is found: at a start, and by the doctor."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.app import create_app
from readiness.models import StoredRubric
from readiness.services.database import db
from readiness.services.doctor import Verdict, examine
from readiness.services.triggers import COLUMNS, broken_triggers, create_triggers
from readiness.services.versions import DigestDiffers, rubric_of
from readiness.settings import ROOT, Settings
from tests.conftest import settings_for, unprotect
from tests.publishing.conftest import Site

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


def _failures(settings: Settings) -> list[str]:
    return [finding.what for finding in examine(settings) if finding.verdict is Verdict.FAIL]


def _forget_what_was_read() -> None:
    from readiness.services import versions

    versions._rubrics.clear()
