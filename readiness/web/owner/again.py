"""Assessing again: saying what it begins with, then doing it."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from readiness.services import again as again_rules
from readiness.services.database import db
from readiness.services.moving import NewerVersion
from readiness.services.revisions import draft_of
from readiness.web.language import words
from readiness.web.limits import CHANGE, by_link, limiter
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.opening import open_result


@blueprint.get("/assessments/<token>/again")
def again(token: str) -> str | Response:
    """Say what assessing again begins with.

    :raise 404: if the link does not exist.
    """
    return _page(token)


@blueprint.post("/assessments/<token>/again")
@limiter.limit(CHANGE, key_func=by_link)
def again_confirmed(token: str) -> str | Response | tuple[str | Response, int]:
    """Begin with the answers of last time, each to be confirmed.

    :raise 404: if the link does not exist.
    :raise 409: if a newer version of the questions was published since it was shown; that one is shown.
    """
    open_result(token)
    try:
        again_rules.assess_again(token, _version_asked())
    except NewerVersion:
        return _page(token, newer_still=True), 409
    return redirect(url_for("owner.check", token=token))


def _page(token: str, *, newer_still: bool = False) -> str | Response:
    opened = open_result(token)
    if not opened.submitted:
        return redirect(url_for("owner.resume", token=token))
    begun = draft_of(db.session, opened.assessment) is not None
    offered = again_rules.offered(opened, begun=begun)
    submitted = opened.assessment.submitted_at or opened.assessment.saved_at
    return render_template(
        "owner/again.html",
        token=token,
        opened=opened,
        offered=offered,
        last=words().day_of(submitted),
        to=offered.way.ids[-1] if offered.way else "",
        newer_still=newer_still,
    )


def _version_asked() -> UUID | None:
    try:
        return UUID(request.form.get("to", ""))
    except ValueError:
        return None
