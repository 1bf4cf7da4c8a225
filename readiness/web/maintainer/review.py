"""What waits for a second person: what it changes, and the button that publishes it."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from readiness.core.languages import Language
from readiness.library.yaml_files import FileProblems
from readiness.services import publishing
from readiness.services.accounts import Capability
from readiness.services.database import db
from readiness.services.independence import dependence
from readiness.services.publishing import (
    MeaningNotConfirmed,
    NotIndependent,
    NotInReview,
    OwnSubmission,
    ReasonMissing,
    ReviewChanged,
)
from readiness.web.language import words
from readiness.web.maintainer.access import reader
from readiness.web.maintainer.blueprint import blueprint
from readiness.web.maintainer.labels import kind_label, step_label
from readiness.web.staff import actor, fresh

LONGEST_NOTE = 2000


@blueprint.get("/rubrics/review/<number>")
def review(number: str) -> str:
    """Show what waits under a number, or what became of it.

    :raise 403: if the account neither edits drafts nor publishes.
    :raise 404: if nothing ever waited.
    """
    reader()
    return _page(number)


@blueprint.post("/rubrics/review/<number>/confirm")
def confirm(number: str) -> Response | tuple[str, int]:
    """Publish what waits, with the second person's own second factor.

    :raise 404: if nothing does.
    """
    fresh(url_for("maintainer.review", number=number))
    try:
        publishing.confirm(actor(), number, request.form.get("digest", ""), _marked())
    except NotInReview:
        abort(404)
    except ReviewChanged:
        return _page(number, problem="changed"), 409
    except OwnSubmission:
        return _page(number, problem="own"), 403
    except NotIndependent:
        return _page(number, problem="dependent"), 403
    except MeaningNotConfirmed:
        return _page(number, problem="meaning"), 422
    except FileProblems as error:
        return _page(number, problem="wrong", problems=error.problems), 409
    return redirect(url_for("maintainer.versions"))


@blueprint.post("/rubrics/review/<number>/send-back")
def send_back(number: str) -> Response | tuple[str, int]:
    """Take it out of review, with a word on why.

    :raise 404: if nothing waits.
    :raise 422: if somebody else's version would go back without a reason.
    """
    note = request.form.get("note", "").replace("\x00", "")[:LONGEST_NOTE]
    try:
        publishing.send_back(actor(), number, request.form.get("digest", ""), note)
    except NotInReview:
        abort(404)
    except ReviewChanged:
        return _page(number, problem="changed"), 409
    except ReasonMissing:
        return _page(number, problem="reason"), 422
    return redirect(url_for("maintainer.versions"))


def _marked() -> set[tuple[Language, str]]:
    marked = set()
    for text in request.form.getlist("same"):
        language, _, key = text.partition("/")
        if language in set(Language):
            marked.add((Language(language), key))
    return marked


def _page(number: str, **more: Any) -> str:
    steps = publishing.steps_of(db.session, number)
    label = partial(step_label, words=words())
    try:
        found = publishing.review_of(db.session, number)
    except NotInReview:
        if not steps:
            abort(404)
        return render_template("maintainer/reviewed.html", number=number, steps=steps, step_label=label)
    here = actor()
    return render_template(
        "maintainer/review.html",
        review=found,
        own=found.submitted_by_id == here.id,
        dependence=dependence(db.session, found.submitted_by_id, here.id),
        may_publish=Capability.PUBLISH in here.capabilities,
        others=publishing.who_may_publish(db.session, besides=found.submitted_by_id),
        steps=steps,
        kind=kind_label(found.kind, words()),
        step_label=label,
        **more,
    )
