"""What another version would change: every submitted assessment, in chunks, on both databases; to be stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from time import monotonic
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from readiness.core import answers as answer_rules
from readiness.core.moving import move
from readiness.core.records import result_record
from readiness.core.scoring import score
from readiness.library.canonical import readable
from readiness.library.rubrics import RubricVersion
from readiness.models import AnswerRow, Assessment, ImpactRun, StoredRubric
from readiness.services import assessing, impact
from readiness.services.accounts import Actor, NotAllowed
from readiness.services.database import db, now, writing
from readiness.services.impact import AlreadyRunning, NoWay, Selection
from readiness.services.versions import current_rubric, rubric_of
from tests.next_version import add_version
from tests.publishing.conftest import make_account
from tests.publishing.test_publishing import _command

MARKS = [1, 2, 3, 4, 5, "not_sure"]
sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def newer(folder: Path) -> RubricVersion:
    """Return a version with a gate, a question in other words and levels that were named anew."""
    return add_version(
        folder, new=(), gate=True, counterparts={"ai_talent": {"1": 1, "2": 1, "3": 2, "4": 4, "5": None}}
    )


def test_it_counts_what_the_full_rules_give(app: Flask, newer: RubricVersion) -> None:
    with app.app_context():
        old = rubric_of(current_rubric(db.session))
        given = fill(old, 60)

        found = impact.reckon(db.session, old, newer)

        assert found is not None
        assert newer.map is not None
        expected: dict[tuple[str, str], int] = {}
        for answers in given:
            read = {id: answer_rules.read(old.rubric, id, value) for id, value in answers.items()}
            before = score(old.rubric, read).band or "none"
            after = score(newer.rubric, move(old.rubric, read, newer.rubric, newer.map).answers).band or "none"
            expected[before, after] = expected.get((before, after), 0) + 1
        assert {(before, after): count for before, after, count in found["matrix"]} == expected
        assert found["compared"] == 60
        assert found["moved"] == sum(count for (before, after), count in expected.items() if before != after) > 0
        assert len(found["cases"]) == 12
        assert all(case["dimensions"] or case["gates"] for case in found["cases"])


def test_more_than_a_chunk_is_read_and_it_stops_where_it_is_told_to(
    app: Flask, newer: RubricVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(impact, "CHUNK", 7)
    told: list[tuple[int, int]] = []

    def until_twenty(done: int, total: int) -> bool:
        told.append((done, total))
        return done < 20

    with app.app_context():
        old = rubric_of(current_rubric(db.session))
        fill(old, 35)

        whole = impact.reckon(db.session, old, newer)
        stopped = impact.reckon(db.session, old, newer, progress=until_twenty)

        assert whole is not None
        assert whole["compared"] == 35
        assert stopped is None
        assert told == [(7, 35), (14, 35), (21, 35)]


def test_a_period_and_a_sector_narrow_it_and_a_company_counts_once(app: Flask, newer: RubricVersion) -> None:
    today = now().date()
    with app.app_context():
        old = rubric_of(current_rubric(db.session))
        fill(old, 12)
        with writing() as session:
            for number, row in enumerate(session.scalars(sa.select(Assessment).order_by(Assessment.id))):
                row.company = {"sector": "education" if number < 5 else "other", "employees": "1-5"}
                row.submitted_at = now() - timedelta(days=40 if number < 3 else 0)
        token = assessing.start()
        for revision in range(2):
            assessing.answer(token, "ai_talent", 3 + revision, seen=revision)
            assessing.submit(token)
            assessing.revise(token)

        def compared(selection: Selection) -> int:
            found = impact.reckon(db.session, old, newer, selection)
            assert found is not None
            return int(found["compared"])

        assert compared(Selection()) == 13
        assert compared(Selection(sector="education")) == 5
        assert compared(Selection(since=today - timedelta(days=2))) == 10
        assert compared(Selection(until=today - timedelta(days=30))) == 3
        assert compared(Selection(since=date(2001, 1, 1), until=date(2001, 2, 1))) == 0


@sqlite_only
def test_without_a_map_there_is_no_way(app: Flask, newer: RubricVersion, folder: Path) -> None:
    third = add_version(folder, "2026.3", "2026.2", new=(), gate=False)
    with app.app_context():
        old = rubric_of(current_rubric(db.session))

        with pytest.raises(NoWay):
            impact.reckon(db.session, old, third)
        same = impact.reckon(db.session, old, old)
        assert same is not None
        assert same["moved"] == 0


def test_a_run_in_the_background_is_done_or_stopped(app: Flask, first: Actor, newer: RubricVersion) -> None:
    with app.app_context():
        old = rubric_of(current_rubric(db.session))
        fill(old, 20)

        id = impact.start(app, first, old, newer)

        run = _until_ended(id)
        assert (run.state, run.done, run.total) == ("done", 20, 20)
        assert json.loads(run.outcome or "")["compared"] == 20
        db.session.close()


@sqlite_only
def test_one_runs_at_a_time_and_one_that_lost_its_process_is_in_nobodys_way(
    app: Flask, first: Actor, newer: RubricVersion
) -> None:
    with app.app_context():
        old = rubric_of(current_rubric(db.session))
        with writing() as session:
            session.add(ImpactRun(asked={}, started_by_id=first.id, started_at=now(), moved_at=now()))
        with pytest.raises(AlreadyRunning) as error:
            impact.start(app, first, old, newer)
        impact.cancel(first, error.value.id)
        with writing() as session:
            session.get_one(ImpactRun, error.value.id).moved_at = now() - timedelta(minutes=5)

        id = impact.start(app, first, old, newer)

        assert _until_ended(id).state == "done"
        assert impact.find(db.session, error.value.id).state == "failed"
        db.session.close()


@sqlite_only
def test_a_run_that_is_asked_to_stop_stops(app: Flask, first: Actor, newer: RubricVersion) -> None:
    with app.app_context():
        old = rubric_of(current_rubric(db.session))
        fill(old, 5)
        with writing() as session:
            run = ImpactRun(asked={}, cancel=True, started_by_id=first.id, started_at=now(), moved_at=now())
            session.add(run)
            session.flush()
            id = run.id

        impact._run(app, id, old, newer, Selection())

        db.session.rollback()
        assert impact.find(db.session, id).state == "cancelled"


@sqlite_only
def test_whoever_neither_edits_nor_publishes_cannot(app: Flask, newer: RubricVersion) -> None:
    nobody = make_account(app, "nobody@example.hk")
    with app.app_context():
        old = rubric_of(current_rubric(db.session))

        with pytest.raises(NotAllowed):
            impact.start(app, nobody, old, newer)
        with pytest.raises(NotAllowed):
            impact.cancel(nobody, uuid4())


@sqlite_only
def test_the_command_says_it_in_lines(
    app: Flask,
    newer: RubricVersion,
    folder: Path,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with app.app_context():
        fill(rubric_of(current_rubric(db.session)), 20)
        db.session.close()
    run: Callable[..., tuple[int, str, str]] = _command(monkeypatch, capsys, database, tmp_path, folder)

    code, said, wrong = run("rubric", "impact", "2026.1", "2026.2")
    narrow = run("rubric", "impact", "2026.1", folder / "versions" / "2026.2", "--period", "2001-01-01", "2001-02-01")

    assert (code, wrong) == (0, "")
    assert said.startswith("from 2026.1 to 2026.2: 20 assessments, ")
    assert "sector unknown: " in said
    assert "case: " in said
    assert narrow[1].startswith("from 2026.1 to 2026.2: 0 assessments, 0 in another band")
    assert run("rubric", "impact", "2026.2", "2026.1")[0] == 2
    assert run("rubric", "impact", "2026.1", "2026.9")[0] == 2
    assert run("rubric", "impact", "2026.1", "2026.2", "--sector", "piracy")[0] == 2


def fill(version: RubricVersion, count: int) -> list[dict[str, object]]:
    """Store submitted assessments whose answers differ, and return these."""
    given: list[dict[str, object]] = []
    with writing() as session:
        stored = session.scalars(sa.select(StoredRubric).where(StoredRubric.digest == version.digest)).one()
        for number in range(count):
            answers: dict[str, object] = {
                question.id: MARKS[(number * (index + 3) + index) % (5 if number % 4 else 6)]
                for index, question in enumerate(version.rubric.questions)
                if (number + index) % 9
            }
            given.append(answers)
            read = {id: answer_rules.read(version.rubric, id, value) for id, value in answers.items()}
            assessment = Assessment(
                rubric_version_id=stored.id,
                family_id=uuid4(),
                company={},
                company_asked=True,
                status="submitted",
                created_at=now(),
                saved_at=now(),
                submitted_at=now(),
                result=readable(result_record(score(version.rubric, read), version.digest)),
            )
            session.add(assessment)
            session.flush()
            session.add_all(
                AnswerRow(assessment_id=assessment.id, question_id=id, value=value, version=1, saved_at=now())
                for id, value in answers.items()
            )
    return given


def _until_ended(id: object) -> ImpactRun:
    until = monotonic() + 60
    while True:
        db.session.rollback()
        run = impact.find(db.session, id)  # type: ignore[arg-type]
        if run.state != "running" or monotonic() > until:
            return run
