"""The consultants' desk: clients, the queue, and what is done with each."""

from readiness.services.accounts import Capability
from readiness.web.consultant import clients, handing_over, notes, offers, queue, sessions
from readiness.web.consultant.blueprint import blueprint
from readiness.web.consultant.waiting import clients_waiting
from readiness.web.staff import DESK_PAGES, DESK_WAITING

DESK_PAGES += [
    ("consultant.clients", lambda words: words.gettext("Your clients"), Capability.GUIDE),
    ("consultant.queue", lambda words: words.gettext("Companies that ask for a consultant"), Capability.GUIDE),
]

DESK_WAITING |= {"consultant.clients": clients_waiting}

__all__ = ["blueprint", "clients", "handing_over", "notes", "offers", "queue", "sessions"]
