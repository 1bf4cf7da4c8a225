"""Who may open which page: the one table, and the one check. What is not in it is denied to everyone."""

from __future__ import annotations

from enum import StrEnum

from flask import Flask, abort, request
from werkzeug.wrappers import Response

from readiness.services import second_factors
from readiness.services.accounts import Capability
from readiness.web import staff


class Right(StrEnum):
    """Who may. A page of the desk may ask for a ``Capability`` instead."""

    ANYONE = "anyone"
    #: Whoever has a link to the assessment.
    READ = "whoever has a link"
    #: Whoever has a link that may change it.
    EDIT = "whoever has an editing link"
    #: Whoever has a mail of ours about schemes, which holds an address that nobody can guess.
    MAILED = "whoever has a mail of ours"
    #: Whoever has an invitation.
    INVITED = "whoever has an invitation"
    #: Whoever has signed in with the first factor: asked for the second one here.
    HALF = "whoever has given a first factor"
    #: Whoever has given both factors, or has signed in and has no second one yet.
    SET_UP = "whoever may set up a second factor"
    #: Whoever has signed in with both factors.
    STAFF = "whoever is signed in"


#: Rights that the page itself looks after, by what its address holds: nobody is signed in for them.
_WITHOUT_ACCOUNT = {Right.ANYONE, Right.READ, Right.EDIT, Right.INVITED, Right.MAILED}

