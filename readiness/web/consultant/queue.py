"""The companies that ask for a consultant."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from readiness.services import asking
from readiness.services.asking import AlreadyTaken
from readiness.web.consultant.blueprint import blueprint
from readiness.web.language import words
from readiness.web.owner.labels import sector_label
from readiness.web.staff import actor


@blueprint.get("/queue")
def queue() -> str:
    """List who waits, the longest first."""
    return _page()


@blueprint.post("/queue/<uuid:engagement_id>/take")
def queue_take(engagement_id: UUID) -> Response | tuple[str, int]:
    """Take one company; who was slower than another is told."""
    try:
        asking.take(actor(), engagement_id)
    except AlreadyTaken:
        return _page(problem="taken"), 409
    return redirect(url_for("consultant.client", engagement_id=engagement_id))


def _page(problem: str = "") -> str:
    waiting = asking.queue(actor(), words())
    sectors = {each.sector: sector_label(each.sector, words()) for each in waiting if each.sector}
    return render_template("consultant/queue.html", waiting=waiting, sectors=sectors, problem=problem)
