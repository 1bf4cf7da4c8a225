"""The consultants' desk: clients, and what is done with each."""

from readiness.services.accounts import Capability
from readiness.web.consultant import clients, offers, sessions
from readiness.web.consultant.blueprint import blueprint
from readiness.web.staff import DESK_PAGES

DESK_PAGES += [("consultant.clients", lambda words: words.gettext("Your clients"), Capability.GUIDE)]

__all__ = ["blueprint", "clients", "offers", "sessions"]
