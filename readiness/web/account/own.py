"""One's own account: second factors, recovery codes, password."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from readiness.services import second_factors
from readiness.services.accounts import find
from readiness.services.passwords import weakness
from readiness.services.second_factors import LastFactor
from readiness.web.account.blueprint import blueprint
from readiness.web.account.forms import password_form, weakness_text
from readiness.web.account.keys import password_hash
from readiness.web.account.second_factor import new_codes
from readiness.web.account.session import begin
from readiness.web.language import words
from readiness.web.staff import actor, fresh


@blueprint.get("/account")
def own() -> str:
    """Show what this account signs in with."""
    return _page(password_form(words())())


@blueprint.post("/account/password")
def own_password() -> Response | tuple[str, int]:
    """Change the password; other sessions of the account end."""
    fresh(url_for("account.own"))
    form = password_form(words())()
    if not form.validate():
        return _page(form), 422
    password = str(form["password"].data)
    weak = weakness(password, actor().email)
    if weak is not None:
        form["password"].errors = [weakness_text(weak, words())]
        return _page(form), 422
    second_factors.set_password(actor().id, password_hash(password))
    begin(find(actor().id), second_factor=True)
    flash("password_changed")
    return redirect(url_for("account.own"))


@blueprint.post("/account/codes")
def own_codes() -> str:
    """Make new recovery codes, and show them, this once."""
    fresh(url_for("account.own"))
    return new_codes(url_for("account.own"))


@blueprint.post("/account/passkeys/<uuid:passkey_id>/remove")
def own_passkey_remove(passkey_id: UUID) -> Response | tuple[str, int]:
    """Forget a passkey."""
    fresh(url_for("account.own"))
    try:
        second_factors.drop_passkey(actor().id, passkey_id)
    except LastFactor:
        return _page(password_form(words())(formdata=None), problem="last_factor"), 409
    return redirect(url_for("account.own"))


def _page(form: FlaskForm, problem: str | None = None) -> str:
    return render_template(
        "account/own.html",
        form=form,
        problem=problem,
        actor=actor(),
        known=second_factors.factors(actor().id),
        with_password=current_user.password is not None,
    )
