"""What waits for a consultant, as the desk's first page says it beside a page."""

from __future__ import annotations

from readiness.documents.words import Words
from readiness.services import handing_over
from readiness.services.accounts import Actor


def clients_waiting(here: Actor, words: Words) -> str:
    """Return how many clients colleagues ask this consultant to take over."""
    waiting = len(handing_over.proposals(here))
    if not waiting:
        return ""
    return words.count(
        "%(number)s hand-over waits for your answer", "%(number)s hand-overs wait for your answer", waiting
    )
