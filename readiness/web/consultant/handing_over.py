"""A client goes to a colleague, or comes from one."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from readiness.services import handing_over
from readiness.services.handing_over import ColleagueUnknown
from readiness.web.consultant.blueprint import blueprint
from readiness.web.consultant.clients import client_page
from readiness.web.engagement_forms import colleague_form
from readiness.web.language import words
from readiness.web.limits import GIVE, limiter
from readiness.web.staff import actor


@blueprint.post("/clients/<uuid:engagement_id>/propose")
@limiter.limit(GIVE)
def client_propose(engagement_id: UUID) -> Response | tuple[str, int]:
    """Ask a colleague to take a client over.

    :raise 404: if it is not this consultant's, or is over.
    """
    form = colleague_form(words())()
    if not form.validate():
        return client_page(engagement_id, form), 422
    try:
        handing_over.propose(actor(), engagement_id, form["address"].data)
    except ColleagueUnknown:
        form["address"].errors = [words().gettext("No other consultant signs in with this address.")]
        return client_page(engagement_id, form), 422
    return redirect(url_for("consultant.client", engagement_id=engagement_id, _anchor="hand-over"))


@blueprint.post("/clients/<uuid:engagement_id>/take-back")
def client_take_back(engagement_id: UUID) -> Response:
    """Take the proposal to a colleague back.

    :raise 404: if the client is not this consultant's, or is over.
    """
    handing_over.take_back(actor(), engagement_id)
    return redirect(url_for("consultant.client", engagement_id=engagement_id, _anchor="hand-over"))


@blueprint.post("/proposals/<uuid:engagement_id>")
def proposal_answer(engagement_id: UUID) -> Response:
    """Take over a client whom a colleague proposed, or leave it there.

    :raise 404: if nobody proposes it any more.
    """
    if request.form.get("answer") == "take":
        handing_over.accept(actor(), engagement_id)
        return redirect(url_for("consultant.client", engagement_id=engagement_id))
    if request.form.get("answer") == "leave":
        handing_over.decline(actor(), engagement_id)
    return redirect(url_for("consultant.clients"))
