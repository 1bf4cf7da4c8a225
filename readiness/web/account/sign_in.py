"""Signing in and out."""

from __future__ import annotations

import hmac

from flask import current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from readiness.services import second_factors
from readiness.services.accounts import AccountUnknown, find
from readiness.web.account import passkeys
from readiness.web.account.blueprint import blueprint
from readiness.web.account.forms import code_form, sign_in_form
from readiness.web.account.keys import one_time_codes, password_holds
from readiness.web.account.passkeys import PasskeyRefused
from readiness.web.account.session import begin, end, prove, way_back
from readiness.web.language import words
from readiness.web.limits import BY_ACCOUNT, BY_ADDRESS, limiter
from readiness.web.staff import signed_in


def by_email() -> str:
    """Name the account that someone tries to sign in to, by a hash: a counter is no list of addresses."""
    email = request.form.get("email", "").strip().lower()
    return hmac.digest(current_app.config["RECOVERY_KEY"], email.encode("utf-8", "surrogatepass"), "sha256").hex()


def by_account() -> str:
    """Name the account that is signed in with its first factor."""
    account = signed_in()
    return str(account.id) if account else "nobody"


def refused(response: Response) -> bool:
    """Return whether an attempt failed: only those are counted."""
    return response.status_code >= 400


@blueprint.get("/sign-in")
def sign_in() -> Response | str:
    """Ask for address and password, or for a passkey."""
    return _page(sign_in_form(words())(next=request.args.get("next", "")))


@blueprint.post("/sign-in")
@limiter.limit(BY_ACCOUNT, key_func=by_email, deduct_when=refused)
@limiter.limit(BY_ADDRESS, deduct_when=refused)
def sign_in_submit() -> Response | tuple[str, int]:
    """Take the first factor and go on to the second.

    Whether the address is unknown, the password wrong or the account withdrawn, the answer is the same, and takes
    as long.
    """
    form = sign_in_form(words())()
    if not form.validate():
        return _page(form), 422
    try:
        account = find(str(form["email"].data))
    except AccountUnknown:
        account = None
    if not password_holds(str(form["password"].data), account.password if account else None) or account is None:
        wrong = words().gettext("Address and password do not belong together, or the account was withdrawn.")
        form["password"].errors = [wrong]
        return _page(form), 422
    onward = form["next"].data or None
    begin(account)
    known = second_factors.factors(account.id).any
    return redirect(url_for("account.code" if known else "account.set_up", next=onward))


@blueprint.post("/sign-in/passkey")
@limiter.limit(BY_ADDRESS, deduct_when=refused)
def sign_in_passkey() -> Response | tuple[str, int]:
    """Sign in with a passkey, which is both factors."""
    onward = request.form.get("next")
    try:
        account = passkeys.used(request.form.get("credential", ""))
    except PasskeyRefused:
        return _page(sign_in_form(words())(formdata=None, next=onward), problem="passkey"), 422
    begin(account, second_factor=True)
    return redirect(way_back(onward))


@blueprint.get("/sign-in/code")
def code() -> str:
    """Ask for the second factor: at sign-in, and again where it must be fresh."""
    return _code_page(code_form(words())(next=request.args.get("next", "")))


@blueprint.post("/sign-in/code")
@limiter.limit(BY_ACCOUNT, key_func=by_account, deduct_when=refused)
@limiter.limit(BY_ADDRESS, deduct_when=refused)
def code_submit() -> Response | tuple[str, int]:
    """Take a code of the app, or a recovery code; each holds once."""
    form = code_form(words())()
    if not form.validate():
        return _code_page(form), 422
    if not _holds(str(form["code"].data)):
        wrong = words().gettext("This code does not hold. A code of the app holds for half a minute, and only once.")
        form["code"].errors = [wrong]
        return _code_page(form), 422
    prove()
    return redirect(way_back(form["next"].data))


@blueprint.post("/sign-in/code/passkey")
@limiter.limit(BY_ACCOUNT, key_func=by_account, deduct_when=refused)
def code_passkey() -> Response | tuple[str, int]:
    """Take a passkey of the account that is signed in as its second factor."""
    onward = request.form.get("next")
    try:
        if passkeys.used(request.form.get("credential", "")).id != current_user.id:
            raise PasskeyRefused
    except PasskeyRefused:
        return _code_page(code_form(words())(formdata=None, next=onward), problem="passkey"), 422
    prove()
    return redirect(way_back(onward))


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session, here and wherever else the account is signed in: a copy of the cookie opens nothing."""
    second_factors.end_sessions(current_user.id)
    end()
    flash("signed_out")
    return redirect(url_for("account.sign_in"))


def _holds(offered: str) -> bool:
    digits = "".join(offered.split())
    if digits.isascii() and digits.isdigit():
        codes = one_time_codes()
        return second_factors.accept_code(
            current_user.id, lambda secret, newest: codes.counter_of(digits, secret, newest)
        )
    return second_factors.accept_recovery_code(current_user.id, offered)


def _page(form: FlaskForm, problem: str | None = None) -> str:
    return render_template("account/sign_in.html", form=form, problem=problem, passkey=passkeys.to_use())


def _code_page(form: FlaskForm, problem: str | None = None) -> str:
    known = second_factors.factors(current_user.id)
    return render_template(
        "account/code.html",
        form=form,
        problem=problem,
        known=known,
        passkey=passkeys.to_use() if known.passkeys else None,
    )
