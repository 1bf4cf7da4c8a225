"""How the company's results went on."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from readiness.services.database import db
from readiness.services.trends import trend_of
from readiness.web.language import words
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.opening import open_result


@blueprint.get("/assessments/<token>/trend")
def trend(token: str) -> str | Response:
    """Show all results in the order of time, and each area then and now.

    :raise 404: if the link does not exist.
    """
    opened = open_result(token)
    if not opened.submitted:
        return redirect(url_for("owner.resume", token=token))
    return render_template("owner/trend.html", token=token, opened=opened, trend=trend_of(db.session, opened, words()))
