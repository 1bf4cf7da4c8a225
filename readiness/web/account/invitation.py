"""An invitation: the first password or passkey of an account."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from readiness.services import invitations
from readiness.services.passwords import weakness
from readiness.web.account import passkeys
from readiness.web.account.blueprint import blueprint
from readiness.web.account.forms import password_form, weakness_text
from readiness.web.account.keys import password_hash
from readiness.web.account.passkeys import PasskeyRefused
from readiness.web.account.session import begin
from readiness.web.language import words
from readiness.web.limits import BY_ADDRESS, limiter


@blueprint.get("/invitations/<invitation>")
def invitation(invitation: str) -> str:
    """Ask for a password, or for a passkey.

    :raise 404: if the invitation cannot be used.
    """
    return _page(invitation, password_form(words())())


@blueprint.post("/invitations/<invitation>")
@limiter.limit(BY_ADDRESS)
def invitation_password(invitation: str) -> Response | tuple[str, int]:
    """Set the password, and go on to the second factor.

    :raise 404: if the invitation cannot be used.
    """
    invited = invitations.opened(invitation)
    form = password_form(words())()
    if not form.validate():
        return _page(invitation, form), 422
    password = str(form["password"].data)
    weak = weakness(password, invited.email)
    if weak is not None:
        form["password"].errors = [weakness_text(weak, words())]
        return _page(invitation, form), 422
    begin(invitations.accept(invitation, password_hash=password_hash(password)))
    return redirect(url_for("account.set_up"))


@blueprint.post("/invitations/<invitation>/passkey")
@limiter.limit(BY_ADDRESS)
def invitation_passkey(invitation: str) -> Response | tuple[str, int]:
    """Keep a passkey instead of a password: it is both factors.

    :raise 404: if the invitation cannot be used.
    """
    invitations.opened(invitation)
    try:
        passkey = passkeys.created(request.form.get("credential", ""))
    except PasskeyRefused:
        return _page(invitation, password_form(words())(formdata=None), problem="passkey"), 422
    begin(invitations.accept(invitation, passkey=passkey), second_factor=True)
    return redirect(url_for("account.desk"))


def _page(token: str, form: FlaskForm, problem: str | None = None) -> str:
    invited = invitations.opened(token)
    return render_template(
        "account/invitation.html",
        token=token,
        form=form,
        problem=problem,
        email=invited.email,
        passkey=passkeys.to_create(invited.account_id, invited.email),
    )
