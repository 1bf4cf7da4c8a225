"""Changing a scheme at the desk: a fact, its status, its texts, how it pays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from readiness.core.schemes import Status
from readiness.services import scheme_sheets, schemes_desk
from readiness.services.scheme_sheets import Sheet
from readiness.services.schemes_desk import LONGEST_REASON, ChangeRefused, SchemeChanged
from readiness.services.site_catalogue import SchemeUnknown
from readiness.web.language import words
from readiness.web.maintainer import scheme_forms
from readiness.web.maintainer.blueprint import blueprint
from readiness.web.maintainer.schemes import seen_of, sheet_or_404, status_names
from readiness.web.staff import actor

Page = str | Response | tuple[str, int]


@blueprint.get("/schemes/<scheme_id>/facts/<fact_id>")
def scheme_fact(scheme_id: str, fact_id: str) -> str:
    """Show the form that gives a fact a new value.

    :raise 404: if there is no such scheme or fact.
    """
    sheet = _with_fact(scheme_id, fact_id)
    form = scheme_forms.fact_form(sheet, fact_id, words())(formdata=None, data={"seen": str(sheet.number)})
    return _fact_page(sheet, fact_id, form)


@blueprint.post("/schemes/<scheme_id>/facts/<fact_id>")
def scheme_fact_submit(scheme_id: str, fact_id: str) -> Page:
    """Give a fact a new value from a day on.

    :raise 404: if there is no such scheme or fact.
    :raise 409: if somebody else changed the scheme meanwhile; both are shown.
    """
    sheet = _with_fact(scheme_id, fact_id)
    form = scheme_forms.fact_form(sheet, fact_id, words())()

    def change() -> None:
        start = scheme_forms.start_from(form)
        schemes_desk.change_fact(
            actor(),
            scheme_id,
            fact_id,
            scheme_forms.value_from(form, sheet.form.facts[fact_id].unit),
            since=start.since,
            known_in_force_by=start.known_in_force_by,
            announced=start.announced,
            source=scheme_forms.source_from(form),
            checked=form["checked"].data,
            seen=seen_of(form["seen"].data),
            reason=form["reason"].data or "",
        )

    return _submitted(sheet, form, change, lambda **more: _fact_page(_again(sheet), fact_id, form, **more))


@blueprint.post("/schemes/<scheme_id>/facts/<fact_id>/withdraw")
def scheme_value_withdraw(scheme_id: str, fact_id: str) -> Page:
    """Take back a value that was never true.

    :raise 404: if there is no such scheme, fact or value.
    :raise 409: if somebody else changed the scheme meanwhile; both are shown.
    :raise 422: if no reason is given, or it is the only value.
    """
    sheet = _with_fact(scheme_id, fact_id)
    index, seen, reason = (request.form.get(name, "") for name in ("value", "seen", "reason"))
    if not (index.isascii() and index.isdecimal() and int(index) < len(sheet.form.facts[fact_id].values)):
        abort(404)
    blank = scheme_forms.fact_form(sheet, fact_id, words())(formdata=None, data={"seen": str(sheet.number)})
    given: dict[str, Any] = {"withdrawn": int(index), "why": reason, "problem": True}
    try:
        schemes_desk.withdraw_value(
            actor(), scheme_id, fact_id, int(index), seen=seen_of(seen), reason=reason[:LONGEST_REASON]
        )
    except SchemeChanged as changed:
        # Which value was meant can have changed with its place: it is chosen anew.
        return _fact_page(
            _again(sheet), fact_id, blank, changed=scheme_sheets.rows_of(changed.meanwhile), why=reason
        ), 409
    except ChangeRefused as refused:
        return _fact_page(sheet, fact_id, blank, problems_of_change=refused.problems, **given), 422
    return redirect(url_for("maintainer.scheme", scheme_id=sheet.id, done=1))


@blueprint.get("/schemes/<scheme_id>/status")
def scheme_status(scheme_id: str) -> str:
    """Show the form that changes a scheme's status.

    :raise 404: if there is no such scheme.
    """
    sheet = sheet_or_404(scheme_id)
    made = scheme_forms.status_form(sheet, words(), status_names(words()))
    return _status_page(sheet, made(formdata=None, data={"seen": str(sheet.number)}))


@blueprint.post("/schemes/<scheme_id>/status")
def scheme_status_submit(scheme_id: str) -> Page:
    """Say from when a scheme is open, closed and so on.

    :raise 404: if there is no such scheme.
    :raise 409: if somebody else changed the scheme meanwhile; both are shown.
    """
    sheet = sheet_or_404(scheme_id)
    form = scheme_forms.status_form(sheet, words(), status_names(words()))()

    def change() -> None:
        start = scheme_forms.start_from(form)
        common: dict[str, Any] = {
            "source": scheme_forms.source_from(form),
            "checked": form["checked"].data,
            "seen": seen_of(form["seen"].data),
            "reason": form["reason"].data or "",
        }
        if form["code"].data == Status.CLOSED:
            schemes_desk.close(actor(), scheme_id, on=start.since, known_by=start.known_in_force_by, **common)
        else:
            schemes_desk.change_status(
                actor(),
                scheme_id,
                form["code"].data,
                since=start.since,
                known_in_force_by=start.known_in_force_by,
                **common,
            )

    return _submitted(sheet, form, change, lambda **more: _status_page(_again(sheet), form, **more))


@blueprint.get("/schemes/<scheme_id>/texts")
def scheme_texts(scheme_id: str) -> str:
    """Show the form of a scheme's texts in three languages.

    :raise 404: if there is no such scheme.
    """
    sheet = sheet_or_404(scheme_id)
    saved = {
        f"{scheme_forms.field_of(place)}_{scheme_forms.SUFFIX[language]}": text
        for place, texts in sheet.texts.items()
        for language, text in texts.items()
    }
    form = scheme_forms.texts_form(sheet, words())(formdata=None, data={**saved, "seen": str(sheet.number)})
    return _texts_page(sheet, form)


@blueprint.post("/schemes/<scheme_id>/texts")
def scheme_texts_submit(scheme_id: str) -> Page:
    """Rewrite texts of a scheme.

    :raise 404: if there is no such scheme.
    :raise 409: if somebody else changed the scheme meanwhile; both are shown.
    """
    sheet = sheet_or_404(scheme_id)
    form = scheme_forms.texts_form(sheet, words())()

    def change() -> None:
        given = {place: scheme_forms.three_from(form, scheme_forms.field_of(place)) for place in sheet.texts}
        changed = {place: text for place, text in given.items() if text != dict(sheet.texts[place])}
        schemes_desk.edit_texts(
            actor(), scheme_id, changed, seen=seen_of(form["seen"].data), reason=form["reason"].data or ""
        )

    return _submitted(sheet, form, change, lambda **more: _texts_page(_again(sheet), form, **more))


@blueprint.get("/schemes/<scheme_id>/offer")
def scheme_offer(scheme_id: str) -> str:
    """Show the form of how a scheme is shown, and by which facts it pays.

    :raise 404: if there is no such scheme.
    """
    sheet = sheet_or_404(scheme_id)
    money = sheet.data["money"] or {}
    saved = {"offer": sheet.data["offer"], **{key: money.get(key) or "" for key in ("share", "cap", "per")}}
    made = scheme_forms.offer_form(sheet, words())
    form = made(formdata=None, data={**saved, "pays_for": money.get("pays_for") or [], "seen": str(sheet.number)})
    return _offer_page(sheet, form)


@blueprint.post("/schemes/<scheme_id>/offer")
def scheme_offer_submit(scheme_id: str) -> Page:
    """Say how a scheme is shown, and by which facts it pays.

    :raise 404: if there is no such scheme.
    :raise 409: if somebody else changed the scheme meanwhile; both are shown.
    """
    sheet = sheet_or_404(scheme_id)
    form = scheme_forms.offer_form(sheet, words())()

    def change() -> None:
        rule = None
        if form["share"].data:
            rule = {
                "share": form["share"].data,
                "cap": form["cap"].data or None,
                "per": form["per"].data or None,
                "pays_for": list(form["pays_for"].data or []),
            }
        schemes_desk.change_offer_and_money(
            actor(),
            scheme_id,
            form["offer"].data,
            rule,
            seen=seen_of(form["seen"].data),
            reason=form["reason"].data or "",
        )

    return _submitted(sheet, form, change, lambda **more: _offer_page(_again(sheet), form, **more))


def _with_fact(scheme_id: str, fact_id: str) -> Sheet:
    sheet = sheet_or_404(scheme_id)
    if fact_id not in sheet.form.facts:
        abort(404)
    return sheet


def _again(sheet: Sheet) -> Sheet:
    """Return the sheet as it is now: somebody may have changed it."""
    return sheet_or_404(sheet.id)


def _submitted(sheet: Sheet, form: FlaskForm, change: Callable[[], None], again: Callable[..., str]) -> Page:
    """Make a change that a form asks for; what keeps it from being made stands above the form."""
    if not form.validate_on_submit():
        return again(), 422
    try:
        change()
    except SchemeUnknown:
        abort(404)
    except SchemeChanged as changed:
        form["seen"].process_data(str(changed.number))
        return again(changed=scheme_sheets.rows_of(changed.meanwhile), problem=True), 409
    except ChangeRefused as refused:
        return again(problems_of_change=refused.problems, problem=True), 422
    return redirect(url_for("maintainer.scheme", scheme_id=sheet.id, done=1))


def _fact_page(sheet: Sheet, fact_id: str, form: FlaskForm, **more: Any) -> str:
    fact = next(fact for fact in sheet.facts if fact.id == fact_id)
    return _page("maintainer/scheme_fact.html", sheet, form, fact=fact, longest_reason=LONGEST_REASON, **more)


def _status_page(sheet: Sheet, form: FlaskForm, **more: Any) -> str:
    return _page("maintainer/scheme_status.html", sheet, form, **more)


def _texts_page(sheet: Sheet, form: FlaskForm, **more: Any) -> str:
    return _page(
        "maintainer/scheme_texts.html",
        sheet,
        form,
        field_of=scheme_forms.field_of,
        suffixes=scheme_forms.SUFFIX,
        **more,
    )


def _offer_page(sheet: Sheet, form: FlaskForm, **more: Any) -> str:
    return _page("maintainer/scheme_offer.html", sheet, form, **more)


def _page(template: str, sheet: Sheet, form: FlaskForm, **more: Any) -> str:
    return render_template(template, sheet=sheet, form=form, done=request.args.get("done"), **more)
