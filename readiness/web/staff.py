"""Who is at the desk. A stand-in until staff can sign in: nobody is, but for the account that a test names."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, current_app

from readiness.documents.words import Words
from readiness.services.accounts import Actor, Capability

#: The pages that the desk leads to: endpoint, title in a language, and the capability that opens it.
DESK_PAGES: list[tuple[str, Callable[[Words], str], Capability]] = []


def actor() -> Actor:
    """Return who does something on a page of the desk."""
    found = current_app.config.get("STAND_IN_ACTOR")
    if not isinstance(found, Actor):
        abort(403)
    return found
