"""What must not be possible, and what must not be seen."""

from __future__ import annotations

import logging
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from readiness.app import create_app
from readiness.models import StoredRubric
from readiness.services.database import db
from readiness.settings import ROOT, SettingMissing, read_settings
from tests.conftest import settings_for, unprotect
from tests.web.conftest import Owner


def test_a_form_without_its_token_is_refused_with_words(owner: Owner) -> None:
    owner.start()

    response = owner.client.post(f"/assessments/{owner.token}/questions/ai_talent", data={"answer": "3"})

    assert response.status_code == 400
    assert "The page was open for too long" in response.get_data(as_text=True)


@pytest.mark.parametrize("token", ["x", "%00", "../etc", "A" * 43, "a" * 5000, "%F0%9F%98%80"])
def test_a_link_that_does_not_exist_says_so(client: FlaskClient, token: str) -> None:
    for path in (
        "",
        "/company",
        "/questions/ai_talent",
        "/check",
        "/submit",
        "/result",
        "/export.json",
        "/plan-en.pdf",
    ):
        response = client.get(f"/assessments/{token}{path}")
        assert response.status_code == 404, path
        assert "Traceback" not in response.get_data(as_text=True)


def test_an_unknown_question_or_page_is_a_page_and_not_a_fault(owner: Owner) -> None:
    owner.start()

    for path in ("/questions/none", "/questions/%00", "/plan-xx.pdf", "/nothing"):
        assert owner.get(path).status_code == 404, path


def test_pages_are_private_and_load_nothing_from_elsewhere(owner: Owner) -> None:
    response = owner.start().get("/questions/ai_talent")

    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Frame-Options"] == "DENY"


def test_no_page_has_inline_script_or_style(owner: Owner) -> None:
    owner.start(name="Harbour Foods Ltd").answer_all().submit()

    for path in ("/result", "/check"):
        page = owner.get(path).get_data(as_text=True)
        assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)", page), path


def test_a_company_name_is_never_read_as_markup(owner: Owner) -> None:
    owner.start(name='<script>alert(1)</script>"><img src=x onerror=alert(1)>').answer_all().submit()

    assert "<script>alert" not in owner.text
    assert "<img src=x" not in owner.text


def test_only_the_hash_of_a_link_is_stored(owner: Owner, app: Flask) -> None:
    owner.start().answer_all().submit()

    with app.app_context():
        for table in sa.inspect(db.engine).get_table_names():
            rows = db.session.execute(sa.text(f'SELECT * FROM "{table}"')).all()  # noqa: S608
            assert not any(owner.token in str(value) for row in rows for value in row), table


def test_no_token_reaches_a_log(owner: Owner, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    owner.start().answer_all().submit()
    owner.get("/plan-en.pdf")

    assert owner.token not in caplog.text


def test_what_the_database_does_not_take_stands_in_the_form_again_and_nothing_saved_is_lost(
    owner: Owner, app: Flask
) -> None:
    owner.start()
    owner.answer("ai_talent", 3)
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE answer_change RENAME TO gone"))

    response = owner.answer("ai_talent", 4)

    page = response.get_data(as_text=True)
    assert response.status_code == 503
    assert "Not saved yet" in page
    assert re.search(r'value="4"[^>]*checked', page)
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE gone RENAME TO answer_change"))
    owner.get("/questions/ai_talent")
    assert re.search(r'value="3"[^>]*checked', owner.text)


def test_a_fault_of_ours_shows_a_page_and_names_no_link(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    owner = Owner(app.test_client()).start()
    unprotect(app)
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(sa.update(StoredRubric).values(document="{}", digest="sha256:" + "0" * 64))

    response = owner.get("/check")

    assert response.status_code == 500
    assert "What was called saved is saved" in owner.text
    assert "GET owner.check failed" in caplog.text
    assert owner.token not in caplog.text


def test_production_refuses_to_start_without_its_secrets() -> None:
    with pytest.raises(SettingMissing, match="READINESS_SECRET_KEY, READINESS_DATABASE, READINESS_PUBLIC_URL"):
        read_settings({"READINESS_ENV": "production"})


def test_development_writes_a_random_key_that_only_its_owner_can_read(tmp_path) -> None:  # type: ignore[no-untyped-def]
    first = read_settings({"READINESS_INSTANCE_FOLDER": str(tmp_path)})

    again = read_settings({"READINESS_INSTANCE_FOLDER": str(tmp_path)})

    assert first.secret_key == again.secret_key
    assert len(first.secret_key) == 64
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_the_readme_lists_every_setting() -> None:
    code = (ROOT / "readiness" / "settings.py").read_text() + (ROOT / "readiness" / "cli.py").read_text()

    readme = (ROOT / "README.md").read_text()

    for name in sorted(set(re.findall(r"READINESS_[A-Z_]+", code))):
        assert f"`{name}`" in readme, name


def test_owner_pages_take_few_statements_whatever_was_answered(owner: Owner, app: Flask) -> None:
    owner.start(name="Harbour Foods Ltd").answer_all()
    counts = {}
    with app.app_context():
        engine = db.engine
    statements: list[str] = []

    @sa.event.listens_for(engine, "before_cursor_execute")
    def count(_connection, _cursor, statement, *_rest) -> None:  # type: ignore[no-untyped-def]
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    for path in ("/company", "/questions/ai_talent", "/check", "/submit"):
        statements.clear()
        owner.get(path)
        counts[path] = len(statements)
    owner.submit()
    for path in ("/result",):
        statements.clear()
        owner.get(path)
        counts[path] = len(statements)

    assert max(counts.values()) <= 6, counts


def test_a_published_rubric_that_was_edited_is_refused_at_start(settings, tmp_path) -> None:  # type: ignore[no-untyped-def]
    import shutil
    from dataclasses import replace

    from readiness.services.versions import DigestDiffers

    folder = tmp_path / "rubric"
    shutil.copytree(ROOT / "rubric", folder)
    (folder / "PUBLISHED.sha256").write_text("sha256:" + "0" * 64 + "  2026.1\n")

    with pytest.raises(DigestDiffers, match=r"2026\.1"):
        create_app(replace(settings, rubric_folder=folder))


def test_a_changed_candidate_is_loaded_again_and_old_assessments_stay_on_theirs(  # type: ignore[no-untyped-def]
    empty_database, make_app, tmp_path
) -> None:
    import shutil
    from dataclasses import replace

    folder = tmp_path / "rubric"
    shutil.copytree(ROOT / "rubric", folder, ignore=shutil.ignore_patterns("PUBLISHED.sha256"))
    settings = settings_for(empty_database, tmp_path, rubric_folder=folder)
    first = Owner(make_app(settings).test_client()).start().answer_all()
    path = folder / "versions" / "2026.1" / "rubric.yaml"
    path.write_text(path.read_text().replace("name: Management support", "name: Support of the management"))

    later = make_app(replace(settings, rubric_folder=folder))
    second = Owner(later.test_client()).start().answer_all().submit()

    assert "Support of the management" in second.text
    first.client = later.test_client()
    first.get("/check")
    first.submit()
    assert "Support of the management" not in first.text


@pytest.mark.parametrize("number", ["9223372036854775808", "99999999999999999999999", "0", "1000000", "-1", "1.0"])
def test_a_result_that_cannot_be_is_not_found(owner: Owner, number: str) -> None:
    owner.start().answer_all().submit()

    for path in (f"/results/{number}", f"/results/{number}/plan-en.pdf", f"/results/{number}/export.json"):
        assert owner.get(path).status_code == 404, path
