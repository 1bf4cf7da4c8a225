"""What waits at the desk, in one line for each page that it leads to."""

from __future__ import annotations

from readiness.documents.words import Words
from readiness.services import publishing, scheme_lists
from readiness.services.accounts import Actor, Capability
from readiness.services.database import db
from readiness.services.planning import today

#: Lists of schemes about which something is to be done now.
URGENT = ("conflicts", "links", "overdue")


def versions_waiting(here: Actor, words: Words) -> str:
    """Return how many versions someone else submitted, for whoever may publish."""
    if Capability.PUBLISH not in here.capabilities:
        return ""
    waiting = publishing.waiting_for(db.session, here)
    if not waiting:
        return ""
    return words.count(
        "%(number)s version waits for your decision", "%(number)s versions wait for your decision", waiting
    )


def schemes_waiting(_here: Actor, words: Words) -> str:
    """Return how many schemes are to be looked at."""
    found = scheme_lists.lists(db.session, today())
    waiting = len({row.id for name in URGENT for row in found.filtered(name)})
    if not waiting:
        return ""
    return words.count("%(number)s scheme to look at", "%(number)s schemes to look at", waiting)
