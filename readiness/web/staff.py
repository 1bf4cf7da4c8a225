"""Who is at the desk: signed in, with which factors, and what they may do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from time import time

from flask import Flask, g, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from readiness.documents.words import Words
from readiness.models import Account
from readiness.services import accounts, second_factors
from readiness.services.accounts import Actor, Capability

#: After so long without a page of the desk one signs in anew.
IDLE = timedelta(hours=12)
#: How old the second factor may be where something is published or an account changed.
FRESH = timedelta(minutes=5)
#: Seconds between two notes of when a session was last used: not every page sends a cookie.
NOTED_EVERY = 60

#: Keys of the session.
SEEN, SECOND_FACTOR = "seen", "second_factor"

#: The pages that the desk leads to: endpoint, title in a language, and the capability that opens it.
#: A slice adds its own: ``DESK_PAGES.append(("drafts.list", lambda words: words.gettext("Drafts"), EDIT_DRAFTS))``.
DESK_PAGES: list[tuple[str, Callable[[Words], str], Capability]] = []

#: What waits behind such a page for whoever looks, in words, or "": by its endpoint.
DESK_WAITING: dict[str, Callable[[Actor, Words], str]] = {}


class SecondFactorStale(Exception):
    """The second factor was given too long ago for this."""

    def __init__(self, back: str | None) -> None:
        super().__init__("the second factor is asked for again")
        #: The address to come back to, or None for the desk.
        self.back = back


def register(app: Flask) -> None:
    """Let templates of the desk say who is at it."""
    app.jinja_env.globals["at_desk"] = actor


def signed_in() -> Account | None:
    """Return the account that is signed in, if only with its first factor; a session that lay idle has ended."""
    if not current_user.is_authenticated:
        return None
    now = time()
    seen = session.get(SEEN, 0)
    if now - seen > IDLE.total_seconds():
        session.clear()
        return None
    if now - seen > NOTED_EVERY:
        session[SEEN] = int(now)
    account: Account = current_user._get_current_object()
    return account


def has_second_factor() -> bool:
    """Return whether this session gave a second factor, however long ago."""
    return SECOND_FACTOR in session


def actor() -> Actor:
    """Return who does something on a page of the desk, with what they may do; asked once for each request."""
    if "actor" not in g:
        account: Account = current_user._get_current_object()
        g.actor = Actor(account.id, account.email, accounts.capabilities_of(account.id))
    found: Actor = g.actor
    return found


def fresh(back: str | None = None) -> None:
    """Ask for the second factor again, unless it was given within five minutes.

    :param back: the page to come back to; else the present one, if it was asked for by GET.
    :raises SecondFactorStale: which one place turns into the page that asks.
    """
    if time() - session.get(SECOND_FACTOR, 0) > FRESH.total_seconds():
        here = request.full_path.rstrip("?") if request.method == "GET" else None
        raise SecondFactorStale(back or here)


def to_sign_in() -> Response:
    """Lead to the page that signs in, and from there back here."""
    return redirect(url_for("account.sign_in", next=_here()))


def to_second_factor(account: Account) -> Response:
    """Lead to the page that asks for the second factor, or to the one that sets it up."""
    known = second_factors.factors(account.id).any
    return redirect(url_for("account.code" if known else "account.set_up", next=_here()))


def _here() -> str | None:
    return request.full_path.rstrip("?") if request.method == "GET" else None
