"""Which consultant has how many clients, without anything of the companies; and handing them over."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from readiness.services import handing_over
from readiness.services.accounts import Capability
from readiness.services.handing_over import ColleagueUnknown
from readiness.web.account.blueprint import blueprint
from readiness.web.staff import DESK_PAGES, actor, fresh

DESK_PAGES.append(("account.engagements", lambda words: words.gettext("Engagements"), Capability.MANAGE_ACCOUNTS))


@blueprint.get("/engagements")
def engagements() -> str:
    """List the engagements by consultant."""
    fresh()
    return _page()


@blueprint.post("/engagements")
def engagements_hand_over() -> Response | tuple[str, int]:
    """Hand the chosen ones over to another consultant."""
    fresh(url_for("account.engagements"))
    chosen = [each for each in map(_id, request.form.getlist("engagement")) if each]
    if not chosen:
        return _page("none_chosen"), 422
    try:
        number = handing_over.hand_over(actor(), chosen, request.form.get("to", ""))
    except ColleagueUnknown:
        return _page("nobody"), 422
    return redirect(url_for("account.engagements", handed=number))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _page(problem: str = "") -> str:
    holders = handing_over.holders(actor())
    handed = request.args.get("handed", "")
    return render_template(
        "account/engagements.html",
        holders=holders,
        to=[each.email for each in holders if each.guides],
        problem=problem,
        chosen=request.form.getlist("engagement"),
        handed=int(handed) if handed.isascii() and handed.isdigit() and len(handed) < 6 else None,
    )
