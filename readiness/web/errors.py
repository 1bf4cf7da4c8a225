"""One place that turns errors into pages: what happened, what was kept, what to do."""

from __future__ import annotations

from traceback import format_tb
from typing import cast

from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException, SecurityError

from readiness.services.accounts import AccountUnknown, NotAllowed
from readiness.services.database import db
from readiness.services.digests import DigestDiffers
from readiness.services.engagement_notes import NoteUnknown
from readiness.services.engagements import EngagementUnknown, OfferUnknown
from readiness.services.evidence import ItemUnknown, NotTheirs
from readiness.services.evidence_files import FileDamaged
from readiness.services.following import ActionUnknown
from readiness.services.guided_sessions import QuestionUnknown, SessionUnknown
from readiness.services.handing_over import ProposalUnknown
from readiness.services.invitations import InvitationUnknown
from readiness.services.opening import LinkUnknown, ReadOnly, RevisionUnknown
from readiness.services.rooms import SeatUnknown
from readiness.web import rights
from readiness.web.language import words
from readiness.web.staff import SecondFactorStale

#: The page on which a form stands, by the route that takes it: where what was sent can be sent again.
FORM_PAGES = {
    "owner.begin": "owner.start",
    "owner.company_submit": "owner.company",
    "owner.question_submit": "owner.question",
    "owner.submit_confirmed": "owner.submit",
    "owner.facts_submit": "owner.result",
    "owner.plan_anew": "owner.result",
    "owner.revise": "owner.result",
    "owner.drop_revision": "owner.check",
    "owner.move_confirmed": "owner.move",
    "owner.undo_move_confirmed": "owner.undo_move",
    "owner.link_give": "owner.links",
    "owner.link_mail": "owner.links",
    "owner.link_withdraw": "owner.links",
    "owner.news_ask": "owner.links",
    "owner.news_stop": "owner.links",
    "owner.news_confirm": "owner.news",
    "owner.news_leave": "owner.news",
    "owner.action_submit": "owner.action",
    "owner.action_again": "owner.actions",
    "owner.again_confirmed": "owner.again",
    "owner.reminder_ask": "owner.actions",
    "owner.reminder_stop": "owner.actions",
    "owner.reminder_confirm": "owner.reminder",
    "owner.reminder_leave": "owner.reminder",
    "owner.delete_confirmed": "owner.delete",
    "owner.offline_read": "owner.offline",
    "owner.offline_save": "owner.offline",
    "owner.consultant_offer": "owner.consultants",
    "owner.consultant_end": "owner.consultants",
    "owner.evidence_add": "owner.evidence_question",
    "owner.evidence_judge": "owner.evidence_question",
    "owner.evidence_remove": "owner.evidence",
    "owner.sign": "owner.result",
    "owner.engage_accept": "owner.engage",
    "owner.consultant_ask_submit": "owner.consultant_ask",
    "owner.consultant_give_on": "owner.consultants",
    "consultant.client_invite": "consultant.clients",
    "consultant.client_next": "consultant.client",
    "consultant.client_rename": "consultant.client",
    "consultant.client_invite_again": "consultant.client",
    "consultant.client_propose": "consultant.client",
    "consultant.client_take_back": "consultant.client",
    "consultant.client_end": "consultant.client",
    "consultant.note_add": "consultant.client",
    "consultant.note_delete": "consultant.client",
    "consultant.note_edit": "consultant.note",
    "consultant.proposal_answer": "consultant.clients",
    "consultant.queue_take": "consultant.queue",
    "account.engagements_hand_over": "account.engagements",
    "consultant.offer_take": "consultant.offer",
    "consultant.session_open": "consultant.session",
    "consultant.session_ask": "consultant.session",
    "consultant.session_reveal": "consultant.session",
    "consultant.session_reopen": "consultant.session",
    "consultant.session_agree": "consultant.session",
    "consultant.session_remove": "consultant.session",
    "consultant.session_close": "consultant.session",
    "room.join_submit": "room.join_code",
    "room.voice": "room.seat",
    "maintainer.scheme_checked": "maintainer.scheme",
    "maintainer.scheme_fact_submit": "maintainer.scheme_fact",
    "maintainer.scheme_status_submit": "maintainer.scheme_status",
    "maintainer.scheme_texts_submit": "maintainer.scheme_texts",
    "maintainer.scheme_offer_submit": "maintainer.scheme_offer",
    "account.sign_in_submit": "account.sign_in",
    "account.code_submit": "account.code",
    "account.set_up_submit": "account.set_up",
    "account.invitation_password": "account.invitation",
    "account.own_password": "account.own",
    "account.invite": "account.accounts",
    "maintainer.page_submit": "maintainer.page",
    "maintainer.question_add": "maintainer.draft",
    "maintainer.draft_submit": "maintainer.draft",
    "maintainer.confirm": "maintainer.review",
    "maintainer.send_back": "maintainer.review",
}