RIGHTS: dict[str, Right | Capability] = {
    "static": Right.ANYONE,
    "site.health": Right.ANYONE,
    "owner.start": Right.ANYONE,
    "owner.begin": Right.ANYONE,
    "owner.method": Right.ANYONE,
    "owner.privacy": Right.ANYONE,
    "owner.deleted": Right.ANYONE,
    "owner.news": Right.MAILED,
    "owner.news_confirm": Right.MAILED,
    "owner.news_leave": Right.MAILED,
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
    "owner.news_ask": Right.EDIT,
    "owner.news_stop": Right.EDIT,
    "owner.delete": Right.EDIT,
    "owner.delete_confirmed": Right.EDIT,
    "maintainer.schemes": Capability.EDIT_SCHEMES,
    "maintainer.scheme": Capability.EDIT_SCHEMES,
    "maintainer.support": Capability.EDIT_SCHEMES,
    "maintainer.support_submit": Capability.EDIT_SCHEMES,
    "maintainer.scheme_history": Capability.EDIT_SCHEMES,
    "maintainer.scheme_checked": Capability.EDIT_SCHEMES,
    "maintainer.scheme_settle": Capability.EDIT_SCHEMES,
    "maintainer.scheme_fact": Capability.EDIT_SCHEMES,
    "maintainer.scheme_value_withdraw": Capability.EDIT_SCHEMES,
    "maintainer.scheme_fact_submit": Capability.EDIT_SCHEMES,
    "maintainer.scheme_status": Capability.EDIT_SCHEMES,
    "maintainer.scheme_status_submit": Capability.EDIT_SCHEMES,
    "maintainer.scheme_texts": Capability.EDIT_SCHEMES,
    "maintainer.scheme_texts_submit": Capability.EDIT_SCHEMES,
    "maintainer.scheme_offer": Capability.EDIT_SCHEMES,
    "maintainer.scheme_offer_submit": Capability.EDIT_SCHEMES,
    "maintainer.questions": Capability.SEE_STATISTICS,
    "account.sign_in": Right.ANYONE,
    "account.sign_in_submit": Right.ANYONE,
    "account.sign_in_passkey": Right.ANYONE,
    "account.invitation": Right.INVITED,
    "account.invitation_password": Right.INVITED,
    "account.invitation_passkey": Right.INVITED,
    "account.code": Right.HALF,
    "account.code_submit": Right.HALF,
    "account.code_passkey": Right.HALF,
    "account.sign_out": Right.HALF,
    "account.set_up": Right.SET_UP,
    "account.set_up_submit": Right.SET_UP,
    "account.set_up_passkey": Right.SET_UP,
    "account.desk": Right.STAFF,
    "account.own": Right.STAFF,
    "account.own_password": Right.STAFF,
    "account.own_codes": Right.STAFF,
    "account.own_passkey_remove": Right.STAFF,
    "account.accounts": Capability.MANAGE_ACCOUNTS,
    "account.invite": Capability.MANAGE_ACCOUNTS,
    "account.one": Capability.MANAGE_ACCOUNTS,
    "account.give": Capability.MANAGE_ACCOUNTS,
    "account.take": Capability.MANAGE_ACCOUNTS,
    "account.withdraw": Capability.MANAGE_ACCOUNTS,
    "account.reset": Capability.MANAGE_ACCOUNTS,
    # Whoever edits drafts or publishes may look: the pages ask for either.
    "maintainer.versions": Right.STAFF,
    "maintainer.review": Right.STAFF,
    "maintainer.diff": Right.STAFF,
    "maintainer.draft": Right.STAFF,
    "maintainer.draft_diff": Right.STAFF,
    "maintainer.page": Right.STAFF,
    "maintainer.preview_question": Right.STAFF,
    "maintainer.preview_question_submit": Right.STAFF,
    "maintainer.preview_result": Right.STAFF,
    "maintainer.preview_pdf": Right.STAFF,
    "maintainer.review_question": Right.STAFF,
    "maintainer.review_question_submit": Right.STAFF,
    "maintainer.review_result": Right.STAFF,
    "maintainer.review_pdf": Right.STAFF,
    "maintainer.review_files": Right.STAFF,
    "maintainer.draft_impact": Right.STAFF,
    "maintainer.draft_impact_begin": Right.STAFF,
    "maintainer.review_impact": Right.STAFF,
    "maintainer.review_impact_begin": Right.STAFF,
    "maintainer.impact_run": Right.STAFF,
    "maintainer.impact_cancel": Right.STAFF,
    # Whoever may publish, or submitted it and takes it back.
    "maintainer.send_back": Right.STAFF,
    "maintainer.confirm": Capability.PUBLISH,
    "maintainer.retire": Capability.PUBLISH,
    "maintainer.draft_begin": Capability.EDIT_DRAFTS,
    "maintainer.draft_submit": Capability.EDIT_DRAFTS,
    "maintainer.draft_close": Capability.EDIT_DRAFTS,
    "maintainer.page_submit": Capability.EDIT_DRAFTS,
    "maintainer.still_right": Capability.EDIT_DRAFTS,
    "maintainer.question_add": Capability.EDIT_DRAFTS,
    "maintainer.question_remove": Capability.EDIT_DRAFTS,
    "maintainer.move": Capability.EDIT_DRAFTS,
    "maintainer.gate_add": Capability.EDIT_DRAFTS,
    "maintainer.gate_remove": Capability.EDIT_DRAFTS,
}


def register(app: Flask) -> None:
    """Deny every route that the table does not name, and every page of the desk to whoever lacks its right."""

    @app.before_request
    def deny_by_default() -> Response | None:
        return None if request.endpoint is None else refusal(request.endpoint)


def refusal(endpoint: str) -> Response | None:
    """Return where to send whoever cannot open a page yet, or None if they can.

    :raise 403: if they may not at all.
    """
    right = RIGHTS.get(endpoint)
    if right is None:
        abort(403)
    if right in _WITHOUT_ACCOUNT:
        return None
    account = staff.signed_in()
    if account is None:
        return staff.to_sign_in()
    if right is Right.HALF:
        return None
    if not staff.has_second_factor():
        if right is Right.SET_UP and not second_factors.factors(account.id).any:
            return None
        return staff.to_second_factor(account)
    if isinstance(right, Capability) and right not in staff.actor().capabilities:
        abort(403)
    return None


def asked_right() -> Right | Capability:
    """Return the right that the present page asks for."""
    return RIGHTS[request.endpoint or ""]
