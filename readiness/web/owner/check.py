"""Check the answers, then submit: a step of its own, since it freezes them."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from readiness.services import assessing
from readiness.web.language import current
from readiness.web.limits import CHANGE, by_link, limiter
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.opening import open_link


@blueprint.get("/assessments/<token>/check")
def check(token: str) -> str | Response:
    """Show all answers with links to change them, and what was not answered.

    :raise 404: if the link does not exist.
    """
    opened = open_link(token)
    if opened.submitted:
        return redirect(url_for("owner.result", token=token))
    return render_template(
        "owner/check.html",
        opened=opened,
        token=token,
        texts=opened.version.texts[current()],
        result=opened.result,
        needed=opened.version.rubric.fewest_scored,
    )


@blueprint.get("/assessments/<token>/submit")
def submit(token: str) -> str | Response:
    """Ask whether to finish.

    :raise 404: if the link does not exist.
    """
    opened = open_link(token)
    if opened.submitted:
        return redirect(url_for("owner.result", token=token))
    return render_template("owner/submit.html", token=token, result=opened.result)


@blueprint.post("/assessments/<token>/submit")
@limiter.limit(CHANGE, key_func=by_link)
def submit_confirmed(token: str) -> Response:
    """Freeze the answers and show the result.

    :raise 404: if the link does not exist.
    """
    assessing.submit(token)
    return redirect(url_for("owner.result", token=token))
