"""Where people hesitate: each question of a version, with what happened at it."""

from __future__ import annotations

from flask import abort, render_template, request
from werkzeug.wrappers import Response

from readiness.services import question_statistics
from readiness.services.database import db, now
from readiness.services.question_statistics import LEFT_DAYS, NoSuchVersion
from readiness.web.language import words
from readiness.web.maintainer.blueprint import blueprint


@blueprint.get("/questions")
def questions() -> str | Response:
    """Show where people hesitate, in the newest version or the one asked for.

    :raise 404: if no such version was published.
    """
    numbers = question_statistics.numbers(db.session)
    number = request.args.get("version") or (numbers[0] if numbers else "")
    try:
        found = question_statistics.statistics(db.session, number, now())
    except NoSuchVersion:
        abort(404)
    return render_template(
        "maintainer/questions.html",
        found=found,
        number=number,
        numbers=numbers,
        texts=found.version.texts[words().language],
        rows=sorted(found.questions, key=lambda each: -each.trouble),
        days=LEFT_DAYS,
    )
