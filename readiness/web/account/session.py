"""Beginning and ending a session, and where to go on from there."""

from __future__ import annotations

from time import time
from typing import Any

from flask import current_app, session, url_for
from flask_security.utils import login_user
from werkzeug.exceptions import HTTPException

from readiness.models import Account
from readiness.services.accounts import Capability
from readiness.web.rights import RIGHTS, Right
from readiness.web.staff import SECOND_FACTOR, SEEN


def begin(account: Account, *, second_factor: bool = False) -> None:
    """Begin a session of its own: nothing of what the browser sent before is taken over."""
    user: Any = account
    session.clear()
    login_user(user, remember=False)
    session[SEEN] = int(time())
    if second_factor:
        prove()


def prove() -> None:
    """Note that the second factor was given just now."""
    session[SECOND_FACTOR] = int(time())


def end() -> None:
    """Forget everything that this browser keeps of a session."""
    session.clear()


def way_back(wanted: str | None) -> str:
    """Return the address to go on to: *wanted* if it is a page of the desk, else the desk's first page."""
    home = url_for("account.desk")
    if not wanted or not wanted.startswith("/") or wanted.startswith("//") or not wanted.isprintable():
        return home
    path, mark, query = wanted.partition("?")
    try:
        endpoint, _ = current_app.url_map.bind("desk").match(path, method="GET")
    except HTTPException:
        # No page, or one that only leads on.
        return home
    right = RIGHTS.get(str(endpoint))
    return path + mark + query if isinstance(right, Capability) or right is Right.STAFF else home
