"""The result: the finding first, then what to do, then who pays."""

from __future__ import annotations

from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from readiness.models import Access
from readiness.services import assessing, results
from readiness.services.assessing import CompanyChanged
from readiness.services.comparing import bridge_line, bridged_to_newest
from readiness.services.opening import Opened
from readiness.web.forms import as_sent
from readiness.web.language import words
from readiness.web.limits import CHANGE, by_link, limiter
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.company import saved_meanwhile
from readiness.web.owner.evidence_forms import sign_form
from readiness.web.owner.forms import facts_form, facts_from, facts_shown, seen_version
from readiness.web.owner.opening import open_result


@blueprint.get("/assessments/<token>/result")
@blueprint.get("/assessments/<token>/results/<int(max=999999):revision>")
def result(token: str, revision: int | None = None) -> str | Response:
    """Show the newest result, or an earlier one.

    :raise 404: if the link does not exist or shows no such result.
    """
    opened = open_result(token, revision)
    if not opened.submitted:
        return redirect(url_for("owner.resume", token=token))
    shown = results.shown(opened, words(), to_consultant=bool(g.get("engagement")))
    form = None
    if shown.plan and shown.newest:
        company = opened.assessment.company
        saved = {**facts_shown(company), "version": opened.assessment.company_version}
        form = as_sent(facts_form(shown.fact_keys, words()), "owner.facts_submit", saved)
    return page(token, opened, shown, form)


@blueprint.get("/assessments/<token>/schemes/<scheme_id>")
@blueprint.get("/assessments/<token>/results/<int(max=999999):revision>/schemes/<scheme_id>")
def scheme(token: str, scheme_id: str, revision: int | None = None) -> str | Response:
    """Show what is known of one scheme, and why it fits this company or does not.

    :raise 404: if the link, the result or the scheme does not exist.
    """
    opened = open_result(token, revision)
    if not opened.submitted:
        return redirect(url_for("owner.resume", token=token))
    shown = results.scheme(opened, scheme_id, words()) or abort(404)
    return render_template("owner/scheme.html", token=token, revision=revision, shown=shown, view=shown.view)


@blueprint.post("/assessments/<token>/result")
@limiter.limit(CHANGE, key_func=by_link)
def facts_submit(token: str) -> str | Response | tuple[str, int]:
    """Save further facts about the company and make the plan anew; the answers and the score stay.

    :raise 404: if the link does not exist.
    :raise 409: if something else was saved meanwhile; both are shown.
    """
    opened = open_result(token)
    if not opened.submitted:
        return redirect(url_for("owner.resume", token=token))
    shown = results.shown(opened, words(), to_consultant=bool(g.get("engagement")))
    form = facts_form(shown.fact_keys, words())()
    if not form.validate_on_submit():
        return page(token, opened, shown, form), 422
    given = facts_from(form, shown.fact_keys)
    if given:
        try:
            assessing.save_facts(token, given, seen=seen_version(form))
        except CompanyChanged as conflict:
            form["version"].process_data(str(conflict.version))
            return page(token, opened, shown, form, meanwhile=saved_meanwhile(conflict)), 409
    return redirect(url_for("owner.result", token=token, _anchor="schemes"))


@blueprint.post("/assessments/<token>/plan")
@limiter.limit(CHANGE, key_func=by_link)
def plan_anew(token: str) -> Response:
    """Make a further plan on what is known of the schemes today; the earlier ones stay.

    :raise 404: if the link does not exist.
    """
    assessing.renew_plan(token)
    return redirect(url_for("owner.result", token=token, _anchor="schemes"))


@blueprint.post("/assessments/<token>/revise")
@limiter.limit(CHANGE, key_func=by_link)
def revise(token: str) -> Response:
    """Begin a new revision with the same answers; this result stays.

    :raise 404: if the link does not exist.
    """
    assessing.revise(token)
    if request.form.get("then") == "evidence":
        return redirect(url_for("owner.evidence", token=token))
    return redirect(url_for("owner.check", token=token))


@blueprint.post("/assessments/<token>/drop")
@limiter.limit(CHANGE, key_func=by_link)
def drop_revision(token: str) -> Response:
    """Drop the changes that were begun after a result, and go back to it.

    :raise 404: if the link does not exist.
    """
    assessing.drop_revision(token)
    return redirect(url_for("owner.resume", token=token))


def page(
    token: str,
    opened: Opened,
    shown: results.Shown,
    form: FlaskForm | None,
    *,
    signing_form: FlaskForm | None = None,
    **more: Any,
) -> str:
    """Return the page of a result, with the forms as they were sent."""
    bridge = bridged_to_newest(opened) if shown.newest and opened.access is Access.EDIT else None
    return render_template(
        "owner/result.html",
        token=token,
        bridge=bridge_line(bridge, words()) if bridge else None,
        opened=opened,
        result=shown.result,
        plan=shown.plan,
        revisions=shown.revisions,
        newest=shown.newest,
        changing=shown.changing,
        by_consultant=shown.by_consultant,
        news=shown.news,
        progress=shown.progress,
        noted=shown.noted,
        engaged=shown.engaged,
        has_trend=shown.has_trend,
        again_is_due=shown.again_is_due,
        form=form,
        deciding_keys=shown.deciding_keys,
        fact_keys=shown.fact_keys,
        signing=shown.signing,
        signing_form=_signing_form(opened, shown, signing_form),
        **more,
    )


def _signing_form(opened: Opened, shown: results.Shown, sent: FlaskForm | None) -> FlaskForm | None:
    """Return the form that signs, or None for whoever cannot: it says which plan was shown."""
    signing = shown.signing
    if signing is None or not signing.digest or not shown.newest or opened.access is not Access.EDIT:
        return None
    if signing.of("consultant" if g.get("engagement") else "company"):
        return None
    saved = {"seen": signing.digest}
    form = sent or as_sent(sign_form(words()), "owner.sign", saved)
    form["seen"].process_data(signing.digest)
    return form