def register(app: Flask) -> None:
    """Answer every error with a page in the person's language."""

    _answer_what_is_ours(app)
    _answer_what_is_of_engagements(app)
    _answer_about_evidence(app)
    _answer_rooms(app)

    @app.errorhandler(CSRFError)
    def expired(_: CSRFError) -> Response | tuple[str, int]:
        return _form_again("expired", 400)

    @app.errorhandler(DBAPIError)
    def database(error: DBAPIError) -> Response | tuple[str, int]:
        # A full disk, a lock that is not given, a server that is gone: nothing of this request is saved.
        _log(app, error)
        db.session.rollback()
        return _form_again("unsaved", 503)

    @app.errorhandler(SecurityError)
    def foreign_host(_: SecurityError) -> tuple[str, int, dict[str, str]]:
        # Asked for under a name that is not ours: addresses for the links of a page cannot be made.
        return words().gettext("We could not read that") + "\n", 400, {"Content-Type": "text/plain; charset=utf-8"}

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[str, int]:
        code = error.code or 500
        kind = {403: "denied", 404: "missing", 405: "missing", 413: "large", 429: "often"}.get(code)
        if kind == "large" and request.endpoint == "owner.offline_read":
            kind = "large_file"
        return _page(kind or ("bad" if code < 500 else "fault"), code)

    @app.errorhandler(Exception)
    def fault(error: Exception) -> tuple[str, int]:
        _log(app, error)
        return _page("fault", 500)


def _answer_what_is_ours(app: Flask) -> None:
    @app.errorhandler(LinkUnknown)
    def link_unknown(_: LinkUnknown) -> tuple[str, int]:
        return _page("link", 404)

    @app.errorhandler(ActionUnknown)
    @app.errorhandler(RevisionUnknown)
    def part_unknown(_: LookupError) -> tuple[str, int]:
        return _page("missing", 404)

    @app.errorhandler(ReadOnly)
    def read_only(_: ReadOnly) -> tuple[str, int]:
        return _page("read_only", 403)

    @app.errorhandler(InvitationUnknown)
    def invitation_unknown(_: InvitationUnknown) -> tuple[str, int]:
        return _page("invitation", 404)

    @app.errorhandler(AccountUnknown)
    def account_unknown(_: AccountUnknown) -> tuple[str, int]:
        return _page("missing", 404)

    @app.errorhandler(NotAllowed)
    def not_allowed(_: NotAllowed) -> tuple[str, int]:
        return _page("denied", 403)

    @app.errorhandler(DigestDiffers)
    def edited(error: DigestDiffers) -> tuple[str, int]:
        # Nobody is asked or scored by what nobody published.
        app.logger.critical("%s %s refused: %s; readiness doctor says more", request.method, request.endpoint, error)
        db.session.rollback()
        return _page("edited", 503)

    @app.errorhandler(SecondFactorStale)
    def second_factor_stale(error: SecondFactorStale) -> Response:
        return cast(Response, redirect(url_for("account.code", next=error.back)))


