"""Who may open which page: the one table, and the one check. What is not in it is denied to everyone."""

from __future__ import annotations

from enum import StrEnum

from flask import Flask, abort, g, request
from werkzeug.wrappers import Response

from readiness.services import engagements, second_factors
from readiness.services.accounts import Capability
from readiness.services.opening import is_consultants
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
    #: Whoever has the code of an open room, which hangs on its wall.
    CODE = "whoever has the code of a room"
    #: Whoever has a seat in a room.
    SEAT = "whoever has a seat in a room"
    #: Whoever has signed in with the first factor: asked for the second one here.
    HALF = "whoever has given a first factor"
    #: Whoever has given both factors, or has signed in and has no second one yet.
    SET_UP = "whoever may set up a second factor"
    #: Whoever has signed in with both factors.
    STAFF = "whoever is signed in"


#: Rights that the page itself looks after, by what its address holds: nobody is signed in for them.
_WITHOUT_ACCOUNT = {Right.ANYONE, Right.READ, Right.EDIT, Right.INVITED, Right.MAILED, Right.CODE, Right.SEAT}

RIGHTS: dict[str, Right | Capability] = {
    "static": Right.ANYONE,
    "site.health": Right.ANYONE,
    "owner.start": Right.ANYONE,
    "owner.begin": Right.ANYONE,
    "owner.method": Right.ANYONE,
    "owner.privacy": Right.ANYONE,
    "owner.deleted": Right.ANYONE,
    "owner.without_network": Right.ANYONE,
    "owner.questionnaire": Right.ANYONE,
    "owner.workbook": Right.ANYONE,
    "owner.news": Right.MAILED,
    "owner.news_confirm": Right.MAILED,
    "owner.news_leave": Right.MAILED,
    "owner.reminder": Right.MAILED,
    "owner.reminder_confirm": Right.MAILED,
    "owner.reminder_leave": Right.MAILED,
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
    "owner.actions": Right.EDIT,
    "owner.action": Right.EDIT,
    "owner.action_submit": Right.EDIT,
    "owner.action_again": Right.EDIT,
    "owner.actions_ics": Right.EDIT,
    "owner.again": Right.EDIT,
    "owner.again_confirmed": Right.EDIT,
    "owner.trend": Right.EDIT,
    "owner.reminder_ask": Right.EDIT,
    "owner.reminder_stop": Right.EDIT,
    "owner.delete": Right.EDIT,
    "owner.delete_confirmed": Right.EDIT,
    "owner.offline": Right.EDIT,
    "owner.offline_read": Right.EDIT,
    "owner.offline_save": Right.EDIT,
    "owner.own_questionnaire": Right.EDIT,
    "owner.own_workbook": Right.EDIT,
    "owner.consultants": Right.EDIT,
    "owner.consultant_offer": Right.EDIT,
    "owner.consultant_end": Right.EDIT,
    "owner.consultant_give_on": Right.EDIT,
    "owner.consultant_ask": Right.EDIT,
    "owner.consultant_ask_submit": Right.EDIT,
    "owner.evidence": Right.EDIT,
    "owner.evidence_question": Right.EDIT,
    "owner.evidence_add": Right.EDIT,
    "owner.evidence_judge": Right.EDIT,
    "owner.evidence_remove": Right.EDIT,
    "owner.evidence_file": Right.EDIT,
    "owner.sign": Right.EDIT,
    "owner.engage": Right.INVITED,
    "owner.engage_accept": Right.INVITED,
    "consultant.clients": Capability.GUIDE,
    "consultant.client_invite": Capability.GUIDE,
    "consultant.client": Capability.GUIDE,
    "consultant.client_open": Capability.GUIDE,
    "consultant.client_end": Capability.GUIDE,
    "consultant.ended": Capability.GUIDE,
    "consultant.client_next": Capability.GUIDE,
    "consultant.client_rename": Capability.GUIDE,
    "consultant.client_invite_again": Capability.GUIDE,
    "consultant.note_add": Capability.GUIDE,
    "consultant.note": Capability.GUIDE,
    "consultant.note_edit": Capability.GUIDE,
    "consultant.note_delete": Capability.GUIDE,
    "consultant.client_propose": Capability.GUIDE,
    "consultant.client_take_back": Capability.GUIDE,
    "consultant.proposal_answer": Capability.GUIDE,
    "consultant.queue": Capability.GUIDE,
    "consultant.queue_take": Capability.GUIDE,
    "consultant.offer": Capability.GUIDE,
    "consultant.offer_take": Capability.GUIDE,
    "consultant.session": Capability.GUIDE,
    "consultant.session_open": Capability.GUIDE,
    "consultant.session_ask": Capability.GUIDE,
    "consultant.session_reveal": Capability.GUIDE,
    "consultant.session_reopen": Capability.GUIDE,
    "consultant.session_agree": Capability.GUIDE,
    "consultant.session_remove": Capability.GUIDE,
    "consultant.session_step": Capability.GUIDE,
    "consultant.session_close": Capability.GUIDE,
    "consultant.session_state": Capability.GUIDE,
    "consultant.session_summary": Capability.GUIDE,
    "room.join": Right.ANYONE,
    "room.join_code": Right.CODE,
    "room.join_submit": Right.CODE,
    "room.seat": Right.SEAT,
    "room.voice": Right.SEAT,
    "room.state": Right.SEAT,
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
    "account.engagements": Capability.MANAGE_ACCOUNTS,
    "account.engagements_hand_over": Capability.MANAGE_ACCOUNTS,
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

#: What a consultant may open of an engaged company by the own link, beside the right that the company gave: not its
#: links, its mails, its grants, nor the way to delete everything.
OPEN_TO_CONSULTANTS = {
    "owner.resume",
    "owner.result",
    "owner.scheme",
    "owner.plan_pdf",
    "owner.export",
    "owner.company",
    "owner.company_submit",
    "owner.question",
    "owner.question_submit",
    "owner.left",
    "owner.check",
    "owner.submit",
    "owner.submit_confirmed",
    "owner.facts_submit",
    "owner.plan_anew",
    "owner.revise",
    "owner.offline",
    "owner.offline_read",
    "owner.offline_save",
    "owner.own_questionnaire",
    "owner.own_workbook",
    "owner.compare",
    "owner.compare_two",
    "owner.evidence",
    "owner.evidence_question",
    "owner.evidence_add",
    "owner.evidence_judge",
    "owner.evidence_remove",
    "owner.evidence_file",
    "owner.sign",
    "owner.actions",
    "owner.action",
    "owner.action_submit",
    "owner.action_again",
    "owner.actions_ics",
    "owner.again",
    "owner.again_confirmed",
    "owner.trend",
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
    if right in _WITHOUT_ACCOUNT and not _by_consultants_link():
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
    if right in _WITHOUT_ACCOUNT:
        if endpoint not in OPEN_TO_CONSULTANTS:
            abort(403)
        g.engagement = engagements.permitted(staff.actor(), _token())
    return None


def _by_consultants_link() -> bool:
    return is_consultants(_token())


def _token() -> str:
    return str((request.view_args or {}).get("token", ""))


def asked_right() -> Right | Capability:
    """Return the right that the present page asks for."""
    return RIGHTS[request.endpoint or ""]
