"""Reckoning what another version would change for every submitted assessment: in chunks, with progress, to be stopped.

Assessments are read by their keys, a chunk at a time: memory stays flat, no transaction is held open while others
write, and each chunk is a place to stop. A company counts once, by its newest submitted assessment.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session, aliased

from readiness.core.impact import Comparison, record
from readiness.core.languages import Language
from readiness.core.version_maps import VersionMap
from readiness.core.version_numbers import order
from readiness.library.canonical import readable
from readiness.library.rubrics import RubricVersion
from readiness.models import AnswerRow, Assessment, ImpactRun, Status, StoredRubric
from readiness.services.accounts import Actor, Capability, NotAllowed
from readiness.services.database import db, now, writing

HONG_KONG = ZoneInfo("Asia/Hong_Kong")
#: Assessments read at once.
CHUNK = 1000
#: Characters of JSON that hold a level or a mark, and nothing that a person wrote.
SHORT = 16
#: A run that did not move for so long lost its process.
LOST = timedelta(minutes=2)
RUNNING, DONE, CANCELLED, FAILED = "running", "done", "cancelled", "failed"


class AlreadyRunning(RuntimeError):
    """Another reckoning is under way; one at a time is enough for a machine."""

    def __init__(self, id: UUID) -> None:
        super().__init__("another impact is being reckoned: wait for it, or cancel it")
        #: The run.
        self.id = id


class RunUnknown(LookupError):
    """There is no such run."""


class NoWay(ValueError):
    """No map leads from the one version to the other."""

    def __init__(self, old: str, new: str) -> None:
        super().__init__(f"no map leads from {old} to {new}: give {new} a map from {old}")
        #: The versions.
        self.old, self.new = old, new


@dataclass(frozen=True, slots=True)
class Selection:
    """Which assessments are looked at."""

    since: date | None = None
    until: date | None = None
    sector: str | None = None


EVERYTHING = Selection()
Progress = Callable[[int, int], bool]


def map_between(old: RubricVersion, new: RubricVersion) -> VersionMap | None:
    """Return the map that leads from one version to the other; None where all questions are the same.

    :raises NoWay: if none does.
    """
    if new.map is not None and new.map.before == old.id:
        return new.map
    if new.digest == old.digest:
        return None
    # A version of texts alone has no map.
    if new.map is None and order(old.id) < order(new.id) and set(new.rubric.questions_by_id) == _ids(old):
        return None
    raise NoWay(old.id, new.id)


def count(session: Session, old: RubricVersion, selection: Selection = EVERYTHING) -> int:
    """Return how many assessments on *old* are looked at, before those of other sectors are left out."""
    return session.scalar(sa.select(sa.func.count()).select_from(_selected(old, selection).subquery())) or 0


def reckon(
    session: Session,
    old: RubricVersion,
    new: RubricVersion,
    selection: Selection = EVERYTHING,
    progress: Progress = lambda _done, _total: True,
) -> dict[str, Any] | None:
    """Return what *new* would change for those assessed on *old*, or None if *progress* said to stop.

    :param progress: is told how many are done of how many, and returns whether to go on.
    :raises NoWay: if no map leads there.
    """
    comparison = Comparison(old.rubric, new.rubric, map_between(old, new))
    total, done = count(session, old, selection), 0
    for chunk in chunks(session, old, selection):
        for answers, company in chunk:
            if selection.sector is None or company.get("sector") == selection.sector:
                comparison.add(answers, company.get("sector"), company.get("employees"))
        done += len(chunk)
        if not progress(done, total):
            return None
    found = record(comparison.result(), decimals=new.rubric.scoring.decimals)
    bands = [band.id for band in new.rubric.bands]
    fresh = [id for id in new.rubric.questions_by_id if id not in comparison.carried]
    about = {"from": old.id, "to": new.id, "digest": new.digest, "looked_at": total, "bands": bands, "new": fresh}
    return {**about, "texts": _texts(old, new, fresh), **found}


def chunks(
    session: Session, old: RubricVersion, selection: Selection = EVERYTHING
) -> Iterator[list[tuple[dict[str, object], dict[str, Any]]]]:
    """Yield the stored answers and the company of each assessment, a thousand at a time."""
    selected = _selected(old, selection)
    last: UUID | None = None
    while True:
        statement = selected if last is None else selected.where(Assessment.id > last)
        rows = session.execute(statement.limit(CHUNK)).all()
        if rows:
            last = rows[-1].id
            answers: dict[UUID, dict[str, object]] = {row.id: {} for row in rows}
            for id, question, value in session.execute(_ANSWERS, {"first": rows[0].id, "last": last}):
                found = answers.get(id)
                if found is not None:
                    found[question] = _plain(value)
            yield [(answers[row.id], json.loads(row.company)) for row in rows]
        # Others may write between two chunks.
        session.rollback()
        if len(rows) < CHUNK:
            return


def start(
    app: Flask,
    actor: Actor,
    old: RubricVersion,
    new: RubricVersion,
    selection: Selection = EVERYTHING,
    draft: UUID | None = None,
) -> UUID:
    """Begin a reckoning in a thread of this process and return its id.

    :param draft: where the newer version comes from, if it is a draft; its page is the way back.
    :raises NotAllowed: if the actor neither edits drafts nor publishes.
    :raises NoWay: if no map leads there.
    :raises AlreadyRunning: if another one is under way.
    """
    _require(actor)
    map_between(old, new)
    with writing() as session:
        for run in session.scalars(sa.select(ImpactRun).where(ImpactRun.state == RUNNING).with_for_update()):
            if run.moved_at > now() - LOST:
                raise AlreadyRunning(run.id)
            run.state = FAILED
        moment = now()
        asked = {
            "from": old.id,
            "to": new.id,
            "digest": new.digest,
            "since": selection.since.isoformat() if selection.since else None,
            "until": selection.until.isoformat() if selection.until else None,
            "sector": selection.sector,
            "draft": str(draft) if draft else None,
        }
        run = ImpactRun(asked=asked, started_by_id=actor.id, started_at=moment, moved_at=moment)
        session.add(run)
        session.flush()
        id = run.id
    thread = threading.Thread(target=_run, args=(app, id, old, new, selection), name="impact", daemon=True)
    thread.start()
    return id


def find(session: Session, id: UUID) -> ImpactRun:
    """Return a run; one whose process ended is called failed.

    :raises RunUnknown: if there is none.
    """
    run = session.get(ImpactRun, id, populate_existing=True)
    if run is None:
        raise RunUnknown
    return run


def is_lost(run: ImpactRun) -> bool:
    """Return whether a run's process ended before it did."""
    return run.state == RUNNING and run.moved_at <= now() - LOST


