"""Who may open which page: the one table, and the one check. What is not in it is denied to everyone."""

from __future__ import annotations

from enum import StrEnum

from flask import Flask, abort, request


class Right(StrEnum):
    """Who may."""

    ANYONE = "anyone"
    #: Whoever has a link to the assessment.
    READ = "whoever has a link"
    #: Whoever has a link that may change it.
    EDIT = "whoever has an editing link"


RIGHTS = {
    "static": Right.ANYONE,
    "site.health": Right.ANYONE,
    "owner.start": Right.ANYONE,
    "owner.begin": Right.ANYONE,
    "owner.method": Right.ANYONE,
    "owner.privacy": Right.ANYONE,
    "owner.deleted": Right.ANYONE,
    "owner.resume": Right.READ,
    "owner.result": Right.READ,
    "owner.scheme": Right.READ,
    "owner.plan_pdf": Right.READ,
    "owner.export": Right.READ,
    "owner.company": Right.EDIT,
    "owner.company_submit": Right.EDIT,
    "owner.question": Right.EDIT,
    "owner.question_submit": Right.EDIT,
    "owner.left": Right.EDIT,
    "owner.check": Right.EDIT,
    "owner.submit": Right.EDIT,
    "owner.submit_confirmed": Right.EDIT,
    "owner.facts_submit": Right.EDIT,
    "owner.revise": Right.EDIT,
    "owner.drop_revision": Right.EDIT,
    "owner.move": Right.EDIT,
    "owner.move_confirmed": Right.EDIT,
    "owner.undo_move": Right.EDIT,
    "owner.undo_move_confirmed": Right.EDIT,
    "owner.compare": Right.EDIT,
    "owner.compare_two": Right.EDIT,
    "owner.links": Right.EDIT,
    "owner.link_give": Right.EDIT,
    "owner.link_mail": Right.EDIT,
    "owner.link_withdraw": Right.EDIT,
    "owner.delete": Right.EDIT,
    "owner.delete_confirmed": Right.EDIT,
}


def register(app: Flask) -> None:
    """Deny every route that the table does not name."""

    @app.before_request
    def deny_by_default() -> None:
        if request.endpoint is not None and request.endpoint not in RIGHTS:
            abort(403)


def asked_right() -> Right:
    """Return the right that the present page asks for."""
    return RIGHTS[request.endpoint or ""]
