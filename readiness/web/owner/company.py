"""The one page about the company."""

from __future__ import annotations

from flask import g, redirect, render_template
from werkzeug.wrappers import Response

from readiness.services import assessing
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.forms import clean_name, company_form
from readiness.web.owner.steps import address_after_company, language_asked


@blueprint.get("/assessments/<token>/company")
def company(token: str) -> str | Response:
    """Ask about the company.

    :raise 404: if the link does not exist.
    """
    opened = assessing.open_with(token)
    if opened.submitted:
        return redirect(address_after_company(opened, token))
    form = company_form(g.words)(data=opened.assessment.company)
    return render_template("owner/company.html", form=form, opened=opened, token=token)


@blueprint.post("/assessments/<token>/company")
def company_submit(token: str) -> str | Response | tuple[str, int]:
    """Save what was given and go on.

    :raise 404: if the link does not exist.
    """
    opened = assessing.open_with(token)
    form = company_form(g.words)()
    if not form.validate_on_submit():
        return render_template("owner/company.html", form=form, opened=opened, token=token), 422
    given: dict[str, str | None] = {"name": clean_name(form["name"].data or "")}
    given |= {key: form[key].data or None for key in ("sector", "employees")}
    assessing.save_company(token, given)
    return language_asked() or redirect(address_after_company(assessing.open_with(token), token))
