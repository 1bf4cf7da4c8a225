"""Signing a plan, on its result page."""

from __future__ import annotations

from flask import g, redirect, url_for
from werkzeug.wrappers import Response

from readiness.services import results, sign_off
from readiness.services.sign_off import NameMissing, NotSignable
from readiness.web import staff
from readiness.web.language import words
from readiness.web.limits import CHANGE, by_link, limiter
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.evidence_forms import sign_form
from readiness.web.owner.opening import open_result
from readiness.web.owner.result import page


@blueprint.post("/assessments/<token>/sign")
@limiter.limit(CHANGE, key_func=by_link)
def sign(token: str) -> Response | tuple[str, int]:
    """Sign the newest plan, for the company or as its consultant.

    :raise 404: if the link does not exist.
    :raise 409: if the plan has changed since it was shown, or this side has signed it.
    """
    opened = open_result(token)
    if not opened.submitted:
        return redirect(url_for("owner.resume", token=token))
    form = sign_form(words())()
    problem = "sign"
    if form.validate():
        actor = staff.actor() if g.get("engagement") else None
        try:
            sign_off.sign(token, actor, form["name"].data, form["role"].data or "", seen=form["seen"].data or "")
        except NameMissing:
            form["name"].errors = [words().gettext("Write your name.")]
        except NotSignable:
            problem = "not_signable"
        else:
            return redirect(url_for("owner.result", token=token, _anchor="sign-off"))
    page_shown = page(
        token,
        opened,
        results.shown(opened, words(), to_consultant=bool(g.get("engagement"))),
        None,
        signing_form=form,
        problem=problem,
    )
    return page_shown, 409 if problem == "not_signable" else 422
