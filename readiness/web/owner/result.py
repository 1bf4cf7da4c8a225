"""The result: the finding first, then what to do, then who pays."""

from __future__ import annotations

from flask import g, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from readiness.services import assessing, results
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.forms import facts_form, facts_from, facts_shown


@blueprint.get("/assessments/<token>/result")
def result(token: str) -> str | Response:
    """Show the result.

    :raise 404: if the link does not exist.
    """
    opened = assessing.open_with(token)
    if not opened.submitted:
        return redirect(url_for("owner.resume", token=token))
    shown = results.shown(opened, g.words)
    form = facts_form(shown.fact_keys, g.words)(data=facts_shown(opened.assessment.company)) if shown.plan else None
    return _page(token, opened, shown, form)


@blueprint.post("/assessments/<token>/result")
def facts_submit(token: str) -> str | Response | tuple[str, int]:
    """Save further facts about the company and make the plan anew; the answers and the score stay.

    :raise 404: if the link does not exist.
    """
    opened = assessing.open_with(token)
    if not opened.submitted:
        return redirect(url_for("owner.resume", token=token))
    shown = results.shown(opened, g.words)
    form = facts_form(shown.fact_keys, g.words)()
    if not form.validate_on_submit():
        return _page(token, opened, shown, form), 422
    given = facts_from(form, shown.fact_keys)
    if given:
        assessing.save_company(token, given)
    return redirect(url_for("owner.result", token=token, _anchor="schemes"))


@blueprint.post("/assessments/<token>/revise")
def revise(token: str) -> Response:
    """Begin a new revision with the same answers; this result stays.

    :raise 404: if the link does not exist.
    """
    return redirect(url_for("owner.check", token=assessing.revise(token)))


def _page(token: str, opened: assessing.Opened, shown: results.Shown, form: FlaskForm | None) -> str:
    return render_template(
        "owner/result.html",
        token=token,
        opened=opened,
        result=shown.result,
        plan=shown.plan,
        form=form,
        deciding_keys=shown.deciding_keys,
        fact_keys=shown.fact_keys,
        action_form=FlaskForm(),
    )
