"""Deleting everything, in two clicks."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from readiness.services import erasing
from readiness.web.limits import CHANGE, by_link, limiter
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.opening import open_result


@blueprint.get("/assessments/<token>/delete")
def delete(token: str) -> str:
    """Say what will be gone, and ask.

    :raise 404: if the link does not exist.
    """
    newest = open_result(token)
    result = newest.assessment.revision if newest.submitted else None
    return render_template("owner/delete.html", token=token, result=result)


@blueprint.post("/assessments/<token>/delete")
@limiter.limit(CHANGE, key_func=by_link)
def delete_confirmed(token: str) -> Response:
    """Delete everything.

    :raise 404: if the link does not exist.
    """
    erasing.delete_everything(token)
    return redirect(url_for("owner.deleted"))


@blueprint.get("/deleted")
def deleted() -> str:
    """Say that nothing is kept any more."""
    return render_template("owner/deleted.html")
