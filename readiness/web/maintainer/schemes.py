"""The schemes at the desk: what is to be done, one scheme's sheet, its history."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from readiness.core.schemes import Status
from readiness.documents.words import Words
from readiness.library.merging import SUPPORT
from readiness.library.scheme_files import SchemeForm
from readiness.services import scheme_lists, scheme_sheets, schemes_desk
from readiness.services.database import db
from readiness.services.planning import today
from readiness.services.scheme_sheets import Sheet, texts_for
from readiness.services.schemes_desk import ChangeRefused, SchemeChanged
from readiness.services.site_catalogue import SchemeUnknown, head
from readiness.web.language import words
from readiness.web.maintainer.blueprint import blueprint
from readiness.web.staff import actor


@blueprint.get("/schemes")
def schemes() -> str:
    """List the schemes: all, or those of one list, or whose name holds some letters."""
    found = scheme_lists.lists(db.session, today())
    name = request.args.get("list", "all")
    asked = " ".join(request.args.get("q", "").split())[:100]
    language = words().language
    names = {row.id: found.version.forms[row.id].name(language) for row in found.rows}
    rows = [
        row for row in found.filtered(name) if asked.lower() in _searched(found.version.forms[row.id], names[row.id])
    ]
    return render_template(
        "maintainer/schemes.html",
        found=found,
        rows=rows,
        names=names,
        statuses=status_names(words()),
        chosen=name if name in scheme_lists.LISTS else "all",
        counts={each: len(found.filtered(each)) for each in scheme_lists.LISTS},
        titles=_titles(words()),
        asked=asked,
        support_conflict=scheme_sheets.conflict_of(db.session, SUPPORT, found.version.document[SUPPORT])
        if found.support_conflict
        else (),
    )


@blueprint.get("/schemes/<scheme_id>")
def scheme(scheme_id: str) -> str:
    """Show one scheme: its facts with their history, its sources, and what can be changed.

    :raise 404: if there is no such scheme.
    """
    return page(sheet_or_404(scheme_id))


@blueprint.get("/schemes/<scheme_id>/history")
def scheme_history(scheme_id: str) -> str:
    """Show what was changed of a scheme, by whom, when and why.

    :raise 404: if there is no such scheme.
    """
    sheet = sheet_or_404(scheme_id)
    before = request.args.get("before", "")
    start = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
    changes = scheme_sheets.history(db.session, scheme_id, start)
    return render_template(
        "maintainer/scheme_history.html",
        sheet=sheet,
        changes=changes,
        earlier=changes[-1].number if len(changes) == scheme_sheets.PAGE else None,
    )


@blueprint.post("/schemes/<scheme_id>/checked")
def scheme_checked(scheme_id: str) -> Response | tuple[str, int]:
    """Note that a scheme's record was compared with the live page today.

    :raise 404: if there is no such scheme.
    """
    try:
        schemes_desk.confirm_checked(actor(), scheme_id, seen=seen_of(request.form.get("seen")))
    except SchemeUnknown:
        abort(404)
    except SchemeChanged as changed:
        return page(sheet_or_404(scheme_id), meanwhile=changed), 409
    except ChangeRefused as refused:
        return page(sheet_or_404(scheme_id), refused=refused), 422
    return redirect(url_for("maintainer.scheme", scheme_id=scheme_id))


@blueprint.post("/schemes/<scheme_id>/settle")
def scheme_settle(scheme_id: str) -> Response | tuple[str, int]:
    """Decide between the site's record and the one that a release ships.

    :raise 404: if nothing is open there.
    """
    take = request.form.get("take")
    if take not in ("site", "shipped"):
        abort(400)
    seen = seen_of(request.form.get("seen"))
    back = url_for("maintainer.schemes") if scheme_id == SUPPORT else url_for("maintainer.scheme", scheme_id=scheme_id)
    try:
        schemes_desk.settle(actor(), scheme_id, take_shipped=take == "shipped", seen=seen)
    except SchemeUnknown:
        abort(404)
    except SchemeChanged as changed:
        if scheme_id == SUPPORT:
            return redirect(back)
        return page(sheet_or_404(scheme_id), meanwhile=changed), 409
    except ChangeRefused as refused:
        if scheme_id == SUPPORT:
            abort(409)
        return page(sheet_or_404(scheme_id), refused=refused), 422
    return redirect(back)


def sheet_or_404(scheme_id: str) -> Sheet:
    """Return a scheme of the catalogue in force, or answer that there is none."""
    try:
        return scheme_sheets.sheet(db.session, scheme_id, today(), words())
    except SchemeUnknown:
        db.session.rollback()
        abort(404)


def page(sheet: Sheet, *, meanwhile: SchemeChanged | None = None, refused: ChangeRefused | None = None) -> str:
    """Return the sheet of a scheme, with what kept a change from being made."""
    return render_template(
        "maintainer/scheme.html",
        sheet=sheet,
        changed=scheme_sheets.rows_of(meanwhile.meanwhile) if meanwhile else (),
        problems_of_change=refused.problems if refused else (),
        problem=refused is not None or meanwhile is not None,
        plans_of_all=None,
    )


def seen_of(text: str | None) -> int:
    """Return which change a form had seen; a form that does not say has seen none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def status_names(language: Words) -> dict[str, str]:
    """Return every status in words."""
    texts = texts_for(head(db.session).version, today(), language)
    return {each.value: texts.status(each.value) for each in Status}


def _searched(form: SchemeForm, name: str) -> str:
    """Return the letters in which a scheme is looked for: its id, its short name, its name in this language."""
    return f"{form.id} {form.short_name or ''} {name}".lower()


def _titles(language: Words) -> dict[str, str]:
    _ = language.gettext
    return {
        "all": _("All schemes"),
        "conflicts": _("Changed here and by a release"),
        "links": _("A link fails"),
        "ending": _("Ends or ended within 60 days"),
        "overdue": _("Announced over 180 days ago"),
        "coming": _("A change is coming"),
        "never": _("Never compared with the live page"),
        "stale": _("Compared over 90 days ago"),
        "plans": _("Recommended most"),
    }
