"""The first page, the page on the method, and the beginning of an assessment."""

from __future__ import annotations

from flask import current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from readiness.documents.words import words_in
from readiness.services import assessing
from readiness.services.database import db
from readiness.services.example import example_result
from readiness.services.reading_time import minutes
from readiness.services.versions import current_rubric, rubric_of
from readiness.web.language import current
from readiness.web.limits import BEGIN, limiter
from readiness.web.owner.blueprint import blueprint


@blueprint.get("/")
def start() -> str:
    """Show what it is, how long it takes and what becomes of the answers."""
    version = rubric_of(current_rubric(db.session))
    words = words_in(current())
    return render_template(
        "owner/start.html",
        questions=len(version.rubric.questions),
        minutes=round(minutes(version, current())),
        example=example_result(version, words),
    )


@blueprint.post("/assessments")
@limiter.limit(BEGIN)
def begin() -> Response:
    """Begin an assessment."""
    return redirect(url_for("owner.company", token=assessing.start()))


@blueprint.get("/method")
def method() -> str:
    """Show how the score is made, what is adopted and what is ours."""
    version = rubric_of(current_rubric(db.session))
    return render_template("owner/method.html", version=version, texts=version.texts[current()])


@blueprint.get("/privacy")
def privacy() -> str:
    """Say what is kept, why, who sees it, for how long, and how to have it deleted."""
    return render_template(
        "owner/privacy.html",
        months=current_app.config["RETENTION_MONTHS"],
        contact=current_app.config["CONTACT"],
        mails=current_app.config["MAILS"],
    )
