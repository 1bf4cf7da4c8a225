"""The maintainers' desk: the schemes."""

from readiness.services.accounts import Capability
from readiness.web.maintainer import scheme_changes, schemes  # noqa: F401  (they add routes)
from readiness.web.maintainer.blueprint import blueprint
from readiness.web.staff import DESK_PAGES

DESK_PAGES.append(
    ("maintainer.schemes", lambda words: words.gettext("Support schemes"), Capability.EDIT_SCHEMES),
)

__all__ = ["blueprint"]
