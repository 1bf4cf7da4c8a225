"""The one page about the company."""

from __future__ import annotations

from flask import redirect, render_template
from werkzeug.wrappers import Response

from readiness.services import assessing
from readiness.services.assessing import CompanyChanged
from readiness.web.forms import as_sent
from readiness.web.language import words
from readiness.web.limits import CHANGE, by_link, limiter
from readiness.web.owner.blueprint import blueprint
from readiness.web.owner.forms import clean_name, company_form, seen_version
from readiness.web.owner.labels import value_label
from readiness.web.owner.opening import open_link
from readiness.web.owner.steps import address_after_company, language_asked


@blueprint.get("/assessments/<token>/company")
def company(token: str) -> str | Response:
    """Ask about the company.

    :raise 404: if the link does not exist.
    """
    opened = open_link(token)
    if opened.submitted:
        return redirect(address_after_company(opened, token))
    saved = {**opened.assessment.company, "version": opened.assessment.company_version}
    form = as_sent(company_form(words()), "owner.company_submit", saved)
    return render_template("owner/company.html", form=form, token=token)


@blueprint.post("/assessments/<token>/company")
@limiter.limit(CHANGE, key_func=by_link)
def company_submit(token: str) -> str | Response | tuple[str, int]:
    """Save what was given and go on.

    :raise 404: if the link does not exist.
    :raise 409: if something else was saved meanwhile; both are shown.
    """
    form = company_form(words())()
    if not form.validate_on_submit():
        open_link(token)
        return render_template("owner/company.html", form=form, token=token), 422
    given: dict[str, str | None] = {"name": clean_name(form["name"].data or "")}
    given |= {key: form[key].data or None for key in ("sector", "employees")}
    try:
        saved = assessing.save_company(token, given, seen=seen_version(form))
    except CompanyChanged as conflict:
        form["version"].process_data(str(conflict.version))
        shown = render_template("owner/company.html", form=form, token=token, meanwhile=saved_meanwhile(conflict))
        return shown, 409
    return language_asked() or redirect(address_after_company(saved, token))


def saved_meanwhile(conflict: CompanyChanged) -> list[tuple[str, str]]:
    """Return what is saved now, in words: each question with its answer."""
    return [value_label(key, value, words()) for key, value in conflict.saved.items()]