def cancel(actor: Actor, id: UUID) -> None:
    """Stop a run after its present chunk.

    :raises NotAllowed: if the actor neither edits drafts nor publishes.
    :raises RunUnknown: if there is no such run.
    """
    _require(actor)
    with writing() as session:
        run = session.get(ImpactRun, id, with_for_update=True)
        if run is None:
            raise RunUnknown
        run.cancel = True
        if is_lost(run):
            run.state = CANCELLED


def recent(session: Session, digest: str | None = None, newest: int = 10) -> list[ImpactRun]:
    """Return the newest runs, of one newer version if its digest is given."""
    runs = session.scalars(sa.select(ImpactRun).order_by(ImpactRun.started_at.desc()).limit(100)).all()
    return [run for run in runs if digest is None or run.asked.get("digest") == digest][:newest]


def _run(app: Flask, id: UUID, old: RubricVersion, new: RubricVersion, selection: Selection) -> None:
    with app.app_context():

        def progress(done: int, total: int) -> bool:
            with writing() as session:
                run = session.get_one(ImpactRun, id, with_for_update=True)
                run.done, run.total, run.moved_at = done, total, now()
                return not run.cancel

        try:
            outcome = reckon(db.session, old, new, selection, progress)
            _end(id, CANCELLED if outcome is None else DONE, outcome)
        except Exception:
            app.logger.exception("an impact could not be reckoned")
            _end(id, FAILED, None)
        finally:
            db.session.close()


def _end(id: UUID, state: str, outcome: dict[str, Any] | None) -> None:
    with writing() as session:
        run = session.get_one(ImpactRun, id, with_for_update=True)
        run.state, run.moved_at = state, now()
        run.outcome = readable(outcome) if outcome is not None else None


def _texts(old: RubricVersion, new: RubricVersion, fresh: list[str]) -> dict[str, dict[str, str]]:
    """Return by language how bands, dimensions and new questions are called: a draft may read otherwise later."""
    found: dict[str, dict[str, str]] = {}
    for language in Language:
        named = found[language.value] = {}
        for version in (old, new):
            for kind, things in (("bands", version.rubric.bands), ("dimensions", version.rubric.dimensions)):
                keys = [f"{kind}.{thing.id}.name" for thing in things]
                named |= {key: str(version.texts[language][key]) for key in keys}
        named |= {f"questions.{id}.text": str(new.texts[language][f"questions.{id}.text"]) for id in fresh}
    return found


def _selected(old: RubricVersion, selection: Selection) -> sa.Select[UUID, str]:
    later = aliased(Assessment)
    statement = (
        sa.select(Assessment.id, sa.cast(Assessment.company, sa.Text).label("company"))
        .join(StoredRubric, StoredRubric.id == Assessment.rubric_version_id)
        .where(
            StoredRubric.number == old.id,
            StoredRubric.digest == old.digest,
            Assessment.status == Status.SUBMITTED.value,
            ~sa.exists().where(
                later.family_id == Assessment.family_id,
                later.revision > Assessment.revision,
                later.status == Status.SUBMITTED.value,
            ),
        )
        .order_by(Assessment.id)
    )
    if selection.since is not None:
        statement = statement.where(Assessment.submitted_at >= _beginning(selection.since))
    if selection.until is not None:
        statement = statement.where(Assessment.submitted_at < _beginning(selection.until + timedelta(days=1)))
    return statement


_ANSWERS = (
    sa.select(AnswerRow.assessment_id, AnswerRow.question_id, sa.cast(AnswerRow.value, sa.Text))
    .where(
        AnswerRow.assessment_id.between(sa.bindparam("first", type_=sa.Uuid()), sa.bindparam("last", type_=sa.Uuid())),
        AnswerRow.value.is_not(None),
    )
    .order_by(AnswerRow.assessment_id)
)


def _beginning(day: date) -> datetime:
    return datetime.combine(day, time(), HONG_KONG).astimezone(UTC)


def _plain(text: str) -> Any:
    return _short(text) if len(text) <= SHORT else json.loads(text)


@lru_cache(maxsize=1024)
def _short(text: str) -> Any:
    """Return what short JSON text holds: the same few levels stand in very many rows."""
    return json.loads(text)


def _ids(version: RubricVersion) -> set[str]:
    return set(version.rubric.questions_by_id)


def _require(actor: Actor) -> None:
    if not actor.capabilities & {Capability.EDIT_DRAFTS, Capability.PUBLISH}:
        raise NotAllowed(Capability.EDIT_DRAFTS)
