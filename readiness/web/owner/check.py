"""Check the answers, then submit: a step of its own, since it freezes them."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from readiness.services import assessing, moving
from readiness.services.move_views import aside_lines
from readiness.services.version_ways import VersionChanged
from readiness.web.language import current, words
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
        numbers={question.id: number for number, question in enumerate(opened.questions, start=1)},
        to_confirm=opened.to_confirm,
        answered=sum(question.id in opened.answers for question in opened.questions),
        asides=aside_lines(moving.kept_aside(opened), words()),
        undoing=moving.undoing(opened),
        way=moving.offered(opened),
    )


@blueprint.get("/assessments/<token>/submit")
def submit(token: str) -> str | Response:
    """Ask whether to finish.

    :raise 404: if the link does not exist.
    """
    opened = open_link(token)
    if opened.submitted:
        return redirect(url_for("owner.result", token=token))
    return render_template(
        "owner/submit.html",
        token=token,
        result=opened.result,
        rubric=opened.version.id,
        to_confirm=len(opened.to_confirm),
    )


@blueprint.post("/assessments/<token>/submit")
@limiter.limit(CHANGE, key_func=by_link)
def submit_confirmed(token: str) -> Response:
    """Freeze the answers and show the result; if they were moved meanwhile, show them first.

    :raise 404: if the link does not exist.
    """
    try:
        assessing.submit(token, rubric=request.form.get("rubric"))
    except VersionChanged:
        return redirect(url_for("owner.check", token=token))
    return redirect(url_for("owner.result", token=token))
