"""Who may open which page: the one table, and the one check. What is not in it is denied to everyone."""

from __future__ import annotations

from enum import StrEnum

from flask import Flask, abort, request

from readiness.services.accounts import Capability
from readiness.web import staff


class Right(StrEnum):
    """Who may."""

    ANYONE = "anyone"
    #: Whoever has a link to the assessment.
    READ = "whoever has a link"
    #: Whoever has a link that may change it.
    EDIT = "whoever has an editing link"


RIGHTS: dict[str, Right | Capability] = {
    "static": Right.ANYONE,
    "site.health": Right.ANYONE,
    "owner.start": Right.ANYONE,
    "owner.begin": Right.ANYONE,
    "owner.method": Right.ANYONE,
    "owner.privacy": Right.ANYONE,
    "owner.deleted": Right.ANYONE,
    "owner.news": Right.ANYONE,
    "owner.news_confirm": Right.ANYONE,
    "owner.news_leave": Right.ANYONE,
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
    "owner.plan_anew": Right.EDIT,
    "owner.revise": Right.EDIT,
    "owner.drop_revision": Right.EDIT,
    "owner.links": Right.EDIT,
    "owner.link_give": Right.EDIT,
    "owner.link_mail": Right.EDIT,
    "owner.link_withdraw": Right.EDIT,
    "owner.news_ask": Right.EDIT,
    "owner.news_stop": Right.EDIT,
    "owner.delete": Right.EDIT,
    "owner.delete_confirmed": Right.EDIT,
    "maintainer.schemes": Capability.EDIT_SCHEMES,
    "maintainer.scheme": Capability.EDIT_SCHEMES,
    "maintainer.scheme_history": Capability.EDIT_SCHEMES,
    "maintainer.scheme_checked": Capability.EDIT_SCHEMES,
    "maintainer.scheme_settle": Capability.EDIT_SCHEMES,
    "maintainer.scheme_fact": Capability.EDIT_SCHEMES,
    "maintainer.scheme_fact_submit": Capability.EDIT_SCHEMES,
    "maintainer.scheme_status": Capability.EDIT_SCHEMES,
    "maintainer.scheme_status_submit": Capability.EDIT_SCHEMES,
    "maintainer.scheme_texts": Capability.EDIT_SCHEMES,
    "maintainer.scheme_texts_submit": Capability.EDIT_SCHEMES,
    "maintainer.scheme_offer": Capability.EDIT_SCHEMES,
    "maintainer.scheme_offer_submit": Capability.EDIT_SCHEMES,
}


def register(app: Flask) -> None:
    """Deny every route that the table does not name."""

    @app.before_request
    def deny_by_default() -> None:
        if request.endpoint is not None and request.endpoint not in RIGHTS:
            abort(403)
        right = RIGHTS.get(request.endpoint or "")
        if isinstance(right, Capability) and right not in staff.actor().capabilities:
            abort(403)


def asked_right() -> Right | Capability:
    """Return the right that the present page asks for."""
    return RIGHTS[request.endpoint or ""]
