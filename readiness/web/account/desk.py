"""The desk's first page: what this account may do."""

from __future__ import annotations

from flask import render_template

from readiness.web.account.blueprint import blueprint
from readiness.web.account.forms import capability_label
from readiness.web.language import words
from readiness.web.staff import DESK_PAGES, actor


@blueprint.get("", strict_slashes=False)
def desk() -> str:
    """Lead to the pages that this account may open."""
    here = actor()
    pages = [(endpoint, title(words())) for endpoint, title, needs in DESK_PAGES if needs in here.capabilities]
    capabilities = [capability_label(each, words()) for each in sorted(here.capabilities)]
    return render_template("account/desk.html", actor=here, pages=pages, capabilities=capabilities)