def _answer_what_is_of_engagements(app: Flask) -> None:
    @app.errorhandler(EngagementUnknown)
    def engagement_unknown(_: EngagementUnknown) -> tuple[str, int]:
        return _page("engagement", 404)

    @app.errorhandler(OfferUnknown)
    def offer_unknown(_: OfferUnknown) -> tuple[str, int]:
        return _page("offer", 404)

    @app.errorhandler(NoteUnknown)
    def note_unknown(_: NoteUnknown) -> tuple[str, int]:
        return _page("note", 404)

    @app.errorhandler(ProposalUnknown)
    def proposal_unknown(_: ProposalUnknown) -> tuple[str, int]:
        return _page("proposal", 404)


def _answer_about_evidence(app: Flask) -> None:
    @app.errorhandler(ItemUnknown)
    def item_unknown(_: ItemUnknown) -> tuple[str, int]:
        return _page("missing", 404)

    @app.errorhandler(FileDamaged)
    def file_damaged(_: FileDamaged) -> tuple[str, int]:
        return _page("damaged", 410)

    @app.errorhandler(NotTheirs)
    def not_theirs(_: NotTheirs) -> tuple[str, int]:
        return _page("denied", 403)


def _answer_rooms(app: Flask) -> None:
    @app.errorhandler(SeatUnknown)
    def seat_unknown(_: SeatUnknown) -> tuple[str, int]:
        return _page("seat", 404)

    @app.errorhandler(SessionUnknown)
    @app.errorhandler(QuestionUnknown)
    def session_unknown(_: LookupError) -> tuple[str, int]:
        return _page("missing", 404)


def _form_again(kind: str, status: int) -> Response | tuple[str, int]:
    """Show the form again as it was sent, with a new token, and say that it was not saved.

    Without a form there is nothing to send again, and when that page fails too there is a plain one.
    """
    page = FORM_PAGES.get(request.endpoint or "")
    if page is None or request.method != "POST":
        return _page(kind, status)
    g.notice = kind
    try:
        # The token is looked at before the rights are: a page that was not opened is not opened by an error either.
        elsewhere = rights.refusal(page)
        if elsewhere is not None:
            return make_response(elsewhere)
        takes = {name for rule in current_app.url_map.iter_rules(page) for name in rule.arguments}
        given = {name: value for name, value in (request.view_args or {}).items() if name in takes}
        response = make_response(current_app.view_functions[page](**given))
    except DBAPIError as error:
        _log(current_app, error)
        db.session.rollback()
        g.pop("notice")
        return _page(kind, status)
    except (
        LinkUnknown,
        ReadOnly,
        ActionUnknown,
        InvitationUnknown,
        EngagementUnknown,
        OfferUnknown,
        NoteUnknown,
        SeatUnknown,
        SessionUnknown,
        SecondFactorStale,
        HTTPException,
    ) as error:
        # The form's own page is not open to them, or not there.
        g.pop("notice")
        return make_response(current_app.handle_user_exception(error))
    if response.status_code == 200:
        response.status_code = status
    return response


def _page(kind: str, status: int) -> tuple[str, int]:
    return render_template("shared/error.html", kind=kind), status


def _log(app: Flask, error: Exception) -> None:
    # The route, never the address: it may hold a link's token.
    if isinstance(error, DBAPIError):
        # PostgreSQL's words go on with the row that it refused: the first line names the rule alone.
        said = f"{type(error.orig).__name__}: {str(error.orig).partition(chr(10))[0]} [{error.statement}]"
        where = "".join(format_tb(error.__traceback__))
        app.logger.error("%s %s failed: %s\n%s", request.method, request.endpoint, said, where)
        return
    app.logger.error("%s %s failed", request.method, request.endpoint, exc_info=error)
