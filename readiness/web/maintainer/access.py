"""Who may look: whoever edits drafts or publishes. Who may do something is asked by each service."""

from __future__ import annotations

from uuid import UUID

from flask import abort

from readiness.services import drafts
from readiness.services.accounts import Actor, Capability
from readiness.services.database import db
from readiness.services.drafts import Draft, DraftUnknown
from readiness.web.staff import actor


def reader() -> Actor:
    """Return who looks at a page.

    :raise 403: if they neither edit drafts nor publish.
    """
    here = actor()
    if not here.capabilities & {Capability.EDIT_DRAFTS, Capability.PUBLISH}:
        abort(403)
    return here


def found_draft(draft_id: UUID) -> Draft:
    """Return a draft.

    :raise 404: if there is none.
    """
    try:
        return drafts.find(db.session, draft_id)
    except DraftUnknown:
        abort(404)
