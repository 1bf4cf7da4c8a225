"""The daily work: what was kept long enough is deleted, once, by whoever is first."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.documents.pdf import RENDERER
from readiness.models import Assessment, Chore, StoredPdf
from readiness.services import assessing, upkeep
from readiness.services.database import db, now, writing
from readiness.services.upkeep import months_before, tick, tick_if_due
from readiness.settings import Settings
from tests.web.conftest import LEVELS, Owner, everything_stored

NOON = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        ("2026-03-31", 1, "2026-02-28"),
        ("2028-03-31", 1, "2028-02-29"),
        ("2026-05-31", 1, "2026-04-30"),
        ("2028-02-29", 12, "2027-02-28"),
        ("2028-02-29", 24, "2026-02-28"),
        ("2028-02-29", 48, "2024-02-29"),
        ("2026-11-22", 24, "2024-11-22"),
        ("2026-01-15", 1, "2025-12-15"),
        ("2026-12-31", 12, "2025-12-31"),
        ("2026-01-01", 120, "2016-01-01"),
    ],
)
def test_so_many_months_earlier_is_the_same_day_or_the_last_of_a_shorter_month(
    day: str, months: int, before: str
) -> None:
    moment = datetime.fromisoformat(f"{day}T23:59:58+00:00")

    assert months_before(moment, months) == datetime.fromisoformat(f"{before}T23:59:58+00:00")


def test_an_assessment_is_deleted_24_months_after_its_last_change_and_not_a_second_earlier(app: Flask) -> None:
    with app.app_context():
        token = _submitted()
        assessing.revise(token)
        assessing.answer(token, "ai_talent", 5, seen=1)
        _last_changed(token, datetime(2023, 1, 1, tzinfo=UTC), revision=1)
        _last_changed(token, datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC), revision=2)
        older = _submitted()
        _last_changed(older, datetime(2024, 4, 30, 12, 0, 0, tzinfo=UTC))

        early = tick(NOON, 24)
        left = _revisions()
        late = tick(NOON + SECOND, 24)

    assert (early.expired, left) == (1, 2)
    assert late.expired == 1
    assert {table: rows for table, rows in _of_companies(app).items() if rows} == {}


def test_what_was_changed_last_may_be_the_earlier_revision(app: Flask) -> None:
    with app.app_context():
        token = _submitted()
        assessing.revise(token)
        _last_changed(token, datetime(2020, 1, 1, tzinfo=UTC), revision=2)
        _last_changed(token, datetime(2026, 4, 1, tzinfo=UTC), revision=1)

        done = tick(NOON, 24)

        assert (done.expired, _revisions()) == (0, 2)


def test_finishing_is_a_change(app: Flask) -> None:
    with app.app_context():
        token = _answered()
        _last_changed(token, NOON - timedelta(days=3000))
        assessing.submit(token)

        assert tick(now(), 24).expired == 0
        assert _revisions() == 1


def test_what_was_begun_and_never_answered_goes_after_seven_days_and_not_a_second_earlier(app: Flask) -> None:
    with app.app_context():
        begun = {
            "nothing": assessing.start(),
            "a note": assessing.start(),
            "an answer": assessing.start(),
            "a company": assessing.start(),
            "an empty page about the company": assessing.start(),
        }
        assessing.answer(begun["a note"], "ai_talent", None, seen=0, note="Ask Mei.")
        assessing.answer(begun["an answer"], "ai_talent", 3, seen=0)
        assessing.save_company(begun["a company"], {"name": "Harbour Foods Ltd"})
        assessing.save_company(begun["an empty page about the company"], {"name": None})
        for token in begun.values():
            _last_changed(token, NOON)

        early = tick(NOON + timedelta(days=7), 24)
        late = tick(NOON + timedelta(days=7) + SECOND, 24)

        assert (early.unanswered, late.unanswered) == (0, 1)
        assert {what for what, token in begun.items() if _there(token)} == set(begun) - {"nothing"}


@pytest.mark.parametrize("companies", [4, 5])
@sqlite_only
def test_many_are_deleted_in_batches_and_none_is_left(
    app: Flask, monkeypatch: pytest.MonkeyPatch, companies: int
) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 2)
    with app.app_context():
        old = [_answered("ai_talent") for _ in range(companies)]
        kept = _answered("ai_talent")
        for token in old:
            _last_changed(token, NOON - timedelta(days=3000))
        _last_changed(kept, NOON)

        done = tick(NOON, 24)

        assert done.expired == companies
        assert ([_there(token) for token in old], _there(kept)) == ([False] * companies, True)


def test_a_second_time_there_is_nothing_left_to_do(app: Flask) -> None:
    with app.app_context():
        _last_changed(assessing.start(), NOON - timedelta(days=30))

        first, second = tick(NOON, 24), tick(NOON, 24)

    assert first == upkeep.Done(expired=0, unanswered=1, printed=0, log_emptied=True)
    assert second == upkeep.Done(expired=0, unanswered=0, printed=0, log_emptied=True)


@sqlite_only
def test_what_an_earlier_release_printed_is_deleted_and_nothing_else(owner: Owner, app: Flask) -> None:
    owner.start().answer_all().submit()
    owner.get("/plan-en.pdf")
    with app.app_context():
        with writing() as session:
            plan = session.scalars(sa.select(StoredPdf.plan_id)).one()
            session.add(StoredPdf(plan_id=plan, language="en", renderer="earlier", content=b"old", created_at=now()))

        done = tick(now(), 24)

        assert done.printed == 1
        assert db.session.scalars(sa.select(StoredPdf.renderer)).all() == [RENDERER]


# Once, by whoever is first.


@pytest.mark.parametrize("before", [None, NOON - timedelta(hours=21)])
def test_two_processes_that_look_at_once_do_it_once(app: Flask, before: datetime | None) -> None:
    with app.app_context(), writing() as session:
        if before is not None:
            session.merge(Chore(name=upkeep.DAILY, done_at=before))
    together = threading.Barrier(2)
    done: list[object] = []

    def look() -> None:
        with app.app_context():
            together.wait()
            done.append(tick_if_due(NOON, 24))

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(type(each).__name__ for each in done) == ["Done", "NoneType"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_who_comes_second_the_very_first_time_leaves_it_to_the_other(app: Flask) -> None:
    with app.app_context():
        elsewhere = sa.create_engine(db.engine.url)

        @sa.event.listens_for(db.engine, "after_cursor_execute", once=True)
        def be_quicker(*_looked: object) -> None:
            with elsewhere.begin() as other:
                other.execute(sa.insert(Chore).values(name=upkeep.DAILY, done_at=NOON))

        done = tick_if_due(NOON, 24)

        elsewhere.dispose()
        assert done is None


@pytest.mark.parametrize(("hours", "due"), [(0, False), (19, False), (20, True), (48, True)])
def test_it_is_due_twenty_hours_after_the_last_time(shared_app: Flask, hours: int, due: bool) -> None:
    with shared_app.app_context():
        tick(NOON, 24)

        done = tick_if_due(NOON + timedelta(hours=hours), 24)

    assert (done is not None) == due


@sqlite_only
def test_what_failed_is_tried_again_the_next_time_somebody_looks(app: Flask) -> None:
    with app.app_context():
        token = assessing.start()
        _last_changed(token, NOON - timedelta(days=30))
        _rename("plan_pdf", "gone")
        with pytest.raises(sa.exc.OperationalError):
            tick_if_due(NOON, 24)
        _rename("gone", "plan_pdf")

        done = tick_if_due(NOON + timedelta(hours=1), 24)

    assert done is not None


@sqlite_only
def test_a_failure_is_logged_and_the_thread_goes_on_until_it_is_stopped(
    app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "_HOUR", 0.01)
    stopped = threading.Event()
    with app.app_context():
        _rename("chore", "gone")

    thread = upkeep.keep_ticking(app, stopped)

    _until(lambda: caplog.text.count("the daily work failed") >= 2)
    with app.app_context():
        _rename("gone", "chore")
        _until(lambda: db.session.get(Chore, upkeep.DAILY, populate_existing=True) is not None or db.session.rollback())
    stopped.set()
    thread.join()
    assert not thread.is_alive()


# By hand, and by a server.


@sqlite_only
def test_the_command_does_it_and_says_what_it_did(
    app: Flask, database: str, tmp_path: Path, readiness_program: Path
) -> None:
    with app.app_context():
        old, recent = _answered("ai_talent"), _answered("ai_talent")
        _last_changed(old, months_before(now(), 24) - timedelta(days=1))
        _last_changed(recent, months_before(now(), 4))
        _last_changed(assessing.start(), now() - timedelta(days=8))

    first = _command(readiness_program, database, tmp_path)
    shorter = _command(readiness_program, database, tmp_path, READINESS_RETENTION_MONTHS="3")

    assert (first.returncode, first.stderr) == (0, "")
    assert re.findall(r"\d+", first.stdout) == ["1", "24", "1", "0"]
    assert (shorter.returncode, shorter.stderr) == (0, "")
    assert re.findall(r"\d+", shorter.stdout) == ["1", "3", "0", "0"]
    with app.app_context():
        assert _revisions() == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"READINESS_RETENTION_MONTHS": "0"},
            "READINESS_RETENTION_MONTHS is '0'; allowed: a whole number from 1 to",
        ),
        ({"READINESS_DATABASE": "sqlite:////nowhere/at/all.sqlite"}, "database: unable to open database file"),
        ({"READINESS_DATABASE": "no address"}, "READINESS_DATABASE cannot be read"),
        ({"READINESS_DATABASE": "oracle+nothing://a:secret@b/c"}, "READINESS_DATABASE cannot be read"),
        ({}, "database: no such table: assessment"),
    ],
)
def test_what_the_command_cannot_do_it_says_in_a_line(
    tmp_path: Path, readiness_program: Path, changed: dict[str, str], said: str
) -> None:
    done = _command(readiness_program, f"sqlite:///{tmp_path / 'new.sqlite'}", tmp_path, **changed)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1
    assert "secret" not in done.stderr


@sqlite_only
def test_a_server_does_it_by_itself(
    settings: Settings, make_app: Callable[[Settings], Flask], request: pytest.FixtureRequest
) -> None:
    app = make_app(settings)
    with app.app_context():
        old, recent = _answered("ai_talent"), _answered("ai_talent")
        _last_changed(old, months_before(now(), 25))
        db.session.close()

    request.getfixturevalue("server")

    with app.app_context():
        _until(lambda: not _there(old))
        assert _there(recent)


def _answered(*questions: str) -> str:
    """Begin an assessment with answers to these questions, or to all, and return the token of its link."""
    token = assessing.start()
    for question in questions or LEVELS:
        assessing.answer(token, question, LEVELS[question], seen=0)
    return token


def _submitted() -> str:
    token = _answered()
    assessing.submit(token)
    return token


def _last_changed(token: str, moment: datetime, revision: int = 1) -> None:
    """Set when a revision was changed last."""
    with writing() as session:
        family = assessing.opened_in(session, token).assessment.family_id
        session.execute(
            sa.update(Assessment)
            .where(Assessment.family_id == family, Assessment.revision == revision)
            .values(saved_at=moment)
        )


def _revisions() -> int:
    count = db.session.scalar(sa.select(sa.func.count()).select_from(Assessment))
    db.session.rollback()
    return count or 0


def _there(token: str) -> bool:
    try:
        assessing.opened_in(db.session, token)
    except LookupError:
        return False
    finally:
        db.session.rollback()
    return True


def _of_companies(app: Flask) -> dict[str, list[tuple[object, ...]]]:
    said = ("assessment", "answer", "link", "plan")
    return {table: rows for table, rows in everything_stored(app).items() if table.startswith(said)}


def _rename(table: str, name: str) -> None:
    db.session.close()
    with db.engine.begin() as connection:
        connection.execute(sa.text(f'ALTER TABLE "{table}" RENAME TO "{name}"'))


def _until(reached: Callable[[], object]) -> None:
    """Wait until something is so, half a minute at most."""
    deadline = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _command(program: Path, database: str, folder: Path, **changed: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("READINESS_")},
        "READINESS_DATABASE": database,
        "READINESS_INSTANCE_FOLDER": str(folder / "instance"),
        **changed,
    }
    return subprocess.run([program, "tick"], env=environment, capture_output=True, text=True, check=False)
