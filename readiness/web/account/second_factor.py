"""Setting up a second factor: an app that shows codes, or a passkey."""

from __future__ import annotations

from flask import redirect, render_template, request, session
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from readiness.services import second_factors
from readiness.web import staff
from readiness.web.account import passkeys
from readiness.web.account.blueprint import blueprint
from readiness.web.account.forms import code_form
from readiness.web.account.keys import one_time_codes
from readiness.web.account.passkeys import PasskeyRefused
from readiness.web.account.session import prove, way_back
from readiness.web.account.sign_in import by_account, refused
from readiness.web.language import words
from readiness.web.limits import BY_ACCOUNT, limiter

#: Key of the session: the encrypted secret of the app that is being set up.
PENDING = "pending_secret"


@blueprint.get("/second-factor")
def set_up() -> str:
    """Show the key for an app, and offer a passkey."""
    _fresh_unless_first()
    return _page(code_form(words())(next=request.args.get("next", "")))


@blueprint.post("/second-factor")
@limiter.limit(BY_ACCOUNT, key_func=by_account, deduct_when=refused)
def set_up_submit() -> Response | str | tuple[str, int]:
    """Keep the app's secret once a code of it was seen."""
    _fresh_unless_first()
    form = code_form(words())()
    if not form.validate():
        return _page(form), 422
    secret = session.get(PENDING)
    counter = one_time_codes().counter_of("".join(str(form["code"].data).split()), secret) if secret else None
    if secret is None or counter is None:
        wrong = words().gettext(
            "This is not the code that the app shows now. Check the clock of the phone, and try again."
        )
        form["code"].errors = [wrong]
        return _page(form), 422
    second_factors.set_authenticator(current_user.id, secret, counter)
    del session[PENDING]
    return _set_up(form["next"].data)


@blueprint.post("/second-factor/passkey")
@limiter.limit(BY_ACCOUNT, key_func=by_account, deduct_when=refused)
def set_up_passkey() -> Response | str | tuple[str, int]:
    """Keep a passkey that the browser just made."""
    _fresh_unless_first()
    onward = request.form.get("next")
    try:
        passkey = passkeys.created(request.form.get("credential", ""))
    except PasskeyRefused:
        return _page(code_form(words())(formdata=None, next=onward), problem="passkey"), 422
    second_factors.add_passkey(current_user.id, passkey)
    return _set_up(onward)


def new_codes(onward: str | None) -> str:
    """Make recovery codes in place of the earlier ones, and show them, this once."""
    codes = one_time_codes().generate_recovery_codes(second_factors.CODES)
    second_factors.set_recovery_codes(current_user.id, codes)
    return render_template("account/codes.html", codes=codes, onward=way_back(onward))


def _set_up(onward: str | None) -> Response | str:
    prove()
    needs_codes = current_user.password is not None and not second_factors.factors(current_user.id).recovery_codes
    return new_codes(onward) if needs_codes else redirect(way_back(onward))


def _fresh_unless_first() -> None:
    if staff.has_second_factor():
        staff.fresh()


def _page(form: FlaskForm, problem: str | None = None) -> str:
    codes = one_time_codes()
    secret = session.setdefault(PENDING, codes.generate_totp_secret())
    known = second_factors.factors(current_user.id)
    return render_template(
        "account/set_up.html",
        form=form,
        problem=problem,
        known=known,
        key=codes.get_totp_pretty_key(secret),
        picture=codes.generate_qrcode(current_user.email, secret),
        passkey=passkeys.to_create(current_user.id, current_user.email, known.passkeys),
    )
