"""Rescoring every submitted assessment under another version, against reading the same rows."""

from __future__ import annotations

import gc
import random
import resource
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks.owners import site
from benchmarks.report import Section, Several
from benchmarks.serving import Databases, PostgresDatabases, free_port
from readiness.library.rubrics import RubricVersion, version_from
from readiness.models import AnswerRow, Assessment, StoredRubric
from readiness.services import impact
from readiness.services.database import db
from readiness.services.versions import current_rubric, rubric_of

BUDGET = 3.0
#: MiB that the largest resident size of the process may grow while it reckons.
MEMORY = 16.0
#: Rows inserted at once.
BATCH = 2_000
METHOD = (
    "Submitted assessments with random levels, one answer in thirty not sure and one in fifty left out, are inserted "
    "into the site's own tables. Reading is the same rows (each assessment with its company, each answer with its "
    "question and value) fetched by SQLAlchemy and dropped. Rescoring is what the desk does: read in chunks, move by "
    "the map, score under both versions, count by band, sector and size, keep the cases that move most. The newer "
    "version adds a gate, so that bands do change. Both are measured in turns in one process."
)


def measure(databases: Sequence[Databases | PostgresDatabases], folder: Path, count: int, rounds: int) -> Section:
    """Compare rescoring *count* assessments to reading them, on both kinds of database."""
    section = Section(f"Rescoring {count:,} stored assessments", METHOD)
    rows = [_measured(each, folder, count, rounds, section) for each in databases]
    head = ["database", "ratio", "reading s", "rescoring s", "memory grew MiB", "verdict"]
    section.table(head, rows)
    return section


def _measured(
    databases: Databases | PostgresDatabases, folder: Path, count: int, rounds: int, section: Section
) -> list[object]:
    with site(databases.new(), free_port(), folder):
        name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[db.engine.dialect.name]
        stored = current_rubric(db.session)
        old = rubric_of(stored)
        new = _with_gate(old)
        _fill(stored, old, count)
        ratios, reading, rescoring = [], [], []
        _read(db.session)  # Once, so that both find the rows in memory.
        gc.collect()
        before = _largest_resident()
        for _ in range(rounds):
            read = _timed(lambda: _read(db.session))
            rescored = _timed(lambda: _rescore(db.session, old, new, count))
            reading.append(read)
            rescoring.append(rescored)
            ratios.append(rescored / read)
        grown = _largest_resident() - before
        db.session.close()
    ratio = Several(tuple(ratios))
    verdict = section.budget(f"at most 3x the time of reading the same rows ({name})", ratio.median, BUDGET, "x")
    section.budget(f"memory flat ({name})", grown, MEMORY, " MiB")
    times = [f"{Several(tuple(each)).median:.2f}" for each in (reading, rescoring)]
    return [name, ratio.shown(), *times, f"{grown:.0f}", verdict]


def _read(session: Session) -> None:
    """Fetch the rows that are needed, in the order in which they are needed, and drop them."""
    assessments = (
        sa.select(Assessment.id, sa.cast(Assessment.company, sa.Text))
        .where(Assessment.status == "submitted")
        .order_by(Assessment.id)
    )
    answers = sa.select(AnswerRow.assessment_id, AnswerRow.question_id, sa.cast(AnswerRow.value, sa.Text)).order_by(
        AnswerRow.assessment_id
    )
    for statement in (assessments, answers):
        for _ in session.execute(statement.execution_options(yield_per=impact.CHUNK)):
            pass
    session.rollback()


def _rescore(session: Session, old: RubricVersion, new: RubricVersion, count: int) -> None:
    found = impact.reckon(session, old, new)
    if found is None or found["compared"] != count or not found["moved"]:
        raise RuntimeError("not every assessment was rescored, or none moved")


def _timed(work: object) -> float:
    begun = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - begun


def _with_gate(old: RubricVersion) -> RubricVersion:
    """Return the next version: the same questions, and a further gate."""
    gate = {"id": "g", "dimension": "ai_literacy", "needs": 3, "limit": "unaware", "explanation": "A gate."}
    document = dict(old.document)
    rubric = document["rubric"]
    document["rubric"] = {**rubric, "id": "2099.1", "gates": [*rubric.get("gates", []), gate]}
    document["texts"] = {
        language: {**texts, "gates": {**texts.get("gates", {}), "g": {"explanation": "A gate."}}}
        for language, texts in document["texts"].items()
    }
    questions = {question.id: "same" for question in old.rubric.questions}
    document["map"] = {"format": 1, "from": old.id, "questions": questions, "retired": []}
    return version_from(document)


def _fill(stored: StoredRubric, version: RubricVersion, count: int) -> None:
    sample = random.Random(11)  # noqa: S311  (a sample, no secret)
    moment = datetime.now(UTC)
    for start in range(0, count, BATCH):
        ids = [uuid4() for _ in range(min(BATCH, count - start))]
        with db.engine.begin() as connection:
            connection.execute(
                sa.insert(Assessment),
                [
                    {
                        "id": id,
                        "rubric_version_id": stored.id,
                        "family_id": uuid4(),
                        "revision": 1,
                        "status": "submitted",
                        "company": {
                            "sector": sample.choice(["manufacturing", "trade_retail", "education", "logistics"]),
                            "employees": sample.choice(["1-5", "6-9", "10-19", "20-49"]),
                        },
                        "company_asked": True,
                        "company_version": 1,
                        "created_at": moment,
                        "saved_at": moment,
                        "submitted_at": moment,
                        "result": "{}",
                    }
                    for id in ids
                ],
            )
            connection.execute(sa.insert(AnswerRow), list(_answers(ids, version, sample, moment)))
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _answers(
    ids: Sequence[UUID], version: RubricVersion, sample: random.Random, moment: datetime
) -> Iterator[dict[str, object]]:
    for id in ids:
        for question in version.rubric.questions:
            chance = sample.random()
            if chance < 1 / 50:
                continue
            value = "not_sure" if chance < 1 / 50 + 1 / 30 else sample.randint(1, 5)
            yield {
                "assessment_id": id,
                "question_id": question.id,
                "value": value,
                "note": "",
                "version": 1,
                "saved_at": moment,
            }


def _largest_resident() -> float:
    """Return the largest resident size of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
