"""Reminders of actions by mail: asked for beside the actions, confirmed and stopped by what the mails lead to."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from flask import abort, current_app, redirect, render_template, url_for
from itsdangerous import BadData
from werkzeug.wrappers import Response

from readiness.core.languages import Language
from readiness.services.asked_mails import NobodyAsks
from readiness.services.links import MailNotSent
from readiness.services.mailing import reminder_signer, send_reminder_question
from readiness.services.reminder_mails import reminder_mails
from readiness.web.language import words
from readiness.web.limits import CHANGE, MAIL, by_link, limiter
from readiness.web.owner import actions
from readiness.web.owner.action_forms import reminder_form
from readiness.web.owner.blueprint import blueprint


@blueprint.post("/assessments/<token>/reminders")
@limiter.limit(MAIL)
@limiter.limit("5 per day", key_func=by_link)
def reminder_ask(token: str) -> tuple[str, int]:
    """Ask for reminders: one mail goes out now, to be confirmed.

    :raise 404: if the link does not exist, or this site sends no mails.
    """
    if not current_app.config["MAILS"]:
        abort(404)
    form = reminder_form(words())()
    if not form.validate():
        return actions.page(token, asking=form), 422
    address = str(form["reminder_address"].data)
    try:
        reminder_mails.ask(token, address, Language(words().language), send_reminder_question)
    except MailNotSent:
        return actions.page(token, problem="not_sent", asking=form), 502
    return actions.page(token, reminder_asked=True), 200


@blueprint.post("/assessments/<token>/reminders/stop")
@limiter.limit(CHANGE, key_func=by_link)
def reminder_stop(token: str) -> Response:
    """Stop the reminders and forget the address.

    :raise 404: if the link does not exist.
    """
    reminder_mails.stop(token)
    return redirect(url_for("owner.actions", token=token, _anchor="reminders"))


@blueprint.get("/reminders/<code>")
def reminder(code: str) -> str:
    """Show what a mail leads to: to say yes to reminders, or to stop them.

    :raise 404: if the address was never sent.
    """
    try:
        return render_template("owner/reminder.html", code=code, asked=reminder_mails.found(_id_of(code)))
    except NobodyAsks:
        return render_template("owner/reminder.html", code=code, asked=None)


@blueprint.post("/reminders/<code>")
@limiter.limit(MAIL)
def reminder_confirm(code: str) -> Response:
    """Say yes to reminders.

    :raise 404: if the address was never sent.
    """
    with suppress(NobodyAsks):
        reminder_mails.confirm(_id_of(code))
    return redirect(url_for("owner.reminder", code=code))


@blueprint.post("/reminders/<code>/stop")
@limiter.limit(MAIL)
def reminder_leave(code: str) -> Response:
    """Stop the reminders and forget the address.

    :raise 404: if the address was never sent.
    """
    reminder_mails.leave(_id_of(code))
    return redirect(url_for("owner.reminder", code=code))


def _id_of(code: str) -> UUID:
    try:
        return UUID(reminder_signer().loads(code))
    except (BadData, ValueError, TypeError, AttributeError):
        abort(404)
