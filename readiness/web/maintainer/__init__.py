"""The maintainers' desk: versions and their states, drafts, differences, impact; the schemes."""

from readiness.services.accounts import Capability
from readiness.web.maintainer import (
    comparing,
    drafts,
    editing,
    impact,
    preview,
    questions,
    review,
    scheme_changes,
    schemes,
    support,
    versions,
)
from readiness.web.maintainer.blueprint import blueprint
from readiness.web.maintainer.waiting import schemes_waiting, versions_waiting
from readiness.web.staff import DESK_PAGES, DESK_WAITING

DESK_PAGES += [
    ("maintainer.versions", lambda words: words.gettext("Rubric versions and drafts"), Capability.EDIT_DRAFTS),
    ("maintainer.versions", lambda words: words.gettext("Confirm a rubric version"), Capability.PUBLISH),
    ("maintainer.questions", lambda words: words.gettext("Where people hesitate"), Capability.SEE_STATISTICS),
    ("maintainer.schemes", lambda words: words.gettext("Support schemes"), Capability.EDIT_SCHEMES),
]

DESK_WAITING |= {"maintainer.versions": versions_waiting, "maintainer.schemes": schemes_waiting}

__all__ = [
    "blueprint",
    "comparing",
    "drafts",
    "editing",
    "impact",
    "preview",
    "questions",
    "review",
    "scheme_changes",
    "schemes",
    "support",
    "versions",
]
