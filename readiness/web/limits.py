"""How much of what is allowed: by link first, and generous per address, behind which thirty phones are normal.

Each serving process counts for itself, so that with two of them up to twice as much may pass.
"""

from __future__ import annotations

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from readiness.services.opening import hash_of

#: Assessments begun from one address.
BEGIN = "300 per hour"
#: Changes by one link: a person is slower by far.
CHANGE = "120 per minute"
#: Files made for one link; printing a plan takes seconds.
PRINT = "30 per minute"
#: Empty questionnaires and workbooks taken from one address; each is printed once.
TAKE = "120 per minute"
#: Questionnaires with answers, printed anew for one link each time.
PRINT_ANSWERS = "10 per minute"
#: Workbooks read for one link.
UPLOAD = "20 per minute"
#: Links made by one link.
GIVE = "30 per hour"
#: Requests for a consultant by one link, and from one address: consultants read each of them.
ASK, ASK_BY_ADDRESS = "5 per day", "60 per hour"
#: Pieces of evidence added by one link: a file takes a second to look through.
ADD = "120 per hour"
#: Mails asked for from one address, beside the three a day that an assessment has.
MAIL = "20 per hour"
#: Failed attempts to sign in to one account, with password or code: a code has a million values.
BY_ACCOUNT = "10 per 15 minutes; 50 per day"
#: Failed attempts from one address, whatever the account.
BY_ADDRESS = "100 per hour"
#: Links that set a password, made by one address.
INVITE = "60 per hour"
#: Seats taken in one room: everybody may scan the code at the same moment.
JOIN = "120 per minute"
#: Codes tried from one address that open no room: people mistype, and thirty of them may share an address.
WRONG_CODES = "100 per hour"
#: Looks of one participant at whether the room went on; a page looks every three seconds.
LOOK = "120 per minute"


def by_link() -> str:
    """Name the link that is used, by what is kept of it."""
    return hash_of(str((request.view_args or {}).get("token", ""))).hex()


limiter = Limiter(get_remote_address, strategy="moving-window", storage_uri="memory://", headers_enabled=False)


def register(app: Flask) -> None:
    """Start counting."""
    limiter.init_app(app)
