"""What a company offers to whichever consultant opens its link first."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from readiness.services import engagements
from readiness.web.consultant.blueprint import blueprint
from readiness.web.staff import actor


@blueprint.get("/offers/<offer>")
def offer(offer: str) -> str:
    """Say what a company offers.

    :raise 404: if it was taken up, or is too old.
    """
    return render_template("consultant/offer.html", offer=engagements.found(offer, "offered"))


@blueprint.post("/offers/<offer>")
def offer_take(offer: str) -> Response:
    """Take it up.

    :raise 404: if it was taken up, or is too old.
    """
    return redirect(url_for("consultant.client", engagement_id=engagements.take(actor(), offer)))
