"""The support matrix at the desk: which schemes belong to which band."""

from __future__ import annotations

import re
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from readiness.core.schemes import USABLE
from readiness.library.merging import SUPPORT, part_of
from readiness.services import scheme_sheets, schemes_desk
from readiness.services.database import db
from readiness.services.planning import today
from readiness.services.schemes_desk import ChangeRefused, SchemeChanged
from readiness.services.site_catalogue import Head, head
from readiness.services.versions import current_rubric, rubric_of
from readiness.web.language import words
from readiness.web.maintainer import scheme_forms
from readiness.web.maintainer.blueprint import blueprint
from readiness.web.maintainer.scheme_forms import support_field
from readiness.web.maintainer.schemes import seen_of, status_names
from readiness.web.staff import actor


@blueprint.get("/schemes/support")
def support() -> str:
    """Show the form of the matrix."""
    present = head(db.session)
    bands = part_of(present.version.document, SUPPORT)["bands"]
    saved = {support_field(band, kind): ", ".join(ids) for band, kinds in bands.items() for kind, ids in kinds.items()}
    return _page(present, _form(present)(formdata=None, data={**saved, "seen": str(present.number)}))


@blueprint.post("/schemes/support")
def support_submit() -> str | Response | tuple[str, int]:
    """Say which schemes belong to which band.

    :raise 409: if somebody else changed the matrix meanwhile; both are shown.
    """
    present = head(db.session)
    form = _form(present)()
    if not form.validate_on_submit():
        return _page(present, form), 422
    data = part_of(present.version.document, SUPPORT)
    given = {
        band: {kind: _ids(form[support_field(band, kind)].data or "") for kind in data["kinds"]}
        for band in data["bands"]
    }
    try:
        seen = seen_of(form["seen"].data)
        schemes_desk.change_support(actor(), given, seen=seen, reason=form["reason"].data or "")
    except SchemeChanged as changed:
        form["seen"].process_data(str(changed.number))
        shown = scheme_sheets.rows_of(changed.meanwhile)
        return _page(head(db.session), form, changed=shown, problem=True), 409
    except ChangeRefused as refused:
        return _page(present, form, problems_of_change=refused.problems, problem=True), 422
    return redirect(url_for("maintainer.support", done=1))


def _ids(text: str) -> list[str]:
    """Return the ids in a line, in which commas or spaces part them."""
    return re.findall(r"[^\s,、，]+", text)


def _form(present: Head) -> type[FlaskForm]:
    return scheme_forms.support_form(_bands(present), _kinds(present), words())


def _bands(present: Head) -> dict[str, str]:
    texts = rubric_of(current_rubric(db.session)).texts[words().language]
    return {id: texts.get(f"bands.{id}.name", id) for id in part_of(present.version.document, SUPPORT)["bands"]}


def _kinds(present: Head) -> dict[str, str]:
    kinds = part_of(present.version.document, SUPPORT)["kinds"]
    return {id: names[words().language.value] for id, names in kinds.items()}


def _page(present: Head, form: FlaskForm, **more: Any) -> str:
    language, day = words().language, today()
    statuses = {id: scheme.status_on(day) for id, scheme in present.version.catalogue.schemes.items()}
    names = status_names(words())
    return render_template(
        "maintainer/support.html",
        form=form,
        bands=_bands(present),
        kinds=_kinds(present),
        field=support_field,
        schemes={id: scheme.name(language) for id, scheme in present.version.forms.items()},
        not_open={id: names[status.value] for id, status in statuses.items() if status not in USABLE},
        ids_in=_ids,
        done=request.args.get("done"),
        **more,
    )
