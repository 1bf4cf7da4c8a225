"""All accounts: invite, give and take capabilities, make a new link, withdraw."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import abort, current_app, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from readiness.services import accounts as rules
from readiness.services import invitations
from readiness.services.accounts import Capability, LastManager, Listed
from readiness.services.invitations import AddressTaken, AddressUnreadable
from readiness.services.mailing import send_invitation
from readiness.web.account.blueprint import blueprint
from readiness.web.account.forms import capability_label, invite_form
from readiness.web.language import words
from readiness.web.limits import INVITE, limiter
from readiness.web.staff import DESK_PAGES, actor, fresh

DESK_PAGES.append(("account.accounts", lambda words: words.gettext("Accounts"), Capability.MANAGE_ACCOUNTS))


@blueprint.get("/accounts")
def accounts() -> str:
    """List all accounts, and offer to invite someone."""
    fresh()
    return _page(invite_form(words())())


@blueprint.post("/accounts")
@limiter.limit(INVITE)
def invite() -> tuple[str, int]:
    """Make an account, mail its link if mails are sent, and show it, this once."""
    fresh(url_for("account.accounts"))
    form = invite_form(words())()
    if not form.validate():
        return _page(form), 422
    email = str(form["email"].data)
    say = words().gettext
    try:
        token = invitations.invite(email, [Capability(each) for each in form["capabilities"].data or ()], actor())
    except AddressTaken:
        form["email"].errors = [say("There is an account of this address already. Open it in the list.")]
        return _page(form), 422
    except AddressUnreadable:
        form["email"].errors = [say("Write one e-mail address, such as name@example.com.")]
        return _page(form), 422
    return _page(invite_form(words())(formdata=None), **_handed_over(token, email)), 200


@blueprint.get("/accounts/<uuid:account_id>")
def one(account_id: UUID) -> str:
    """Show one account, with what can be done to it.

    :raise 404: if there is no such account.
    """
    fresh()
    return _one(account_id)


@blueprint.post("/accounts/<uuid:account_id>/give/<capability>")
def give(account_id: UUID, capability: str) -> Response:
    """Give one capability.

    :raise 404: if there is no such account or capability.
    """
    fresh(url_for("account.one", account_id=account_id))
    rules.give(_listed(account_id).id, _capability(capability), actor())
    return redirect(url_for("account.one", account_id=account_id))


@blueprint.post("/accounts/<uuid:account_id>/take/<capability>")
def take(account_id: UUID, capability: str) -> Response | tuple[str, int]:
    """Take one capability.

    :raise 404: if there is no such account or capability.
    """
    fresh(url_for("account.one", account_id=account_id))
    try:
        rules.take(_listed(account_id).id, _capability(capability), actor())
    except LastManager:
        return _one(account_id, problem="last_manager"), 409
    return redirect(url_for("account.one", account_id=account_id))


@blueprint.post("/accounts/<uuid:account_id>/withdraw")
def withdraw(account_id: UUID) -> Response | tuple[str, int]:
    """Deactivate an account; its sessions end.

    :raise 404: if there is no such account.
    """
    fresh(url_for("account.one", account_id=account_id))
    try:
        rules.withdraw(_listed(account_id).id, actor())
    except LastManager:
        return _one(account_id, problem="last_manager"), 409
    return redirect(url_for("account.accounts"))


@blueprint.post("/accounts/<uuid:account_id>/reset")
@limiter.limit(INVITE)
def reset(account_id: UUID) -> tuple[str, int]:
    """End an account's password and second factors, and show a new link, this once.

    :raise 404: if there is no such account.
    """
    fresh(url_for("account.one", account_id=account_id))
    email = _listed(account_id).email
    token = invitations.reset(account_id, actor())
    return _one(account_id, **_handed_over(token, email)), 200


def _handed_over(token: str, email: str) -> dict[str, object]:
    """Mail a link where mails are sent, and return what the page says of it."""
    link = f"{current_app.config['PUBLIC_URL']}{invitations.PATH}{token}"
    mailed = ""
    if current_app.config["MAILS"]:
        try:
            send_invitation(email.strip(), link, words())
            mailed = "printed" if current_app.config["MAILS_PRINTED"] else "sent"
        except OSError:
            current_app.logger.warning("an invitation could not be mailed")
    return {"made": link, "invited": email.strip(), "mailed": mailed}


def _capability(name: str) -> Capability:
    if name not in set(Capability):
        abort(404)
    return Capability(name)


def _listed(account_id: UUID) -> Listed:
    found = {each.id: each for each in rules.listed()}.get(account_id)
    if found is None or not found.active:
        abort(404)
    return found


def _page(form: FlaskForm, **more: Any) -> str:
    return render_template("account/accounts.html", form=form, accounts=rules.listed(), label=_label, **more)


def _one(account_id: UUID, **more: Any) -> str:
    return render_template(
        "account/one.html", account=_listed(account_id), actor=actor(), capabilities=Capability, label=_label, **more
    )


def _label(capability: Capability) -> str:
    return capability_label(capability, words())
