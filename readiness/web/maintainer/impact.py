"""What a version would change for those who were assessed: begun, watched, stopped, read."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, current_app, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from readiness.core.impact import NO_ANSWER, NOT_ASKED, UNKNOWN
from readiness.core.profile import SECTORS
from readiness.library.rubrics import RubricVersion
from readiness.library.yaml_files import FileProblems
from readiness.services import impact as rules
from readiness.services import publishing
from readiness.services.database import db
from readiness.services.impact import AlreadyRunning, NoWay, RunUnknown, Selection
from readiness.web.language import words
from readiness.web.maintainer.access import found_draft, reader
from readiness.web.maintainer.blueprint import blueprint
from readiness.web.maintainer.comparing import stored
from readiness.web.owner.labels import sector_label
from readiness.web.staff import actor


@blueprint.get("/rubrics/<uuid:draft_id>/impact")
def draft_impact(draft_id: UUID) -> str:
    """Offer to reckon what a draft would change, and show what was reckoned before.

    :raise 404: if there is no such draft.
    """
    reader()
    found_draft(draft_id)
    return _begin_page(draft_id=draft_id)


@blueprint.post("/rubrics/<uuid:draft_id>/impact")
def draft_impact_begin(draft_id: UUID) -> Response | tuple[str, int]:
    """Begin to reckon what a draft would change.

    :raise 404: if there is no such draft.
    """
    reader()
    draft = found_draft(draft_id)
    try:
        version = draft.version()
    except FileProblems as error:
        return render_template("maintainer/unfinished.html", draft=draft, problems=error.problems), 409
    return _begin(draft.base, version, draft_id=draft_id)


@blueprint.get("/rubrics/review/<number>/impact")
def review_impact(number: str) -> str:
    """Offer to reckon what a version in review would change.

    :raise 404: if nothing waits under this number.
    """
    reader()
    stored(number)
    return _begin_page(number=number)


@blueprint.post("/rubrics/review/<number>/impact")
def review_impact_begin(number: str) -> Response | tuple[str, int]:
    """Begin to reckon what a version in review would change.

    :raise 404: if nothing waits under this number.
    """
    reader()
    version = stored(number)
    if version.map is None:
        abort(404)
    return _begin(stored(version.map.before), version, number=number)


@blueprint.get("/rubrics/impact/<uuid:run_id>")
def impact_run(run_id: UUID) -> str | Response:
    """Show how far a run is, or what it found.

    :raise 404: if there is no such run.
    """
    reader()
    try:
        run = rules.find(db.session, run_id)
    except RunUnknown:
        abort(404)
    lost = rules.is_lost(run)
    if request.accept_mimetypes.best == "application/json":
        return jsonify(state="failed" if lost else run.state, done=run.done, total=run.total)
    outcome = json.loads(run.outcome) if run.outcome else None
    texts = outcome.get("texts", {}).get(words().language.value, {}) if outcome else {}
    return render_template(
        "maintainer/impact_run.html",
        run=run,
        lost=lost,
        outcome=outcome,
        bands=_bands(outcome) if outcome else (),
        matrix={(before, after): count for before, after, count in outcome["matrix"]} if outcome else {},
        sector=lambda id: sector_label(id, words()) if id in SECTORS else words().gettext("not known"),
        plain=lambda id: words().gettext("not known") if id == UNKNOWN else id,
        level=_level,
        texts=texts,
        back=_back(run.asked),
    )


@blueprint.post("/rubrics/impact/<uuid:run_id>/cancel")
def impact_cancel(run_id: UUID) -> Response:
    """Stop a run.

    :raise 404: if there is no such run.
    """
    try:
        rules.cancel(actor(), run_id)
    except RunUnknown:
        abort(404)
    return redirect(url_for("maintainer.impact_run", run_id=run_id))


def _back(asked: dict[str, Any]) -> str:
    """Return the page that a run was begun on."""
    if asked.get("draft"):
        return url_for("maintainer.draft_impact", draft_id=UUID(asked["draft"]))
    if publishing.steps_of(db.session, asked["to"]):
        return url_for("maintainer.review", number=asked["to"])
    return url_for("maintainer.versions")


def _begin(old: RubricVersion, new: RubricVersion, **where: Any) -> Response | tuple[str, int]:
    try:
        selection = Selection(_day("since"), _day("until"), _sector())
    except ValueError:
        return _begin_page(problem="day", **where), 422
    application = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        run_id = rules.start(application, actor(), old, new, selection, where.get("draft_id"))
    except AlreadyRunning as error:
        return _begin_page(problem="running", running=error.id, **where), 409
    except NoWay:
        return _begin_page(problem="no_way", **where), 422
    return redirect(url_for("maintainer.impact_run", run_id=run_id))


def _begin_page(**more: Any) -> str:
    sectors = [(id, sector_label(id, words())) for id in SECTORS]
    return render_template("maintainer/impact.html", sectors=sectors, runs=rules.recent(db.session), **more)


def _day(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    return date.fromisoformat(text) if text else None


def _sector() -> str | None:
    sector = request.form.get("sector", "")
    return sector if sector in SECTORS else None


def _level(level: str) -> str:
    _ = words().gettext
    return {NOT_ASKED: _("not asked"), NO_ANSWER: _("no answer")}.get(level, level)


def _bands(outcome: dict[str, Any]) -> list[str]:
    named = [band for row in outcome["matrix"] for band in row[:2]]
    known = [band for band in outcome["bands"] if band in named]
    return known + sorted({band for band in named if band not in known})
