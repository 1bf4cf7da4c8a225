"""What a page opens by its link, once the right that the page asks for is seen to."""

from __future__ import annotations

from readiness.models import Access
from readiness.services import opening
from readiness.services.opening import Opened, ReadOnly
from readiness.web.rights import Right, asked_right


def open_link(token: str) -> Opened:
    """Return the revision that a link opens.

    :raises LinkUnknown: if there is no such link.
    :raises ReadOnly: if the page is for those who may change it, and the link is not.
    """
    return _permitted(opening.open_with(token))


def open_result(token: str, revision: int | None = None) -> Opened:
    """Return a submitted revision; the draft if nothing was submitted yet.

    :raises LinkUnknown: if there is no such link.
    :raises RevisionUnknown: if the link shows no such revision.
    :raises ReadOnly: as :func:`open_link`.
    """
    return _permitted(opening.open_result(token, revision))


def _permitted(opened: Opened) -> Opened:
    if asked_right() is Right.EDIT and opened.access is not Access.EDIT:
        raise ReadOnly
    return opened
