"""The maintainers' desk: versions and their states, drafts, differences, impact."""

from readiness.services.accounts import Capability
from readiness.web.maintainer import (
    comparing,
    drafts,
    editing,
    impact,
    preview,
    review,
    versions,
)
from readiness.web.maintainer.blueprint import blueprint
from readiness.web.staff import DESK_PAGES

DESK_PAGES += [
    ("maintainer.versions", lambda words: words.gettext("Rubric versions and drafts"), Capability.EDIT_DRAFTS),
    ("maintainer.versions", lambda words: words.gettext("Confirm a rubric version"), Capability.PUBLISH),
]

__all__ = ["blueprint", "comparing", "drafts", "editing", "impact", "preview", "review", "versions"]
